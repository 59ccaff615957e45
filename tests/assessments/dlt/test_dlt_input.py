"""A line with a value of the wrong kind gets an error that names the field; it never stops the filter or passes."""

from decimal import Decimal

import pytest

from assessments.dlt import __main__ as dlt

EVENT = {
    **{"term": "Nausea", "grade": 3, "onset_day": 10, "end_day": None, "as_of_day": 20},
    "relations": {"a": "possible"},
}


def ask(line=None, **event):
    return dlt.answer({"window_days": 28, "event": EVENT | event} | (line or {}))


@pytest.mark.parametrize(
    ("line", "event", "field"),
    [
        ({}, {"relations": {"a": []}}, "relations"),
        ({}, {"relations": ["a"]}, "relations"),
        ({}, {"qualifiers": {"controlled_within_72h": "no"}}, "qualifiers"),
        ({}, {"end_day": 21}, "end_day"),
        ({"criteria": ["H1"]}, {}, "criteria"),
        ({"criteria": {"N1": "off"}}, {}, "criteria"),
        ({"window_days": 0}, {}, "window_days"),
    ],
)
def test_a_wrong_kind_is_named(line, event, field):
    with pytest.raises(ValueError, match=f"^{field}"):
        ask(line, **event)


@pytest.mark.parametrize("doses", [{}, {"a": {"planned": Decimal("1e9999999"), "taken": 1}}])
def test_doses_must_be_there_and_of_this_world(doses):
    course = {"as_of_day": 29, "window_days": 28, "doses": doses, "confirmed": True}

    with pytest.raises(ValueError, match="^doses"):
        dlt.answer({"evaluability": course})


@pytest.mark.parametrize("term", ["Anaemia", "leucocytosis", "  platelet  count decreased "])
def test_a_count_is_haematological_in_any_spelling(term):
    said = ask(term=term, grade=3, qualifiers={"bleeding": False, "transfusion": False})

    assert said["suggested"] is False


def test_a_british_exception_is_the_american_one():
    assert ask(term="Hyponatraemia", end_day=13, qualifiers={"asymptomatic": True})["suggested"] is False
    assert ask(term="diarrhoea", end_day=13)["suggested"] is False

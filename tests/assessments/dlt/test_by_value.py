"""CTCAE 6.0: H1, H3, H4 and H5 by the lowest value, H2 and N1 by 6.0's own grades (docs/domain.md, section 6)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.dlt import __main__, names
from assessments.dlt.criteria import Rules, suggest
from assessments.dlt.event import Event, event_state

NEUTROPHILS, PLATELETS, WHITE = "Neutrophil count decreased", "Thrombocytopenia", "White blood cell decreased"


def ask(term, grade, value=None, end=None, as_of=40, line=None, **qualifiers):
    event = {
        **{"term": term, "grade": grade, "onset_day": 5, "end_day": end, "as_of_day": as_of},
        **{"relations": {"a": "possible"}, "qualifiers": qualifiers},
    }
    if value is not None:
        event["value"] = Decimal(value)
    said = __main__.answer({"version": "6.0", "event": event} | (line or {}))
    return said["suggested"], said["criterion"]


@pytest.mark.parametrize(
    ("event", "answer"),
    [
        # H1: below 0.5 for 7 days, whatever grade 6.0 gives it
        ({"term": NEUTROPHILS, "grade": 3, "value": "0.3", "end": 18}, (True, "H1")),
        ({"term": NEUTROPHILS, "grade": 3, "value": "0.3", "end": 10}, (False, None)),
        ({"term": NEUTROPHILS, "grade": 3, "value": "0.3", "as_of": 9}, ("pending", "H1")),
        ({"term": NEUTROPHILS, "grade": 2, "value": "0.5", "end": 18}, (False, None)),
        ({"term": NEUTROPHILS, "grade": 4, "value": "0.05", "end": 11}, (True, "H1")),
        ({"term": NEUTROPHILS, "grade": 3, "end": 18}, ("pending", "H1")),  # the value is asked
        ({"term": NEUTROPHILS, "grade": 3, "end": 10}, (False, None)),  # too short for any value
        ({"term": NEUTROPHILS, "grade": 2, "end": 18}, (False, None)),  # not below 0.5 at grade 2
        # H3: below 25; H4: below 50 with bleeding or transfusion
        ({"term": PLATELETS, "grade": 3, "value": "24"}, (True, "H3")),
        ({"term": PLATELETS, "grade": 3, "value": "25", "bleeding": False, "transfusion": False}, (False, None)),
        ({"term": PLATELETS, "grade": 3, "value": "25", "bleeding": True}, (True, "H4")),
        ({"term": PLATELETS, "grade": 3, "value": "25"}, ("pending", "H4")),
        ({"term": PLATELETS, "grade": 2, "value": "50", "bleeding": True}, (False, None)),
        ({"term": PLATELETS, "grade": 3, "bleeding": False, "transfusion": False}, ("pending", "H3")),
        ({"term": PLATELETS, "grade": 2, "bleeding": True}, (False, None)),
        # a trial that chose 6.0 before its list was there has stored the names of 5.0
        ({"term": "Platelet count decreased", "grade": 3, "value": "24"}, (True, "H3")),
        # H5: white cells below 1.0 for 7 days; anaemia and leukocytosis of grade 4 as they stand
        ({"term": WHITE, "grade": 4, "value": "0.9", "end": 11}, (True, "H5")),
        ({"term": WHITE, "grade": 4, "value": "0.9", "end": 10}, (False, None)),
        ({"term": WHITE, "grade": 3, "value": "1.0", "end": 20}, (False, None)),
        ({"term": WHITE, "grade": 3, "end": 20}, (False, None)),
        ({"term": WHITE, "grade": 4, "end": 20}, ("pending", "H5")),
        ({"term": "Anemia", "grade": 4}, (True, "H5")),
        ({"term": "Leukocytosis", "grade": 4}, (True, "H5")),
        ({"term": "Lymphopenia", "grade": 1}, (False, None)),
        # H2 and N1 by grade
        ({"term": "Febrile neutropenia", "grade": 3}, (True, "H2")),
        ({"term": "Pneumonitis", "grade": 3}, (True, "N1")),
        # switched off
        ({"term": NEUTROPHILS, "grade": 4, "value": "0.05", "line": {"criteria": {"H1": False}}}, (False, None)),
    ],
)
def test_a_criterion_by_its_lowest_value(event, answer):
    assert ask(**event) == answer


def test_under_5_0_the_value_changes_nothing():
    event = {
        **{"term": NEUTROPHILS, "grade": 3, "onset_day": 5, "end_day": 20, "as_of_day": 20, "value": Decimal("0.3")},
        **{"relations": {"a": "possible"}},
    }

    assert __main__.answer({"event": event})["suggested"] is False


def state(term, grade, end=None, **qualifiers):
    event = Event(
        term=term, grade=grade, onset_day=5, end_day=end, as_of_day=30, relations={"a": "possible"},
        qualifiers=qualifiers,
    )  # fmt: skip
    return event_state(suggest(event, Rules(ctcae="6.0", haematological=names.kinds(names.SEVEN["6.0"]))), False, {})


def test_without_the_value_readers_are_asked_at_once_where_no_value_of_the_grade_could_clear_it():
    assert state(PLATELETS, 3, bleeding=False, transfusion=False) == "open"  # from 10 to 50
    assert state(PLATELETS, 4) == "suspected"  # below 10
    assert state(PLATELETS, 3, bleeding=True) == "suspected"  # below 50 for certain
    assert state(NEUTROPHILS, 3, end=20) == "suspected"  # below 0.5 for certain
    assert state(NEUTROPHILS, 3, end=8) == "none"


@pytest.mark.parametrize(
    ("line", "event", "field"),
    [
        ({"version": "4.0"}, {}, "version"),
        ({}, {"value": -1}, "value"),
        ({}, {"value": "0.3"}, "value"),
        ({"exception_grade": 5}, {}, "exception_grade"),
        ({"haematological": "Anemia"}, {}, "haematological"),
        ({"haematological": [""]}, {}, "haematological"),
        ({"haematological": [3]}, {}, "haematological"),
    ],
)
def test_a_wrong_value_is_named(line, event, field):
    known = {"term": NEUTROPHILS, "grade": 3, "onset_day": 5, "as_of_day": 9, "relations": {"a": "possible"}} | event

    with pytest.raises(ValueError, match=f"^{field}"):
        __main__.answer({"version": "6.0", "event": known} | line)


@pytest.mark.parametrize(
    ("term", "grade", "listed", "answer"),
    [
        ("Hemolysis", 3, ["Hemolysis"], (False, None)),
        ("Hemolysis", 4, ["Hemolysis"], (True, "H5")),
        ("Haemolysis", 4, ["Hemolysis"], (True, "H5")),
        ("Hemolysis", 3, ["Anemia"], (True, "N1")),
        ("Anemia", 3, ["Hemolysis"], (True, "N1")),
        ("Neutrophil count decreased", 3, ["Hemolysis"], (False, None)),  # theirs are H1 to H4
        ("Disseminated intravascular coagulation", 4, ["Disseminated intravascular coagulation"], (True, "H5")),
    ],
)
def test_the_haematological_terms_are_a_setting(term, grade, listed, answer):
    assert ask(term, grade, line={"version": "5.0", "haematological": listed}) == answer


@given(
    st.sampled_from([NEUTROPHILS, PLATELETS, WHITE]),
    st.decimals(0, 100, places=2),
    st.decimals(0, 100, places=2),
    st.integers(5, 20),
)
def test_a_lower_value_never_clears_an_event(term, one, other, end):
    order = {False: 0, "pending": 1, True: 2}
    high, low = max(one, other), min(one, other)
    answers = [ask(term, 3, value=value, end=end, bleeding=True)[0] for value in (high, low)]

    assert order[answers[0]] <= order[answers[1]]

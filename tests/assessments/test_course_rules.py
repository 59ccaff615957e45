"""Hy's law, missed doses and a late cycle 2, worked by hand from docs/domain.md, section 4."""

from decimal import Decimal

import pytest

from assessments.course_rules import cycle2_delay, hys_law, suggest
from assessments.dlt import event as dlt
from assessments.dlt.criteria import Rules
from assessments.dlt.doses import missed_doses

HYS_LAW = {
    "alt_or_ast_above_3_uln": True,
    "bilirubin_above_2_uln": True,
    "alp_below_2_uln": True,
    "other_cause": False,
}


def liver(term="Alanine aminotransferase increased", grade=2, day=28, relation="possible", **said):
    """A raised liver test of day 28, by all that Hy's law asks for."""
    return dlt.Event(
        term=term, soc="Investigations", grade=grade, onset_day=day, as_of_day=max(day, 28),
        relations={"selinexor": relation}, qualifiers=HYS_LAW | said,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "suggested"),
    [
        ({}, True),
        ({"term": "Aspartate aminotransferase increased"}, True),
        ({"term": "Blood bilirubin increased"}, True),
        ({"term": "Alkaline phosphatase increased"}, False),  # no part of it
        ({"alt_or_ast_above_3_uln": False}, False),
        ({"alt_or_ast_above_3_uln": None}, "pending"),
        ({"bilirubin_above_2_uln": False}, False),
        ({"bilirubin_above_2_uln": None}, "pending"),
        ({"alp_below_2_uln": False}, False),
        ({"alp_below_2_uln": None}, "pending"),
        ({"other_cause": True}, False),
        ({"other_cause": None}, "pending"),
        ({"bilirubin_above_2_uln": None, "other_cause": True}, False),  # nothing missing could still make it one
        ({"grade": 1}, True),  # it has no grade
        ({"grade": 1, "other_cause": None}, False),  # at grade 1 an open question asks nothing
        ({"grade": 1, "bilirubin_above_2_uln": False}, False),
        ({"grade": None}, True),
        ({"grade": None, "other_cause": None}, "pending"),
        ({"day": 29}, False),
        ({"day": -1}, False),
    ],
)
def test_hys_law(said, suggested):
    assert hys_law(liver(**said), Rules()).suggested == suggested


@pytest.mark.parametrize(
    ("event", "criteria", "suggested", "criterion"),
    [
        (liver(), {}, True, "N2"),
        (liver(), {"N2": False}, False, None),  # grade 2 meets nothing else
        (liver(grade=3), {}, True, "N1"),  # met on its own already
        (liver(grade=3, relation="unrelated"), {}, True, "N2"),  # no other cause: the readers decide
        (liver(bilirubin_above_2_uln=None), {}, "pending", "N2"),
        (liver(bilirubin_above_2_uln=False), {}, False, None),
        (liver(grade=1), {}, True, "N2"),
        (liver(grade=1, other_cause=None), {}, False, None),
    ],
)
def test_an_event_is_judged_alone_and_with_the_other_liver_tests(event, criteria, suggested, criterion):
    said = suggest(event, Rules(on=criteria))

    assert (said.suggested, said.criterion) == (suggested, criterion)


@pytest.mark.parametrize(
    ("taken", "over", "toxicity", "suggested"),
    [
        (120, True, True, False),  # 40 of 160 mg missed is exactly 25 %
        (Decimal("119.99"), True, True, True),
        (119, True, False, False),
        (119, True, None, "pending"),
        (119, False, True, "pending"),  # the rest may still be taken
        (119, False, False, False),
        (160, True, True, False),
    ],
)
def test_missed_doses(taken, over, toxicity, suggested):
    doses = {"selinexor": (160, taken), "ruxolitinib": (560, 560)}

    assert missed_doses(doses=doses, window_over=over, because_of_toxicity=toxicity).suggested == suggested


@pytest.mark.parametrize(
    ("as_of", "begun", "toxicity", "suggested", "decides"),
    [
        (29, None, True, "pending", 44),
        (43, None, True, "pending", 44),
        (44, None, True, True, None),
        (44, None, None, "pending", None),
        (43, None, None, "pending", None),
        (44, None, False, False, None),
        (50, 43, True, False, None),  # 14 days late is not more than 14
        (50, 44, True, True, None),
        (50, 44, None, "pending", None),
        (43, 44, True, "pending", 44),  # begins after the day that is looked at
    ],
)
def test_a_late_cycle_2(as_of, begun, toxicity, suggested, decides):
    said = cycle2_delay(as_of_day=as_of, cycle_days=28, begun_day=begun, because_of_toxicity=toxicity)

    assert (said.suggested, said.decides_on_day) == (suggested, decides)


def test_a_criterion_met_but_for_the_missing_relation_says_so():
    """docs/domain.md, section 4: a missing relation = suspected."""
    doses = {"selinexor": (160, 100)}

    assert missed_doses(doses=doses, window_over=True, because_of_toxicity=None).at_once
    assert not missed_doses(doses=doses, window_over=False, because_of_toxicity=None).at_once
    assert cycle2_delay(as_of_day=44, cycle_days=28, begun_day=None, because_of_toxicity=None).at_once
    assert not cycle2_delay(as_of_day=43, cycle_days=28, begun_day=None, because_of_toxicity=None).at_once


def test_an_open_question_hides_no_suspicion():
    """ALT grade 3 without its relation is suspected at once, also while Hy's law is not answered."""
    said = suggest(liver(grade=3, relation=None, other_cause=None), Rules())

    assert (said.suggested, said.criterion, said.at_once) == ("pending", "N1", True)


def test_the_limits_are_settings():
    assert cycle2_delay(as_of_day=29, cycle_days=21, begun_day=None, because_of_toxicity=True, limit_days=7).suggested
    doses = {"a": (100, 89)}
    assert missed_doses(doses=doses, window_over=True, because_of_toxicity=True, limit=Decimal("0.1")).suggested is True


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (lambda: missed_doses(doses={"a": (10, -1)}, window_over=True, because_of_toxicity=True), "doses"),
        (lambda: cycle2_delay(as_of_day=9, cycle_days=28, begun_day=1, because_of_toxicity=True), "begun_day"),
    ],
)
def test_a_wrong_field_is_named(wrong, field):
    with pytest.raises(ValueError, match=f"^{field}"):
        wrong()

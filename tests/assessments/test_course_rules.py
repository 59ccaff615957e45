"""Hy's law, missed doses and a late cycle 2, worked by hand from docs/domain.md, section 4."""

from decimal import Decimal

import pytest

from assessments.course_rules import Against, cycle2_delay, hys_law, missed_doses


def liver(**said):
    """ALT 121 of 40 (> 3 ×), bilirubin 2.5 of 1.2 (> 2 ×), ALP 100 of 120, no other cause."""
    full = {
        "alt": Against(121, 40),
        "ast": Against(30, 40),
        "bilirubin": Against(Decimal("2.5"), Decimal("1.2")),
        "alp": Against(100, 120),
        "other_cause": False,
        "day": 28,
        "window_days": 28,
    }
    return hys_law(**full | said).suggested


@pytest.mark.parametrize(
    ("said", "suggested"),
    [
        ({}, True),
        ({"alt": Against(120, 40)}, False),  # exactly 3 × is not above
        ({"alt": Against(30, 40), "ast": Against(121, 40)}, True),
        ({"alt": Against(30, 40), "ast": None}, "pending"),
        ({"ast": None}, True),  # one of the two is enough
        ({"bilirubin": Against(Decimal("2.4"), Decimal("1.2"))}, False),  # exactly 2 ×
        ({"bilirubin": None}, "pending"),
        ({"alp": Against(240, 120)}, False),  # exactly 2 × is not below
        ({"alp": Against(Decimal("239.9"), 120)}, True),
        ({"alp": None}, "pending"),
        ({"other_cause": True}, False),
        ({"other_cause": None}, "pending"),
        ({"bilirubin": None, "other_cause": True}, False),  # nothing missing could still make it one
        ({"day": 29}, False),
        ({"day": 0}, False),
    ],
)
def test_hys_law(said, suggested):
    assert liver(**said) == suggested


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

    assert missed_doses(doses=doses, window_over=True, because_of_toxicity=None).relation_missing
    assert not missed_doses(doses=doses, window_over=False, because_of_toxicity=None).relation_missing
    assert cycle2_delay(as_of_day=44, cycle_days=28, begun_day=None, because_of_toxicity=None).relation_missing
    assert not cycle2_delay(as_of_day=43, cycle_days=28, begun_day=None, because_of_toxicity=None).relation_missing


def test_the_limits_are_settings():
    assert cycle2_delay(as_of_day=29, cycle_days=21, begun_day=None, because_of_toxicity=True, limit_days=7).suggested
    doses = {"a": (100, 89)}
    assert missed_doses(doses=doses, window_over=True, because_of_toxicity=True, limit=Decimal("0.1")).suggested is True


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (lambda: liver(alt=Against(1, 0)), "uln"),
        (lambda: liver(alt=Against(-1, 40)), "uln"),
        (lambda: missed_doses(doses={"a": (10, -1)}, window_over=True, because_of_toxicity=True), "doses"),
        (lambda: cycle2_delay(as_of_day=9, cycle_days=28, begun_day=1, because_of_toxicity=True), "begun_day"),
    ],
)
def test_a_wrong_field_is_named(wrong, field):
    with pytest.raises(ValueError, match=f"^{field}"):
        wrong()

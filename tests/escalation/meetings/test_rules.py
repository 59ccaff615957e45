"""Where a meeting stands and what its votes carry, from plain values."""

from datetime import date

import pytest

from escalation.meetings import rules
from escalation.meetings.rules import Stage

STOP, HOLD, STAY, ESCALATE = (0, 0), (1, 0), (3, 2), (5, 3)
DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [
        ([], None),
        ([ESCALATE], ESCALATE),
        ([ESCALATE, ESCALATE, HOLD], ESCALATE),  # the majority, with one dissent
        ([ESCALATE, HOLD], HOLD),  # a tie falls to the cautious side: half is not more than half
        ([ESCALATE, STAY, HOLD], STAY),  # two of three accept staying
        ([ESCALATE, ESCALATE, HOLD, HOLD], HOLD),
        ([ESCALATE, STOP, STOP], STOP),
        ([ESCALATE, ESCALATE, STAY, HOLD, STOP], STAY),  # 2, 3, 4, 5 of five accept; three is more than half
    ],
)
def test_the_boldest_outcome_that_more_than_half_accept_is_carried(votes, outcome):
    assert rules.carried(votes) == outcome


def test_of_one_outcome_the_lower_level_is_the_more_cautious():
    assert rules.carried([(3, 2), (3, 1)]) == (3, 1)


@pytest.mark.parametrize(
    ("said", "stage"),
    [
        ({"today": date(2026, 3, 1)}, Stage.CALLED),
        ({}, Stage.COLLECTING),
        ({"frozen": True, "stands": True}, Stage.VOTING),
        ({"frozen": True}, Stage.STALE),
        ({"frozen": True, "stands": True, "proposed": True}, Stage.SIGNING),
        ({"frozen": True, "proposed": True}, Stage.STALE),
        ({"frozen": True, "decided": True, "closed": True}, Stage.DECIDED),
        ({"closed": True}, Stage.CLOSED),
    ],
)
def test_the_stage_follows_from_the_rows(said, stage):
    asked = {
        "today": DAY,
        "cut_off": DAY,
        "frozen": False,
        "stands": False,
        "proposed": False,
        "decided": False,
        "closed": False,
    }

    assert rules.stage(**(asked | said)) == stage

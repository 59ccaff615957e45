"""Confirmation (docs/domain.md, section 7). The sequences are admiralonco's (tests/data/README.md)."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from assessments.imwg.confirm import Step, confirm
from assessments.imwg.terms import Best, PdSource, Response, ResponseSettings
from tests.assessments.timeline_cases import CONFIRMING

START = date(2024, 1, 15)
DATA = Path(__file__).resolve().parent.parent.parent / "data"


def reference() -> list[tuple[str, list[Step], Best]]:
    steps: dict[str, list[Step]] = {}
    for row in csv.DictReader((DATA / "imwg_sequences.csv").open()):
        source = PdSource.LABORATORY if row["pd_by_laboratory"] else None
        steps.setdefault(row["subject"], []).append(
            Step(date.fromisoformat(row["date"]), Response(row["response"]), source)
        )
    return [
        (
            row["subject"],
            steps[row["subject"]],
            Best(Response(row["best_confirmed_response"]), date.fromisoformat(row["date"])),
        )
        for row in csv.DictReader((DATA / "imwg_best_confirmed.csv").open())
    ]


@pytest.mark.parametrize(("subject", "steps", "best"), reference())
def test_the_best_confirmed_response_is_that_of_the_reference(subject, steps, best):
    assert confirm(steps, ResponseSettings()).best_confirmed == best


def on(day: int) -> date:
    return START + timedelta(day)


def steps_of(visits: str) -> list[Step]:
    """ "28:PR 56:PDi" as steps."""
    sources = {
        "PDi": PdSource.IMAGING,
        "PDm": PdSource.MARROW,
        "PDl": PdSource.LABORATORY,
        "PDd": PdSource.DEATH,
        "NEn": None,
    }
    pairs = [one.split(":") for one in visits.split()]
    return [
        Step(on(int(day)), Response(said[:2] if said in sources else said), sources.get(said), said == "NEn")
        for day, said in pairs
    ]


@pytest.mark.parametrize("case", CONFIRMING, ids=lambda case: case.reason)
def test_a_confirmation_worked_by_hand(case):
    steps = steps_of(case.visits)
    new_therapy = None if case.new_therapy is None else on(case.new_therapy)
    found = confirm(steps, ResponseSettings(**case.settings), new_therapy)
    of_day = {one.step.date: one.confirmed or "-" for one in found.said}

    assert " ".join(of_day[day] for day in sorted(step.date for step in steps)) == case.confirmed
    for best, expected in ((found.best_confirmed, case.best), (found.best_unconfirmed, case.unconfirmed)):
        response, day = expected.split()
        assert best == Best(Response(response), on(int(day)))


def test_without_any_assessment_the_best_is_ne_without_a_date():
    found = confirm([], ResponseSettings())

    assert (found.best_confirmed, found.best_unconfirmed, found.progression) == (
        Best(Response.NE, None),
        Best(Response.NE, None),
        None,
    )


def test_the_reason_says_what_confirmed_or_did_not():
    visits = "28:PR 56:PR 84:VGPR 112:SD 140:PDl 168:PDl 196:CR"

    assert [one.because for one in confirm(steps_of(visits), ResponseSettings()).said] == [
        "PR is confirmed by PR on 2024-03-11.",
        "PR is confirmed by VGPR on 2024-04-08.",
        "VGPR is followed by SD on 2024-05-06, which counts. The best confirmed so far, PR, stays.",
        "Stable disease needs no confirmation. The best confirmed so far, PR, stays.",
        "PD by laboratory values is confirmed by PD on 2024-07-01.",
        "PD since 2024-06-03: does not count.",
        "PD since 2024-06-03: does not count.",
    ]

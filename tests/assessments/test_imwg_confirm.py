"""Confirmation (docs/domain.md, section 7). The sequences are admiralonco's (tests/data/README.md)."""

import csv
from datetime import date
from pathlib import Path

import pytest

from assessments.imwg_confirm import Step, confirm
from assessments.imwg_terms import Best, PdSource, Response, ResponseSettings

DATA = Path(__file__).resolve().parent.parent / "data"


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

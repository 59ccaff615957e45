"""Adverse events as tuples, of some patients at a time: to make models of many thousands takes too long."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from trial.dates import Partial

_REPORTED = """
    WITH mine AS (
        SELECT e.* FROM assessments_adverseevent e
        WHERE e.trial_id = %(trial)s AND e.patient_id = ANY(%(patients)s::uuid[]) AND NOT e.voided)
    SELECT e.patient_id, e.number, e.term, e.soc, e.specified, e.grade, e.onset_on, e.onset_known, e.ended_on,
        e.serious, e.serious_criteria, e.outcome, e.aware_on, e.aware_at, p.expected, r.said, a.said, s.said
    FROM mine e
    LEFT JOIN assessments_sponsorassessment p ON p.event_id = e.id AND NOT p.voided
    LEFT JOIN ({relations}) r ON r.event_id = e.id
    LEFT JOIN ({actions}) a ON a.event_id = e.id
    LEFT JOIN ({sponsor}) s ON s.event_id = e.id
    ORDER BY e.patient_id, e.number
"""
_ANSWERS = """
    SELECT event_id, ARRAY[{of_drugs}]::text[] AS said FROM {table}
    WHERE event_id IN (SELECT id FROM mine) AND NOT voided GROUP BY event_id
"""
TABLES = {
    "relations": ("assessments_relation", "degree"),
    "actions": ("assessments_actiontaken", "action"),
    "sponsor": ("assessments_sponsorrelation", "degree"),
}
Answers = Sequence[str | None] | None  # by drug, in the order of the protocol; None: nothing was answered


class Reported(NamedTuple):
    patient: UUID
    number: int
    term: str
    soc: str
    specified: str
    grade: int | None
    onset_on: date
    onset_known: str | None
    ended_on: date | None
    serious: bool
    serious_criteria: Sequence[str] | None
    outcome: str | None
    aware_on: date | None
    aware_at: datetime | None
    overruled: bool | None  # what the sponsor says against the list of expected terms
    relations: Answers
    actions: Answers
    sponsor: Answers

    @property
    def onset(self) -> Partial:
        return Partial(self.onset_on, self.onset_known)


def reported(trial: UUID, patients: Collection[UUID], drugs: Sequence[UUID]) -> dict[UUID, list[Reported]]:
    """By patient, in the order of their numbers: one query."""
    given: dict[str, Any] = {"trial": trial, "patients": list(map(str, patients))} | {
        f"d{k}": drug for k, drug in enumerate(drugs)
    }
    answers = {
        name: _ANSWERS.format(
            table=table,
            of_drugs=", ".join(f"max({column}) FILTER (WHERE drug_id = %(d{k})s)" for k in range(len(drugs))),
        )
        for name, (table, column) in TABLES.items()
    }
    found: dict[UUID, list[Reported]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_REPORTED.format(**answers), given)
        for row in _made(cursor.fetchall()):
            found.setdefault(row.patient, []).append(row)
    return found


def _made(rows: Sequence[tuple[object, ...]]) -> Iterator[Reported]:
    return map(Reported._make, rows)

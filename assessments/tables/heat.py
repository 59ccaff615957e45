"""Patients by cycles, each cell the worst grade that stood in it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from trial.dates import later

from .rows import Emergent, Treated

MOST_CYCLES = 60  # that are drawn; the table under the figure says what lies beyond


@dataclass(frozen=True, slots=True)
class HeatRow:
    """grades: a cycle each; 0 without a graded event, None where the patient was not followed for events any more."""

    patient: Treated
    grades: Sequence[int | None]

    @property
    def worst(self) -> int:
        return max((grade for grade in self.grades if grade is not None), default=0)


def heat(patients: Sequence[Treated], events: Sequence[Emergent], cycle_days: int) -> list[HeatRow]:
    """Rows of one length, in the order of the patients."""
    mine: dict[int, list[Emergent]] = {}
    for one in events:
        mine.setdefault(one.event.patient, []).append(one)
    found = [_row(one, mine.get(one.number, []), cycle_days) for one in patients]
    longest = max((len(row.grades) for row in found), default=0)
    return [HeatRow(row.patient, [*row.grades, *[None] * (longest - len(row.grades))]) for row in found]


def starts(patient: Treated, cycle_days: int) -> list[date]:
    """On which day each cycle began, those after the last one that is recorded by the calendar."""
    found = list(patient.cycles) or [patient.first_dose]
    while len(found) < MOST_CYCLES and later(found[-1], cycle_days) <= patient.until:
        found.append(later(found[-1], cycle_days))
    return found[:MOST_CYCLES]


def _row(patient: Treated, events: Sequence[Emergent], cycle_days: int) -> HeatRow:
    began = starts(patient, cycle_days)
    ends = [later(day, -1) for day in began[1:]] + [patient.until]
    spells = [spell for one in events for spell in _spells(one, patient)]
    grades = [
        max((grade for since, to, grade in spells if since <= end and to >= start), default=0)
        for start, end in zip(began, ends, strict=True)
    ]
    return HeatRow(patient, grades)


def _spells(one: Emergent, patient: Treated) -> list[tuple[date, date, int]]:
    """Each stretch of days of an event at one grade, within the patient's period."""
    event = one.event
    last = min(event.ended or patient.until, patient.until)
    steps = list(event.history or [(event.onset, one.grade)])
    found = []
    for k, (since, grade) in enumerate(steps):
        to = min(last, later(steps[k + 1][0], -1)) if k + 1 < len(steps) else last
        if grade > one.before and to >= patient.first_dose and since <= to:
            found.append((max(since, patient.first_dose), to, grade))
    return found

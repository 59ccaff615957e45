"""What the doses by cycle say of the DLT window: how much of each drug was taken, and what was missed for an event."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from patients.dosing.course import Course, lost, taken_in

from ..dlt.doses import Missed
from ..dlt.event import RELATED
from ..models import AdverseEvent

Taken = dict[str, tuple[Decimal, Decimal]]  # (planned, taken) by drug; empty while nothing, or not all, is recorded


@dataclass(frozen=True, slots=True)
class Window:
    """Of a patient whose doses are recorded by cycle."""

    taken: Taken
    missed: Missed = field(default_factory=lambda: Missed([], {}, False))


def window(course: Course, window_days: int, events: Iterable[AdverseEvent], drugs: Sequence[str]) -> Window:
    """events: of the patient, those that were not taken back. drugs: of the trial, each needs its relation."""
    taken = taken_of(course, window_days)
    days = [(one.drug, one.day, one.amount, one.event) for one in lost(course, window_days)]
    return Window(taken, Missed(days, {event.pk: _related(event, drugs) for event in events}, bool(taken)))


def taken_of(course: Course, window_days: int) -> Taken:
    """Planned is the schedule over the whole window, whatever cycles have begun; empty while a day is not recorded."""
    found: Taken = {}
    for drug, plan in course.plans.items():
        taken = taken_in(course, drug, window_days)
        if taken is None:
            return {}
        planned = sum((day - 1) % course.cycle_days + 1 in plan.days for day in range(1, window_days + 1))
        if planned:
            found[drug] = (plan.daily * planned, taken)
    return found


def beside_totals(taken: Taken, course: Course, totals: Taken) -> Taken:
    """With the totals of the drugs whose schedule is words alone: no day of theirs is planned."""
    return taken and {**{drug: said for drug, said in totals.items() if drug not in course.plans}, **taken}


def _related(event: AdverseEvent, drugs: Sequence[str]) -> bool | None:
    """To any drug; None while an answer that could make it so is missing."""
    degrees = {relation.drug.name: relation.degree for relation in event.relations.all()}
    if any(degree in RELATED for degree in degrees.values()):
        return True
    return False if degrees and degrees.keys() >= set(drugs) else None

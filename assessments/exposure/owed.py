"""Which cycles of a patient wait for their doses."""

from collections.abc import Sequence
from datetime import date

from patients.dosing.course import Course, Cycle, exposure
from trial.dates import later


def owed(course: Course, today: date) -> Sequence[Cycle]:
    """Cycles that are over, and of which a planned day is not recorded, the first one first."""
    return [cycle for cycle in course.cycles if _over(course, cycle, today) and _open(course, cycle, today)]


def due_on(course: Course, cycle: Cycle) -> date:
    """The day on which nothing of the cycle is to come any more."""
    planned = cycle.on(course.cycle_days)
    last = course.last_on(cycle)
    return later(min(last, planned) if last else planned, 1)


def _over(course: Course, cycle: Cycle, today: date) -> bool:
    return due_on(course, cycle) <= today


def _open(course: Course, cycle: Cycle, today: date) -> bool:
    return any(exposure(course, drug, today, cycle.number).open_days for drug in course.plans)

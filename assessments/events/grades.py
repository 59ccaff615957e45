"""The grades of an event over time: what they cannot be, and the days at a grade."""

from collections.abc import Iterator
from datetime import date

from patients import days
from patients.models import Patient
from trial.dates import later, shown
from trial.refusals import Refused

from .. import terms
from ..event_words import Graded
from ..models import AdverseEvent
from .report import EventReport, worst

FATAL = 5


def check(
    report: EventReport, version: str, calendar: days.Days, patient: Patient, stored: AdverseEvent | None
) -> None:
    """Refuse a history that cannot be. What is stored already is not asked about again."""
    kept = stored.history if stored is not None and stored.term == report.term else []
    given = {step.grade for step in kept}
    for k, step in enumerate(report.history):
        if step.grade not in given:
            _of_term(report.term, step.grade, version, f"steps.{k}.grade" if k else "grade")
    if not report.steps:
        return
    if report.steps[0].on != report.onset_on:
        raise Refused("Grade: the first one is of the day of the onset.", field="onset_on")
    if report.grade != worst(report.steps):
        raise Refused(f"Grade: the worst of its history is {worst(report.steps)}, got {report.grade}.", field="grade")
    for k, (before, step) in enumerate(zip(report.steps, report.steps[1:], strict=False), 1):
        _after(report, before, step, f"steps.{k}.on")
        calendar.check(step.on, f"Grade from {shown(step.on)}", field=f"steps.{k}.on")
        if step not in kept:
            days.within_life(patient, step.on, f"Grade from {shown(step.on)}", field=f"steps.{k}.on")


def _after(report: EventReport, before: Graded, step: Graded, field: str) -> None:
    """One grade follows another, on a later day of the event."""
    what = f"Grade from {shown(step.on)}"
    since = report.onset.last if before is report.steps[0] else before.on
    if step.on <= since:
        raise Refused(f"{what}: must be after {shown(since)}, the one before it.", field=field)
    if step.grade == before.grade and step.grade is not None:
        raise Refused(f"{what}: it had grade {step.grade} before already.", field=field)
    if before.grade == FATAL:
        raise Refused(f"{what}: nothing follows grade 5, death.", field=field)
    if report.ended_on and step.on > report.ended_on:
        raise Refused(f"{what}: the event ended on {shown(report.ended_on)}.", field=field)


def _of_term(term: str, grade: int | None, version: str, field: str) -> None:
    if grade is None:
        return
    if grade not in range(1, 6):
        raise Refused(f"Grade: {grade} is not a CTCAE grade; it goes from 1 to 5.", field=field)
    if terms.soc(term, version) and grade not in terms.grades(term, version):
        raise Refused(f"Grade: {term} has no grade {grade} in CTCAE.", field=field)


def spans(report: EventReport, grade: int, today: date) -> Iterator[tuple[date, date, bool]]:
    """Each stretch of days at this grade or higher: first day, last day so far, and whether it is over.

    Of an onset that is known in part the latest day that it may be: nothing is held against a guess.
    """
    over, history = report.ended_on or today, report.history
    begun = None
    for step in history:
        if step.grade is not None and step.grade >= grade and begun is None:
            begun = min(report.onset.last, over, today) if step is history[0] else step.on
        elif step.grade is not None and step.grade < grade and begun is not None:
            yield begun, later(step.on, -1), True
            begun = None
    if begun is not None:
        yield begun, over, report.ended_on is not None

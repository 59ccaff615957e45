"""The event behind a dose that was not taken as planned: while a dose names it, it stays, and begins by that day."""

from collections.abc import Iterator
from datetime import date

from patients.dosing import cycles
from patients.dosing.models import DoseDay
from patients.models import Treatment
from trial.dates import shown
from trial.refusals import Refused

from ..models import AdverseEvent


def check_void(event: AdverseEvent) -> None:
    for day, on in _doses(event):
        raise Refused(f"{event.code}: {_said(day, on)}. Correct these doses first.")


def check_onset(event: AdverseEvent, onset: date) -> None:
    """onset: its earliest day, as it is to be."""
    if onset <= event.onset_on:
        return
    for day, on in _doses(event):
        if on < onset:
            raise Refused(
                f"Onset: {shown(onset)} is too late, {_said(day, on)}. Correct these doses first.", field="onset_on"
            )


def _doses(event: AdverseEvent) -> Iterator[tuple[DoseDay, date]]:
    """Those that name it, with their days."""
    rows = list(DoseDay.objects.filter(event=event, voided=False).select_related("drug"))
    if not rows:
        return
    course = cycles.course_of(Treatment.objects.select_related("protocol").get(patient=event.patient_id))
    for row in rows:
        if cycle := course.cycle(row.cycle):
            yield row, cycle.on(row.day)


def _said(day: DoseDay, on: date) -> str:
    return f"{day.drug.name} was {day.get_state_display()} for it on {shown(on)} (cycle {day.cycle}, day {day.day})"

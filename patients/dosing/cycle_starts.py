"""Verbs of when a cycle began, from the third on; cycle 2, which answers a DLT criterion, has verbs of its own."""

from datetime import date
from uuid import UUID

from trial.models import User
from trial.record import corrections, ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May

from .. import days
from ..consent import withdrawn
from ..consent.models import Covers
from ..models import Treatment
from . import cycles
from .course import Course
from .models import CycleDoses, CycleStart
from .services import start_cycle_2, treated


def start_cycle(
    *, trial: UUID, patient: UUID, number: int, on: date, reason: str = "", by: User, key: UUID | None = None
) -> Treatment:
    """The first day of a cycle. reason: why it was given after the patient withdrew from treatment."""
    if number == 2:
        return start_cycle_2(trial=trial, patient=patient, on=on, reason=reason, by=by, key=key)
    asked = (patient, number, on, *([reason] if reason else []))
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="cycle.start", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        course = cycles.course_of(row)
        if known := course.cycle(number):
            raise Refused(
                f"Cycle {number} began on {known.began_on:%-d %b %Y} already; the day is corrected on a page of its "
                "own, with a reason.",
                field="on",
            )
        if number < 3 or course.cycle(number - 1) is None:
            raise Refused(f"Cycle {number}: the cycle before it has not begun.", field="on")
        _check(act, row, course, number, on)
        CycleStart.objects.create(trial_id=trial, patient_id=row.patient_id, number=number, began_on=on)
        act.result(row.pk)
        return row


def correct_cycle(
    *,
    trial: UUID,
    patient: UUID,
    number: int,
    on: date | None,
    rev: int | None = None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Treatment:
    """A cycle from the third on began on another day, or, with None, it has not begun. rev: of its row."""
    asked = (patient, number, rev, reason, on)
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="cyclestart.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        start = CycleStart.objects.filter(patient=row.patient_id, number=number).order_by("voided", "-rev").first()
        if start is None:
            raise Refused(f"Cycle {number}: it is not recorded yet, so there is nothing to correct.", field="on")
        now = f": {start.began_on:%-d %b %Y} is recorded now"
        corrections.check(act, start, f"Cycle {number}", seen=rev, besides=now, reason_for="a correction")
        if start.began_on == on:
            raise Refused(f"Cycle {number}: {on:%-d %b %Y} is recorded already.", field="on")
        course = cycles.course_of(row)
        if on is None:
            never_begun(row, course, number)
            start.voided = True
        else:
            _check(act, row, course, number, on)
            start.began_on = on
        start.save()
        act.result(row.pk)
        return row


def never_begun(row: Treatment, course: Course, number: int) -> None:
    """Refuse to take the start of a cycle back on which something stands."""
    if course.cycle(number + 1):
        raise Refused(f"Cycle {number}: cycle {number + 1} has begun; take that back first.", field="on")
    if CycleDoses.objects.filter(patient=row.patient_id, cycle=number, voided=False).exists():
        raise Refused(f"Cycle {number}: doses of it are recorded; take them back first.", field="on")


def _check(act: Act, row: Treatment, course: Course, number: int, on: date) -> None:
    label = f"Cycle {number}"
    between(course, number, on)
    if on > days.at(act, row.patient.site_id).today:
        raise Refused(f"{label}: {on:%-d %b %Y} is in the future.", field="on")
    if row.stopped_on and on > row.stopped_on:
        raise Refused(
            f"{label}: {on:%-d %b %Y} is after the end of treatment ({row.stopped_on:%-d %b %Y}).", field="on"
        )
    days.within_life(row.patient, on, label, field="on")
    withdrawn.allow(act, row.patient, Covers.TREATMENT, on, fact=f"cycle {number}", label=label, field="on")


def between(course: Course, number: int, on: date) -> None:
    """Refuse a first day that is not after that of the cycle before, or not before that of the next."""
    before, after = course.cycle(number - 1), course.cycle(number + 1)
    if before and on <= before.began_on:
        raise Refused(
            f"Cycle {number}: {on:%-d %b %Y} is not after the first day of cycle {number - 1} "
            f"({before.began_on:%-d %b %Y}).",
            field="on",
        )
    if after and on >= after.began_on:
        raise Refused(
            f"Cycle {number}: {on:%-d %b %Y} is not before the first day of cycle {number + 1} "
            f"({after.began_on:%-d %b %Y}).",
            field="on",
        )

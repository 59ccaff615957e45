"""Verbs that correct what is recorded of a treatment: the start of cycle 2, and how treatment ended.

The first dose is corrected in assessments/count/first_dose.py: events are read by it.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from trial.models import User
from trial.record import corrections, ledger
from trial.refusals import Refused
from trial.roles import May

from ..models import Treatment
from . import cycles
from .cycle_starts import never_begun
from .services import treated, write_cycle_2, write_stop


def correct_cycle_2(
    *,
    trial: UUID,
    patient: UUID,
    on: date | None,
    rev: int | None = None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Treatment:
    """Cycle 2 began on another day, or, with None, it has not begun.

    rev: the row's number on the corrector's screen; a later one refuses.
    """
    asked = (patient, rev, reason, on)
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="cycle2.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        corrections.check(act, row, "The treatment", seen=rev, reason_for="a correction")
        if row.cycle2_on is None:
            raise Refused("Cycle 2: it is not recorded yet, so there is nothing to correct.", field="on")
        if row.cycle2_on == on:
            raise Refused(f"Cycle 2: {on:%-d %b %Y} is recorded already.", field="on")
        if on is None:
            never_begun(row, cycles.course_of(row), 2)
            row.cycle2_on = None
            row.save()
        else:
            write_cycle_2(act, row, on=on)
        act.result(row.pk)
        return row


def correct_stop(
    *,
    trial: UUID,
    patient: UUID,
    on: date | None,
    stop_reason: str = "",
    related: bool | None = None,
    drugs: Sequence[str] | None = None,
    rev: int | None = None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Treatment:
    """Treatment ended on another day or for another cause, or, with `on` None, it goes on.

    related, drugs: as of `stop_treatment`. rev: the row's number on the corrector's screen.
    """
    asked = (patient, rev, reason, on, stop_reason, related, sorted(drugs or ()))
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="stop.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        corrections.check(act, row, "The treatment", seen=rev, reason_for="a correction")
        if row.stopped_on is None:
            raise Refused("Stopped on: no end of treatment is recorded, so there is nothing to correct.", field="on")
        left = row.left_study_on
        if left and (on is None or on > left):
            raise Refused(
                f"Stopped on: the patient left the study on {left:%-d %b %Y}, and leaving comes after the end of "
                "treatment. Correct the day of leaving first.",
                field="on",
            )
        if (row.stopped_on, row.stop_reason, row.stop_related, row.stopped_drugs) == (
            on, stop_reason, related, sorted(drugs) if drugs is not None else None,
        ):  # fmt: skip
            raise Refused("End of treatment: this is recorded already.", field="on")
        if on is None:
            row.stopped_on, row.stop_reason, row.stop_related, row.stopped_drugs = None, "", None, None
            row.save()
        else:
            write_stop(act, row, on=on, stop_reason=stop_reason, related=related, drugs=drugs)
        act.result(row.pk)
        return row


def correct_held_why(
    *, trial: UUID, patient: UUID, why: str, rev: int | None = None, reason: str, by: User, key: UUID | None = None
) -> Treatment:
    """Why a first dose was given in spite of a hold was said wrong; the dose and what held enrolment stay.

    rev: the row's number on the corrector's screen.
    """
    asked = (patient, rev, reason, why)
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="heldwhy.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        corrections.check(act, row, "The treatment", seen=rev, reason_for="a correction")
        if not row.in_spite_of:
            raise Refused("Why it was given: this first dose was given in spite of nothing.", field="why")
        if not why.strip():
            raise Refused("Why it was given: a dose in spite of a hold needs it.", field="why")
        if why.strip() == row.held_why:
            raise Refused("Why it was given: this is recorded already.", field="why")
        row.held_why = why.strip()
        row.save()
        act.result(row.pk)
        return row

"""The end of the study for a patient: from which day he is followed no more, and why."""

from datetime import date
from uuid import UUID

from patients import days
from patients.dosing.services import treated
from patients.models import Treatment
from trial.models import User
from trial.record import corrections, ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May

from .models import FollowUp


def leave_study(
    *,
    trial: UUID,
    patient: UUID,
    on: date | None,
    why: str,
    rev: int | None = None,
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> Treatment:
    """The day from which a patient is followed no more, and why: lost to follow-up, withdrawal. None takes it back.

    Not the stop of treatment, which comes first and has its own reason. rev: the row's number on the person's screen.
    Changing or taking back what was recorded needs a `reason`.
    """
    asked = (patient, rev, reason, on, why)
    with ledger.action(
        trial, by=by, may=May.RECORD_FOLLOW_UP, verb="study.leave", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        corrections.check(act, row, "The treatment record", seen=rev)
        _check_leaving(act, row, on, why)
        if row.left_study_on:
            corrections.needs_reason(act, "changing what was recorded", label="Reason for the correction")
        row.left_study_on, row.left_study_reason = on, why.strip() if on else ""
        row.save()
        act.result(row.pk)
        return row


def _check_leaving(act: Act, row: Treatment, on: date | None, why: str) -> None:
    if (row.left_study_on, row.left_study_reason) == (on, why.strip() if on else ""):
        said = f"the study was left on {on:%-d %b %Y}" if on else "the patient is in the study"
        raise Refused(f"Left the study: it is recorded already that {said}.", field="on")
    if on is None:
        return
    days.at(act, row.patient.site_id).check(on, "Left the study", field="on")
    if row.stopped_on is None:
        raise Refused("Left the study: treatment goes on; record first on which day it was stopped.", field="on")
    if on < row.stopped_on:
        raise Refused(
            f"Left the study: {on:%-d %b %Y} is before the end of treatment ({row.stopped_on:%-d %b %Y}).", field="on"
        )
    died = FollowUp.objects.filter(patient=row.patient_id, died_on__lt=on).first()
    if died:
        raise Refused(f"Left the study: {on:%-d %b %Y} is after the patient's death.", field="on")
    if not why.strip():
        raise Refused("Reason: leaving the study needs one, as stopping treatment has its own.", field="why")

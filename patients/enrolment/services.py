"""Verbs of enrolment: eligibility, and the patient of a slot."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from trial import clock, notices
from trial.models import EligibilityCriterion, NoticeKind, User
from trial.people import services as people
from trial.record import ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May
from trial.services import next_number

from .. import days
from ..consent import queries as consents
from ..models import EligibilityAnswer, Patient, Slot
from ..screening import services as screening
from ..services import mine


def confirm_eligibility(
    *,
    trial: UUID,
    slot: UUID,
    version: UUID,
    answers: Mapping[UUID, bool],
    on: date | None = None,
    by: User,
    key: UUID | None = None,
) -> Slot:
    """Every criterion of the protocol version answered yes or no by a named investigator.

    on: the day on which they were answered, when it is entered later; the site's today otherwise. With one
    answered no the screening is a failure by that criterion, and the slot is free at once.
    """
    asked = (slot, version, sorted((str(k), v) for k, v in answers.items()), *([on] if on else []))
    with ledger.action(
        trial, by=by, may=May.CONFIRM_ELIGIBILITY, verb="eligibility.confirm", key=key, asked=asked
    ) as act:
        row = Slot.objects.select_related("screening").get(pk=slot, trial=trial)
        if act.earlier:
            return row
        mine(act, row.site_id)
        if row.state not in (Slot.State.WAITING, Slot.State.REQUESTED, Slot.State.GRANTED):
            raise Refused(f"Slot {row.number} is {row.get_state_display()}; eligibility is answered before enrolment.")
        calendar = days.at(act, row.site_id)
        day = on or calendar.today
        calendar.check(day, "Answered on", field="on")
        consented, unmet = consents.given(row.pk), None
        stored = {answer.criterion_id: answer for answer in EligibilityAnswer.objects.filter(slot=row)}
        for criterion in EligibilityCriterion.objects.filter(version=version, trial=trial).order_by("number"):
            if criterion.procedure and consented is None:
                raise Refused(
                    f"Criterion {criterion.number}: its answer takes a study procedure, and no consent is recorded; "
                    "the signed consent comes first.",
                    field=f"criterion_{criterion.number}",
                )
            check_procedure(criterion, day, consented)
            if criterion.pk not in answers:
                raise Refused(f"Criterion {criterion.number}: answer yes or no.", field=f"criterion_{criterion.number}")
            said = stored.get(criterion.pk)
            if said and said.met != answers[criterion.pk]:
                raise Refused(
                    f"Criterion {criterion.number}: answered {'yes' if said.met else 'no'} already; an answer is "
                    "corrected on a page of its own, with a reason.",
                    field=f"criterion_{criterion.number}",
                )
            if said is None:
                EligibilityAnswer.objects.create(
                    trial_id=trial, slot=row, criterion=criterion, met=answers[criterion.pk], on=day, by=by
                )
            if not answers[criterion.pk] and unmet is None:
                unmet = criterion
        if unmet is not None:
            screening.failed(row, unmet)
        act.result(row.pk)
        return row


def check_procedure(criterion: EligibilityCriterion, day: date, consented: date | None) -> None:
    """Refuse an answer that takes a study procedure and is dated before the consent."""
    if criterion.procedure and consented and day < consented:
        raise Refused(
            f"Answered on: {day:%-d %b %Y} is before the consent ({consented:%-d %b %Y}), and criterion "
            f"{criterion.number} takes a study procedure.",
            field="on",
        )


def add_patient(act: Act, slot: Slot, *, on: date) -> Patient:
    assert slot.cohort_id is not None
    slot.state = Slot.State.ENROLLED
    slot.save()
    screening.enrolled(slot)
    patient = Patient.objects.create(
        trial_id=act.trial_id,
        number=next_number(Patient, act.trial_id),
        site_id=slot.site_id,
        slot=slot,
        cohort_id=slot.cohort_id,
        enrolled_at=act.now,
        enrolled_on=on,
        granted_on=granted_on(slot),
    )
    tell_before_grant(act, patient)
    return patient


def granted_on(slot: Slot) -> date | None:
    """The day in the site's calendar on which a slot was granted."""
    return clock.clinical_date(slot.granted_at, slot.site.time_zone) if slot.granted_at else None


def tell_before_grant(act: Act, patient: Patient) -> None:
    """Tell who decides of an enrolment that was done before its slot was granted: a deviation."""
    if not patient.before_grant:
        return
    assert act.trial is not None
    notices.post(
        trial=act.trial,
        to=people.people_with(act.trial.pk, May.SIGN_DECISION),
        key=f"before-grant-{patient.pk}",
        kind=NoticeKind.SAFETY,
        page=f"patients/{patient.number}/",
        subject=f"{act.trial.code}: patient {patient.code} was enrolled before the slot was granted",
        text=f"Enrolled on {patient.enrolled_on:%-d %b %Y}. {patient.before_grant}",
    )

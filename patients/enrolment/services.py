"""Verbs of enrolment: eligibility, consent and its withdrawal."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from trial.models import EligibilityCriterion, User
from trial.record import ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May
from trial.services import next_number

from ..models import Consent, EligibilityAnswer, Patient, Slot
from ..services import mine


def confirm_eligibility(
    *, trial: UUID, slot: UUID, version: UUID, answers: Mapping[UUID, bool], by: User, key: UUID | None = None
) -> Slot:
    """Every criterion of the protocol version answered yes or no by a named investigator."""
    asked = (slot, version, sorted((str(k), v) for k, v in answers.items()))
    with ledger.action(
        trial, by=by, may=May.CONFIRM_ELIGIBILITY, verb="eligibility.confirm", key=key, asked=asked
    ) as act:
        row = Slot.objects.get(pk=slot, trial=trial)
        if act.earlier:
            return row
        mine(act, row.site_id)
        if row.state not in (Slot.State.WAITING, Slot.State.REQUESTED, Slot.State.GRANTED):
            raise Refused(f"Slot {row.number} is {row.get_state_display()}; eligibility is answered before enrolment.")
        stored = {answer.criterion_id: answer for answer in EligibilityAnswer.objects.filter(slot=row)}
        for criterion in EligibilityCriterion.objects.filter(version=version, trial=trial):
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
                    trial_id=trial, slot=row, criterion=criterion, met=answers[criterion.pk], by=by
                )
        act.result(row.pk)
        return row


def record_consent(
    *,
    trial: UUID,
    slot: UUID,
    kind: str = Consent.Kind.TRIAL,
    version: str,
    given_on: date,
    by: User,
    key: UUID | None = None,
) -> Consent:
    """A signed consent: version of the form and date; the sub-study's consent is separate."""
    asked = (slot, kind, version, given_on)
    with ledger.action(trial, by=by, may=May.RECORD_CONSENT, verb="consent.record", key=key, asked=asked) as act:
        if act.earlier:
            return Consent.objects.get(pk=act.earlier)
        row = Slot.objects.get(pk=slot, trial=trial)
        mine(act, row.site_id)
        if given_on > act.clinical_date:
            raise Refused(f"Consent date: {given_on:%d %b %Y} is in the future.", field="given_on")
        if Consent.objects.filter(slot=row, kind=kind, withdrawn_on=None, voided=False).exists():
            raise Refused("Consent: this one is recorded already.", field="given_on")
        consent = Consent.objects.create(trial_id=trial, slot=row, kind=kind, version=version, given_on=given_on)
        act.result(consent.pk)
        return consent


def withdraw_consent(
    *, trial: UUID, consent: UUID, on: date, reason: str, by: User, key: UUID | None = None
) -> Consent:
    """The patient takes a consent back, from a day on; what was recorded before stays."""
    asked = (consent, on, reason)
    with ledger.action(
        trial, by=by, may=May.RECORD_CONSENT, verb="consent.withdraw", reason=reason, key=key, asked=asked
    ) as act:
        row = Consent.objects.select_related("slot").get(pk=consent, trial=trial, voided=False)
        if act.earlier:
            return row
        mine(act, row.slot.site_id)
        if not reason.strip():
            raise Refused("Reason: a withdrawal needs one.", field="reason")
        if row.withdrawn_on:
            raise Refused("Consent: it was withdrawn already.", field="on")
        if not row.given_on <= on <= act.clinical_date:
            raise Refused("Withdrawn on: must be from the day it was given to today.", field="on")
        row.withdrawn_on = on
        row.save()
        act.result(row.pk)
        return row


def add_patient(act: Act, slot: Slot) -> Patient:
    assert slot.cohort_id is not None
    slot.state = Slot.State.ENROLLED
    slot.save()
    return Patient.objects.create(
        trial_id=act.trial_id,
        number=next_number(Patient, act.trial_id),
        site_id=slot.site_id,
        slot=slot,
        cohort_id=slot.cohort_id,
        enrolled_at=act.now,
        enrolled_on=act.clinical_date,
    )

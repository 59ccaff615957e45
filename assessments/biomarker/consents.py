"""Taking back a consent that was entered for another patient: it asks what stands on it, samples too."""

from datetime import date
from uuid import UUID

from patients.consent.models import Withdrawal
from patients.models import Consent, EligibilityAnswer, Patient
from patients.services import mine
from trial.models import User
from trial.record import corrections, ledger
from trial.refusals import Refused
from trial.roles import May

from ..response.models import Measurement
from .models import Sample


def void_consent(
    *, trial: UUID, consent: UUID, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> Consent:
    """Take back a consent that this patient did not sign. What stands on it is named and refuses it."""
    asked = (consent, rev, reason)
    with ledger.action(
        trial, by=by, may=May.RECORD_CONSENT, verb="consent.void", reason=reason, key=key, asked=asked
    ) as act:
        row = Consent.objects.select_related("slot").get(pk=consent, trial=trial)
        mine(act, row.slot.site_id)
        if not act.earlier:
            corrections.check(act, row, "The consent", seen=rev, reason_for="taking a consent back")
            _stands(row)
        return corrections.void(act, row, "The consent", seen=rev, reason_for="taking a consent back")


def _stands(row: Consent) -> None:
    if row.kind == Consent.Kind.TRIAL:
        _trial_consent(row)
    elif sample := Sample.objects.filter(consent=row, voided=False).order_by("taken_on").first():
        raise Refused(
            f"Consent: the sBCMA sample of {sample.taken_on:%-d %b %Y} was taken under it. Void that sample first."
        )


def _trial_consent(row: Consent) -> None:
    """The consents that are left must come before what followed this one."""
    others = Consent.objects.filter(slot=row.slot_id, kind=row.kind, voided=False).exclude(pk=row.pk)
    first = min(others.values_list("given_on", flat=True), default=date.max)
    for left in Withdrawal.objects.filter(slot=row.slot_id, on__lt=first, voided=False):
        raise Refused(
            f"Consent: the withdrawal of {left.on:%-d %b %Y} takes it back. Take back the withdrawal first, if it was "
            "another patient's too."
        )
    patient = Patient.objects.filter(slot=row.slot_id, voided=False).first()
    if patient is None:
        return
    if patient.enrolled_on < first:
        raise Refused(
            f"Consent: patient {patient.code} was enrolled on {patient.enrolled_on:%-d %b %Y}, which this consent "
            "comes before. Record the consent that he signed himself first, or correct this one."
        )
    answers = EligibilityAnswer.objects.filter(
        slot=row.slot_id, criterion__procedure=True, on__gte=row.given_on, on__lt=first, voided=False
    )
    if answer := answers.select_related("criterion").order_by("on", "criterion__number").first():
        raise Refused(
            f"Consent: criterion {answer.criterion.number} takes a study procedure and was answered on "
            f"{answer.on:%-d %b %Y}, under it. Correct that day first."
        )
    visits = Measurement.objects.filter(
        assessment__patient=patient, assessment__voided=False, voided=False,
        sampled_on__gte=row.given_on, sampled_on__lt=first,
    )  # fmt: skip
    if found := visits.select_related("assessment").order_by("sampled_on").first():
        raise Refused(
            f"Consent: {found.assessment.code} has a sample of {found.sampled_on:%-d %b %Y}, taken under it. Correct "
            "or void that first."
        )
    taken = Sample.objects.filter(patient=patient, taken_on__gte=row.given_on, taken_on__lt=first, voided=False)
    if sample := taken.order_by("taken_on").first():
        raise Refused(
            f"Consent: the sBCMA sample of {sample.taken_on:%-d %b %Y} was taken under it. Void that sample first."
        )

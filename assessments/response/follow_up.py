"""The verb of follow-up: it asks whether anything happened after the death, so it stands on this floor."""

from uuid import UUID

from patients.consent import withdrawn
from patients.consent.models import Covers
from patients.follow_up.models import FollowUp
from patients.follow_up.services import NAMES, Followed, follow
from patients.models import Patient
from patients.services import mine
from trial.models import User
from trial.record import ledger
from trial.refusals import Refused
from trial.roles import May

from ..models import AdverseEvent
from . import alive
from .models import Measurement


def record_follow_up(
    *,
    trial: UUID,
    patient: UUID,
    said: Followed,
    rev: int | None = None,
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> FollowUp:
    """Last contact, the start of other anti-myeloma therapy, death with its cause: also after treatment stopped."""
    asked = (patient, rev, reason, *said.asked)
    with ledger.action(
        trial, by=by, may=May.RECORD_FOLLOW_UP, verb="followup.record", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return FollowUp.objects.get(pk=act.earlier)
        row = Patient.objects.select_related("treatment").get(pk=patient, trial=trial, voided=False)
        mine(act, row.site_id)
        _contact_withdrawn(row, said)
        stored = follow(act, row, said, rev=rev)
        if said.died_on:
            later = (
                Measurement.objects.filter(
                    assessment__patient=row, assessment__voided=False, voided=False, sampled_on__gt=said.died_on
                )
                .select_related("assessment")
                .order_by("sampled_on")
                .first()
            )
            if later:
                raise Refused(
                    f"Died on: {said.died_on:%-d %b %Y} is before a sample of {later.assessment.code} "
                    f"({later.sampled_on:%-d %b %Y}).",
                    field="died_on",
                )
            if lived := max(
                (one for one in alive.of_patients([row]).get(row.pk, []) if one.on > said.died_on),
                key=lambda one: one.on,
                default=None,
            ):
                raise Refused(
                    f"Died on: {said.died_on:%-d %b %Y} is before the {lived.by} ({lived.on:%-d %b %Y}).",
                    field="died_on",
                )
        act.result(stored.pk)
        return stored


def _contact_withdrawn(patient: Patient, said: Followed) -> None:
    """After the withdrawal from all contact only a death is learned: from public records, where the patient let them be
    read, or as the outcome of an event that began before.
    """
    left, stored = withdrawn.of(patient.slot_id), FollowUp.objects.filter(patient=patient).first()
    for name, label in NAMES.items():
        on = getattr(said, name)
        since = left.since(Covers.CONTACT, on) if on else None
        if since is None or on == getattr(stored, name, None):
            continue
        if name != "died_on":
            raise Refused(
                f"{label}: {on:%-d %b %Y} is after the patient withdrew from all contact on {since:%-d %b %Y}.",
                field=name,
            )
        fatal = AdverseEvent.objects.filter(patient=patient, grade=5, voided=False)
        if not left.records_open(on) and not fatal.exists():
            raise Refused(
                f"{label}: the patient withdrew from all contact on {since:%-d %b %Y} and lets no public records be "
                "read. A death is recorded as the outcome of an adverse event, grade 5, first.",
                field=name,
            )

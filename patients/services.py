"""Writes of cohorts and slots, inside the caller's action: who may and whether is asked above, here is how."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from trial.models import DoseLevel, ProtocolVersion, User
from trial.record import ledger, who
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May
from trial.services import next_number

from .models import AmendedPatient, Cohort, Patient, Slot, Treatment

OPEN = (Slot.State.WAITING, Slot.State.REQUESTED, Slot.State.GRANTED)
HOLDS = (*OPEN, Slot.State.ENROLLED, Slot.State.RELEASED)  # a patient who has one gets no other


def mine(act: Act, site: UUID) -> None:
    """Refuse what touches another site's patients; a stranger's row does not exist for this person."""
    if act.membership and act.membership.site_id and act.membership.site_id != site:
        raise Patient.DoesNotExist("no such patient at your site")


def amend(act: Act, *, patient: Patient, version: ProtocolVersion) -> None:
    """Let the amendment `version` hold for a dosed patient, and list him under it."""
    treatment = patient.treatment
    AmendedPatient.objects.create(trial_id=act.trial_id, version=version, patient=patient, was=treatment.protocol)
    treatment.protocol = version
    treatment.save()


def open_cohort(act: Act, *, dose_level: DoseLevel, places: int) -> Cohort:
    """Close the open escalation cohort, if any, and open the next at `dose_level`.

    A slot that was granted at the same level is held on in the next cohort: the same dose waits for the same patient.
    """
    before = Slot.objects.filter(
        cohort__trial=act.trial_id, cohort__closed_at=None, cohort__role=None, cohort__dose_level=dose_level
    )
    kept = list(before.filter(state=Slot.State.GRANTED))
    close_cohort(act, keep=kept)
    cohort = Cohort.objects.create(
        trial_id=act.trial_id,
        number=next_number(Cohort, act.trial_id),
        dose_level=dose_level,
        places=places,
        opened_at=act.now,
    )
    for slot in kept:
        slot.cohort = cohort
        slot.save()
    return cohort


def open_outside(act: Act, *, role: str, dose_level: DoseLevel, places: int) -> Cohort:
    """Open a cohort outside the count; the others stay as they are."""
    return Cohort.objects.create(
        trial_id=act.trial_id,
        number=next_number(Cohort, act.trial_id),
        role=role,
        dose_level=dose_level,
        places=places,
        opened_at=act.now,
    )


def close_cohort(act: Act, keep: Sequence[Slot] = ()) -> None:
    """Close the open escalation cohort."""
    for cohort in Cohort.objects.filter(trial=act.ledger.trial_id, closed_at=None, role=None):
        close(act, cohort, keep)


def close(act: Act, cohort: Cohort, keep: Sequence[Slot] = ()) -> None:
    """Close a cohort; its slots that are not yet enrolled are cancelled, but for those to `keep`."""
    cohort.closed_at = max(act.now, cohort.opened_at)
    cohort.save()
    for slot in Slot.objects.filter(
        cohort=cohort, state__in=[Slot.State.GRANTED, Slot.State.REQUESTED, Slot.State.WAITING]
    ).exclude(pk__in=[kept.pk for kept in keep]):
        slot.state = Slot.State.CANCELLED
        slot.save()


def waiting(cohort: Cohort) -> list[Slot]:
    """The waiting list of a cohort outside the count, in its recorded order."""
    return list(Slot.objects.filter(cohort=cohort, state=Slot.State.WAITING).order_by("number"))


def add_slot(
    act: Act, *, site: UUID, state: Slot.State, screening: UUID | None = None, cohort: Cohort | None = None
) -> Slot:
    """cohort: the one outside the count that is asked for; None asks for the open escalation cohort."""
    assert act.by is not None
    return Slot.objects.create(
        trial_id=act.trial_id,
        number=next_number(Slot, act.trial_id),
        site_id=site,
        cohort=cohort,
        state=state,
        requested_by=act.by,
        requested_at=act.now,
        screening_id=screening,
    )


def grant(act: Act, slot: Slot, *, cohort: Cohort, hold_days: int) -> None:
    """Hold a place of the open cohort for this slot through `hold_days` days."""
    slot.state, slot.cohort = Slot.State.GRANTED, cohort
    slot.granted_at, slot.held_until = act.now, act.clinical_date + timedelta(days=hold_days)
    slot.save()


def expire(slot: Slot) -> None:
    slot.state = Slot.State.EXPIRED
    slot.save()


def release(slot: Slot) -> None:
    """A place that nobody will use is free at once: before enrolment, or enrolled and not dosed."""
    if not may_be_given_back(slot):
        return
    slot.state = Slot.State.CANCELLED if slot.state in OPEN else Slot.State.RELEASED
    slot.save()


def may_be_given_back(slot: Slot) -> bool:
    """Whether a slot holds a place that nobody has used."""
    if slot.state == Slot.State.ENROLLED:
        return not Treatment.objects.filter(patient__slot=slot, voided=False).exists()
    return slot.state in OPEN


def cancel_slot(*, trial: UUID, slot: UUID, reason: str, by: User, key: UUID | None = None) -> Slot:
    """Give a slot back, with a reason: cancelled by the site, or declined by the medical monitor.

    That of an enrolled patient who has had no dose is released: nobody waits for a place that is not used.
    """
    right = May.REQUEST_SLOT
    member = who.current_membership(by, trial)
    if member and member.site_id is None:
        right = May.GRANT_SLOT
    with ledger.action(
        trial, by=by, may=right, verb="slot.cancel", reason=reason, key=key, asked=(slot, reason)
    ) as act:
        row = Slot.objects.get(pk=slot, trial=trial)
        if act.earlier:
            return row
        mine(act, row.site_id)
        if not reason.strip():
            raise Refused("Reason: giving a slot back needs one.", field="reason")
        if not may_be_given_back(row):
            dosed = ", and the patient was dosed" if row.state == Slot.State.ENROLLED else ""
            raise Refused(f"Slot {row.number} is {row.get_state_display()}{dosed}; it can no longer be given back.")
        if right == May.GRANT_SLOT and row.state == Slot.State.REQUESTED:
            row.state = Slot.State.DECLINED
            row.save()
        else:
            release(row)
        act.result(row.pk)
        return row

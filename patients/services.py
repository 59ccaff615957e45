"""Writes of the patients' floor, inside the caller's action: who may and whether is asked above, here is how.

The verbs that ask the engine first (request, grant, enrol, first dose) are in escalation/enrolment.py.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from trial import queries as ground
from trial.models import DoseLevel, Drug, EligibilityCriterion, ProtocolVersion, User
from trial.record import ledger, stale
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May
from trial.services import next_number

from .follow_up.models import FollowUp
from .models import AmendedPatient, Cohort, Consent, DoseTaken, EligibilityAnswer, Patient, Slot, Treatment


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


def add_slot(act: Act, *, site: UUID, state: Slot.State, note: str, cohort: Cohort | None = None) -> Slot:
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
        note=note,
    )


def grant(act: Act, slot: Slot, *, cohort: Cohort, hold_days: int) -> None:
    """Hold a place of the open cohort for this slot through `hold_days` days."""
    slot.state, slot.cohort = Slot.State.GRANTED, cohort
    slot.granted_at, slot.held_until = act.now, act.clinical_date + timedelta(days=hold_days)
    slot.save()


def expire(slot: Slot) -> None:
    slot.state = Slot.State.EXPIRED
    slot.save()


def cancel_slot(*, trial: UUID, slot: UUID, reason: str, by: User, key: UUID | None = None) -> Slot:
    """Give a slot back, with a reason: cancelled by the site, or declined by the medical monitor."""
    right = May.REQUEST_SLOT
    member = ledger.current_membership(by, Slot.objects.select_related("trial").get(pk=slot, trial=trial).trial)
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
        if row.state not in (Slot.State.WAITING, Slot.State.REQUESTED, Slot.State.GRANTED):
            raise Refused(f"Slot {row.number} is {row.get_state_display()}; it can no longer be given back.")
        declined = right == May.GRANT_SLOT and row.state == Slot.State.REQUESTED
        row.state = Slot.State.DECLINED if declined else Slot.State.CANCELLED
        row.save()
        act.result(row.pk)
        return row


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
        for criterion in EligibilityCriterion.objects.filter(version=version, trial=trial):
            if criterion.pk not in answers:
                raise Refused(f"Criterion {criterion.number}: answer yes or no.", field=f"criterion_{criterion.number}")
            EligibilityAnswer.objects.update_or_create(
                slot=row,
                criterion=criterion,
                defaults={"trial_id": trial, "met": answers[criterion.pk], "by": by},
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


def start_treatment(
    act: Act, patient: Patient, *, on: date, received_level: DoseLevel, protocol: ProtocolVersion
) -> Treatment:
    follow_up = FollowUp.objects.filter(patient=patient, died_on__lt=on).first()
    if follow_up:
        raise Refused(f"First dose: {on:%-d %b %Y} is after the patient's death.", field="on")
    return Treatment.objects.create(
        trial_id=act.trial_id,
        patient=patient,
        protocol=protocol,
        received_level=received_level,
        first_dose_on=on,
    )


def record_dosing(
    *,
    trial: UUID,
    patient: UUID,
    doses: Mapping[UUID, tuple[Decimal, Decimal]],
    rev: int | None = None,
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> Treatment:
    """Planned and taken amounts per drug (id) over the DLT window; a correction needs a reason."""
    asked = (patient, sorted((str(k), *v) for k, v in doses.items()), reason)
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="dosing.record", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        for drug in Drug.objects.filter(pk__in=doses, trial=trial):
            planned, taken = doses[drug.pk]
            if planned <= 0:
                raise Refused(f"{drug.name}, planned: must be above 0.", field=f"planned_{drug.position}")
            if taken < 0:
                raise Refused(f"{drug.name}, taken: cannot be below 0.", field=f"taken_{drug.position}")
            stored = DoseTaken.objects.filter(patient=row.patient_id, drug=drug).first()
            if stored and (stored.planned, stored.taken) == (planned, taken):
                continue
            if stored:
                now = f": {stored.taken:f} is recorded as taken now"
                stale.check(act, drug.name, now=stored.rev, seen=rev, besides=now)
            if stored and not reason.strip():
                raise Refused("Reason: a correction needs one.", field="reason")
            stored = stored or DoseTaken(trial_id=trial, patient_id=row.patient_id, drug=drug)
            stored.planned, stored.taken = planned, taken
            stored.save()
        act.result(row.pk)
        return row


def stop_treatment(
    *, trial: UUID, patient: UUID, on: date, stop_reason: str, by: User, key: UUID | None = None
) -> Treatment:
    """The last day of study treatment, with the reason; follow-up goes on."""
    asked = (patient, on, stop_reason)
    with ledger.action(trial, by=by, may=May.RECORD_DOSING, verb="treatment.stop", key=key, asked=asked) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        if row.stopped_on:
            raise Refused(f"Treatment stopped on {row.stopped_on:%d %b %Y} already.", field="on")
        if not row.first_dose_on <= on <= act.clinical_date:
            raise Refused(
                f"Stopped on: must be from the first dose ({row.first_dose_on:%d %b %Y}) to today.", field="on"
            )
        if not stop_reason.strip():
            raise Refused("Reason: stopping treatment needs one.", field="stop_reason")
        row.stopped_on, row.stop_reason = on, stop_reason
        row.save()
        act.result(row.pk)
        return row


def start_cycle_2(*, trial: UUID, patient: UUID, on: date, by: User, key: UUID | None = None) -> Treatment:
    """First dose of cycle 2: it answers the cycle-2-delay criterion."""
    with ledger.action(trial, by=by, may=May.RECORD_DOSING, verb="cycle2.start", key=key, asked=(patient, on)) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        if not row.first_dose_on < on <= act.clinical_date:
            raise Refused("Cycle 2: must begin after the first dose and not in the future.", field="on")
        row.cycle2_on = on
        row.save()
        act.result(row.pk)
        return row


def correct_received_level(
    *,
    trial: UUID,
    patient: UUID,
    dose_level: UUID,
    rev: int | None = None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Treatment:
    """The patient was given another level's dose than the record says: he counts at the level received.

    rev: the row's number on the corrector's screen; a later one refuses.
    """
    asked = (patient, dose_level, reason)
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="treatment.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        now = f": level {row.received_level.label} is recorded now"
        stale.check(act, "The treatment", now=row.rev, seen=rev, besides=now)
        if not reason.strip():
            raise Refused("Reason: a correction needs one.", field="reason")
        level = DoseLevel.objects.filter(pk=dose_level, trial=trial).first()
        protocol = ground.protocol(trial)
        if level is None or protocol is None or protocol.position(level.pk) is None:
            raise Refused("Dose given: this level is not on the ladder.", field="received_level")
        if level.pk == row.received_level_id:
            raise Refused(f"Dose given: level {level.label} is recorded already.", field="received_level")
        row.received_level = level
        row.save()
        act.result(row.pk)
        return row


def treated(act: Act, patient: UUID) -> Treatment:
    """The treatment of a patient at the person's own sites. Refuses who has not had a first dose."""
    row = Patient.objects.get(pk=patient, trial=act.ledger.trial_id)
    mine(act, row.site_id)
    treatment = Treatment.objects.filter(patient=row).first()
    if treatment is None:
        raise Refused(f"Patient {row.code} has not had a first dose.")
    return treatment

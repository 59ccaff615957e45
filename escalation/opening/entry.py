"""Entering the patients of a trial that was brought in from paper: in order, at the level received, with the source."""

from datetime import date
from uuid import UUID

from patients import days
from patients.consent import services as consents
from patients.dosing import services as dosing
from patients.enrolment.corrections import check_consented
from patients.models import Cohort, Consent, Patient, Slot, Treatment
from patients.screening import services as screenings
from trial import queries as ground
from trial.dates import shown
from trial.models import DoseLevel, User
from trial.record import ledger
from trial.refusals import Refused
from trial.roles import May
from trial.services import next_number

from ..situation import queries


def enter(
    *,
    trial: UUID,
    site: UUID | None = None,
    cohort: int,
    screening: str = "",
    consent_version: str,
    consented_on: date,
    enrolled_on: date,
    first_dose_on: date,
    received_level: UUID | None = None,
    source: str,
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> Treatment:
    """A patient dosed before the trial was brought in, under a level opened on paper.

    cohort: the number of the decision on paper, in its order. screening: the patient's number there, once in the trial.
    received_level: when another level's dose was given; that needs a reason, and so does a patient who is entered out
    of the order of first doses. source: where it stands.
    """
    asked = (
        site, cohort, screening, consent_version, consented_on, enrolled_on, first_dose_on, received_level, source,
        reason,
    )  # fmt: skip
    with ledger.action(trial, by=by, may=May.ENROL, verb="paper.enter", reason=reason, key=key, asked=asked) as act:
        if act.earlier:
            return Treatment.objects.get(pk=act.earlier)
        home = act.membership.site_id if act.membership and act.membership.site_id else site
        if home is None:
            raise Refused("Site: choose the site of the patient.", field="site")
        here = queries.under(act)
        paper = next((one for one in here.paper if one.number == cohort), None)
        if paper is None:
            raise Refused("Opened by: no such decision on paper; the opening names them.", field="cohort")
        calendar = days.at(act, home)
        calendar.check(enrolled_on, "Enrolled on", field="enrolled_on")
        dosing.check_opened(paper, first_dose_on, field="first_dose_on")
        if not source.strip():
            raise Refused("Source: say where it stands on paper.", field="source")
        last = max((f.patient.treatment.first_dose_on for f in here.facts if f.dosed), default=None)
        if last and first_dose_on < last and not reason.strip():
            raise Refused(
                f"First dose: patients are entered in the order of their first doses, and one of {shown(last)} is "
                "entered already. Say why this one comes later.",
                field="reason",
            )
        level = _received(here.protocol, paper, received_level, reason)
        assert act.by is not None
        row = screenings.screened(act, site=home, number=screening, again_of="", on=consented_on)
        slot = Slot.objects.create(
            trial_id=trial,
            number=next_number(Slot, trial),
            site_id=home,
            cohort=paper,
            state=Slot.State.ENROLLED,
            requested_by=act.by,
            requested_at=act.now,
            granted_at=act.now,
            screening=row,
        )
        consents.sign(act, Consent(trial_id=trial, slot=slot), consent_version.strip(), consented_on)
        check_consented(slot.pk, enrolled_on)
        patient = Patient.objects.create(
            trial_id=trial,
            number=next_number(Patient, trial),
            site_id=home,
            slot=slot,
            cohort=paper,
            enrolled_at=act.now,
            enrolled_on=enrolled_on,
            source=source.strip(),
        )
        screenings.enrolled(slot)
        try:
            dosing.check_first_dose(act, patient, first_dose_on)
        except Refused as refusal:
            raise Refused(str(refusal), field="first_dose_on") from None
        treatment = dosing.start_treatment(
            act, patient, on=first_dose_on, received_level=level, protocol=ground.version_on(trial, first_dose_on)
        )
        act.result(treatment.pk)
        return treatment


def _received(protocol: ground.Protocol, paper: Cohort, received: UUID | None, reason: str) -> DoseLevel:
    if received is None or received == paper.dose_level_id:
        return paper.dose_level
    level = next((one for one in protocol.levels if one.pk == received), None)
    if level is None:
        raise Refused("Dose given: this level is not on the ladder.", field="received_level")
    if not reason.strip():
        raise Refused("Reason: another level's dose than the one opened needs one.", field="reason")
    return level

"""From the request of a slot to the first dose: the verbs that must ask the engine, each under the trial's lock."""

from datetime import date
from uuid import UUID

from django.db.models import Prefetch

from assessments.count.first_dose import version_of
from patients import days
from patients import queries as people
from patients import services as patients
from patients.consent import withdrawn
from patients.consent.models import Covers, Withdrawal
from patients.dosing import services as dosing
from patients.enrolment import services as enrolment
from patients.enrolment.corrections import check_answered, check_consented
from patients.models import Cohort, Consent, EligibilityAnswer, Patient, Slot, Treatment
from patients.screening import services as screenings
from trial import notices
from trial.models import DoseLevel, EligibilityCriterion, NoticeKind, User
from trial.people import services
from trial.record import ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May

from ..outside import queries as outside
from ..outside.queries import Place
from ..situation import queries, stagger, turns
from ..situation.situation import Situation
from .held import held_from


def request_slot(
    *,
    trial: UUID,
    site: UUID | None = None,
    screening: str = "",
    again_of: str = "",
    wait: bool = False,
    cohort: UUID | None = None,
    by: User,
    key: UUID | None = None,
) -> Slot:
    """Ask for a place at the open level. Granted at once, or left to the medical monitor by the setting.

    screening: the number of the patient's screening, a new one or one that is open; a patient gets one slot.
    again_of: of somebody who was screened before, the number of that screening.
    wait: join the waiting list when no place is free, instead of being refused.
    cohort: an open expansion or backfill cohort, instead of the escalation.
    Raises Refused with the reason and the earliest date when no slot is free.
    """
    asked = (site, screening, wait, *([again_of] if again_of else []), *([cohort] if cohort else []))
    with ledger.action(trial, by=by, may=May.REQUEST_SLOT, verb="slot.request", key=key, asked=asked) as act:
        if act.earlier:
            return Slot.objects.get(pk=act.earlier)
        home = act.membership.site_id if act.membership and act.membership.site_id else site
        if home is None:
            raise Refused("Site: choose the site that asks.", field="site")
        here = queries.under(act)
        place = place_of(here, cohort)
        if place is None or (place.free == 0 and (not wait or (cohort is None and here.conclusion))):
            raise Refused(place.why if place else _gone(here, cohort))
        row = screenings.screened(act, site=home, number=screening, again_of=again_of)
        apart = place.cohort if cohort else None  # who asks for the escalation asks for whatever cohort is open
        state = Slot.State.REQUESTED if place.free else Slot.State.WAITING
        slot = patients.add_slot(act, site=home, state=state, screening=row.pk if row else None, cohort=apart)
        if place.free and here.protocol.settings.slot_approval == "automatic":
            slot = _granted(act, here, slot, place)
        act.result(slot.pk)
        return slot


def grant_slot(*, trial: UUID, slot: UUID, by: User, key: UUID | None = None) -> Slot:
    """The medical monitor grants a requested slot, in the order that the list recorded."""
    with ledger.action(trial, by=by, may=May.GRANT_SLOT, verb="slot.grant", key=key, asked=(slot,)) as act:
        row = Slot.objects.get(pk=slot, trial=trial)
        if act.earlier:
            return row
        if row.state != Slot.State.REQUESTED:
            raise Refused(f"Slot {row.number} is {row.get_state_display()}; only a requested one can be granted.")
        here = queries.under(act)
        place = place_of(here, row.cohort_id)
        if place is None or not place.free:
            raise Refused(place.why if place else _gone(here, row.cohort_id))
        if other := turns.before(row, here, place.cohort.pk):
            most = here.protocol.settings.site_slots
            raise Refused(
                f"Slot {row.number}: its site has its share of the cohort ({most}) while another site waits; "
                f"slot {other.number} is next."
            )
        act.result(row.pk)
        return _granted(act, here, row, place)


def enrol(
    *,
    trial: UUID,
    slot: UUID,
    on: date | None = None,
    given: bool = False,
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> Patient:
    """Enrol the patient of a granted slot: eligible, consented, and the level still open. The dose is the cohort's.

    on: the day on which it was done, when it is entered later; today otherwise.
    given: it was done though nobody may be enrolled now. That is a fact and is recorded with a reason.
    """
    asked = (slot, *([on, given, reason] if on or given or reason else []))
    with ledger.action(trial, by=by, may=May.ENROL, verb="patient.enrol", reason=reason, key=key, asked=asked) as act:
        if act.earlier:
            return Patient.objects.get(pk=act.earlier)
        answers = Prefetch("eligibility", EligibilityAnswer.objects.select_related("criterion"))
        row = Slot.objects.select_related("site").prefetch_related(answers, "consents").get(pk=slot, trial=trial)
        patients.mine(act, row.site_id)
        here = queries.under(act)
        calendar = days.at(act, row.site_id)
        day = on or calendar.today
        calendar.check(day, "Enrolled on", field="on")
        check_consented(row.pk, day)
        check_answered(row, day)
        if lacking := missing(row, here, given=given, on=day):
            raise Refused(lacking[0])
        if given and missing(row, here, on=day) and not reason.strip():
            raise Refused("Reason: an enrolment that was done though nobody may be enrolled needs one.", field="reason")
        screenings.only_one(row)
        patient = enrolment.add_patient(act, row, on=day)
        if withdrawn.of(row.pk).over(Covers.TREATMENT, calendar.today):
            patients.release(row)  # he withdrew since then, so nobody waits for his place
        act.result(patient.pk)
        return patient


def missing(slot: Slot, here: Situation, *, given: bool = False, on: date | None = None) -> list[str]:
    """What a patient's enrolment in a slot still lacks, a sentence each; empty when he may be enrolled now.

    given: it was done, so that no level need be open for it. on: the day of the enrolment, today when left out.
    """
    version = here.protocol.version
    wanted = EligibilityCriterion.objects.filter(version=version).count()
    answers = [a for a in slot.eligibility.all() if a.criterion.version_id == version.pk and not a.voided]
    consents = [c for c in slot.consents.all() if c.kind == Consent.Kind.TRIAL and not c.voided]
    asked = withdrawn.of(slot.pk)  # what was done on the day of the withdrawal may have been before it
    left = asked.since(Covers.TREATMENT, on or here.on) if given else asked.over(Covers.TREATMENT, on or here.on)
    found = [_not_held(slot, here, given=given, on=on or here.on) or ("" if given or not on else _ungranted(slot, on))]
    if len(answers) < wanted:
        found.append(
            f"Eligibility: {len(answers)} of {wanted} criteria of protocol version {version.number} are answered; "
            "the investigator answers each."
        )
    if not all(answer.met for answer in answers):
        found.append("Eligibility: a criterion is answered no, and there are no waivers.")
    if not consents:
        found.append("Consent: the signed consent to the trial is not recorded yet.")
    if left:
        found.append(f"Consent: it was withdrawn on {left:%-d %b %Y}.")
    return [sentence for sentence in found if sentence]


def _not_held(slot: Slot, here: Situation, *, given: bool, on: date) -> str:
    """Why the slot gives nobody a place; "" when it does."""
    was_held = given and (slot.state == Slot.State.EXPIRED or _given_up_later(slot, on))
    if slot.state != Slot.State.GRANTED and not was_held:
        return f"Slot {slot.number} is {slot.get_state_display()}; a patient needs a granted one."
    if slot.held_until and slot.held_until < on:
        return f"Slot {slot.number} was held until {slot.held_until:%-d %b %Y}; ask for a new one."
    if given:
        return ""
    place = place_of(here, slot.cohort_id)
    if place is None:
        return f"Slot {slot.number} belongs to a cohort that is closed; ask for a new one."
    return "" if place.startable else place.why


def _given_up_later(slot: Slot, on: date) -> bool:
    """Whether a slot was granted, and is cancelled by a withdrawal of that day or later alone."""
    left = Withdrawal.objects.filter(slot=slot, on__gte=on, gave_back=Slot.State.GRANTED, voided=False)
    return slot.state == Slot.State.CANCELLED and left.exists()


def _ungranted(slot: Slot, on: date) -> str:
    """Why what is dated before the slot was granted was done without a place; "" when it lies on that day or later."""
    granted = enrolment.granted_on(slot)
    if granted is None or on >= granted:
        return ""
    return f"Slot {slot.number} was granted on {granted:%-d %b %Y}; {on:%-d %b %Y} is before it."


def first_dose(
    *,
    trial: UUID,
    patient: UUID,
    on: date,
    received_level: UUID | None = None,
    given: bool = False,
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> Treatment:
    """The first dose of any study drug: day 1 of the window. Starting is refused while enrolment is closed or held.

    received_level: when another level's dose was given than the cohort's; that needs a reason.
    given: it was given though starting is refused. That is a fact: it is recorded with a reason, and is a deviation
    where it was given in spite of the hold, not before it.
    """
    asked = (patient, on, received_level, reason, *([given] if given else []))
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="treatment.start", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return Treatment.objects.get(pk=act.earlier)
        known = Patient.objects.select_related("cohort__dose_level", "site", "slot__site", "treatment_row", "follow_up")
        row = known.get(pk=patient, trial=trial)
        patients.mine(act, row.site_id)
        if getattr(row, "treatment", None):
            raise Refused(
                f"Patient {row.code} had the first dose on {row.treatment.first_dose_on:%-d %b %Y}; the day is "
                "corrected on a page of its own, with a reason."
            )
        here = queries.under(act)
        level = row.cohort.dose_level
        if received_level is not None and received_level != level.pk:
            if not reason.strip():
                raise Refused("Reason: another level's dose than the cohort's needs one.", field="reason")
            level = DoseLevel.objects.get(pk=received_level, trial=trial)
            if here.protocol.position(level.pk) is None:
                raise Refused(f"Level {level.label} is not on the ladder.", field="received_level")
        despite = dosing.check_first_dose(act, row, on)
        why = may_not_start(row, level, on, here)
        asks = why and not given and not despite  # what was given after a withdrawal is a fact, and has its reason
        if asks and why == stagger.too_early(here, level.pk, on):
            raise Refused(why, field="on")
        if asks:
            raise Refused(f"Patient {row.code} may not start now. {why}", field="given")
        if why and not reason.strip():
            raise Refused("Reason: a first dose that was given while starting is refused needs one.", field="reason")
        held = why
        if why and why == _ungranted(row.slot, on):  # read off the days, so that a correction of them says it anew
            held = _no_place(row, level, on, here)
            row.granted_on = enrolment.granted_on(row.slot)
            row.save()
        treatment = dosing.start_treatment(
            act,
            row,
            on=on,
            received_level=level,
            protocol=version_of(row, on),
            held_because=held or None,
            held_from=held_from(here, row) if held else None,
        )
        if row.slot.state == Slot.State.RELEASED:  # by his dose he has a place
            row.slot.state = Slot.State.ENROLLED
            row.slot.save()
        if treatment.in_spite_of:
            _tell(here, treatment)
        act.result(treatment.pk)
        return treatment


def may_not_start(patient: Patient, level: DoseLevel, on: date, here: Situation) -> str:
    """Why nobody may start the patient now, in a sentence; "" when he may."""
    if patient.from_paper:  # he started before the trial was brought in, which asked for no place here
        return ""
    unmet = [a.criterion.number for a in people.answered_last(patient.slot) if not a.met]
    if unmet:  # as corrected since the enrolment
        return f"The patient is not eligible: criterion {unmet[0]} is answered no, and there are no waivers."
    return _ungranted(patient.slot, on) or _no_place(patient, level, on, here)


def _no_place(patient: Patient, level: DoseLevel, on: date, here: Situation) -> str:
    place = place_of(here, starts_in(here, patient.cohort))
    if place is None or not place.startable:
        return (place.why if place else _gone(here, patient.cohort_id)) or "No place is free."
    if not place.free and _released(patient.slot, on):
        return "The patient's place was released before the first dose, and no other place is free."
    return stagger.too_early(here, level.pk, on)


def _released(slot: Slot, on: date) -> bool:
    """Whether the patient has given his place up, and not only after the day `on`."""
    if slot.state != Slot.State.RELEASED:
        return False
    left = [span.on for span in withdrawn.of(slot.pk).spans]
    return not left or on > min(left)


def moved(act: Act, here: Situation) -> bool:
    """Whether a corrected first dose is in spite of a hold by its new day alone: said with it, and told.

    Only what began on a day is held against it. A cohort that is full today may have had a place on that day.
    """
    if act.verb != "firstdose.correct":
        return False
    written = {image["row"] for image in act.images if image["table"] == Treatment._meta.db_table}
    row = Treatment.objects.select_related("patient__cohort__dose_level", "patient__site").get(pk__in=written)
    since = held_from(here, row.patient) if row.held_because is None else None
    if since is not None and row.first_dose_on >= since:
        holds = here.held_at(here.protocol.position(row.patient.cohort.dose_level_id) or 1)
        row.held_because = " ".join(hold.sentence for hold in holds) or _gone(here, row.patient.cohort_id)
        row.held_from, row.held_why = since, act.reason.strip()
        row.save()
    else:
        since = None
    if row.in_spite_of:
        _tell(here, row)
    return since is not None


def _tell(here: Situation, treatment: Treatment) -> None:
    code = treatment.patient.code
    notices.post(
        trial=here.trial,
        to=services.people_with(here.trial.pk, May.SIGN_DECISION),
        key=f"in-spite-{treatment.pk}",
        kind=NoticeKind.SAFETY,
        page=f"patients/{treatment.patient.number}/",
        subject=f"{here.trial.code}: the first dose of patient {code} was given in spite of a hold",
        text=f"Given on {treatment.first_dose_on:%-d %b %Y}. {treatment.in_spite_of}",
    )


def place_of(here: Situation, cohort: UUID | None) -> Place | None:
    """The open cohort that is meant: by its id, or the escalation's. None when it is not open."""
    mine = here.cohort
    if mine is not None and cohort in (None, mine.pk):
        return Place(mine, here.startable, here.taken, queries.why_closed(here))
    return next((p for p in outside.places(here) if p.cohort.pk == cohort), None) if cohort else None


def starts_in(here: Situation, cohort: Cohort) -> UUID:
    """The open cohort in whose places a patient starts: his own, or the escalation's that followed it at his level."""
    mine = here.cohort
    follows = mine is not None and cohort.role is None and cohort.dose_level_id == mine.dose_level_id
    return mine.pk if mine is not None and follows else cohort.pk


def _gone(here: Situation, cohort: UUID | None) -> str:
    """Why a cohort that was asked for is not open."""
    row = next((f.patient.cohort for f in here.facts if f.patient.cohort_id == cohort), None)
    if cohort is None or row is None:
        return queries.why_closed(here)
    if row.role is None:
        return f"Cohort {row.number} at level {row.dose_level.label} is closed."
    return f"The {row.get_role_display()} cohort at level {row.dose_level.label} is closed."


def _granted(act: Act, here: Situation, slot: Slot, place: Place) -> Slot:
    patients.grant(act, slot, cohort=place.cohort, hold_days=here.protocol.settings.slot_hold_days)
    return slot

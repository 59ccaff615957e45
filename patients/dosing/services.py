"""Verbs of treatment: first dose, doses taken, cycle 2, stop, and the level received."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from trial import clock
from trial import plausible as limits
from trial import queries as ground
from trial.models import DoseLevel, Drug, ProtocolVersion, User
from trial.record import corrections, ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May

from .. import days
from ..consent import queries as consents
from ..consent import withdrawn
from ..consent.models import Covers
from ..models import Cohort, DoseTaken, Patient, Treatment
from ..services import mine
from . import course, cycles, plausible
from .models import CycleStart

FIRST_DOSE, CYCLE_2, END = (
    "first dose",
    "cycle 2",
    "end of treatment",
)  # as people name them where they were done after a withdrawal


def start_treatment(
    act: Act,
    patient: Patient,
    *,
    on: date,
    received_level: DoseLevel,
    protocol: ProtocolVersion,
    held_because: str | None = None,
    held_from: date | None = None,
) -> Treatment:
    """held_because, held_from: what held enrolment, and from which day, when a dose that was given is entered."""
    held_why = act.reason.strip() or None if held_because else None
    row = Treatment.objects.filter(patient=patient).first() or Treatment(trial_id=act.trial_id, patient=patient)
    row.voided = False  # of a first dose that was taken back nothing else stands in the row
    row.protocol, row.received_level, row.first_dose_on = protocol, received_level, on
    row.held_because, row.held_from, row.held_why = held_because, held_from, held_why
    row.save()
    return row


def check_first_dose(act: Act, patient: Patient, on: date) -> bool:
    """Refuse a day on which the patient cannot have had the first dose, when it is recorded as when it is corrected.

    Answers whether it was given after the patient withdrew from treatment: a fact, and an important deviation.
    """
    days.at(act, patient.site_id).check(on, "First dose", field="on")
    if on < patient.enrolled_on:
        raise Refused(
            f"First dose: {on:%-d %b %Y} is before the enrolment ({patient.enrolled_on:%-d %b %Y}).", field="on"
        )
    given = consents.given(patient.slot_id)
    if given is None or on < given:
        since = f" ({given:%-d %b %Y})" if given else ""
        raise Refused(f"First dose: {on:%-d %b %Y} is before the patient's consent{since}.", field="on")
    _by_the_opening(patient, on)
    days.within_life(patient, on, "First dose", field="on")
    return withdrawn.allow(act, patient, Covers.TREATMENT, on, fact=FIRST_DOSE, label="First dose", field="on")


def _by_the_opening(patient: Patient, on: date) -> None:
    """A patient of a level opened on paper had the first dose from then to the day the trial was brought in."""
    paper = patient.cohort
    if paper.paper_on is None:
        return
    check_opened(paper, on, field="on")
    opened = clock.clinical_date(paper.opened_at, patient.site.time_zone)
    if on > opened:
        raise Refused(
            f"First dose: {on:%-d %b %Y} is after the running trial was brought in ({opened:%-d %b %Y}). Who starts "
            "later gets a slot under a decision signed here.",
            field="on",
        )


def check_opened(paper: Cohort, on: date, *, field: str) -> None:
    """Refuse a first dose before the decision on paper that opened its level."""
    if paper.paper_on and on < paper.paper_on:
        raise Refused(
            f"First dose: {on:%-d %b %Y} is before the decision on paper that opened level {paper.dose_level.label} "
            f"({paper.paper_on:%-d %b %Y}).",
            field=field,
        )


def record_dosing(
    *,
    trial: UUID,
    patient: UUID,
    doses: Mapping[UUID, tuple[Decimal, Decimal]],
    unusual: str = "",
    stands: Mapping[UUID, str] | None = None,
    rev: int | None = None,
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> Treatment:
    """Planned and taken amounts per drug (id) over the DLT window; a correction needs a reason.

    unusual: why an unlikely amount stands. stands: the same of amounts that are stored and stay, corrected.
    rev: of the amounts on the person's screen the one that changed last, 0 for none.
    """
    more = [*([unusual] if unusual else []), *([sorted((str(k), v) for k, v in stands.items())] if stands else [])]
    asked = (patient, rev, reason, sorted((str(k), *v) for k, v in doses.items()), *more)
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="dosing.record", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        every = DoseTaken.objects.filter(patient=row.patient_id).order_by("rev")
        known = {dose.drug_id: dose for dose in every if not dose.voided}
        gone = {dose.drug_id: dose for dose in every if dose.voided and rev and dose.rev > rev}
        changed, reworded = [], []
        for drug in Drug.objects.filter(pk__in=doses, trial=trial):
            planned, taken = doses[drug.pk]
            if planned <= 0:
                raise Refused(f"{drug.name}, planned: must be above 0.", field=f"planned_{drug.position}")
            if taken < 0:
                raise Refused(f"{drug.name}, taken: cannot be below 0.", field=f"taken_{drug.position}")
            stored = known.get(drug.pk)
            if drug.pk in gone:  # taken back since the form was opened
                corrections.check(act, gone[drug.pk], drug.name, seen=rev)
            if stored and (stored.planned, stored.taken) == (planned, taken):
                if why := _reworded(stored, drug, (stands or {}).get(drug.pk)):
                    now = f": {stored.unusual} is recorded now"
                    corrections.check(act, stored, drug.name, seen=rev, besides=now, reason_for="a correction")
                    reworded.append((stored, why))
                continue
            if stored:
                now = f": {stored.taken:f} is recorded as taken now"
                corrections.check(act, stored, drug.name, seen=rev, besides=now, reason_for="a correction")
            changed.append(drug)
        unlikely = plausible.check(row, changed, doses, days.at(act, row.patient.site_id).today, unusual)
        for drug in changed:
            stored = known.get(drug.pk) or DoseTaken(trial_id=trial, patient_id=row.patient_id, drug=drug)
            stored.planned, stored.taken = doses[drug.pk]
            stored.unusual = unusual.strip() if drug.pk in unlikely else None
            stored.save()
        for dose, why in reworded:
            dose.unusual = why
            dose.save()
        act.result(row.pk)
        return row


def _reworded(stored: DoseTaken, drug: Drug, now: str | None) -> str:
    """Why an unlikely amount stands, where that is said otherwise now; "" where it is not."""
    if not stored.unusual:
        return ""
    try:
        why = limits.reworded(stored.unusual, now, drug.name)
    except ValueError as fault:
        raise Refused(str(fault), field=f"stands_{drug.position}") from None
    return why if why != stored.unusual else ""


def take_doses_back(
    *, trial: UUID, patient: UUID, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> Treatment:
    """Take the amounts back that were entered for another patient. rev: as of `record_dosing`."""
    asked = (patient, rev, reason)
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="dosing.takeback", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        stored = list(DoseTaken.objects.filter(patient=row.patient_id, voided=False).select_related("drug"))
        if not stored:
            raise Refused("Doses: none are recorded, so there is nothing to take back.")
        for dose in stored:
            corrections.check(act, dose, dose.drug.name, seen=rev, reason_for="taking doses back")
        for dose in stored:
            dose.voided = True
            dose.save()
        act.result(row.pk)
        return row


def stop_treatment(
    *,
    trial: UUID,
    patient: UUID,
    on: date,
    stop_reason: str,
    related: bool | None = None,
    drugs: Sequence[str] | None = None,
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> Treatment:
    """The last day of study treatment, with the reason; follow-up goes on.

    related: whether it stops for toxicity related to a study drug, None: not asked. drugs: names of those that are
    stopped for it, None: all. What their schedule had left in the window counts as missed for it (criterion N4).
    reason: why drug was taken after the patient withdrew from treatment.
    """
    asked = (
        patient, on, stop_reason, *([] if related is None else [related, sorted(drugs or ())]),
        *([reason] if reason else []),
    )  # fmt: skip
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="treatment.stop", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        if row.stopped_on:
            raise Refused(
                f"Treatment stopped on {row.stopped_on:%-d %b %Y} already; the record of it is corrected on a page of "
                "its own, with a reason.",
                field="on",
            )
        write_stop(act, row, on=on, stop_reason=stop_reason, related=related, drugs=drugs)
        act.result(row.pk)
        return row


def write_stop(
    act: Act,
    row: Treatment,
    *,
    on: date,
    stop_reason: str,
    related: bool | None,
    drugs: Sequence[str] | None,
    owed: bool = False,
) -> None:
    """Store how treatment ended, for the first time or anew; refused by name where it cannot be.

    owed: with the withdrawal, so that the investigator gives the reason for drug that was taken after it later.
    """
    if not row.first_dose_on <= on <= days.at(act, row.patient.site_id).today:
        raise Refused(f"Stopped on: must be from the first dose ({row.first_dose_on:%d %b %Y}) to today.", field="on")
    if row.cycle2_on and on < row.cycle2_on:
        raise Refused(
            f"Stopped on: {on:%-d %b %Y} is before the first dose of cycle 2 ({row.cycle2_on:%-d %b %Y}).", field="on"
        )
    _after_the_doses(row, on)
    days.within_life(row.patient, on, "Stopped on", field="on")
    if not owed and on != row.stopped_on:
        said = "Last day of study treatment"
        withdrawn.allow(act, row.patient, Covers.TREATMENT, on, fact=END, label=said, field="on")
    if not stop_reason.strip():
        raise Refused("Reason: stopping treatment needs one.", field="stop_reason")
    known = set(Drug.objects.filter(trial=act.trial_id, voided=False).values_list("name", flat=True))
    if drugs is not None and not related:
        raise Refused("Drugs: they are named of a stop for related toxicity alone.", field="drugs")
    if drugs is not None and (not drugs or not set(drugs) <= known):
        raise Refused("Drugs: name at least one drug of this trial that was stopped for it.", field="drugs")
    row.stopped_on, row.stop_reason, row.stop_related = on, stop_reason, related
    row.stopped_drugs = sorted(drugs) if drugs is not None else None
    row.save()


def _after_the_doses(row: Treatment, on: date) -> None:
    """Refuse an end of treatment before a cycle that has begun, and before a dose that is recorded as taken."""
    given = cycles.course_of(row)
    latest = given.cycles[-1]
    if on < latest.began_on:
        raise Refused(
            f"Stopped on: {on:%-d %b %Y} is before the first day of cycle {latest.number} "
            f"({latest.began_on:%-d %b %Y}).",
            field="on",
        )
    if (last := course.last_taken(given)) and on < last:
        raise Refused(
            f"Stopped on: {on:%-d %b %Y} is before a dose that is recorded as taken ({last:%-d %b %Y}). Correct the "
            "doses of that cycle first.",
            field="on",
        )


def start_cycle_2(
    *, trial: UUID, patient: UUID, on: date, reason: str = "", by: User, key: UUID | None = None
) -> Treatment:
    """First dose of cycle 2: it answers the cycle-2-delay criterion.

    reason: why it was given after the patient withdrew from treatment.
    """
    asked = (patient, on, *([reason] if reason else []))
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="cycle2.start", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        if row.cycle2_on:
            raise Refused(
                f"Cycle 2 began on {row.cycle2_on:%-d %b %Y} already; the day is corrected on a page of its own, with "
                "a reason.",
                field="on",
            )
        write_cycle_2(act, row, on=on)
        act.result(row.pk)
        return row


def write_cycle_2(act: Act, row: Treatment, *, on: date) -> None:
    """Store the first dose of cycle 2, for the first time or anew; refused by name where it cannot be."""
    if not row.first_dose_on < on <= days.at(act, row.patient.site_id).today:
        raise Refused("Cycle 2: must begin after the first dose and not in the future.", field="on")
    third = CycleStart.objects.filter(patient=row.patient_id, number=3, voided=False).first()
    if third and on >= third.began_on:
        raise Refused(
            f"Cycle 2: {on:%-d %b %Y} is not before the first day of cycle 3 ({third.began_on:%-d %b %Y}).", field="on"
        )
    if row.stopped_on and on > row.stopped_on:
        raise Refused(
            f"Cycle 2: {on:%-d %b %Y} is after the end of treatment ({row.stopped_on:%-d %b %Y}).", field="on"
        )
    days.within_life(row.patient, on, "Cycle 2", field="on")
    withdrawn.allow(act, row.patient, Covers.TREATMENT, on, fact=CYCLE_2, label="Cycle 2", field="on")
    row.cycle2_on = on
    row.save()


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
    asked = (patient, rev, reason, dose_level)
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="treatment.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        now = f": level {row.received_level.label} is recorded now"
        corrections.check(act, row, "The treatment", seen=rev, besides=now, reason_for="a correction")
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
    treatment = (
        Treatment.objects.filter(patient=row, voided=False).select_related("patient__follow_up", "protocol").first()
    )
    if treatment is None:
        raise Refused(f"Patient {row.code} has not had a first dose.")
    return treatment

"""The facts that the decision reads, derived on each read: patients with their standing and their events."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.db.models import Model

from patients.dosing import cycles
from patients.dosing.course import Course as CourseOfDoses
from patients.dosing.models import CycleDoses, CycleStart, DoseDay
from patients.follow_up import queries as follow_up
from patients.follow_up.models import FollowUp
from patients.models import Cohort, DoseTaken, Patient, Treatment
from trial import clock, protocol_settings
from trial.clock import Today
from trial.dates import later, shown, study_day
from trial.models import Dose, DoseLevel, Drug, ProtocolVersion, Site, Trial, User
from trial.protocol_settings import ProtocolSettings
from trial.record import rows
from trial.record.rows import Made

from ..dlt import course as dlt_course
from ..dlt.doses import Schedule, stopped_short
from ..dlt.version import TODAY, Reading
from ..events.facts import EventFacts, amounts, event_facts, scheduled, stop_of
from ..events.models import EventGrade
from ..exposure import window
from ..models import AdverseEvent, DltVerdict, Evaluability, Relation
from . import deaths

Row = TypeVar("Row", bound=Model)

TABLES = (  # that the facts follow from, in the order in which they point to one another
    *(Trial, User, Site, Drug, ProtocolVersion, DoseLevel, Dose),
    *(Cohort, Patient, Treatment, Evaluability, DoseTaken, FollowUp),
    *(AdverseEvent, EventGrade, Relation, DltVerdict),
    *(CycleStart, CycleDoses, DoseDay),
)


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """A patient as the count sees him. `outcome` is the engine's word, or "not_dosed" before the first dose."""

    patient: Patient
    level: DoseLevel  # the level received, or the cohort's before the first dose
    outcome: str
    because: str
    window_day: int | None
    window_days: int | None
    window_ends_on: date | None  # its last day
    dlt: str  # "none", "suspected", "adjudicated"
    enough_drug: bool | None
    events: Sequence[EventFacts]
    doses: Sequence[DoseTaken]  # totals over the window, by drug
    taken: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)  # over it, by the days or the totals
    without_event: str = ""  # N3 or N4, by which he is suspected though no event says so
    course: CourseOfDoses | None = None  # of his doses by cycle; None before the first

    @property
    def dosed(self) -> bool:
        return self.outcome != "not_dosed"

    @property
    def died_on(self) -> date | None:
        """By his follow-up."""
        return follow_up.died_on(self.patient)

    @property
    def counted(self) -> bool:
        """Whether the patient is of an escalation cohort: not of expansion or backfill."""
        return self.patient.role == "escalation"

    @property
    def days_left(self) -> int | None:
        """Days until the window is complete, 0 once it is."""
        if self.window_day is None or self.window_days is None:
            return None
        return max(0, self.window_days + 1 - max(self.window_day, 1))

    @property
    def window_complete_since(self) -> date | None:
        """The day after the last of the window, once it is over."""
        return None if self.days_left or self.window_ends_on is None else later(self.window_ends_on, 1)

    @property
    def window_said(self) -> str:
        """ "day 12 of 28", "window complete since 8 Dec 2026"; "" before the first dose."""
        if self.window_day is None or self.window_days is None:
            return ""
        over = self.window_complete_since
        return (
            f"window complete since {shown(over)}" if over else f"day {max(self.window_day, 1)} of {self.window_days}"
        )


@dataclass(frozen=True, slots=True)
class Records:
    """The rows that the facts follow from: every patient, and by patient events and doses. No date in it."""

    drugs: Sequence[str]
    patients: Sequence[Patient]
    events: Mapping[UUID, Sequence[AdverseEvent]]  # with relations and verdicts
    doses: Mapping[UUID, Sequence[DoseTaken]]
    planned: Mapping[UUID, Sequence[Dose]]  # by dose level
    by_cycle: Mapping[UUID, cycles.Rows] = field(default_factory=dict)  # the doses, of who has them so


def records(trial: UUID) -> Records:
    """One query, however many patients there are."""
    said, _ = rows.read(trial, TABLES)
    return records_of(Made(said))


def records_of(made: Made) -> Records:
    """What was not taken back, of models of at least TABLES."""
    drugs = sorted((drug for drug in made.all(Drug) if not drug.voided), key=lambda drug: drug.position)
    planned = sorted((dose for dose in made.all(Dose) if not dose.voided), key=lambda dose: dose.drug.position)
    patients = sorted((patient for patient in made.all(Patient) if not patient.voided), key=lambda p: p.number)
    doses = sorted((dose for dose in made.all(DoseTaken) if not dose.voided), key=lambda dose: dose.drug.position)
    events = sorted((event for event in made.all(AdverseEvent) if not event.voided), key=lambda e: e.number)
    related = sorted((row for row in made.all(Relation) if not row.voided), key=lambda row: row.drug.position)
    relations = grouped(related, "event_id")
    grades = grouped(sorted((g for g in made.all(EventGrade) if not g.voided), key=lambda g: g.on), "event_id")
    verdicts = grouped(sorted(made.all(DltVerdict), key=lambda v: (v.round, v.given_at)), "event_id")
    for event in events:
        rows.prefetched(event, "grades", grades.get(event.pk, []), EventGrade)
        rows.prefetched(event, "relations", relations.get(event.pk, []), Relation)
        rows.prefetched(event, "verdicts", verdicts.get(event.pk, []), DltVerdict)
    return Records(
        [drug.name for drug in drugs],
        patients,
        grouped(events, "patient_id"),
        grouped(doses, "patient_id"),
        grouped(planned, "dose_level_id"),
        cycles.grouped(
            [row for row in made.all(CycleStart) if not row.voided],
            [row for row in made.all(CycleDoses) if not row.voided],
            [row for row in made.all(DoseDay) if not row.voided],
        ),
    )


def grouped(rows: Iterable[Row], field: str) -> dict[UUID, list[Row]]:
    """By the key in `field`. A prefetch does the same, but makes a manager and a query for each row that has others."""
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(getattr(row, field), []).append(row)
    return found


def derived(records: Records, on: date | Today, reading: Reading = TODAY) -> list[PatientFacts]:
    """Every patient of the records, in order of first dose, then of number.

    on: today in the trial and at its sites; a date alone is that of all of them.
    reading: of the version of the rules to derive by, another one for a replay.
    """
    versions = {treatment.protocol for p in records.patients if (treatment := getattr(p, "treatment", None))}
    settings = {version: protocol_settings.from_json(version.settings) for version in versions}
    today = clock.day(on)
    found = [_facts(patient, records, today, reading, settings) for patient in records.patients]
    return sorted(found, key=lambda f: (_first_dose(f.patient), f.patient.number))


def under(records: Records, settings: ProtocolSettings, patients: Collection[UUID]) -> Records:
    """The records as if `settings` held for these dosed patients; the rows themselves stay as they are."""
    version = ProtocolVersion(settings=settings.as_json())
    found = []
    for patient in records.patients:
        if patient.pk in patients:
            patient, treatment = copy(patient), copy(patient.treatment)
            treatment.protocol = version
            patient.treatment_row = treatment
        found.append(patient)
    return replace(records, patients=found)


def facts(trial: UUID, on: date | Today) -> list[PatientFacts]:
    """Every patient of the trial, in order of first dose, then of number. on: as of `derived`."""
    return derived(records(trial), on)


def one(trial: UUID, patient: UUID, on: date | Today) -> PatientFacts | None:
    """One patient of the trial. on: as of `derived`."""
    every = records(trial)
    mine = [row for row in every.patients if row.pk == patient]
    return next(iter(derived(replace(every, patients=mine), on)), None)


def _first_dose(patient: Patient) -> date:
    treatment = getattr(patient, "treatment", None)
    return treatment.first_dose_on if treatment else date.max


def _facts(
    patient: Patient,
    records: Records,
    today: Today,
    reading: Reading,
    of_versions: Mapping[ProtocolVersion, ProtocolSettings],
) -> PatientFacts:
    treatment = getattr(patient, "treatment", None)
    on = today.at(patient.site.time_zone) if reading.days_of_site else today.on
    drugs, rows, doses = records.drugs, records.events.get(patient.pk, []), records.doses.get(patient.pk, [])
    if treatment is None:
        return PatientFacts(
            patient=patient,
            level=patient.cohort.dose_level,
            outcome="not_dosed",
            because="Enrolled; the first dose is not recorded yet.",
            window_day=None,
            window_days=None,
            window_ends_on=None,
            dlt="none",
            enough_drug=None,
            events=[event_facts(event, drugs, None, on) for event in rows],
            doses=doses,
        )
    settings = of_versions[treatment.protocol]
    schedules = scheduled(records.planned.get(treatment.received_level_id, []), settings)
    rows_of_doses = records.by_cycle.get(patient.pk, cycles.NONE)
    planned = records.planned.get(treatment.received_level_id, [])
    known: FollowUp | None = getattr(patient, "follow_up", None) if reading.deaths_of_follow_up else None
    given = cycles.course(treatment, planned, rows_of_doses, settings).until(known.died_on if known else None)
    taken, missed = amounts(doses), None
    if given.recorded:
        said = window.window(given, settings.window_days, rows, drugs)
        taken, missed = window.beside_totals(said.taken, given, taken), said.missed
    events = [event_facts(event, drugs, treatment, on, settings, taken, schedules, reading, missed) for event in rows]
    day = study_day(min(on, today.on), treatment.first_dose_on)
    course = _course(patient, settings, events, taken, max(day, 1) if reading.days_of_site else day)
    window_ends_on = later(treatment.first_dose_on, settings.window_days - 1)
    died = deaths.suspected(known, events, window_ends_on) if settings.criteria["N3"] else ""
    stop = _stop_without_event(patient, settings, events, schedules) if reading.stop_misses_its_doses else ""
    without_event = died or stop
    if without_event and course.dlt == "none":
        course = replace(course, dlt="suspected")
    confirmed = getattr(patient, "evaluability", None)
    state, because = dlt_course.evaluability(course)
    if state in ("completed", "not_evaluable") and confirmed and confirmed.state != state:
        state, because = (
            "pending",
            f"{because} Confirmed before: {confirmed.get_state_display()}; confirm again.",
        )
    if _asks_for_doses(patient, taken, given) and dlt_course.derive(course)[0] == "completed" and state == "pending":
        because = "Window complete; the doses taken in it are not recorded yet."
    if without_event and course.dlt == "suspected":
        because = without_event
    outcome = {"completed": "no_dlt"}.get(state, state)
    return PatientFacts(
        patient=patient,
        level=treatment.received_level,
        outcome="suspected" if outcome == "pending" and course.dlt == "suspected" else outcome,
        because=because,
        window_day=course.as_of_day,
        window_days=settings.window_days,
        window_ends_on=window_ends_on,
        dlt=course.dlt,
        enough_drug=not course.short if course.doses else None,
        events=events,
        doses=doses,
        taken=taken,
        course=given,
        without_event="N3" if died else "N4" if stop else "",
    )


def _course(
    patient: Patient,
    settings: ProtocolSettings,
    events: Sequence[EventFacts],
    taken: Mapping[str, tuple[Decimal, Decimal]],
    day: int,
) -> dlt_course.Course:
    """The patient's course as evaluability asks for it; the window and fraction are those of his first dose.

    day: of the study, that has begun at the site and in the trial; a first dose ahead of the trial's date is on day 1.
    """
    treatment = patient.treatment
    course = dlt_course.Course(
        as_of_day=day,
        window_days=settings.window_days,
        dlt=dlt_course.combine([e.state for e in events]),
        doses=taken,
        fraction=settings.fraction,
        open_events=sum(e.state == "open" for e in events),
        confirmed=False,
        stopped_day=study_day(treatment.stopped_on, treatment.first_dose_on) if treatment.stopped_on else None,
        stop_reason=treatment.stop_reason or None,
        stopped=treatment.stopped_on is not None,
        died_of_myeloma=any(
            e.event.grade == 5
            and e.event.qualifiers.get("due_to_myeloma")
            and e.state != "dlt"
            and e.fatal_inside(settings.window_days)
            for e in events
        ),
    )
    return replace(course, confirmed=_confirmed(patient, course))


def _confirmed(patient: Patient, course: dlt_course.Course) -> bool:
    """Whether the investigator has confirmed: on a day on which the window, as it is recorded now, could be.

    A first dose or a stop that was corrected since may have moved the window past that day: he is asked again.
    """
    given: Evaluability | None = getattr(patient, "evaluability", None)
    if given is None or given.voided:
        return False
    then = study_day(given.confirmed_on, patient.treatment.first_dose_on)
    return dlt_course.derive(replace(course, as_of_day=then))[0] != "pending"


def _stop_without_event(
    patient: Patient, settings: ProtocolSettings, events: Sequence[EventFacts], schedules: Mapping[str, Schedule]
) -> str:
    """What a stop for related toxicity asks for while no event is named as its cause; "" when there is nothing to ask.

    The event that doses were missed for carries criterion N4 to the readers. Until one does, the patient is suspected.
    """
    if not settings.criteria["N4"]:
        return ""
    stop = stop_of(patient.treatment)
    short = stopped_short(schedules, stop, settings.window_days)
    if (
        stop is None
        or not short
        or any(e.doses_missed and e.inside(settings.window_days) and _cause(e) for e in events)
    ):
        return ""
    return (
        f"Stopped on day {stop.day} for related toxicity: more than 25 % of {' and '.join(short)} is missed (N4). "
        "Mark the adverse event that doses were missed for."
    )


def _cause(e: EventFacts) -> bool:
    """Whether an event can be the cause of missed doses: related, or not answered yet, or read already."""
    return bool(e.verdicts) or (e.judged is not None and e.judged.related is not False)


def _asks_for_doses(
    patient: Patient, taken: Mapping[str, tuple[Decimal, Decimal]], given: CourseOfDoses | None
) -> bool:
    """Whether the doses of the window are to be recorded, or recorded to its end; a simulated trial may do without."""
    return not taken and ((given is not None and given.recorded) or not patient.trial.simulated)


def confirmable(facts: PatientFacts) -> str:
    """The state that the investigator may confirm now, "" for none: nothing open, window over or treatment stopped.

    A real patient needs his doses recorded first; a simulated trial may be confirmed without.
    """
    treatment = getattr(facts.patient, "treatment", None)
    if treatment is None or facts.window_day is None:
        return ""
    if facts.dlt != "none" or any(e.state == "open" for e in facts.events):
        return ""
    settings = protocol_settings.from_json(treatment.protocol.settings)
    course = _course(facts.patient, settings, facts.events, facts.taken, facts.window_day)
    if _asks_for_doses(facts.patient, facts.taken, facts.course):
        return ""
    state, _ = dlt_course.derive(course)
    return "" if state == "pending" else state


def settled(facts: PatientFacts) -> bool:
    """Whether what may be confirmed now is confirmed already."""
    given: Evaluability | None = getattr(facts.patient, "evaluability", None)
    if given is None or facts.window_day is None or given.state != confirmable(facts):
        return False
    settings = protocol_settings.from_json(facts.patient.treatment.protocol.settings)
    return _course(facts.patient, settings, facts.events, facts.taken, facts.window_day).confirmed


def next_due(patient: PatientFacts) -> tuple[str, date | None]:
    """What the record of a patient asks for next, and the day from which it does."""
    over = later(patient.window_ends_on, 1) if patient.window_ends_on else None
    match patient.outcome:
        case "not_dosed":
            return "First dose", None
        case "suspected":
            return "Adverse event" if patient.without_event else "DLT verdict", None
        case "pending" if patient.days_left:
            return "Window complete", over
        case "pending":
            return "Confirm evaluability" if confirmable(patient) else "Complete the record", over
        case _:
            return "", None

"""The response of each patient, derived on each read: pages read it live, endpoint runs under `ledger.standing`.

    timelines(trial, on, settings)  every treated patient, in order of first dose
    course(trial, number, on)       one patient, also before the first dose

A flat number of queries, however many patients. Nothing that was derived is stored.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from assessments import imwg, times
from assessments.imwg_terms import Assessment, Evaluation, Response, ResponseSettings, Values, Visit, settings_of
from assessments.times import Timeline, Times
from patients.follow_up.models import FollowUp
from patients.models import Patient
from trial import queries as ground
from trial.models import DoseLevel

from .assembly import Measured, Taken, assemble
from .models import DifferenceResolved, DiseaseAssessment, InvestigatorResponse, Measurement

NO_VALUES = Values()


@dataclass(frozen=True, slots=True)
class Seen:
    """One stored assessment with what follows from it. visit: None at baseline and before the first dose."""

    row: DiseaseAssessment
    measurements: Sequence[Measurement]
    visit: Visit | None
    said: InvestigatorResponse | None
    resolutions: Sequence[DifferenceResolved]

    @property
    def derived(self) -> Response | None:
        return self.visit.derived if self.visit else None

    @property
    def confirmed(self) -> Response | None:
        return self.visit.confirmed if self.visit else None

    @property
    def differs(self) -> bool:
        return self.said is not None and self.derived is not None and self.said.category != self.derived.value

    @property
    def resolution(self) -> DifferenceResolved | None:
        """The reason given for this very difference; another one leaves it open."""
        if not self.differs or self.said is None:
            return None
        pair = self.said.category, self.derived
        return next((one for one in reversed(self.resolutions) if (one.category, one.derived) == pair), None)

    @property
    def open(self) -> bool:
        """A difference without a reason."""
        return self.differs and self.resolution is None


@dataclass(frozen=True, slots=True)
class Course:
    """A patient's disease from baseline to the last contact. Before the first dose nothing is derived."""

    patient: Patient
    level: DoseLevel  # received, or the cohort's before the first dose
    first_dose: date | None
    follow_up: FollowUp | None
    assessments: Sequence[Seen]  # every one that stands, by visit
    baseline: Values
    evaluation: Evaluation | None
    times: Times | None
    settings: ResponseSettings
    taken: Sequence[Assessment] = ()  # after the first dose, as the rule took them; `row` is the code

    @property
    def visits(self) -> list[Seen]:
        """The assessments that have a category, by the date that it has."""
        return sorted((one for one in self.assessments if one.visit), key=_assessed_on)

    @property
    def differences(self) -> list[Seen]:
        return [one for one in self.visits if one.open]

    @property
    def unjudged(self) -> list[Seen]:
        """Assessments to which the investigator has not given his category yet."""
        return [one for one in self.visits if one.said is None]

    @property
    def last(self) -> Seen | None:
        visits = self.visits
        return visits[-1] if visits else None


def _assessed_on(seen: Seen) -> date:
    assert seen.visit is not None
    return seen.visit.date


def settings_in_force(trial: UUID) -> ResponseSettings:
    """The response settings of the protocol version in force; the defaults before the first."""
    protocol = ground.protocol(trial)
    return settings_of(protocol.settings) if protocol else ResponseSettings()


def timelines(trial: UUID, on: date, settings: ResponseSettings | None = None) -> list[Course]:
    """Every treated patient's course as known on the clinical date `on`, by first dose, then number.

    settings: those of the protocol in force if not given; a sensitivity analysis gives others.
    """
    return derived(treated(trial, on), on, settings or settings_in_force(trial))


def treated(trial: UUID, on: date) -> list[Patient]:
    """The rows that the courses of treated patients follow from, whatever the settings."""
    return list(_patients(trial).filter(treatment__first_dose_on__lte=on))


def derived(patients: Sequence[Patient], on: date, settings: ResponseSettings) -> list[Course]:
    """The courses of treated patients under `settings`, by first dose, then number."""
    found = [_course(patient, on, settings) for patient in patients]
    return sorted(found, key=lambda one: (one.first_dose or on, one.patient.number))


def course(trial: UUID, number: int, on: date, settings: ResponseSettings | None = None) -> Course | None:
    """One patient's course by number, None for an unknown one."""
    patient = _patients(trial).filter(number=number).first()
    return _course(patient, on, settings or settings_in_force(trial)) if patient else None


def course_of(trial: UUID, patient: UUID, on: date) -> Course | None:
    """One patient's course by id, under the settings in force."""
    found = _patients(trial).filter(pk=patient).first()
    return _course(found, on, settings_in_force(trial)) if found else None


def differences(trial: UUID, on: date) -> list[tuple[Course, Seen]]:
    """Every difference between derived and investigator's category that waits for a reason.

    Derived only for patients of whom an investigator has said anything.
    """
    asked = InvestigatorResponse.objects.filter(trial=trial, voided=False, assessment__voided=False)
    patients = set(asked.values_list("assessment__patient", flat=True))
    if not patients:
        return []
    settings = settings_in_force(trial)
    found = [_course(p, on, settings) for p in _patients(trial).filter(pk__in=patients)]
    return [(one, seen) for one in found for seen in one.differences]


def assessment(trial: UUID, number: int) -> DiseaseAssessment | None:
    """One assessment by number, voided ones too, with every measurement that was ever entered."""
    return (
        DiseaseAssessment.objects.filter(trial=trial, number=number)
        .select_related("patient__site", "patient__treatment")
        .prefetch_related("measurements")
        .first()
    )


def _patients(trial: UUID) -> QuerySet[Patient]:
    assessments = (
        DiseaseAssessment.objects.filter(voided=False)
        .select_related("investigator__by")
        .prefetch_related(
            Prefetch("measurements", Measurement.objects.filter(voided=False)),
            Prefetch("resolutions", DifferenceResolved.objects.select_related("by")),
        )
    )
    return (
        Patient.objects.filter(trial=trial, voided=False)
        .select_related("trial", "site", "cohort__dose_level", "treatment__received_level", "follow_up")
        .prefetch_related(Prefetch("disease_assessments", assessments))
        .order_by("number")
    )


def _course(patient: Patient, on: date, settings: ResponseSettings) -> Course:
    treatment = getattr(patient, "treatment", None)
    follow_up: FollowUp | None = getattr(patient, "follow_up", None)
    rows = [row for row in patient.disease_assessments.all() if row.visit_on <= on]
    first_dose = treatment.first_dose_on if treatment and treatment.first_dose_on <= on else None
    if treatment is None or first_dose is None:
        seen = [_seen(row, {}) for row in rows]
        return Course(patient, patient.cohort.dose_level, None, follow_up, seen, NO_VALUES, None, None, settings)
    assembled = assemble([_taken(row, on) for row in rows], first_dose, settings)
    therapy = follow_up.new_therapy_on if follow_up else None
    evaluation = imwg.evaluate(
        assembled.baseline, assembled.assessments, settings, therapy if therapy and therapy <= on else None
    )
    visits = {visit.row: visit for visit in evaluation.visits}
    return Course(
        patient=patient,
        level=treatment.received_level,
        first_dose=first_dose,
        follow_up=follow_up,
        assessments=[_seen(row, visits) for row in rows],
        baseline=assembled.baseline,
        evaluation=evaluation,
        times=times.times(_timeline(first_dose, evaluation, follow_up, on), settings),
        settings=settings,
        taken=assembled.assessments,
    )


def _timeline(first_dose: date, evaluation: Evaluation, follow_up: FollowUp | None, on: date) -> Timeline:
    assessments = times.given(evaluation.visits)
    if follow_up is None:
        return Timeline(start_of_therapy=first_dose, assessments=assessments, data_cutoff=on)
    unknown = FollowUp.Cause.UNKNOWN
    return Timeline(
        start_of_therapy=first_dose,
        assessments=assessments,
        new_therapy_date=follow_up.new_therapy_on,
        death_date=follow_up.died_on,
        death_cause=follow_up.death_cause if follow_up.death_cause not in ("", unknown) else None,
        last_contact_date=follow_up.last_contact_on,
        data_cutoff=on,
    )


def _seen(row: DiseaseAssessment, visits: dict[str | None, Visit]) -> Seen:
    said = getattr(row, "investigator", None)
    return Seen(
        row=row,
        measurements=list(row.measurements.all()),
        visit=visits.get(row.code),
        said=said if said and not said.voided else None,
        resolutions=list(row.resolutions.all()),
    )


def _taken(row: DiseaseAssessment, on: date) -> Taken:
    return Taken(row=row.code, visit_on=row.visit_on, measured=tuple(_measured(row.measurements.all(), on)))


def _measured(rows: Iterable[Measurement], on: date) -> Iterable[Measured]:
    for row in rows:
        if row.sampled_on <= on:
            yield Measured(
                parameter=row.parameter,
                sampled_on=row.sampled_on,
                value=None if row.canonical is None else Decimal(f"{row.canonical.normalize():f}"),
                below=row.state == Measurement.State.BELOW,
                answer=row.answer,
            )

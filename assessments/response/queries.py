"""The response of each patient, derived on each read: pages read it live, endpoint runs under `ledger.standing`.

    timelines(trial, on, settings)  every treated patient, in order of first dose
    course(trial, number, on)       one patient, also before the first dose

A flat number of queries, however many patients. Nothing that was derived is stored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from assessments import imwg, times
from assessments.imwg_derive import Derived, derive
from assessments.imwg_measure import Start
from assessments.imwg_terms import (
    Assessment,
    CategorySettings,
    Evaluation,
    Response,
    ResponseSettings,
    Values,
    Visit,
    settings_of,
)
from assessments.times import Timeline, Times
from patients.follow_up.models import FollowUp
from patients.models import Patient
from trial import queries as ground
from trial.models import DoseLevel

from .assembly import Assembled, Measured, Taken, assemble
from .models import DifferenceResolved, DiseaseAssessment, InvestigatorResponse, Measurement

Row = TypeVar("Row", bound=Model)
NO_VALUES = Values()


@dataclass(frozen=True, slots=True)
class Rows:
    """A patient with the rows that his course follows from. measurements, resolutions: by assessment."""

    patient: Patient
    follow_up: FollowUp | None
    assessments: Sequence[DiseaseAssessment]  # every one that stands, by visit
    measurements: Mapping[UUID, Sequence[Measurement]]
    resolutions: Mapping[UUID, Sequence[DifferenceResolved]]

    def until(self, on: date) -> list[DiseaseAssessment]:
        return [row for row in self.assessments if row.visit_on <= on]


@dataclass(frozen=True, slots=True)
class Judged:
    """A treated patient with the category of each assessment, before confirmation."""

    rows: Rows
    first_dose: date
    assembled: Assembled
    start: Start
    categories: Sequence[Derived]


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
    settings = settings or settings_in_force(trial)
    return derived(judged(treated(trial, on), on, settings), on, settings)


def treated(trial: UUID, on: date) -> list[Rows]:
    """The rows that the courses of treated patients follow from, whatever the settings."""
    return treated_of(_patients(trial), on)


def treated_of(patients: Iterable[Patient], on: date) -> list[Rows]:
    """Of patients that were read already, with their treatments."""
    return _rows([patient for patient in patients if first_dose(patient, on)])


def judged(rows: Iterable[Rows], on: date, settings: CategorySettings) -> list[Judged]:
    """Treated patients with the categories of their assessments; all settings alike in `of_categories` share them."""
    return [_judged(one, on, settings) for one in rows]


def derived(patients: Iterable[Judged], on: date, settings: ResponseSettings) -> list[Course]:
    """The courses of treated patients under `settings`, by first dose, then number."""
    found = [_treated(one, on, settings) for one in patients]
    return sorted(found, key=lambda one: (one.first_dose or on, one.patient.number))


def course(trial: UUID, number: int, on: date, settings: ResponseSettings | None = None) -> Course | None:
    """One patient's course by number, None for an unknown one."""
    found = _rows(_patients(trial).filter(number=number))
    return _course(found[0], on, settings or settings_in_force(trial)) if found else None


def course_of(trial: UUID, patient: UUID, on: date) -> Course | None:
    """One patient's course by id, under the settings in force."""
    found = _rows(_patients(trial).filter(pk=patient))
    return _course(found[0], on, settings_in_force(trial)) if found else None


def differences(trial: UUID, on: date) -> list[tuple[Course, Seen]]:
    """Every difference between derived and investigator's category that waits for a reason.

    Derived only for patients of whom an investigator has said anything.
    """
    asked = InvestigatorResponse.objects.filter(trial=trial, voided=False, assessment__voided=False)
    patients = set(asked.values_list("assessment__patient", flat=True))
    if not patients:
        return []
    settings = settings_in_force(trial)
    found = [_course(one, on, settings) for one in _rows(_patients(trial).filter(pk__in=patients))]
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
    return (
        Patient.objects.filter(trial=trial, voided=False)
        .select_related("trial", "site", "cohort__dose_level", "treatment__received_level")
        .order_by("number")
    )


def _rows(patients: Iterable[Patient]) -> list[Rows]:
    """With their assessments. Grouped here: a prefetch makes a manager and a query for each row that has others."""
    found = list(patients)
    if not found:
        return []
    visits = DiseaseAssessment.objects.filter(patient__in=found, voided=False).select_related("investigator__by")
    # All are of one trial, and by it the rows are found without reading those of all others.
    of_visits = {"trial": found[0].trial_id, "assessment__patient__in": found, "assessment__voided": False}
    measurements = _by(Measurement.objects.filter(**of_visits, voided=False), "assessment_id")
    resolutions = _by(DifferenceResolved.objects.filter(**of_visits).select_related("by"), "assessment_id")
    rows = _by(visits, "patient_id")
    follow_ups = {row.patient_id: row for row in FollowUp.objects.filter(patient__in=found)}
    return [
        Rows(patient, follow_ups.get(patient.pk), rows.get(patient.pk, []), measurements, resolutions)
        for patient in found
    ]


def _by(rows: Iterable[Row], field: str) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(getattr(row, field), []).append(row)
    return found


def first_dose(patient: Patient, on: date) -> date | None:
    treatment = getattr(patient, "treatment", None)
    return treatment.first_dose_on if treatment and treatment.first_dose_on <= on else None


def _course(rows: Rows, on: date, settings: ResponseSettings) -> Course:
    patient = rows.patient
    if first_dose(patient, on) is None:
        seen = [_seen(row, rows, {}) for row in rows.until(on)]
        level, follow_up = patient.cohort.dose_level, rows.follow_up
        return Course(patient, level, None, follow_up, seen, NO_VALUES, None, None, settings)
    return _treated(_judged(rows, on, settings), on, settings)


def _judged(rows: Rows, on: date, settings: CategorySettings) -> Judged:
    start_of_therapy = first_dose(rows.patient, on)
    assert start_of_therapy, "a treated patient has a first dose"
    taken = [_taken(row, rows.measurements.get(row.pk, []), on) for row in rows.until(on)]
    assembled = assemble(taken, start_of_therapy, settings)
    start, categories = derive(assembled.baseline, assembled.assessments, settings)
    return Judged(rows, start_of_therapy, assembled, start, categories)


def _treated(judged: Judged, on: date, settings: ResponseSettings) -> Course:
    rows, follow_up = judged.rows, judged.rows.follow_up
    therapy = follow_up.new_therapy_on if follow_up else None
    evaluation = imwg.conclude(
        judged.start, judged.categories, settings, therapy if therapy and therapy <= on else None
    )
    visits = {visit.row: visit for visit in evaluation.visits}
    return Course(
        patient=rows.patient,
        level=rows.patient.treatment.received_level,
        first_dose=judged.first_dose,
        follow_up=follow_up,
        assessments=[_seen(row, rows, visits) for row in rows.until(on)],
        baseline=judged.assembled.baseline,
        evaluation=evaluation,
        times=times.times(_timeline(judged.first_dose, evaluation, follow_up, on), settings),
        settings=settings,
        taken=judged.assembled.assessments,
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


def _seen(row: DiseaseAssessment, rows: Rows, visits: dict[str | None, Visit]) -> Seen:
    said = getattr(row, "investigator", None)
    return Seen(
        row=row,
        measurements=rows.measurements.get(row.pk, []),
        visit=visits.get(row.code),
        said=said if said and not said.voided else None,
        resolutions=rows.resolutions.get(row.pk, []),
    )


def _taken(row: DiseaseAssessment, measurements: Iterable[Measurement], on: date) -> Taken:
    return Taken(row=row.code, visit_on=row.visit_on, measured=tuple(_measured(measurements, on)))


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

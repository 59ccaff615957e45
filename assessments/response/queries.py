"""The response of each patient, derived on each read: pages read it live, endpoint runs under `ledger.standing`.

    timelines(trial, on, settings)  every treated patient, in order of first dose
    course(trial, number, on)       one patient, also before the first dose
    known(patients, on)             the answers alone, for endpoint runs

A flat number of queries, however many patients. Nothing that was derived is stored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from assessments.count.queries import grouped
from assessments.times import Alive, Times
from patients.follow_up.models import FollowUp
from patients.models import Patient
from trial import clock, protocol_settings
from trial import queries as ground
from trial.clock import Today
from trial.models import DoseLevel
from trial.protocol_settings import ProtocolSettings

from ..imwg.terms import Assessment, Evaluation, Response, ResponseSettings, Values, Visit, settings_of
from . import alive
from .assembly import Measured, Taken
from .derivation import Known, concluded, judged
from .models import DifferenceResolved, DiseaseAssessment, InvestigatorResponse, Measurement, QuestionAnswered

NO_VALUES = Values()


@dataclass(frozen=True, slots=True)
class Rows:
    """A patient with the rows that his course follows from. measurements, resolutions, answers: by assessment.

    alive: days on which events and samples show him alive.
    """

    patient: Patient
    follow_up: FollowUp | None
    assessments: Sequence[DiseaseAssessment]  # every one that stands, by visit
    measurements: Mapping[UUID, Sequence[Measurement]]
    resolutions: Mapping[UUID, Sequence[DifferenceResolved]]
    answers: Mapping[UUID, Sequence[QuestionAnswered]]
    alive: Sequence[Alive]

    def until(self, on: date) -> list[DiseaseAssessment]:
        return [row for row in self.assessments if row.visit_on <= on]


@dataclass(frozen=True, slots=True)
class Seen:
    """One stored assessment with what follows from it. visit: None at baseline and before the first dose.

    belongs_to: the code of the assessment whose category its samples, taken within a week, are part of; "" for none.
    """

    row: DiseaseAssessment
    measurements: Sequence[Measurement]
    visit: Visit | None
    said: InvestigatorResponse | None
    resolutions: Sequence[DifferenceResolved]
    answers: Sequence[QuestionAnswered] = ()
    belongs_to: str = ""

    def of_baseline(self, first_dose: date) -> bool:
        """Whether it may be the baseline of this first dose, as far as a visit until then is one."""
        past = [one.baseline_until is not None and one.baseline_until < first_dose for one in self.measurements]
        return self.row.visit_on <= first_dose and not (past and all(past))

    @property
    def questions(self) -> list[str]:
        """What the site is asked about it and has not answered: an answer holds for this very question only."""
        answered = {one.question for one in self.answers}
        return [one for one in (self.visit.asks if self.visit else ()) if one not in answered]

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


def in_force(trial: UUID) -> ProtocolSettings:
    """The settings of the protocol version in force; the defaults before the first."""
    version = ground.versions(trial).first()
    return protocol_settings.from_json(version.settings) if version else ProtocolSettings()


def settings_in_force(trial: UUID) -> ResponseSettings:
    """Of these, what response is judged by."""
    return settings_of(in_force(trial))


def timelines(trial: UUID, on: date | Today, settings: ResponseSettings | None = None) -> list[Course]:
    """Every treated patient's course as it is known, by first dose, then number.

    on: today in the trial and at its sites, whose facts count as they are dated there; or the date of a cut.
    settings: those of the protocol in force if not given; a sensitivity analysis gives others.
    """
    return timelines_read(_patients(trial), on, settings or settings_in_force(trial))


def timelines_read(patients: Iterable[Patient], on: date | Today, settings: ResponseSettings) -> list[Course]:
    """The same of patients who were read already, with their treatments and sites."""
    treated = [patient for patient in patients if first_dose(patient, _until(patient, on))]
    found = [_course(one, on, settings) for one in _rows(treated)]
    return sorted(found, key=lambda one: (one.first_dose or date.max, one.patient.number))


def known(patients: Iterable[Patient], on: date) -> list[Known]:
    """What is known of the treated ones among patients that were read already, by first dose, then number.

    Values alone: nobody looks at the rows, and to make a model of each measurement takes longer than to judge it.
    """
    found = [patient for patient in patients if first_dose(patient, on)]
    if not found:
        return []
    visits = DiseaseAssessment.objects.filter(patient__in=found, voided=False, visit_on__lte=on)
    rows = Measurement.objects.filter(**_of_visits(found), voided=False, sampled_on__lte=on).order_by()
    answers: dict[UUID, list[Measured]] = {}
    for visit, *columns in rows.values_list("assessment", *MEASURED):
        answers.setdefault(visit, []).append(_measured(*columns))
    taken: dict[UUID, list[Taken]] = {}
    for row in visits:
        measured = answers.get(row.pk, [])
        taken.setdefault(row.patient_id, []).append(Taken(row=row.code, visit_on=row.visit_on, measured=measured))
    follow_ups, lived = _follow_ups(found), alive.of_patients(found)
    found.sort(key=lambda one: (one.treatment.first_dose_on, one.number))
    return [
        Known(
            patient=one,
            first_dose=one.treatment.first_dose_on,
            follow_up=follow_ups.get(one.pk),
            visits=taken.get(one.pk, []),
            alive=lived.get(one.pk, []),
        )
        for one in found
    ]


def course(trial: UUID, number: int, on: date | Today, settings: ResponseSettings | None = None) -> Course | None:
    """One patient's course by number, None for an unknown one."""
    found = _rows(_patients(trial).filter(number=number))
    return _course(found[0], on, settings or settings_in_force(trial)) if found else None


def course_read(patient: Patient, on: date | Today, settings: ResponseSettings) -> Course:
    """The course of a patient who was read already, with his treatment."""
    return _course(_rows([patient])[0], on, settings)


def course_of(trial: UUID, patient: UUID, on: date | Today) -> Course | None:
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
        .select_related("patient__site", "patient__treatment_row")
        .prefetch_related("measurements")
        .first()
    )


def _patients(trial: UUID) -> QuerySet[Patient]:
    return (
        Patient.objects.filter(trial=trial, voided=False)
        .select_related("trial", "site", "cohort__dose_level", "treatment_row__received_level")
        .order_by("number")
    )


def _rows(patients: Iterable[Patient]) -> list[Rows]:
    """With their assessments."""
    found = list(patients)
    if not found:
        return []
    visits = DiseaseAssessment.objects.filter(patient__in=found, voided=False).select_related("investigator__by")
    of_visits = _of_visits(found)
    measurements = grouped(Measurement.objects.filter(**of_visits, voided=False), "assessment_id")
    resolutions = grouped(DifferenceResolved.objects.filter(**of_visits).select_related("by"), "assessment_id")
    answers = grouped(QuestionAnswered.objects.filter(**of_visits).select_related("by"), "assessment_id")
    rows = grouped(visits, "patient_id")
    follow_ups, lived = _follow_ups(found), alive.of_patients(found)
    return [
        Rows(
            patient=patient,
            follow_up=follow_ups.get(patient.pk),
            assessments=rows.get(patient.pk, []),
            measurements=measurements,
            resolutions=resolutions,
            answers=answers,
            alive=lived.get(patient.pk, []),
        )
        for patient in found
    ]


def _of_visits(patients: Sequence[Patient]) -> dict[str, Any]:
    """All are of one trial, and by it the rows are found without reading those of all others."""
    return {"trial": patients[0].trial_id, "assessment__patient__in": patients, "assessment__voided": False}


def _follow_ups(patients: Sequence[Patient]) -> dict[UUID, FollowUp]:
    return {row.patient_id: row for row in FollowUp.objects.filter(patient__in=patients)}


def first_dose(patient: Patient, on: date) -> date | None:
    treatment = getattr(patient, "treatment", None)
    return treatment.first_dose_on if treatment and treatment.first_dose_on <= on else None


def _until(patient: Patient, on: date | Today) -> date:
    """The day up to which his facts are known: what his site dated ahead of the trial's date is."""
    today = clock.day(on)
    return max(today.on, today.at(patient.site.time_zone))


def _course(rows: Rows, today: date | Today, settings: ResponseSettings) -> Course:
    patient, on = rows.patient, _until(rows.patient, today)
    first = first_dose(patient, on)
    if first is None:
        seen = [_seen(row, rows, {}, {}) for row in rows.until(on)]
        level, follow_up = patient.cohort.dose_level, rows.follow_up
        return Course(patient, level, None, follow_up, seen, NO_VALUES, None, None, settings)
    taken = [_taken(row, rows.measurements.get(row.pk, []), on) for row in rows.until(on)]
    known = Known(patient, first, rows.follow_up, taken, rows.alive)
    found = concluded(judged(known, settings), on, settings)
    visits = {visit.row: visit for visit in found.evaluation.visits}
    return Course(
        patient=patient,
        level=patient.treatment.received_level,
        first_dose=first,
        follow_up=rows.follow_up,
        assessments=[_seen(row, rows, visits, found.judged.assembled.joined) for row in rows.until(on)],
        baseline=found.judged.assembled.baseline,
        evaluation=found.evaluation,
        times=found.times,
        settings=settings,
        taken=found.judged.assembled.assessments,
    )


def _seen(row: DiseaseAssessment, rows: Rows, visits: dict[str | None, Visit], joined: Mapping[str, str]) -> Seen:
    said = getattr(row, "investigator", None)
    return Seen(
        row=row,
        measurements=rows.measurements.get(row.pk, []),
        visit=visits.get(row.code),
        said=said if said and not said.voided else None,
        resolutions=rows.resolutions.get(row.pk, []),
        answers=rows.answers.get(row.pk, []),
        belongs_to=joined.get(row.code, ""),
    )


MEASURED = ("parameter", "sampled_on", "state", "canonical", "answer", "baseline_until")


def _taken(row: DiseaseAssessment, measurements: Iterable[Measurement], on: date) -> Taken:
    answers = [_measured(*(getattr(one, name) for name in MEASURED)) for one in measurements if one.sampled_on <= on]
    return Taken(row=row.code, visit_on=row.visit_on, measured=answers)


def _measured(
    parameter: str, sampled_on: date, state: str, canonical: Decimal | None, answer: str, baseline_until: date | None
) -> Measured:
    return Measured(
        parameter=parameter,
        sampled_on=sampled_on,
        value=None if canonical is None else Decimal(f"{canonical.normalize():f}"),
        below=state == Measurement.State.BELOW,
        answer=answer,
        baseline_until=baseline_until,
    )

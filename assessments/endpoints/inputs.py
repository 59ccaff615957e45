"""The treated patients of a trial as the efficacy analysis takes them, from their derived courses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from assessments import queries, times
from assessments.imwg_terms import CategorySettings, settings_of
from assessments.response import queries as response
from assessments.response.queries import Course, Judged, Rows
from trial.protocol_settings import ProtocolSettings
from trial.queries import Protocol

from .subjects import Subject, Time

COUNTED = ("dlt", "no_dlt")  # outcomes of the set "DLT-evaluable"


@dataclass(frozen=True, slots=True)
class Found:
    """levels: labels of the dose levels that somebody received, the lowest dose first."""

    subjects: Sequence[Subject]
    levels: Sequence[str]


@dataclass(frozen=True, slots=True)
class Records:
    """What every set of settings is computed from, read once.

    judged: under the protocol's settings; `of_categories` says which sets share them.
    counted: the patients who count for the DLT rule.
    """

    patients: Sequence[Rows]
    judged: Sequence[Judged]
    of_categories: CategorySettings
    counted: Collection[UUID]
    ladder: Sequence[str]


def read(trial: UUID, on: date, protocol: Protocol) -> Records:
    """The rows of every treated patient."""
    records = queries.records(trial)
    patients = response.treated_of(records.patients, on)
    settings = settings_of(protocol.settings).of_categories
    return Records(
        patients=patients,
        judged=response.judged(patients, on, settings),
        of_categories=settings,
        counted={facts.patient.pk for facts in queries.derived(records, on) if facts.outcome in COUNTED},
        ladder=[level.label for level in protocol.levels],
    )


def derived(records: Records, on: date, settings: ProtocolSettings) -> Found:
    """Every treated patient under `settings`, in order of first dose."""
    chosen = settings_of(settings)
    alike = chosen.of_categories == records.of_categories
    judged = records.judged if alike else response.judged(records.patients, on, chosen)
    courses = response.derived(judged, on, chosen)
    ladder = records.ladder
    received = list(dict.fromkeys(course.level.label for course in courses))
    return Found(
        subjects=[_subject(course, course.patient.pk in records.counted) for course in courses],
        levels=[label for label in ladder if label in received] + [label for label in received if label not in ladder],
    )


def _subject(course: Course, dlt_evaluable: bool) -> Subject:
    assert course.first_dose and course.evaluation and course.times, "a treated patient has a course"
    best = course.times.best_confirmed
    found = course.times
    return Subject(
        number=course.patient.number,
        level=course.level.label,
        first_dose_on=course.first_dose,
        dlt_evaluable=dlt_evaluable,
        response_evaluable=course.evaluation.evaluable,
        best_confirmed=best.response.value,
        best_confirmed_on=best.date,
        best_unconfirmed=course.evaluation.best_unconfirmed.response.value,
        times={
            "TTP": _time(found.ttp),
            "PFS": _time(found.pfs),
            "TTR": _time(found.ttr),
            "DOR": _time(found.dor) if found.dor else None,
            "OS": _time(found.os),
        },
    )


def _time(found: times.Time) -> Time:
    return Time(event=int(found.event), days=found.days, because=found.because)

"""The treated patients of a trial as the efficacy analysis takes them, from their derived courses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from assessments import times
from assessments.count import queries
from assessments.response import queries as response
from assessments.response.derivation import Concluded, Judged, Known, concluded, judged
from trial.protocol_settings import ProtocolSettings
from trial.queries import Protocol

from ..imwg.terms import CategorySettings, settings_of
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

    patients: Sequence[Known]
    judged: Sequence[Judged]
    of_categories: CategorySettings
    counted: Collection[UUID]
    ladder: Sequence[str]


def read(trial: UUID, on: date, protocol: Protocol) -> Records:
    """The rows of every treated patient."""
    records = queries.records(trial)
    patients = response.known(records.patients, on)
    settings = settings_of(protocol.settings).of_categories
    return Records(
        patients=patients,
        judged=[judged(patient, settings) for patient in patients],
        of_categories=settings,
        counted={facts.patient.pk for facts in queries.derived(records, on) if facts.outcome in COUNTED},
        ladder=[level.label for level in protocol.levels],
    )


def derived(records: Records, on: date, settings: ProtocolSettings) -> Found:
    """Every treated patient under `settings`, in order of first dose."""
    chosen = settings_of(settings)
    alike = chosen.of_categories == records.of_categories
    categories = records.judged if alike else [judged(patient, chosen) for patient in records.patients]
    subjects = [_subject(concluded(one, on, chosen), records.counted) for one in categories]
    ladder = records.ladder
    received = list(dict.fromkeys(subject.level for subject in subjects))
    return Found(
        subjects=subjects,
        levels=[label for label in ladder if label in received] + [label for label in received if label not in ladder],
    )


def _subject(course: Concluded, counted: Collection[UUID]) -> Subject:
    patient, found = course.judged.known.patient, course.times
    best = found.best_confirmed
    return Subject(
        number=patient.number,
        level=patient.treatment.received_level.label,
        first_dose_on=patient.treatment.first_dose_on,
        dlt_evaluable=patient.pk in counted,
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

"""The treated patients of a trial as the efficacy analysis takes them, from their derived courses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from assessments import times
from assessments.count import queries
from assessments.imwg import rule as imwg
from assessments.response import queries as response
from assessments.response.derivation import Concluded, Known, concluded, judged
from trial.protocol_settings import ProtocolSettings
from trial.queries import Protocol

from ..imwg.terms import ResponseSettings, settings_of
from .settings_sets import OF
from .subjects import TIMES, Subject, Time

RULES = {"response": imwg.VERSION, "times": times.VERSION}  # stored with each run
COUNTED = ("dlt", "no_dlt")  # outcomes of the set "DLT-evaluable"


@dataclass(frozen=True, slots=True)
class Found:
    """levels: labels of the dose levels that somebody received, the lowest dose first."""

    subjects: Sequence[Subject]
    levels: Sequence[str]


@dataclass(frozen=True, slots=True)
class Records:
    """What every set of settings is computed from, read once.

    courses: under `primary`, the protocol's settings; sets that are alike in `of_categories` share their categories.
    counted: the patients who count for the DLT rule.
    """

    patients: Sequence[Known]
    courses: Sequence[Concluded]
    primary: ResponseSettings
    counted: Collection[UUID]
    ladder: Sequence[str]


def read(trial: UUID, on: date, protocol: Protocol) -> Records:
    """The rows of every treated patient."""
    records = queries.records(trial)
    counted = {facts.patient.pk for facts in queries.derived(records, on) if facts.outcome in COUNTED}
    return records_of(response.known(records.patients, on), on, protocol, counted)


def records_of(patients: Sequence[Known], on: date, protocol: Protocol, counted: Collection[UUID]) -> Records:
    """The same of patients that were read already."""
    settings = settings_of(protocol.settings)
    return Records(
        patients=patients,
        courses=[concluded(judged(patient, settings.of_categories), on, settings) for patient in patients],
        primary=settings,
        counted=counted,
        ladder=[level.label for level in protocol.levels],
    )


def derived(records: Records, on: date, settings: ProtocolSettings) -> Found:
    """Every treated patient, in order of first dose. Settings other than the protocol's are those of OF alone."""
    chosen = settings_of(settings)
    turned = [course.times for course in records.courses]
    if chosen != records.primary:
        alike = chosen.of_categories == records.primary.of_categories
        judgements = (
            (course.judged for course in records.courses)
            if alike
            else (judged(patient, chosen) for patient in records.patients)
        )
        turned = [concluded(one, on, chosen).times for one in judgements]
    subjects = [_subject(*pair, records.counted) for pair in zip(records.courses, turned, strict=True)]
    ladder = records.ladder
    received = list(dict.fromkeys(subject.level for subject in subjects))
    return Found(
        subjects=subjects,
        levels=[label for label in ladder if label in received] + [label for label in received if label not in ladder],
    )


def _subject(course: Concluded, turned: times.Times, counted: Collection[UUID]) -> Subject:
    patient = course.judged.known.patient
    best = course.times.best_confirmed
    own, of_turned = _times(course.times), _times(turned)
    return Subject(
        number=patient.number,
        level=patient.treatment.received_level.label,
        first_dose_on=patient.treatment.first_dose_on,
        dlt_evaluable=patient.pk in counted,
        response_evaluable=course.evaluation.evaluable,
        assessed=bool(course.evaluation.visits),
        best_confirmed=best.response.value,
        best_confirmed_on=best.date,
        best_unconfirmed=course.evaluation.best_unconfirmed.response.value,
        times={name: (of_turned if name in OF else own)[name] for name in TIMES},
    )


def _times(found: times.Times) -> dict[str, Time | None]:
    return {
        "TTP": _time(found.ttp),
        "PFS": _time(found.pfs),
        "TTR": _time(found.ttr),
        "DOR": _time(found.dor) if found.dor else None,
        "OS": _time(found.os),
    }


def _time(found: times.Time) -> Time:
    return Time(event=int(found.event), days=found.days, because=found.because)

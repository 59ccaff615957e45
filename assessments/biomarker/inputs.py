"""The sub-study as its analyses take it: one assay at a time, patients with their derived courses beside the values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from assessments.endpoints import inputs as efficacy
from assessments.endpoints.subjects import Subject
from trial.protocol_settings import ProtocolSettings
from trial.queries import Protocol

from . import queries
from .models import Assay, Control, CutOff
from .queries import Participant
from .subjects import Division, Found, Measured, OneAssay, Value


@dataclass(frozen=True, slots=True)
class Records:
    """What every set of settings is computed from, read once."""

    participants: Sequence[Participant]
    assays: Sequence[Assay]
    controls: Sequence[Control]
    treated: efficacy.Records


def read(trial: UUID, on: date, protocol: Protocol) -> Records:
    """The rows of the sub-study and of every treated patient."""
    return Records(
        participants=queries.participants(trial),
        assays=queries.assays(trial),
        controls=queries.controls(trial),
        treated=efficacy.read(trial, on, protocol),
    )


def derived(records: Records, on: date, settings: ProtocolSettings) -> Found:
    """Every assay with the patients of the biomarker set: consented, and not withdrawn by the cut."""
    analysed = [participant for participant in records.participants if participant.analysed]
    subjects = {subject.number: subject for subject in efficacy.derived(records.treated, on, settings).subjects}
    return Found(
        assays=[_assay(assay, records.controls, analysed, subjects) for assay in records.assays],
        consented=len(records.participants),
        withdrawn=len(records.participants) - len(analysed),
    )


def _assay(
    assay: Assay, controls: Sequence[Control], analysed: Sequence[Participant], subjects: Mapping[int, Subject]
) -> OneAssay:
    by_purpose: dict[str, list[Division]] = {purpose: [] for purpose in CutOff.Purpose.values}
    for cut in assay.cut_offs.all():
        by_purpose[cut.purpose].append(Division(cut.value, cut.source))
    diagnostic = by_purpose[CutOff.Purpose.DIAGNOSTIC]
    if assay.normal_below is not None and all(cut.value != assay.normal_below for cut in diagnostic):
        diagnostic.insert(0, Division(assay.normal_below, assay.source))
    return OneAssay(
        name=assay.name,
        lower_limit=assay.lower_limit,
        diagnostic=diagnostic,
        prognostic=by_purpose[CutOff.Purpose.PROGNOSTIC],
        controls=[control.value for control in controls if control.assay_id == assay.pk],
        patients=[_measured(one, assay, subjects.get(one.patient.number)) for one in analysed],
    )


def _measured(one: Participant, assay: Assay, subject: Subject | None) -> Measured:
    first = subject.first_dose_on if subject else None
    return Measured(
        number=one.patient.number,
        values=[
            Value(sample.taken_on, sample.value, (sample.taken_on - first).days if first else None)
            for sample in one.samples
            if sample.assay_id == assay.pk
        ],
        subject=subject,
    )

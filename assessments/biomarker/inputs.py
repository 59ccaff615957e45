"""The sub-study as its analyses take it: one assay at a time, patients with their derived courses beside the values."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from assessments.endpoints import inputs as efficacy
from assessments.endpoints.subjects import Subject
from trial.protocol_settings import ProtocolSettings

from . import queries
from .models import Assay, Control, CutOff
from .queries import Participant
from .subjects import Division, Found, Measured, OneAssay, Value


def read(trial: UUID, on: date, settings: ProtocolSettings) -> Found:
    """Every assay with the patients of the biomarker set: consented, and not withdrawn by the cut."""
    everybody = queries.participants(trial)
    analysed = [participant for participant in everybody if participant.analysed]
    subjects = {subject.number: subject for subject in efficacy.read(trial, on, settings).subjects}
    controls = queries.controls(trial)
    return Found(
        assays=[_assay(assay, controls, analysed, subjects) for assay in queries.assays(trial)],
        consented=len(everybody),
        withdrawn=len(everybody) - len(analysed),
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

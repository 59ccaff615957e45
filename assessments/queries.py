"""What happened to whom, derived on each read: events with their DLT state, patients with their standing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from patients.models import Cohort, DoseTaken, Patient
from trial import protocol_settings
from trial.models import DoseLevel, Drug
from trial.protocol_settings import ProtocolSettings

from . import dlt
from .models import AdverseEvent, DltVerdict, Relation


@dataclass(frozen=True, slots=True)
class EventFacts:
    """An event and what follows from it for the count."""

    event: AdverseEvent
    relations: Mapping[str, str | None]  # by drug name; None is a missing answer
    suggestion: dlt.Suggestion
    verdicts: Sequence[DltVerdict]  # of the last round
    state: str  # "none", "suspected", "dlt", "not_dlt"
    onset_day: int  # day 1 = first dose

    @property
    def in_review(self) -> bool:
        return self.state == "suspected"


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

    @property
    def dosed(self) -> bool:
        return self.outcome != "not_dosed"

    @property
    def days_left(self) -> int | None:
        """Days until the window is complete, 0 once it is."""
        if self.window_day is None or self.window_days is None:
            return None
        return max(0, self.window_days + 1 - self.window_day)


def _patients(trial: UUID) -> QuerySet[Patient]:
    events = AdverseEvent.objects.filter(voided=False).prefetch_related(
        Prefetch("relations", Relation.objects.filter(voided=False).select_related("drug")),
        Prefetch("verdicts", DltVerdict.objects.select_related("by")),
    )
    return (
        Patient.objects.filter(trial=trial, voided=False)
        .select_related(
            "site", "cohort__dose_level", "treatment__received_level", "treatment__protocol", "evaluability"
        )
        .prefetch_related(
            Prefetch("events", events),
            Prefetch("doses_taken", DoseTaken.objects.filter(voided=False).select_related("drug")),
        )
    )


def facts(trial: UUID, on: date) -> list[PatientFacts]:
    """Every patient of the trial on the clinical date `on`, in order of first dose, then of number."""
    drugs = [drug.name for drug in Drug.objects.filter(trial=trial, voided=False)]
    found = [_facts(patient, drugs, on) for patient in _patients(trial)]
    return sorted(found, key=lambda f: (_first_dose(f.patient), f.patient.number))


def one(trial: UUID, number: int, on: date) -> PatientFacts | None:
    """One patient by number."""
    drugs = [drug.name for drug in Drug.objects.filter(trial=trial, voided=False)]
    patient = _patients(trial).filter(number=number).first()
    return _facts(patient, drugs, on) if patient else None


def _first_dose(patient: Patient) -> date:
    treatment = getattr(patient, "treatment", None)
    return treatment.first_dose_on if treatment else date.max

"""Reads of adverse events."""

from datetime import date
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from patients.models import DoseTaken, Treatment
from trial import protocol_settings
from trial.models import Drug

from ..models import AdverseEvent, DltVerdict, Relation
from .facts import EventFacts, amounts, event_facts


def event(trial: UUID, number: int) -> AdverseEvent | None:
    """One event by number, voided ones too, with every relation that was ever recorded."""
    return (
        AdverseEvent.objects.filter(trial=trial, number=number)
        .select_related("patient__site", "reported_by")
        .prefetch_related(Prefetch("relations", Relation.objects.select_related("drug")))
        .first()
    )


def judged() -> QuerySet[AdverseEvent]:
    """Events that were not taken back, with the relations and verdicts that their facts follow from."""
    return AdverseEvent.objects.filter(voided=False).prefetch_related(
        Prefetch("relations", Relation.objects.filter(voided=False).select_related("drug")),
        Prefetch("verdicts", DltVerdict.objects.select_related("by")),
    )


def drug_names(trial: UUID) -> list[str]:
    return [drug.name for drug in Drug.objects.filter(trial=trial, voided=False)]


def facts(event: UUID, on: date) -> EventFacts:
    """What follows from one event on the clinical date `on`."""
    row = judged().select_related("patient").get(pk=event)
    treatment = Treatment.objects.select_related("protocol").filter(patient=row.patient_id).first()
    settings = protocol_settings.from_json(treatment.protocol.settings) if treatment else None
    doses = DoseTaken.objects.filter(patient=row.patient_id, voided=False).select_related("drug")
    return event_facts(row, drug_names(row.trial_id), treatment, on, settings, amounts(list(doses)))

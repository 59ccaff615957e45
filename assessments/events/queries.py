"""Reads of adverse events."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from patients.dosing import cycles
from patients.dosing.models import DoseDay
from patients.models import DoseTaken, Treatment
from trial import protocol_settings
from trial import queries as ground
from trial.clock import Today
from trial.models import Dose, Drug
from trial.protocol_settings import ProtocolSettings

from ..exposure import window
from ..models import AdverseEvent, DltVerdict, Relation
from .facts import EventFacts, amounts, event_facts, scheduled
from .models import ActionTaken, EventGrade, SponsorAssessment, SponsorRelation


def event(trial: UUID, number: int) -> AdverseEvent | None:
    """One event by number, voided ones too, with every relation that was ever recorded."""
    return _whole(AdverseEvent.objects.filter(trial=trial, number=number))


def by_id(trial: UUID, event: UUID) -> AdverseEvent | None:
    """The same by its id."""
    return _whole(AdverseEvent.objects.filter(trial=trial, pk=event))


def _whole(found: QuerySet[AdverseEvent]) -> AdverseEvent | None:
    found = found.select_related("patient__site", "reported_by")
    return found.prefetch_related(Prefetch("relations", Relation.objects.select_related("drug"))).first()


def judged() -> QuerySet[AdverseEvent]:
    """Events that were not taken back, with the relations and verdicts that their facts follow from."""
    return AdverseEvent.objects.filter(voided=False).prefetch_related(
        Prefetch("grades", EventGrade.objects.filter(voided=False)),
        Prefetch("relations", Relation.objects.filter(voided=False).select_related("drug")),
        Prefetch("verdicts", DltVerdict.objects.select_related("by")),
    )


def with_details(events: Sequence[AdverseEvent]) -> None:
    """Read what pages show of these events beside what the count asks: four queries, however many they are."""
    prefetch_related_objects(
        events,
        Prefetch("actions", ActionTaken.objects.filter(voided=False).select_related("drug")),
        Prefetch("sponsor_relations", SponsorRelation.objects.filter(voided=False).select_related("drug")),
        Prefetch("sponsor", SponsorAssessment.objects.filter(voided=False).select_related("by")),
    )


def dose_changes(event: AdverseEvent) -> list[str]:
    """What was changed of the doses because of the event: "cycle 2: selinexor reduced, days 1–28"."""
    days = DoseDay.objects.filter(event=event, voided=False).select_related("drug")
    found: dict[tuple[int, str, str], list[int]] = {}
    for row in days:
        found.setdefault((row.cycle, row.drug.name, row.get_state_display()), []).append(row.day)
    return [
        f"cycle {cycle}: {drug} {state}, {f'day {of[0]}' if len(of) == 1 else f'days {of[0]}–{of[-1]}'}"
        for (cycle, drug, state), of in found.items()
    ]


def ctcae_version(trial: UUID) -> str:
    """The CTCAE version of the trial's protocol: its terms and grades are those of all its events."""
    protocol = ground.protocol(trial, with_doses=False)
    return protocol.settings.ctcae_version if protocol else ProtocolSettings().ctcae_version


def drugs(trial: UUID) -> dict[str, UUID]:
    """The trial's drugs by name."""
    return {drug.name: drug.pk for drug in Drug.objects.filter(trial=trial, voided=False)}


def drug_names(trial: UUID) -> list[str]:
    return list(drugs(trial))


def facts(event: UUID, today: Today) -> EventFacts:
    """What follows from one event today."""
    row = judged().select_related("patient__site").get(pk=event)
    on = today.at(row.patient.site.time_zone)
    treatment = Treatment.objects.select_related("protocol").filter(patient=row.patient_id, voided=False).first()
    settings = protocol_settings.from_json(treatment.protocol.settings) if treatment else None
    doses = DoseTaken.objects.filter(patient=row.patient_id, voided=False).select_related("drug")
    names, taken, schedules, missed = drug_names(row.trial_id), amounts(list(doses)), {}, None
    if treatment and settings:
        planned = list(Dose.objects.filter(dose_level=treatment.received_level_id, voided=False).select_related("drug"))
        schedules, said = scheduled(planned, settings), cycles.of_patient(row.patient_id)
        if said.doses:
            given = cycles.course(treatment, planned, said, settings)
            others = judged().filter(patient=row.patient_id)
            seen = window.window(given, settings.window_days, others, names)
            taken, missed = window.beside_totals(seen.taken, given, taken), seen.missed
    return event_facts(row, names, treatment, on, settings, taken, schedules, missed=missed)

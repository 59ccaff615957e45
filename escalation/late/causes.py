"""The action that brought a late change: who did it and when, and the adverse event that it was about."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from assessments.models import AdverseEvent
from trial.models import AuditEvent, RowImage

OF_EVENTS = ("assessments_adverseevent", "assessments_dltverdict", "assessments_relation")


@dataclass(frozen=True, slots=True)
class Cause:
    action: AuditEvent
    event: AdverseEvent | None  # None: a dosing, a treatment, an evaluability, or the day alone


def causes(trial: UUID, numbers: Collection[int]) -> Mapping[int, Cause]:
    """By the number of the action. Three queries, however many there are."""
    actions = AuditEvent.objects.filter(ledger__trial=trial, number__in=numbers).select_related("by").defer("body")
    images = RowImage.objects.filter(ledger__trial=trial, number__in=numbers, table__in=OF_EVENTS)
    about: dict[int, UUID] = {}
    for number, table, row, event in images.order_by("seq").values_list("number", "table", "row", "image__event_id"):
        about[number] = row if table == "assessments_adverseevent" else UUID(event)
    events = AdverseEvent.objects.filter(trial=trial).in_bulk(set(about.values()))
    return {
        action.number: Cause(action, events.get(about[action.number]) if action.number in about else None)
        for action in actions
    }

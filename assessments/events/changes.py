"""What was changed in an event, by whom and why: from the images of its row and its relations.

The readers' verdicts are rows of their own and no part of it: a history must not tell one reader of another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from patients.queries import Entry, history
from trial import instants, verbs
from trial.dates import Partial, shown
from trial.models import Audited, AuditEvent
from trial.record.values import said

from ..event_words import Action, Criterion, Degree, Outcome
from ..models import AdverseEvent, Relation
from .models import ActionTaken, EventGrade, SponsorRelation
from .report import EventReport

FIELDS = {
    "term": "Event",
    "specified": "In words",
    "grade": "Grade",
    "onset_on": "Onset",
    "ended_on": "End",
    "outcome": "Outcome",
    "serious": "Serious",
    "serious_criteria": "Why serious",
    "narrative": "What happened",
    "aware_on": "Aware on",
    "aware_at": "Aware at",
    "sent_at": "Told to the sponsor",
    "suspected": "Suspected by the investigator",
    "delays_cycle_2": "Cycle 2 held for it",
    "doses_missed": "Doses missed for it",
    "lowest_value": "Lowest value",
    "peak_value": "Peak value",
    "peak_unit": "Unit of the peak",
    "peak_uln": "Upper limit of normal",
    "unusual": "Why the unlikely peak stands",
    "qualifiers": "Answers",
    "voided": "Voided",
}
OF_THE_CASE = {"received_at": "Received by the sponsor"}  # what no report of the event says


@dataclass(frozen=True, slots=True)
class Change:
    """One action on the event: (what, before, after) of each field that it changed."""

    action: AuditEvent
    rows: Sequence[tuple[str, str, str]]

    @property
    def who(self) -> str:
        return self.action.by.name if self.action.by else "the system"

    @property
    def verb(self) -> str:
        return verbs.verb(self.action.verb)


def changes(trial: UUID, event: AdverseEvent) -> list[Change]:
    """Each action on the event, the latest first."""
    parts = _parts(event)
    found: dict[int, tuple[AuditEvent, list[tuple[str, str, str]]]] = {}
    for entry in history(trial, [event, *(part.row for part in parts.values())]).entries:
        rows = found.setdefault(entry.event.number, (entry.event, []))[1]
        if entry.row == event.pk:
            rows.extend(_fields(entry))
            continue
        part = parts[entry.row]
        before, after = part.said(entry.was), part.said(entry.now)
        if before != after:
            rows.append((part.label, before, after))
    return [Change(action, rows) for _, (action, rows) in sorted(found.items(), reverse=True)]


def _fields(entry: Entry) -> list[tuple[str, str, str]]:
    was = entry.was or {}
    return [
        (label, before, after)
        for name, label in (FIELDS | OF_THE_CASE).items()
        if (before := _value(was, name)) != (after := _value(entry.now, name))
        and (entry.was is not None or after not in ("–", "no"))
    ]


def _value(of: Any, name: str) -> str:
    """A column of an image, a row or a report in words; of an onset as much as is known."""

    def get(column: str) -> Any:
        return of.get(column) if isinstance(of, Mapping) else getattr(of, column, None)

    known, value = get("onset_known") if name == "onset_on" else None, get(name)
    if known and value:
        return Partial(value if isinstance(value, date) else date.fromisoformat(value), known).shown
    if name in ("aware_at", "sent_at", "received_at") and value:
        return instants.shown(value if isinstance(value, datetime) else datetime.fromisoformat(value), "UTC")
    if name == "outcome" and value:
        return str(Outcome(value).label).lower()
    if name == "serious_criteria" and value:
        return ", ".join(str(Criterion(one).label).lower() for one in value)
    return said(value)


@dataclass(frozen=True, slots=True)
class Part:
    """A row that hangs on the event, with what its column says in words."""

    row: Audited
    label: str
    column: str
    words: Mapping[str, str]

    def said(self, image: Mapping[str, Any] | None) -> str:
        if image is None or image["voided"]:
            return "–"
        value = image[self.column]
        return self.words.get(value, "") or (f"grade {value}" if value else "not given yet")


DEGREES = {value: str(label).lower() for value, label in Degree.choices}
ACTIONS = {value: str(label).lower() for value, label in Action.choices}


def _parts(event: AdverseEvent) -> dict[UUID, Part]:
    """The rows of the event by id, voided ones too: its grades over time, and what is said of each drug."""
    grades = EventGrade.objects.filter(event=event).order_by("on")
    actions = ActionTaken.objects.filter(event=event).select_related("drug")
    sponsor = SponsorRelation.objects.filter(event=event).select_related("drug")
    found = [
        *(Part(row, f"Grade from {shown(row.on)}", "grade", {}) for row in grades),
        *(Part(row, f"Related to {row.drug.name}", "degree", DEGREES) for row in event.relations.all()),
        *(Part(row, f"Related to {row.drug.name}, by the sponsor", "degree", DEGREES) for row in sponsor),
        *(Part(row, f"Done about {row.drug.name}", "action", ACTIONS) for row in actions),
    ]
    return {part.row.pk: part for part in found}


def difference(
    trial: UUID, event: AdverseEvent, seen: int, typed: EventReport | None = None
) -> list[tuple[str, str, str, str]]:
    """(what, as the person opened it, as it is now, as he typed it) of what somebody else changed meanwhile."""
    parts = _parts(event).values()
    past = history(trial, [event, *(part.row for part in parts)])
    then = past.then(event.pk, seen)
    found = [
        (label, _value(then, name), _value(event, name), _value(typed, name))
        for name, label in FIELDS.items()
        if then and _value(then, name) != _value(event, name)
    ]
    for part in parts:
        old, now = part.said(past.then(part.row.pk, seen)), part.said(vars(part.row))
        if old != now:
            found.append((part.label, old, now, _mine(part.row, typed)))
    return found


def _mine(row: Audited, typed: EventReport | None) -> str:
    """What the person typed of the same."""
    if typed is None:
        return "–"
    if isinstance(row, EventGrade):
        mine = next((step for step in typed.history if step.on == row.on), None)
        return f"grade {mine.grade}" if mine and mine.grade else "–"
    if isinstance(row, Relation):
        return DEGREES.get(typed.relations.get(row.drug_id, ""), "–")
    if isinstance(row, ActionTaken):
        return ACTIONS.get((typed.actions or {}).get(row.drug_id, ""), "–")
    return "–"

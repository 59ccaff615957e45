"""What was changed in an event, by whom and why: from the images of its row and its relations.

The readers' verdicts are rows of their own and no part of it: a history must not tell one reader of another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from patients.queries import Entry, history
from trial import verbs
from trial.dates import Partial
from trial.models import AuditEvent
from trial.record.values import said

from ..models import AdverseEvent, Relation
from .services import EventReport

FIELDS = {
    "term": "Event",
    "specified": "In words",
    "grade": "Grade",
    "onset_on": "Onset",
    "ended_on": "End",
    "serious": "Serious",
    "aware_on": "Aware on",
    "suspected": "Suspected by the investigator",
    "delays_cycle_2": "Cycle 2 held for it",
    "doses_missed": "Doses missed for it",
    "lowest_value": "Lowest value",
    "qualifiers": "Answers",
    "voided": "Voided",
}


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
    relations = {r.pk: r.drug.name for r in event.relations.all()}
    found: dict[int, tuple[AuditEvent, list[tuple[str, str, str]]]] = {}
    for entry in history(trial, [event, *event.relations.all()]).entries:
        rows = found.setdefault(entry.event.number, (entry.event, []))[1]
        if entry.row == event.pk:
            rows.extend(_fields(entry))
        elif row := _relation(entry, relations[entry.row]):
            rows.append(row)
    return [Change(action, rows) for _, (action, rows) in sorted(found.items(), reverse=True)]


def _fields(entry: Entry) -> list[tuple[str, str, str]]:
    was = entry.was or {}
    return [
        (label, before, after)
        for name, label in FIELDS.items()
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
    return said(value)


def _relation(entry: Entry, drug: str) -> tuple[str, str, str] | None:
    before, after = (_degree(image) for image in (entry.was, entry.now))
    return (f"Related to {drug}", before, after) if before != after else None


def _degree(image: Mapping[str, Any] | None) -> str:
    if image is None or image["voided"]:
        return "–"
    return dict(Relation.Degree.choices)[image["degree"]].lower()


def difference(
    trial: UUID, event: AdverseEvent, seen: int, typed: EventReport | None = None
) -> list[tuple[str, str, str, str]]:
    """(what, as the person opened it, as it is now, as he typed it) of what somebody else changed meanwhile."""
    past = history(trial, [event, *event.relations.all()])
    then = past.then(event.pk, seen)
    found = [
        (label, _value(then, name), _value(event, name), _value(typed, name))
        for name, label in FIELDS.items()
        if then and _value(then, name) != _value(event, name)
    ]
    for relation in event.relations.all():
        old = _degree(past.then(relation.pk, seen))
        now = "–" if relation.voided else relation.get_degree_display().lower()
        if old != now:
            mine = typed.relations.get(relation.drug_id) if typed else None
            text = dict(Relation.Degree.choices)[mine].lower() if mine else "–"
            found.append((f"Related to {relation.drug.name}", old, now, text))
    return found

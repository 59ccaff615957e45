"""Patients as another definition of a DLT would have read them from the first one on. Nothing is written.

The criteria are asked again of every event, under the other settings. Where they answer otherwise the event counts as
they read it, as if its readers had agreed: their verdicts were given under the definition of then. Everywhere else what
readers have said stands. Whoever was settled then, and could be confirmed now, counts as confirmed.
"""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from uuid import UUID

from trial.clock import Today
from trial.protocol_settings import ProtocolSettings
from trial.record import rows

from ..dlt.event import Suggestion
from ..dlt.version import TODAY, Reading
from ..events import judging
from ..events.facts import EventFacts
from ..models import AdverseEvent, DltVerdict, Evaluability
from .queries import PatientFacts, Records, confirmable, derived, under

SETTLED = frozenset({"dlt", "no_dlt", "not_evaluable"})


@dataclass(frozen=True, slots=True)
class EventRead:
    """An event that the criteria read otherwise."""

    patient: PatientFacts  # as it was read
    was: EventFacts
    now: Suggestion
    untold: bool  # CTCAE 6.0: the lowest value, which would decide, is not recorded
    changed: bool  # DLT, pending or none: not the criterion alone


@dataclass(frozen=True, slots=True)
class Read:
    facts: Sequence[PatientFacts]  # in the order of `derived`
    events: Sequence[EventRead]


def read(
    records: Records, was: Sequence[PatientFacts], settings: ProtocolSettings, today: Today, reading: Reading = TODAY
) -> Read:
    """was: `derived` of the same records, day and reading."""
    then = {f.patient.pk: f for f in was}
    other = under(records, settings, {f.patient.pk for f in was if f.dosed})
    found = {f.patient.pk: f for f in derived(other, today, reading)}
    turned: list[EventRead] = []
    for pk, now in found.items():
        turned += _turned(then[pk], now, settings, reading) if now.dosed else []

    by_event = {one.was.event.pk: one for one in turned}
    events = {
        pk: [_as_read(event, by_event[event.pk]) if event.pk in by_event else event for event in other.events[pk]]
        for pk in {one.patient.patient.pk for one in turned}
    }
    other = replace(other, events={**other.events, **events})
    found |= _some(other, events, today, reading)

    confirmed = {
        pk: state
        for pk, now in found.items()
        if now.outcome == "pending" and then[pk].outcome in SETTLED and (state := confirmable(now))
    }
    other = _confirmed(other, confirmed, today, reading)
    found |= _some(other, confirmed, today, reading)
    return Read([found[f.patient.pk] for f in was], turned)


def _turned(was: PatientFacts, now: PatientFacts, settings: ProtocolSettings, reading: Reading) -> list[EventRead]:
    others = {e.event.pk: e for e in now.events}
    found = []
    for e in was.events:
        other = others[e.event.pk]
        changed = e.suggestion.suggested != other.suggestion.suggested or _left(was, e, other, now)
        if changed or _said(e.suggestion) != _said(other.suggestion):
            found.append(EventRead(was, e, other.suggestion, _untold(other, settings, reading), changed))
    return found


def _said(found: Suggestion) -> tuple[str | None, bool]:
    return found.criterion, found.at_once


def _left(was: PatientFacts, e: EventFacts, other: EventFacts, now: PatientFacts) -> bool:
    """Whether the investigator asked for verdicts on an event that lies outside the window now."""
    return e.event.suspected and e.inside(was.window_days or 0) and not other.inside(now.window_days or 0)


def _untold(other: EventFacts, settings: ProtocolSettings, reading: Reading) -> bool:
    if other.judged is None or other.suggestion.suggested != "pending":
        return False
    return judging.rules(settings, reading).by_value(other.judged) and other.judged.value is None


def _as_read(event: AdverseEvent, one: EventRead) -> AdverseEvent:
    """The event as the criteria read it; one that its readers have before them stays with them."""
    if not one.changed or one.was.in_review:
        return event
    said = copy(event)
    said.suspected = False
    vars(said)["_prefetched_objects_cache"] = dict(vars(event)["_prefetched_objects_cache"])  # not shared by the two
    agreed = (DltVerdict.Reader.FIRST, DltVerdict.Reader.SECOND) if one.now.suggested is True else ()
    verdicts = [DltVerdict(round=event.round, reader=reader, is_dlt=True) for reader in agreed]
    rows.prefetched(said, "verdicts", verdicts, DltVerdict)
    return said


def _confirmed(records: Records, states: Mapping[UUID, str], today: Today, reading: Reading) -> Records:
    found = []
    for patient in records.patients:
        if state := states.get(patient.pk):
            patient = copy(patient)
            on = today.at(patient.site.time_zone) if reading.days_of_site else today.on
            patient.evaluability = Evaluability(state=state, confirmed_on=on)
        found.append(patient)
    return replace(records, patients=found)


def _some(records: Records, which: Collection[UUID], today: Today, reading: Reading) -> dict[UUID, PatientFacts]:
    mine = [patient for patient in records.patients if patient.pk in which]
    return {f.patient.pk: f for f in derived(replace(records, patients=mine), today, reading)} if mine else {}

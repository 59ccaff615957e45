"""The listings of safety in words: serious events, DLTs, deaths, ends of treatment, and events that no table counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assessments.count.queries import PatientFacts
from assessments.events.facts import EventFacts
from assessments.events.grades import FATAL
from trial.dates import shown, study_day

from .queries import Safety
from .rows import Event, Treated
from .summary import AFTER_LAST_DOSE, after_last_dose, soon_after

DLT_STATES = {"dlt": "DLT", "suspected": "suspected, not adjudicated"}


@dataclass(frozen=True, slots=True)
class EventLine:
    number: int
    patient: int
    level: str
    term: str
    grade: str
    when: str
    related: str
    note: str = ""

    @property
    def code(self) -> str:
        return f"AE {self.number}"

    @property
    def patient_code(self) -> str:
        return f"{self.patient:03d}"


@dataclass(frozen=True, slots=True)
class PatientLine:
    """marked: within the days after the last dose that boards ask about. events: of a death, those of grade 5."""

    patient: int
    level: str
    on: date
    day: int
    said: str
    after: str = ""
    marked: bool = False
    events: Sequence[Event] = ()

    @property
    def patient_code(self) -> str:
        return f"{self.patient:03d}"


def serious(safety: Safety) -> list[EventLine]:
    """Every serious event of these patients, emergent or not."""
    emergent = {one.event.number for one in safety.emergent}
    return [
        event_line(safety, event, "" if event.number in emergent else "not treatment-emergent")
        for event in safety.events
        if event.serious
    ]


def others(safety: Safety) -> list[EventLine]:
    """Events that are not treatment-emergent: the tables do not count them."""
    emergent = {one.event.number for one in safety.emergent}
    return [
        event_line(safety, event, _why_not(event, safety.of_number.get(event.patient)))
        for event in safety.events
        if event.number not in emergent
    ]


def dlts(safety: Safety, found: Sequence[tuple[PatientFacts, EventFacts]]) -> list[EventLine]:
    """found: events that are DLTs, adjudicated or suspected."""
    events = {event.number: event for event in safety.events}
    return [event_line(safety, event, DLT_STATES[e.state]) for _, e in found if (event := events.get(e.event.number))]


def deaths(safety: Safety) -> list[PatientLine]:
    found = []
    for one in safety.patients:
        if one.died is None:
            continue
        days = after_last_dose(one)
        after = "last dose not known" if days is None else f"{days} day{'' if days == 1 else 's'}"
        fatal = [event for event in safety.events if event.patient == one.number and event.grade == FATAL]
        found.append(_line(one, one.died, one.cause, after=after, marked=soon_after(one), events=fatal))
    return sorted(found, key=lambda line: (line.on, line.patient))


def discontinuations(safety: Safety) -> list[PatientLine]:
    found = [_line(one, one.stopped, one.stop_reason) for one in safety.patients if one.stopped is not None]
    return sorted(found, key=lambda line: (line.on, line.patient))


def event_line(safety: Safety, event: Event, note: str = "") -> EventLine:
    patient = safety.of_number.get(event.patient)
    return EventLine(
        number=event.number,
        patient=event.patient,
        level=patient.level if patient else "–",
        term=event.term,
        grade=str(event.grade) if event.grade else "not given yet",
        when=_when(event, patient),
        related="yes" if event.related else "no",
        note=note,
    )


def _line(
    one: Treated, on: date, said: str, *, after: str = "", marked: bool = False, events: Sequence[Event] = ()
) -> PatientLine:
    return PatientLine(one.number, one.level, on, study_day(on, one.first_dose), said, after, marked, events)


def _when(event: Event, patient: Treated | None) -> str:
    """ "day 12 to day 18"; "from day 12, ongoing"; in dates before the first dose was recorded."""

    def said(on: date) -> str:
        return f"day {study_day(on, patient.first_dose)}" if patient else shown(on)

    onset = f"{shown(event.onset)} or later" if event.onset_last else said(event.onset)
    return f"{onset} to {said(event.ended)}" if event.ended else f"from {onset}, ongoing"


def _why_not(event: Event, patient: Treated | None) -> str:
    if patient is None:
        return "no first dose recorded"
    if event.onset > patient.until:
        return f"after the period, which ended on {shown(patient.until)}"
    return "before the first dose, and not worse since"


WITHIN = f"within {AFTER_LAST_DOSE} days"

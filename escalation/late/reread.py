"""What today's rules from event to count read differently from those of the signed decisions, trial by trial.

An update of the rules changes no row. Whoever counts differently by it is answered like any late change: the trial's
next action, at the latest the tick of the day, marks the decisions that stood on him, holds enrolment and asks the
committee. What readers have adjudicated stands and is never listed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assessments.count import queries as assessments
from assessments.count.queries import PatientFacts
from assessments.dlt import version as rules

from ..models import Decision
from ..situation.situation import Situation
from ..stored import inputs as stored_inputs
from .record import changed


@dataclass(frozen=True, slots=True)
class EventRead:
    """An event whose state is another by today's rules."""

    code: str
    title: str
    graded: str
    was: str
    now: str
    because: str


@dataclass(frozen=True, slots=True)
class PatientRead:
    """A patient whose outcome, or one of whose events, is another by today's rules."""

    code: str
    was: str
    now: str
    because: str
    events: Sequence[EventRead]
    stood_in: Sequence[int]  # numbers of the decisions in whose inputs he stands
    changes: Sequence[int]  # of those, the decisions whose basis it changes


@dataclass(frozen=True, slots=True)
class Reread:
    """A trial read by one earlier version of the rules and by today's. kept: whether that version is here."""

    version: str
    decisions: Sequence[int]
    patients: Sequence[PatientRead]
    kept: bool = True


def reread(here: Situation) -> list[Reread]:
    """One for each earlier version by which decisions in force were made; none when all are of today's."""
    made: dict[str, list[Decision]] = {}
    for decision in here.in_force:
        made.setdefault(rules.of_stored(decision.rules_version), []).append(decision)
    return [_by(here, version, made[version]) for version in sorted(made) if version != rules.VERSION]


def _by(here: Situation, version: str, decisions: Sequence[Decision]) -> Reread:
    numbers = [decision.number for decision in decisions]
    reading = rules.reading_of(version)
    if reading is None:
        return Reread(version, numbers, [], kept=False)
    now = {f.patient.pk: f for f in here.facts}
    then = assessments.derived(here.records, here.today, reading)
    found = [_patient(here, was, now[was.patient.pk], decisions) for was in then]
    return Reread(version, numbers, [patient for patient in found if patient])


def _patient(
    here: Situation, was: PatientFacts, now: PatientFacts, decisions: Sequence[Decision]
) -> PatientRead | None:
    states = {e.event.pk: e.state for e in was.events}
    events = [
        EventRead(
            e.event.code, e.event.title, e.event.graded, states[e.event.pk], e.state,
            f"{e.suggestion.criterion}: {e.suggestion.because}" if e.suggestion.criterion else e.suggestion.because,
        )
        for e in now.events
        if e.state != states[e.event.pk]
    ]  # fmt: skip
    if was.outcome == now.outcome and not events:
        return None
    number = now.patient.number
    entry = next((p for p in here.inputs["patients"] if p["patient"] == number), None)
    stood = {
        decision: stored
        for decision in decisions
        for stored in stored_inputs.patients(decision.inputs)
        if stored["patient"] == number
    }
    return PatientRead(
        code=now.patient.code,
        was=was.outcome,
        now=now.outcome,
        because=now.because,
        events=events,
        stood_in=[decision.number for decision in stood],
        changes=[decision.number for decision, stored in stood.items() if entry and changed(stored, entry)],
    )

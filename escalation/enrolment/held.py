"""From which day starting is refused: a first dose given before it was no deviation."""

from datetime import date

from assessments.count.queries import PatientFacts
from patients import queries as people
from patients.models import Patient
from trial import clock
from trial import queries as ground

from ..situation.situation import Held, Situation


def held_from(here: Situation, patient: Patient) -> date | None:
    """The first day, in the calendar of his site, of what keeps a patient from starting.

    None where a part of it has no day: a criterion answered no, a full cohort, a decision that is due, an answer
    that is waited for.
    """
    if not all(answer.met for answer in people.answered_last(patient.slot)):
        return None
    cohort, zone = patient.cohort, patient.site.time_zone
    holds = here.held_at(here.protocol.position(cohort.dose_level_id) or 1)
    days = [_since(here, hold, zone) for hold in holds]
    if not holds:
        days = [clock.clinical_date(cohort.closed_at, zone)] if cohort.closed_at else [None]
    known = [day for day in days if day is not None]
    return min(known) if len(known) == len(days) else None


def _since(here: Situation, hold: Held, zone: str) -> date | None:
    match hold.kind:
        case Held.Kind.STOP:
            return min(clock.clinical_date(stop.since, zone) for stop in here.stops)
        case Held.Kind.SUSPECTED:
            return min((day for f in here.facts for day in _reported(f, zone)), default=None)
        case Held.Kind.BASIS if not here.trial.simulated:  # an action of a simulated trial has the real clock's time
            numbers = [change.rev for change in here.changes]
            actions = ground.events(here.trial.pk).filter(number__in=numbers).defer("body")
            return min((clock.clinical_date(action.at, zone) for action in actions), default=None)
    return None


def _reported(facts: PatientFacts, zone: str) -> list[date]:
    """When the events were reported that make a patient suspected."""
    if facts.outcome != "suspected":
        return []
    return [clock.clinical_date(e.event.reported_at, zone) for e in facts.events if e.in_review]

"""From which day starting is refused: a first dose given before it was no deviation."""

from datetime import date, datetime

from assessments.count.queries import PatientFacts
from patients.models import Cohort
from trial import clock
from trial import queries as ground

from ..situation.situation import Held, Situation


def held_from(here: Situation, cohort: Cohort) -> date | None:
    """The first day of what keeps the patients of a cohort from starting.

    None where a part of it has no day: a full cohort, a decision that is due, an answer that is waited for.
    """
    holds = here.held_at(here.protocol.position(cohort.dose_level_id) or 1)
    days = [_since(here, hold) for hold in holds]
    if not holds:
        days = [_date(here, cohort.closed_at)] if cohort.closed_at else [None]
    known = [day for day in days if day is not None]
    return min(known) if len(known) == len(days) else None


def _since(here: Situation, hold: Held) -> date | None:
    match hold.kind:
        case Held.Kind.STOP:
            return min(_date(here, stop.since) for stop in here.stops)
        case Held.Kind.SUSPECTED:
            return min((day for f in here.facts for day in _reported(here, f)), default=None)
        case Held.Kind.BASIS if not here.trial.simulated:  # an action of a simulated trial has the real clock's time
            numbers = [change.rev for change in here.changes]
            actions = ground.events(here.trial.pk).filter(number__in=numbers).defer("body")
            return min((_date(here, action.at) for action in actions), default=None)
    return None


def _reported(here: Situation, facts: PatientFacts) -> list[date]:
    """When the events were reported that make a patient suspected."""
    if facts.outcome != "suspected":
        return []
    return [_date(here, e.event.reported_at) for e in facts.events if e.in_review]


def _date(here: Situation, moment: datetime) -> date:
    return clock.clinical_date(moment, here.trial.time_zone)

"""Deaths in a DLT window of which no event tells: criterion N3 asks their cause, and reads events alone. Pure."""

from datetime import date

from ..event_words import Criterion
from ..events.grades import FATAL
from .queries import PatientFacts


def untold(facts: PatientFacts, died: date | None) -> bool:
    """died: the day of the death, by the patient's follow-up."""
    if died is None or facts.window_ends_on is None or died > facts.window_ends_on:
        return False
    return not any(e.event.grade == FATAL or Criterion.DEATH in (e.event.serious_criteria or ()) for e in facts.events)

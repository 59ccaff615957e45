"""Deaths in a DLT window of which no event tells: criterion N3 asks their cause, and reads events alone."""

from collections.abc import Sequence
from datetime import date

from patients.follow_up.models import FollowUp
from trial.dates import shown

from ..event_words import Criterion
from ..events.facts import EventFacts
from ..events.grades import FATAL


def untold(events: Sequence[EventFacts], died: date | None, window_ends: date | None) -> bool:
    """died: the day of the death, by the patient's follow-up. window_ends: the last day of the window."""
    if died is None or window_ends is None or died > window_ends:
        return False
    return not any(e.event.grade == FATAL or Criterion.DEATH in (e.event.serious_criteria or ()) for e in events)


def suspected(known: FollowUp | None, events: Sequence[EventFacts], window_ends: date) -> str:
    """Why a patient is suspected by his death alone; "" where he is not.

    A death of myeloma by the follow-up is no DLT, and still waits for its event before anything is confirmed.
    """
    if (
        known is None
        or known.death_cause == FollowUp.Cause.PROGRESSION
        or not untold(events, known.died_on, window_ends)
    ):
        return ""
    assert known.died_on is not None
    return (
        f"Died on {shown(known.died_on)}, in the DLT window, and no event tells of it (N3). "
        "Report it as grade 5 with its cause."
    )

"""The version of the rules from event to count, and how each earlier version read what was mended since. Pure.

VERSION is stored with every decision beside the engine's; a decision without one is of version 1. Raise it whenever any
event, patient or count can be read differently, and name the difference as a field of `Reading`: a replay asks the same
functions with the reading of its decision. What a protocol may choose is a setting and no reading.
"""

from dataclasses import dataclass

VERSION = "4"
FIRST = "1"  # of what was stored before the rules had a version


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One version of the rules. Each field names a difference; its default is how it is read today."""

    version: str = VERSION
    dates_beat_answers: bool = True  # "corrected within 72 h: yes" clears no event whose dates say otherwise
    exceptions_end_below_death: bool = True  # N3 off: the exceptions of N1 no longer cover a grade 5
    suspicion_before_questions: bool = True  # an open question of another criterion hides no suspicion
    hys_law_from_grade: int = 1  # N2 has no grade; before, grade 1 was never asked about
    by_value: bool = True  # CTCAE 6.0: H1, H3, H4 and H5 by the lowest value instead of the grade
    stop_misses_its_doses: bool = True  # N4: a stop for related toxicity makes what the schedule had left missed
    days_of_site: bool = True  # a fact's today is that of its site; before, the trial's was everybody's
    # A death of the follow-up ends the planned doses and, in the window, is suspected while no event tells of it (N3).
    deaths_of_follow_up: bool = True


TODAY = Reading()
READINGS = {
    reading.version: reading
    for reading in (
        Reading(
            version="1",
            dates_beat_answers=False,
            exceptions_end_below_death=False,
            suspicion_before_questions=False,
            hys_law_from_grade=2,
            by_value=False,
            stop_misses_its_doses=False,
            days_of_site=False,
            deaths_of_follow_up=False,
        ),
        Reading(version="2", days_of_site=False, deaths_of_follow_up=False),
        Reading(version="3", deaths_of_follow_up=False),
        TODAY,
    )
}


def of_stored(stored: str | None) -> str:
    """The version by which a decision or cut was derived, from what is stored with it."""
    return stored or FIRST


def reading_of(stored: str | None) -> Reading | None:
    """How that version reads; None when it is not kept here."""
    return READINGS.get(of_stored(stored))

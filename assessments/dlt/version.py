"""The version of the rules from event to count, and how each earlier version read what was mended since. Pure.

VERSION is stored with every decision beside the engine's; a decision without one is of version 1. Raise it whenever any
event, patient or count can be read otherwise, and name the difference as a field of `Reading`: a replay asks the same
functions with the reading of its decision. What a protocol may choose is a setting and no reading.
"""

from dataclasses import dataclass

VERSION = "1"
FIRST = "1"  # of what was stored before the rules had a version


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One version of the rules. Each field names a difference; its default is how it is read today."""

    version: str = VERSION


TODAY = Reading()
READINGS = {reading.version: reading for reading in (TODAY,)}


def of_stored(stored: str | None) -> str:
    """The version by which a decision or cut was derived, from what is stored with it."""
    return stored or FIRST


def reading_of(stored: str | None) -> Reading | None:
    """How that version reads; None when it is not kept here."""
    return READINGS.get(of_stored(stored))

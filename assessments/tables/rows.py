"""What the safety tables count: the treated patients and their events as plain values. Pure.

An event is treatment-emergent when it began, or became worse than before the first dose, from the first dose to the end
of its period: so many days after the last dose of any study drug, and before another therapy (docs/domain.md, 6).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from trial.dates import later

SEVERE = 3  # the lowest grade that displays call severe
DIED = "Died; no end of treatment is recorded"


@dataclass(frozen=True, slots=True)
class Drug:
    """What a patient was to take and took of one drug, as far as it is recorded.

    days: of exposure, from its first dose to its last; reductions: how often less was given than the step before. None
    of totals over the DLT window.
    """

    name: str
    planned: Decimal
    taken: Decimal
    days: int | None = None
    reductions: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """A patient of the safety set, who had any dose, by the level that he received.

    last_dose: of any study drug, as far as it is known. until: the last day of his period, at most the day of the cut.
    ended: whether the period was over then; in the open it may go on. stopped: the last day of treatment; that of the
    death where no other is recorded.
    """

    number: int
    level: str
    first_dose: date
    last_dose: date | None
    until: date
    ended: bool
    window_ends: date  # its last day, the DLT window's
    stopped: date | None = None
    stop_reason: str = ""
    died: date | None = None
    cause: str = ""
    cycles: Sequence[date] = ()  # on which each began
    recorded: bool = False  # whether doses are recorded by cycle; else `drugs` are totals, and cycles may be missing
    drugs: Sequence[Drug] = ()

    @property
    def code(self) -> str:
        return f"{self.number:03d}"


class Event(NamedTuple):
    """An adverse event. A tuple, for there are thousands of them."""

    number: int
    patient: int
    term: str
    soc: str
    grade: int | None  # the worst; None: not graded yet
    onset: date
    onset_last: date | None  # the latest day that it may be; None: the day is known
    ended: date | None
    related: bool | None  # possibly or more to any drug, or not answered for one; None: it was not read
    serious: bool
    dose_change: bool | None  # led to a change of a dose, an interruption or the end of a drug; None: not read
    led_to_stop: bool | None
    history: Sequence[tuple[date, int]] | None = None  # each grade given, by the day it began; None: one, of the onset


class Emergent(NamedTuple):
    """An event as the tables count it: its worst grade in the period, 0 while it is not graded."""

    event: Event
    grade: int
    in_window: bool
    severe_on: date | None  # the first day of the period at a severe grade
    before: int = 0  # the grade at which it stood before the first dose


def period(
    *, on: date, last_dose: date | None, stopped: date | None, new_therapy: date | None, emergent_days: int
) -> tuple[date, bool]:
    """The last day on which an event is treatment-emergent, and whether that day has passed. on: of the cut.

    While treatment goes on there is no such day; where the last dose is not known it is the day of the stop at most.
    """
    ends = []
    if stopped is not None:
        ends.append(later(last_dose or stopped, emergent_days))
    if new_therapy is not None:
        ends.append(later(new_therapy, -1))
    end = min(ends, default=on)
    return (end, True) if ends and end < on else (on, False)


def emergent(event: Event, of: Treated) -> Emergent | None:
    """As the tables count it; None when it is not treatment-emergent.

    What cannot be told apart for want of a day of onset counts: a table rather shows an event too many.
    """
    first, until, onset = of.first_dose, of.until, event.onset
    if onset > until:
        return None
    began = onset >= first or (event.onset_last or onset) >= first
    if not event.history:
        if not began:
            return None
        day, grade = onset if onset > first else first, event.grade or 0
        return Emergent(event, grade, day <= of.window_ends, day if grade >= SEVERE else None)
    worst, before, severe = 0, 0, None
    counts_from = max(onset, first) if began else None
    for on, grade in event.history:
        if on < first and not began:
            before = grade
        elif grade > before and on <= until:
            day = on if on > first else first
            counts_from = min(counts_from or day, day)
            worst = max(worst, grade)
            severe = severe or (day if grade >= SEVERE else None)
    if counts_from is None:
        return None
    return Emergent(event, worst, counts_from <= of.window_ends, severe, before)


def all_emergent(events: Sequence[Event], patients: Sequence[Treated]) -> list[Emergent]:
    """Of these patients, in the order of the events."""
    treated = {one.number: one for one in patients}
    found = []
    for event in events:
        if (one := treated.get(event.patient)) and (counted := emergent(event, one)):
            found.append(counted)
    return found

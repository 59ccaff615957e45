"""Counting in study days, and the stretches of days that an event spent at a grade. Pure (docs/domain.md, section 4).

The first dose is on day 1 and the day before it is day -1: there is no day 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass


def lasting(first: int, last: int) -> int:
    """Duration in days: last day - first day + 1."""
    return _elapsed(last) - _elapsed(first) + 1


def before(day: int) -> int:
    """The day before."""
    return _counted(_elapsed(day) - 1)


def _elapsed(day: int) -> int:
    """Days since the first dose."""
    return day - 1 if day > 0 else day


def _counted(elapsed: int) -> int:
    return elapsed + 1 if elapsed >= 0 else elapsed


@dataclass(frozen=True, slots=True)
class Step:
    """From this day on the event had this grade, or a laboratory value showed it; grade 0: none any more."""

    day: int
    grade: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days in a row at this grade or a higher one. end_day None: it goes on."""

    grade: int
    onset_day: int
    end_day: int | None = None


def stretches(steps: Sequence[Step], end_day: int | None = None) -> list[Stretch]:
    """Every stretch of each grade that was reached, by grade, then by day.

    A step holds from its day to the day before the next one; the last holds to `end_day`, None while it goes on. So
    laboratory values give theirs: 0.4 on day 10 and 0.6 on day 17 are seven days. Of several steps of one day the
    highest grade counts.
    """
    for step in steps:
        if step.day == 0:
            raise ValueError("day: there is no day 0; the first dose is day 1, the day before it day -1")
        if not 0 <= step.grade <= 5:
            raise ValueError(f"grade: must be from 0 to 5, got {step.grade}")
        if end_day is not None and _elapsed(step.day) > _elapsed(end_day):
            raise ValueError(f"end_day: {end_day} is before a grade of day {step.day}")
    highest = {step.day: step for step in sorted(steps, key=lambda step: step.grade)}
    ordered = sorted(highest.values(), key=lambda step: _elapsed(step.day))
    return [
        stretch
        for grade in sorted({step.grade for step in ordered if step.grade})
        for stretch in _at(grade, ordered, end_day)
    ]


def _at(grade: int, steps: Sequence[Step], end_day: int | None) -> list[Stretch]:
    found: list[Stretch] = []
    since: int | None = None
    for step in steps:
        if step.grade >= grade and since is None:
            since = step.day
        elif step.grade < grade and since is not None:
            found.append(Stretch(grade, since, before(step.day)))
            since = None
    if since is not None:
        found.append(Stretch(grade, since, end_day))
    return found

"""Days as people write and count them. Pure (docs/domain.md, section 5, "Days")."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

TWO_FORMS = "14 Mar 2026 or 2026-03-14"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FIRST, LAST = 1900, 2199  # years: no date that is typed here lies outside, history included

_WORDS = re.compile(rf"([0-9]{{1,2}}) ({'|'.join(MONTHS)}) ([0-9]{{4}})", re.IGNORECASE)
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def read(typed: str) -> date:
    """A date in one of the two forms. Raises ValueError: the rule that it breaks.

    No third form: 07/08/2026 could be two days, and 13/08/2026 would teach people the form.
    """
    if found := _WORDS.fullmatch(typed):
        day, month, year = int(found[1]), MONTHS.index(found[2].capitalize()) + 1, int(found[3])
    elif found := _ISO.fullmatch(typed):
        year, month, day = map(int, found.groups())
    else:
        raise ValueError(f"write a date like {TWO_FORMS}.")
    if not (1 <= month <= 12 and 1 <= day <= (calendar.monthrange(year, month)[1] if year else 31)):
        raise ValueError(f"{typed} is no day of the calendar; write a date like {TWO_FORMS}.")
    if not FIRST <= year <= LAST:
        raise ValueError(f"the year {year:04d} is not between {FIRST} and {LAST}; write a date like {TWO_FORMS}.")
    return date(year, month, day)


def shown(day: date) -> str:
    """A date as people read it here: 14 Mar 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year:04d}"


def study_day(on: date, first_dose: date) -> int:
    """Day 1 is the day of the first dose of any study drug, the day before it day -1: there is no day 0."""
    elapsed = (on - first_dose).days
    return elapsed + 1 if elapsed >= 0 else elapsed


def later(day: date, days: int) -> date:
    """The day so many days later, or before; the last of the calendar where it ends: no stored date breaks a page."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


_MONTH = re.compile(rf"({'|'.join(MONTHS)}) ([0-9]{{4}})", re.IGNORECASE)
_ISO_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_YEAR = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Partial:
    """A date of which all is known, or the month or the year alone: the rest is never guessed."""

    first: date  # the earliest day that it may be
    known: str | None = None  # "month" or "year"; None: the day

    @property
    def last(self) -> date:
        """The latest day that it may be."""
        if self.known is None:
            return self.first
        month = 12 if self.known == "year" else self.first.month
        return date(self.first.year, month, calendar.monthrange(self.first.year, month)[1])

    @property
    def shown(self) -> str:
        """As people read it: 14 Mar 2026, Mar 2026 or 2026."""
        return {"year": f"{self.first.year:04d}", "month": shown(self.first)[-8:]}.get(
            self.known or "", shown(self.first)
        )

    def __str__(self) -> str:
        """As programs read it: 2026-03-14, 2026-03 or 2026."""
        return self.first.isoformat()[: {"year": 4, "month": 7}.get(self.known or "", 10)]


def read_partial(typed: str) -> Partial:
    """A date in one of the two forms, or as much of it as is known: Mar 2026, 2026-03 or 2026."""
    month = 1
    if found := _MONTH.fullmatch(typed):
        month, year, known = MONTHS.index(found[1].capitalize()) + 1, int(found[2]), "month"
    elif found := _ISO_MONTH.fullmatch(typed):
        year, month, known = int(found[1]), int(found[2]), "month"
    elif _YEAR.fullmatch(typed):
        year, known = int(typed), "year"
    else:
        try:
            return Partial(read(typed))
        except ValueError as fault:
            raise ValueError(f"{str(fault)[:-1]}; where the day is not known, Mar 2026 or 2026.") from None
    if not (1 <= month <= 12 and FIRST <= year <= LAST):
        raise ValueError(
            f"{typed} is no month between {FIRST} and {LAST}; write a date like {TWO_FORMS}, or Mar 2026 or 2026."
        )
    return Partial(date(year, month, 1), known)

"""A table as data: what it is called, of which trial and moment, what it leaves out, its columns and rows.

A cell is typed, so that a file holds numbers as numbers and days as days.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

Cell = str | int | Decimal | date | None

_NUMBER = re.compile(r"[-−]?(0|[1-9]\d{0,14})(\.\d{1,15})?")  # "003" is a name
_DAY = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4}")
NOTHING = ("–", "—")


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself beside its rows.

    moment: as of when, or of which cut. filters: what was asked for, in words. on: the day that the file is dated.
    page: the title of the page that it is of. trial: its code; whole: its title. made_up: why the data are no trial's,
    "" where they are.
    """

    title: str
    moment: str
    filters: Sequence[str]
    on: date
    page: str = ""
    trial: str = ""
    whole: str = ""
    made_up: str = ""
    notes: Sequence[str] = ()
    address: str = ""

    @property
    def filtered(self) -> str:
        return "; ".join(self.filters) or "none"

    @property
    def lines(self) -> list[tuple[str, str]]:
        said = [
            ("Title", self.title),
            ("Page", self.page),
            ("Trial", ": ".join(filter(None, [self.trial, self.whole]))),
            ("Data", self.made_up),
            ("As of", self.moment),
            ("Filters", self.filtered),
            *(("Note", note) for note in self.notes),
            ("Address", self.address),
        ]
        return [(label, words) for label, words in said if words]


@dataclass(frozen=True, slots=True)
class Table:
    """rows: read once, one after the other."""

    about: About
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def number(words: str) -> int | Decimal | None:
    """The number that the words are, None where they are more or something else."""
    if not _NUMBER.fullmatch(words):
        return None
    plain = words.replace("−", "-")
    return Decimal(plain) if "." in plain else int(plain)


def day(words: str) -> date | None:
    """The day that the words are, as pages write it: 14 Mar 2026."""
    if not _DAY.fullmatch(words):
        return None
    try:
        return datetime.strptime(words, "%d %b %Y").replace(tzinfo=UTC).date()
    except ValueError:
        return None

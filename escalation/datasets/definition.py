"""What a data set is: its variables, its keys, and rows that are read while they are written out. No format.

SDTM-shaped sets describe what was recorded, ADaM-shaped ones what was derived from it. Every value is taken from the
queries and rules of the pages: a data set is a projection, and derives nothing itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from trial.clock import Today, day
from trial.models import Trial
from trial.record import ledger

Value = str | int | Decimal | date | None  # None is an empty cell
Row = tuple[Value, ...]
# "date" is a whole date kept as a number of days, as ADaM has it; SDTM's --DTC are text, for they may be partial.
Kind = Literal["string", "integer", "decimal", "date"]


@dataclass(frozen=True, slots=True)
class CodeList:
    """Controlled terms. code: of the NCI Thesaurus where it is CDISC's; None for a list of this program.

    terms: each submitted value with what it means. extensible: values besides these may occur.
    """

    name: str
    code: str | None
    terms: Mapping[str, str]
    extensible: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """One column. length: the most characters of a text, 8 of a number. note: where its values come from."""

    name: str
    label: str
    type: Kind
    length: int
    codelist: CodeList | None
    note: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """keys: the variables that make a row the only one of its kind, in the order in which `rows` yields them."""

    name: str
    label: str
    structure: str  # "One record per …"
    keys: Sequence[str]
    variables: Sequence[Variable]
    rows: Callable[[], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Source:
    """What the sets are read from: the record as it stands, or a data cut that `ledger.as_of` shows meanwhile.

    today: of the reading. number, hash: of the trial's chain then. sbcma: whether the reader may read the sub-study's
    values; whose consent to it was withdrawn is left out all the same.
    """

    trial: Trial
    today: Today
    number: int
    hash: str
    sbcma: bool

    @property
    def on(self) -> date:
        """The clinical date of the trial on which all of it is read."""
        return self.today.on


def source(trial: Trial, on: date | Today, *, sbcma: bool) -> Source:
    """Of the record that is shown here: live, within `ledger.standing`, or of a cut, within `ledger.as_of`."""
    number, head = ledger.head_of(trial.pk)
    return Source(trial, day(on), number, head, sbcma)


def text(name: str, label: str, length: int, note: str, codelist: CodeList | None = None) -> Variable:
    return Variable(name, label, "string", length, codelist, note)


def whole(name: str, label: str, note: str, codelist: CodeList | None = None) -> Variable:
    return Variable(name, label, "integer", 8, codelist, note)


def number(name: str, label: str, note: str) -> Variable:
    return Variable(name, label, "decimal", 8, None, note)


def on_day(name: str, label: str, note: str) -> Variable:
    """A whole date of an ADaM-shaped set."""
    return Variable(name, label, "date", 8, None, note)


def dtc(name: str, label: str, note: str) -> Variable:
    """A date or a time of an SDTM-shaped set: ISO 8601, of which the end may be missing."""
    return Variable(name, label, "string", 20, None, note)

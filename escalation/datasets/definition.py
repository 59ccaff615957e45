"""What a data set is: its variables, its keys, and rows that are read while they are written out. No format.

SDTM-shaped sets describe what was recorded, ADaM-shaped ones what was derived from it. Every value is taken from the
queries and rules of the pages: a data set is a projection, and derives nothing itself.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from assessments.dlt.version import TODAY, Reading
from patients.queries import plain
from trial.clock import Today
from trial.models import Trial

Value = str | int | Decimal | date | None  # None is an empty cell
Row = tuple[Value, ...]
# "date" is a whole date kept as a number of days, as ADaM has it; SDTM's --DTC are text, for they may be partial.
Kind = Literal["string", "integer", "decimal", "date"]
LONGEST = 200  # characters of a text, as a transport file of version 5 has at most


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
    values. withdrawn: patients who have left the sub-study since, whose values no later export has. rules: from event
    to count, by which a meeting read its cut.
    """

    trial: Trial
    today: Today
    number: int
    hash: str
    sbcma: bool
    withdrawn: Collection[UUID] = ()
    rules: Reading = TODAY

    @property
    def on(self) -> date:
        """The clinical date of the trial on which all of it is read."""
        return self.today.on


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


def iso(on: date | None) -> str | None:
    return on.isoformat() if on else None


def yes(answer: bool) -> str | None:
    """Of a flag that is Y or empty."""
    return "Y" if answer else None


def yes_or_no(answer: bool) -> str:
    return "Y" if answer else "N"


def exact(amount: Decimal | None) -> Decimal | None:
    """An amount without the zeros that its column adds."""
    return None if amount is None else Decimal(plain(amount))


def brief(said: str) -> str | None:
    """As much of a sentence as a text may hold; None of an empty one."""
    return (said if len(said) <= LONGEST else f"{said[: LONGEST - 4]} ...") or None

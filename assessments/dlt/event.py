"""One adverse event as the DLT criteria see it, what they say of it, and what its readers make of that. Pure.

Numbers and words in, a verdict with its reason out. Days are study days: day 1 is the date of the first dose of any
study drug, the day before it is day -1. A grade, value, qualifier or relation that is None has not been answered yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .days import lasting
from .names import HYS_LAW, kind

RELATED = frozenset({"possible", "probable", "definite"})
DEGREES = RELATED | {"unrelated", "unlikely"}
QUALIFIERS = (
    "bleeding",
    "transfusion",
    "controlled_within_72h",
    "corrected_within_72h",
    "asymptomatic",
    "steroid_related",
    "due_to_myeloma",
    "outside_cause",
    *HYS_LAW,
)
ALL_GRADES = (1, 2, 3, 4, 5)

Suggested = bool | Literal["pending"]


@dataclass(frozen=True, slots=True)
class Event:
    """One adverse event, or one stretch of days of it at a grade. Raises ValueError, which names field and rule."""

    term: str
    grade: int | None
    onset_day: int
    as_of_day: int
    relations: Mapping[str, str | None]  # by drug
    end_day: int | None = None  # None: ongoing
    soc: str = ""
    qualifiers: Mapping[str, bool | None] | None = None
    value: Decimal | None = None  # the lowest, 10^9/L: CTCAE 6.0 is judged by it
    serious: bool = False
    grades: tuple[int, ...] = ALL_GRADES  # that CTCAE has for the term: while the grade is missing it may be any

    def __post_init__(self) -> None:
        if not self.term.strip():
            raise ValueError("term: must not be empty; the criteria go by the term")
        if self.grade is not None and (isinstance(self.grade, bool) or self.grade not in ALL_GRADES):
            raise ValueError(f"grade: must be from 1 to 5, got {self.grade}")
        for name, day in (("onset_day", self.onset_day), ("end_day", self.end_day), ("as_of_day", self.as_of_day)):
            if day == 0:
                raise ValueError(f"{name}: there is no day 0; the first dose is day 1, the day before it day -1")
        if self.end_day is not None and self.end_day < self.onset_day:
            raise ValueError(f"end_day: {self.end_day} is before onset_day {self.onset_day}")
        if self.as_of_day < self.onset_day:
            raise ValueError(f"as_of_day: {self.as_of_day} is before onset_day {self.onset_day}")
        if self.value is not None and not (self.value.is_finite() and self.value >= 0):
            raise ValueError(f"value: cannot be below 0, got {self.value}")
        for drug, degree in self.relations.items():
            if degree is not None and (not isinstance(degree, str) or degree not in DEGREES):
                raise ValueError(
                    f"relations: {drug} is {degree!r}; must be one of {', '.join(sorted(DEGREES))} or null"
                )
        for name, said in (self.qualifiers or {}).items():
            if name not in QUALIFIERS:
                raise ValueError(f"qualifiers: {name!r} is unknown; known are {', '.join(QUALIFIERS)}")
            if said is not None and not isinstance(said, bool):
                raise ValueError(f"qualifiers: {name} must be true, false or null, got {said!r}")

    def says(self, qualifier: str) -> bool | None:
        return (self.qualifiers or {}).get(qualifier)

    @property
    def kind(self) -> str:
        """The term as the criteria compare it."""
        return kind(self.term)

    @property
    def related(self) -> bool | None:
        """To at least one drug; None while an answer that could make it so is missing."""
        degrees = list(self.relations.values())
        if any(degree in RELATED for degree in degrees):
            return True
        return None if not degrees or None in degrees else False

    @property
    def last_day(self) -> int:
        """The last day that is known of: its end, or today while it goes on."""
        return self.as_of_day if self.end_day is None else self.end_day

    @property
    def days(self) -> int:
        """Duration so far: last day - first day + 1."""
        return lasting(self.onset_day, self.last_day)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the criteria say of an event; "pending" while time or a missing answer may still decide."""

    suggested: Suggested
    because: str
    criterion: str | None = None
    decides_on_day: int | None = None
    at_once: bool = False  # pending, and suspected all the same: what is missing must not keep the readers waiting


def adjudicate(verdicts: Mapping[str, bool]) -> Literal["suspected", "dlt", "not_dlt"]:
    """Readers' verdicts by "first", "second", "third": two who agree decide; "not a DLT" needs two as well."""
    first, second = verdicts.get("first"), verdicts.get("second")
    if first is None or second is None:
        return "suspected"
    decided = first if first == second else verdicts.get("third")
    return "suspected" if decided is None else "dlt" if decided else "not_dlt"


def event_state(suggestion: Suggestion, flagged: bool, verdicts: Mapping[str, bool]) -> str:
    """ "none", "open" (time or an answer may still decide), "suspected", "dlt" or "not_dlt".

    What the readers have said stands, whatever the rules say now: an update of the rules re-opens nothing.
    """
    if verdicts:
        return adjudicate(verdicts)
    if flagged or suggestion.suggested is True:
        return "suspected"
    if suggestion.suggested == "pending":
        return "suspected" if suggestion.at_once else "open"
    return "none"

"""A treated patient as the efficacy analysis takes him: level received, best responses, derived times. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

TIMES = ("TTP", "PFS", "TTR", "DOR", "OS")


@dataclass(frozen=True, slots=True)
class Time:
    """A derived time: event 1 or 0 = censored, days from its own start, and the reason in words."""

    event: int
    days: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """`times` has every name of TIMES; None where it does not apply (DOR of a patient without response)."""

    number: int
    level: str  # the label of the dose level received
    first_dose_on: date
    dlt_evaluable: bool
    response_evaluable: bool
    best_confirmed: str  # sCR … NE
    best_confirmed_on: date | None
    best_unconfirmed: str
    times: Mapping[str, Time | None]
    assessed: bool = True  # at any visit after the first dose


def in_denominator(evaluable: bool, denominator: str) -> bool:
    """Whether ORR and CBR divide by a treated patient, of whom it is known whether he is response-evaluable."""
    return denominator == "all_treated" or evaluable

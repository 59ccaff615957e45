"""Cumulative incidence of the first severe event while death and the end of the period compete. Pure.

Aalen & Johansen 1978; standard errors by the infinitesimal jackknife and log-log limits, as R's survfit of several
states gives them. Without competing ends Kaplan-Meier would count those who can no longer have the event as if they
could.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

from .rows import Emergent, Treated

EVENT, DEATH, ENDED, CENSORED = "event", "death", "ended", "censored"
ENDS = (EVENT, DEATH, ENDED)
Z = NormalDist().inv_cdf(0.975)


class Followed(NamedTuple):
    """A patient until the first of the ends: days from the first dose, that day 0."""

    days: int
    end: str


@dataclass(frozen=True, slots=True)
class Step:
    """The state after one distinct time. n_risk: just before it. lower, upper: None where they are not estimable."""

    days: int
    n_risk: int
    n_event: int
    n_death: int
    n_ended: int
    n_censored: int
    event: float
    std_err: float
    lower: float | None
    upper: float | None
    death: float
    ended: float


def followed(patient: Treated, events: Sequence[Emergent]) -> Followed:
    """events: the patient's emergent ones. Of one day the event counts first, then death."""
    severe = [one.severe_on for one in events if one.severe_on is not None]
    ends: list[tuple[date, int]] = [(min(severe), 0)] if severe else []
    if patient.died is not None and patient.died <= patient.until:
        ends.append((patient.died, 1))
    if patient.ended:
        ends.append((patient.until, 2))
    on, end = min(ends, default=(patient.until, 3))
    return Followed((on - patient.first_dose).days, (*ENDS, CENSORED)[end])


def incidence(patients: Sequence[Followed]) -> list[Step]:
    """The estimate after each distinct time, rising; empty without patients."""
    many = Counter(patients)
    alive, reached = 1.0, dict.fromkeys(ENDS, 0.0)
    of_alive, of_event = dict.fromkeys(many, 0.0), dict.fromkeys(many, 0.0)  # how much one patient more would move it
    at_risk, steps = len(patients), []
    for days in sorted({one.days for one in many}):
        n = {end: many[Followed(days, end)] for end in (*ENDS, CENSORED)}
        hazard = {end: n[end] / at_risk for end in ENDS}
        left = sum(hazard.values())
        for one in many:
            here = 1 / at_risk if one.days >= days else 0.0
            event = here * ((one == (days, EVENT)) - hazard[EVENT])
            leaves = here * ((one.days == days and one.end != CENSORED) - left)
            of_event[one] += of_alive[one] * hazard[EVENT] + alive * event
            of_alive[one] = of_alive[one] * (1 - left) - alive * leaves
        for end in ENDS:
            reached[end] += alive * hazard[end]
        alive *= 1 - left
        error = sqrt(sum(times * of_event[one] ** 2 for one, times in many.items()))
        lower, upper = _limits(reached[EVENT], error)
        steps.append(
            Step(
                days=days,
                n_risk=at_risk,
                n_event=n[EVENT],
                n_death=n[DEATH],
                n_ended=n[ENDED],
                n_censored=n[CENSORED],
                event=reached[EVENT],
                std_err=error,
                lower=lower,
                upper=upper,
                death=reached[DEATH],
                ended=reached[ENDED],
            )
        )
        at_risk -= sum(n.values())
    return steps


def read_off(steps: Sequence[Step], days: int) -> Step | None:
    """The state at a day; None before the first step and after the last observation: nothing is estimated there."""
    if not steps or days > steps[-1].days:
        return None
    return next((one for one in reversed(steps) if one.days <= days), None)


def at_risk(patients: Sequence[Followed], days: int) -> int:
    """How many were still followed just before that day."""
    return sum(one.days >= days for one in patients)


def _limits(share: float, error: float) -> tuple[float | None, float | None]:
    if not 0 < share < 1:
        return None, None
    width = Z * error / (share * log(share))
    centre = log(-log(share))
    return exp(-exp(centre - width)), exp(-exp(centre + width))

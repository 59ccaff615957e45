"""The tables beside that of adverse events: overview, what became of the patients, exposure, DLT rates, holds. Pure.

Each divides by the safety set of `adverse.denominators`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from statistics import median

from ..binomial import Proportion, proportion
from .adverse import ALL
from .rows import SEVERE, Drug, Emergent, Treated

AFTER_LAST_DOSE = 30  # days: deaths until then are marked
OVERVIEW: Mapping[str, tuple[str, Callable[[Emergent], bool | None]]] = {
    "any": ("Any treatment-emergent event", lambda one: True),
    "related": ("Related", lambda one: one.event.related),
    "severe": ("Grade 3 or higher", lambda one: one.grade >= SEVERE),
    "severe_related": ("Grade 3 or higher, related", lambda one: one.grade >= SEVERE and one.event.related),
    "serious": ("Serious", lambda one: one.event.serious),
    "serious_related": ("Serious, related", lambda one: one.event.serious and one.event.related),
    "window": ("In the DLT window", lambda one: one.in_window),
    "dose": ("Leading to a dose change", lambda one: one.event.dose_change),
    "stop": ("Leading to the end of a study drug", lambda one: one.event.led_to_stop),
    "fatal": ("Fatal (grade 5)", lambda one: one.grade == 5),
}
DISPOSITION: Mapping[str, tuple[str, Callable[[Treated], bool]]] = {
    "treated": ("Treated", lambda one: True),
    "on": ("On treatment", lambda one: one.stopped is None),
    "stopped": ("Stopped", lambda one: one.stopped is not None),
    "died": ("Died", lambda one: one.died is not None),
}
NOT_YET = frozenset({"pending", "suspected"})


@dataclass(frozen=True, slots=True)
class Range:
    """Of the patients who have a value. None: nobody has."""

    n: int
    median: Fraction
    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Exposure:
    """Of one level, or of all. days: from the first dose to the last. intensity, dosed: by drug, of those with rows.

    reduced: by drug, with a reduction and of how many that is known.
    """

    level: str
    n: int
    cycles: Range | None
    days: Range | None
    dosed: Mapping[str, Range | None]
    intensity: Mapping[str, Range | None]
    reduced: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class DltRate:
    """treated = evaluable + pending + left out."""

    level: str
    treated: int
    pending: int
    left_out: int  # not evaluable
    rate: Proportion  # DLTs of the evaluable


def overview(events: Iterable[Emergent], patients: Sequence[Treated]) -> dict[str, dict[str, frozenset[int]]]:
    """Of each line of OVERVIEW the patients, by level and ALL: each once, however many of his events fit."""
    level_of = {one.number: one.level for one in patients}
    found: dict[str, set[int]] = {name: set() for name in OVERVIEW}
    for event in events:
        for name, (_, fits) in OVERVIEW.items():
            if fits(event):
                found[name].add(event.event.patient)
    return {name: _by_level(numbers, level_of) for name, numbers in found.items()}


def disposition(patients: Sequence[Treated]) -> dict[str, dict[str, frozenset[int]]]:
    """Treated, on treatment, stopped, each reason of a stop after it, and died: patients by level and ALL."""
    level_of = {one.number: one.level for one in patients}
    found = {}
    for name, (_, fits) in DISPOSITION.items():
        found[name] = _by_level((one.number for one in patients if fits(one)), level_of)
        if name == "stopped":
            for reason in reasons(patients):
                because = (one.number for one in patients if one.stopped is not None and one.stop_reason == reason)
                found[f"stopped: {reason}"] = _by_level(because, level_of)
    return found


def reasons(patients: Iterable[Treated]) -> list[str]:
    """Why treatment was stopped, by falling frequency."""
    said = [one.stop_reason for one in patients if one.stopped is not None]
    return sorted(set(said), key=lambda reason: (-said.count(reason), reason))


def exposure(patients: Sequence[Treated], levels: Sequence[str], drugs: Sequence[str]) -> list[Exposure]:
    """A row a level, and ALL."""
    return [_exposure(level, [one for one in patients if level in (ALL, one.level)], drugs) for level in (*levels, ALL)]


def dlt_rates(patients: Sequence[Treated], outcomes: Mapping[int, str], levels: Sequence[str]) -> list[DltRate]:
    """outcomes: of each patient as he counts, in the engine's words. Of ALL no rate is given: it would mix doses."""
    return [
        _rate(level, [outcomes.get(one.number, "pending") for one in patients if one.level == level])
        for level in levels
    ]


def treated_days(patient: Treated) -> int:
    """From the first dose to the last, both counted; while treatment goes on to the day of the cut."""
    last = patient.until if patient.stopped is None else patient.last_dose or patient.stopped
    return max(1, (last - patient.first_dose).days + 1)


def intensity(drug: Drug) -> Fraction | None:
    """Taken of planned in per cent; None while nothing is planned."""
    return 100 * Fraction(drug.taken) / Fraction(drug.planned) if drug.planned else None


def _of_drug(patient: Treated, name: str, value: Callable[[Drug], Fraction | None]) -> Fraction | None:
    return next((value(drug) for drug in patient.drugs if drug.name == name), None)


def _whole(value: int | None) -> Fraction | None:
    return Fraction(value) if value is not None else None


# What a patient brings to a median or a count of the exposure, of one drug where it is of one; None: he has no value.
MEASURES: Mapping[str, tuple[str, Callable[[Treated, str], Fraction | None]]] = {
    "cycles": ("Cycles begun", lambda one, _: Fraction(len(one.cycles)) if one.recorded else None),
    "days": ("Days on treatment", lambda one, _: Fraction(treated_days(one))),
    "dosed": ("Days of exposure", lambda one, drug: _of_drug(one, drug, lambda taken: _whole(taken.days))),
    "intensity": ("Dose intensity", lambda one, drug: _of_drug(one, drug, intensity)),
    "reduced": ("Dose reductions", lambda one, drug: _of_drug(one, drug, lambda taken: _whole(taken.reductions))),
}


def after_last_dose(patient: Treated) -> int | None:
    """Days from the last dose to his death; None where he lives or the day of the last dose is not known."""
    if patient.died is None or patient.last_dose is None:
        return None
    return (patient.died - patient.last_dose).days


def soon_after(patient: Treated) -> bool:
    """Whether he died within AFTER_LAST_DOSE days of the last dose; yes where its day is not known."""
    days = after_last_dose(patient)
    return patient.died is not None and (days is None or days <= AFTER_LAST_DOSE)


def days_held(spells: Collection[tuple[date, date | None]], on: date) -> int:
    """Days on which enrolment was held, each once, to `on`. spells: from, to (not itself held); None: it still is."""
    total, reached = 0, date.min
    for start, end in sorted((since, until or on) for since, until in spells):
        begin = max(start, reached)
        total += max(0, (end - begin).days)
        reached = max(reached, end)
    return total


def _by_level(numbers: Iterable[int], level_of: Mapping[int, str]) -> dict[str, frozenset[int]]:
    every = frozenset(numbers)
    by_level = {level: frozenset(n for n in every if level_of[n] == level) for level in set(level_of.values())}
    return by_level | {ALL: every}


def _exposure(level: str, patients: Sequence[Treated], drugs: Sequence[str]) -> Exposure:
    def values(what: str, drug: str = "") -> list[Fraction]:
        measured = MEASURES[what][1]
        return [value for one in patients if (value := measured(one, drug)) is not None]

    def of(what: str, drug: str = "") -> Range | None:
        return _range(values(what, drug))

    return Exposure(
        level=level,
        n=len(patients),
        cycles=of("cycles"),
        days=of("days"),
        dosed={name: of("dosed", name) for name in drugs},
        intensity={name: of("intensity", name) for name in drugs},
        reduced={name: _reduced(values("reduced", name)) for name in drugs},
    )


def _reduced(counts: Sequence[Fraction]) -> tuple[int, int]:
    return sum(count > 0 for count in counts), len(counts)


def _range(values: Sequence[Fraction]) -> Range | None:
    return Range(len(values), Fraction(median(values)), min(values), max(values)) if values else None


def _rate(level: str, outcomes: Sequence[str]) -> DltRate:
    dlts, clean = outcomes.count("dlt"), outcomes.count("no_dlt")
    pending = sum(outcome in NOT_YET for outcome in outcomes)
    left_out = len(outcomes) - dlts - clean - pending
    return DltRate(level, len(outcomes), pending, left_out, proportion(dlts, dlts + clean))

"""Toxicity beyond the DLT window, by level and cycle: who was at risk, and what became of them. Pure.

At risk in a cycle is who had a day of it after his window: up to the next cycle, after the last one to the end of the
treatment-emergent period, never beyond the cut.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..binomial import Proportion, proportion
from .adverse import ALL

WHAT: Mapping[str, str] = {
    "dlt": "DLT-like event",
    "reduced": "Dose reduced",
    "held": "Treatment interrupted",
    "stopped": "Treatment stopped",
}
OF_DOSES = frozenset({"reduced", "held"})  # known of whose cycle anything is recorded


@dataclass(frozen=True, slots=True)
class InCycle:
    """One patient in one cycle after his window. had: names of WHAT; events: those that are DLT-like."""

    patient: int
    level: str
    cycle: int
    recorded: bool
    had: frozenset[str]
    events: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A level in a cycle. patients: those at risk; found: by name of WHAT the rate, and who it was."""

    level: str
    cycle: int
    patients: frozenset[int]
    found: Mapping[str, tuple[Proportion, frozenset[int]]] = field(default_factory=dict)


def lines(every: Sequence[InCycle], levels: Sequence[str]) -> list[Line]:
    """Each level by cycle, then all levels."""
    found = []
    for level in (*levels, ALL):
        here = [one for one in every if level in (ALL, one.level)]
        for cycle in sorted({one.cycle for one in here}):
            found.append(_line(level, cycle, [one for one in here if one.cycle == cycle]))
    return found


def _line(level: str, cycle: int, here: Sequence[InCycle]) -> Line:
    rates = {}
    for name in WHAT:
        known = [one for one in here if one.recorded or name not in OF_DOSES]
        had = frozenset(one.patient for one in known if name in one.had)
        rates[name] = proportion(len(had), len(known)), had
    return Line(level, cycle, frozenset(one.patient for one in here), rates)

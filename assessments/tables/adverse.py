"""The table of adverse events: each patient once a line at the worst grade, by system organ class and term. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .rows import SEVERE, Emergent, Treated

ALL = "all"
BANDS = {"any": "any", "low": "1-2", "high": "3-4", "five": "5", "open": "no grade"}
FILTERS: Mapping[str, Callable[[Emergent], bool | None]] = {
    "related": lambda one: one.event.related,
    "serious": lambda one: one.event.serious,
    "window": lambda one: one.in_window,
    "dose": lambda one: one.event.dose_change,
}


class Counts(NamedTuple):
    """Patients by their worst grade. `open`: whose events of that line have no grade yet."""

    low: int = 0
    high: int = 0
    five: int = 0
    open: int = 0

    @property
    def any(self) -> int:
        return self.low + self.high + self.five + self.open


@dataclass(frozen=True, slots=True)
class Line:
    """One line: of a class (term ""), of one of its terms, or of all events (both ""). counts: by level, and ALL."""

    soc: str
    term: str
    counts: Mapping[str, Counts]


@dataclass(frozen=True, slots=True)
class AdverseTable:
    """n: the safety set by level received, and ALL."""

    levels: Sequence[str]
    n: Mapping[str, int]
    lines: Sequence[Line]  # that of all events first

    @property
    def ungraded(self) -> bool:
        """Whether somebody's event waits for its grade."""
        return self.lines[0].counts[ALL].open > 0 or any(line.counts[ALL].open for line in self.lines)


def denominators(patients: Sequence[Treated], levels: Sequence[str]) -> dict[str, int]:
    """The safety set by level received, and of all: what every table divides by."""
    n = dict.fromkeys(levels, 0)
    for one in patients:
        n[one.level] += 1
    return n | {ALL: len(patients)}


def fits(one: Emergent, filters: Sequence[str]) -> bool:
    """Whether an event is what every one of these FILTERS asks for."""
    return all(FILTERS[name](one) for name in filters)


def adverse_table(events: Sequence[Emergent], patients: Sequence[Treated], levels: Sequence[str]) -> AdverseTable:
    """Of emergent events, filtered already. Classes and their terms by falling frequency, then by name."""
    had: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for one in events:
        event = one.event
        had[one.grade, event.soc, event.term].append(event.patient)
    whole: dict[int, int] = {}
    classes: dict[str, dict[int, int]] = defaultdict(dict)
    terms: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for (grade, soc, term), who in sorted(had.items()):  # by rising grade: of each patient the worst stands in the end
        for worst in (whole, classes[soc], terms[soc, term]):
            worst.update(dict.fromkeys(who, grade))
    level_of = {one.number: one.level for one in patients}
    lines = [Line("", "", _counted(whole, level_of, levels))]
    of_classes = [Line(soc, "", _counted(worst, level_of, levels)) for soc, worst in classes.items()]
    of_terms: dict[str, list[Line]] = defaultdict(list)
    for (soc, term), worst in terms.items():
        of_terms[soc].append(Line(soc, term, _counted(worst, level_of, levels)))
    for line in sorted(of_classes, key=_order):
        lines += [line, *sorted(of_terms[line.soc], key=_order)]
    return AdverseTable(levels, denominators(patients, levels), lines)


def band(grade: int) -> str:
    """The band of a worst grade: 0 is one that is not given yet."""
    if grade < 1:
        return "open"
    return "low" if grade < SEVERE else "high" if grade < 5 else "five"


def _order(line: Line) -> tuple[int, str, str]:
    return -line.counts[ALL].any, line.soc, line.term


def _counted(worst: Mapping[int, int], level_of: Mapping[int, str], levels: Sequence[str]) -> dict[str, Counts]:
    found = {level: dict.fromkeys(Counts._fields, 0) for level in (*levels, ALL)}
    for (level, grade), patients in Counter(zip(map(level_of.__getitem__, worst), worst.values(), strict=True)).items():
        for at in (level, ALL):
            found[at][band(grade)] += patients
    return {level: Counts(**bands) for level, bands in found.items()}

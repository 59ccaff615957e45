"""What the safety pages show: every number in words, with the address of its patients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple
from urllib.parse import urlencode

from trial.percentages import percent_text, range_text

from ..binomial import Proportion
from .adverse import ALL, BANDS, AdverseTable, Line
from .behind import COUNTED, SHOWS, Wanted
from .beyond import OF_DOSES, WHAT, InCycle, lines
from .figures import incidence_table
from .incidence import DEATH, ENDED, EVENT, Followed, Step
from .queries import Safety
from .rows import Treated
from .summary import (
    DISPOSITION,
    MEASURES,
    OVERVIEW,
    DltRate,
    Exposure,
    Range,
    disposition,
    dlt_rates,
    exposure,
    overview,
    treated_days,
)

FILTERED = {"related": "related", "serious": "serious", "window": "in the DLT window", "dose": "led to a dose change"}


class Cell(NamedTuple):
    """A number that opens its patients; url "" for none."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: its name, and a cell a level and of all. inner: it divides the line above."""

    name: str
    cells: Sequence[tuple[str, Cell]]  # by the name of the column
    inner: bool = False


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of the patients behind a number. keep: what the page itself was asked, its cut and filters."""

    patients: str
    keep: dict[str, str]

    def __call__(self, **asked: str) -> str:
        return f"{self.patients}?{urlencode(self.keep | {name: said for name, said in asked.items() if said})}"


def column(level: str) -> str:
    return "All" if level == ALL else f"Level {level}"


def part(x: int, n: int) -> str:
    """ "3 (50.0 %)"; a bare 0."""
    return f"{x} ({percent_text(Fraction(100 * x, n))})" if x else "0"


@dataclass(frozen=True, slots=True)
class Group:
    """One level of the table of adverse events, or all."""

    name: str
    n: int
    url: str


@dataclass(frozen=True, slots=True)
class Class:
    """A class with its terms; name "" of all events together."""

    name: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class AdversePage:
    groups: Sequence[Group]
    bands: Sequence[str]
    classes: Sequence[Class]


def adverse_page(table: AdverseTable, links: Links) -> AdversePage:
    """A column for each band of each level. The band of what is not graded stands only where there is any."""
    bands = [name for name in BANDS if name != "open" or table.ungraded]
    levels = [*table.levels, ALL]

    def row(line: Line, name: str) -> Row:
        cells = []
        for level in levels:
            for band in bands:
                x = getattr(line.counts[level], band)
                url = links(
                    show="adverse", level="" if level == ALL else level, soc=line.soc, term=line.term, band=band
                )
                cells.append((f"{column(level)}, {BANDS[band]}", Cell(part(x, table.n[level]), url if x else "")))
        return Row(name, cells, inner=bool(line.term))

    classes: list[tuple[str, list[Row]]] = []
    for line in table.lines:
        if not line.term:
            classes.append((line.soc, []))
        classes[-1][1].append(row(line, line.term or line.soc or "Any event"))
    return AdversePage(
        groups=[
            Group(
                column(level),
                table.n[level],
                links(show="treatment-treated", level="" if level == ALL else level),
            )
            for level in levels
        ],
        bands=[BANDS[band] for band in bands],
        classes=[Class(name, rows) for name, rows in classes],
    )


def overview_rows(safety: Safety, links: Links) -> list[Row]:
    found = overview(safety.emergent, safety.patients)
    return [_row(words, found[name], safety, links, f"overview-{name}") for name, (words, _) in OVERVIEW.items()]


def disposition_rows(safety: Safety, links: Links) -> list[Row]:
    found = disposition(safety.patients)
    rows = []
    for name, by_level in found.items():
        state, _, reason = name.partition(": ")
        words = reason or DISPOSITION[state][0]
        rows.append(_row(words, by_level, safety, links, f"treatment-{state}", reason=reason))
    return rows


def _row(
    name: str, by_level: Mapping[str, frozenset[int]], safety: Safety, links: Links, show: str, reason: str = ""
) -> Row:
    cells = []
    for level in (*safety.levels, ALL):
        x = len(by_level.get(level, ()))
        url = links(show=show, level="" if level == ALL else level, reason=reason)
        cells.append((column(level), Cell(part(x, safety.n[level]), url if x else "")))
    return Row(name, cells, inner=bool(reason))


def rate_rows(safety: Safety, outcomes: Mapping[int, str], links: Links) -> list[Row]:
    """Of each level treated, who counts, and the rate with its exact interval."""
    return [_rate_row(rate, links) for rate in dlt_rates(safety.patients, outcomes, safety.levels)]


def _rate_row(one: DltRate, links: Links) -> Row:
    def cell(name: str, x: int, show: str) -> tuple[str, Cell]:
        return name, Cell(str(x), links(show=show, level=one.level) if x else "")

    cells = [cell("Treated", one.treated, "treatment-treated")]
    numbers = {"evaluable": one.rate.n, "dlt": one.rate.x, "pending": one.pending, "left_out": one.left_out}
    cells += [cell(COUNTED[name][0], x, f"count-{name}") for name, x in numbers.items()]
    url = links(show="count-evaluable", level=one.level) if one.rate.n else ""
    return Row(column(one.level), [*cells, ("DLT rate (exact 95 %)", Cell(rate_words(one), url))])


def rate_words(one: DltRate) -> str:
    """ "1/6 · 16.7 % (0.4–64.1)"."""
    return proportion_words(one.rate)


def proportion_words(rate: Proportion) -> str:
    """ "1/6 · 16.7 % (0.4–64.1)"."""
    if rate.estimate is None or rate.lower is None or rate.upper is None:
        return "not estimable"
    share = percent_text(Fraction(100 * rate.x, rate.n))
    return f"{rate.x}/{rate.n} · {share} ({range_text(100 * rate.lower, 100 * rate.upper)})"


def beyond_rows(every: Sequence[InCycle], levels: Sequence[str], links: Links) -> list[Row]:
    """A row a level and cycle: patients at risk, and of each thing that may happen its rate with exact interval."""
    found = []
    for one in lines(every, levels):
        at = {"level": "" if one.level == ALL else one.level, "cycle": str(one.cycle)}
        cells = [("At risk", Cell(str(len(one.patients)), links(show="beyond-risk", **at)))]
        for name, words in WHAT.items():
            rate, who = one.found[name]
            of = name if who else "known" if name in OF_DOSES else "risk"  # of none who had it, of whom it is said
            cells.append((words, Cell(proportion_words(rate), links(show=f"beyond-{of}", **at) if rate.n else "")))
        found.append(Row(f"{column(one.level)}, cycle {one.cycle}", cells))
    return found


def exposure_rows(safety: Safety, links: Links) -> list[Row]:
    """A row a level: patients, cycles, days, and of each drug its days and its relative dose intensity."""
    found = exposure(safety.patients, safety.levels, safety.drugs)
    with_days = [name for name in safety.drugs if found[-1].dosed[name]]
    return [_exposure_row(one, safety.drugs, with_days, links) for one in found]


def _exposure_row(one: Exposure, drugs: Sequence[str], with_days: Sequence[str], links: Links) -> Row:
    level = "" if one.level == ALL else one.level

    def cell(what: str, found: Range | None, drug: str = "") -> tuple[str, Cell]:
        words = MEASURES[what][0]
        url = links(show=f"exposure-{what}", level=level, drug=drug) if found else ""
        named = f"{drug}, {words.lower()}" if drug else words
        return named, Cell(range_of(found, percent=what == "intensity"), url)

    cells = [
        ("Treated", Cell(str(one.n), links(show="treatment-treated", level=level))),
        cell("cycles", one.cycles),
        cell("days", one.days),
    ]
    for name in drugs:
        if name in with_days:
            cells.append(cell("dosed", one.dosed[name], name))
        cells.append(cell("intensity", one.intensity[name], name))
    return Row(column(one.level), cells)


def reduction_rows(safety: Safety, links: Links) -> list[Row]:
    """A row a level: of each drug how many patients had a dose below the step before."""
    found = exposure(safety.patients, safety.levels, safety.drugs)

    def cell(level: str, drug: str, x: int, n: int) -> Cell:
        url = links(show="exposure-reduced", level="" if level == ALL else level, drug=drug) if n else ""
        return Cell(f"{x} of {n}" if n else "–", url)

    return [
        Row(column(one.level), [(name, cell(one.level, name, *one.reduced[name])) for name in safety.drugs])
        for one in found
    ]


def incidence_rows(steps: Sequence[Step], followed: Sequence[Followed], cycle_days: int, links: Links) -> list[Row]:
    """At the end of each cycle who was at risk and the share of each end, with the patients who had come to it."""
    found = []
    for at in incidence_table(steps, followed, cycle_days):

        def share(words: str, said: str, end: str, day: int = at.day) -> tuple[str, Cell]:
            who = any(one.end == end and one.days <= day for one in followed)
            return words, Cell(said, links(show=f"first-{end}", day=str(day)) if who else "")

        cells = [
            ("At risk", Cell(str(at.n_risk), links(show="first-risk", day=str(at.day)) if at.n_risk else "")),
            share("First grade 3 or higher (95 %)", at.event, EVENT),
            share("Died before one", at.death, DEATH),
            share("Period over before one", at.ended, ENDED),
        ]
        found.append(Row(str(at.day), cells))
    return found


def value_words(wanted: Wanted, value: Fraction | None) -> str:
    """What a patient brings to a median."""
    if value is None:
        return ""
    return percent_text(value) if wanted.show == "exposure-intensity" else number(value)


def range_of(found: Range | None, *, percent: bool = False) -> str:
    """ "56 (28–84)": median, least and most."""
    if found is None:
        return "–"
    if percent:
        return f"{percent_text(found.median)} ({range_text(found.low, found.high)})"
    return f"{number(found.median)} ({number(found.low)}–{number(found.high)})"


def number(value: Fraction) -> str:
    """Whole, or with the half that a median may have."""
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.1f}"


def exposed(patient: Treated) -> str:
    """ "3 cycles, 62 days; selinexor 87.5 %"."""
    said = [f"{len(patient.cycles)} cycle{'' if len(patient.cycles) == 1 else 's'}"] if patient.recorded else []
    said.append(f"{treated_days(patient)} day{'' if treated_days(patient) == 1 else 's'}")
    return "; ".join(part for part in (", ".join(said), intensities(patient)) if part)


def intensities(patient: Treated) -> str:
    """ "selinexor 87.5 %; ruxolitinib 100.0 %"; "" where nothing was planned."""
    return "; ".join(
        f"{drug.name} {percent_text(100 * Fraction(drug.taken) / Fraction(drug.planned))}"
        for drug in patient.drugs
        if drug.planned
    )


def wanted_words(wanted: Wanted) -> str:
    """What a number counts, in words: "Adverse events of the table: Nausea, worst grade 3-4, level 2; related"."""
    said = [SHOWS[wanted.show]]
    if wanted.show == "adverse":
        said = [wanted.term or wanted.soc or "Any treatment-emergent event"]
        said += [f"worst grade {BANDS[wanted.band]}"] if wanted.band != "any" else []
        said += [FILTERED[name] for name in wanted.filters]
    said += [named for named in (wanted.drug, wanted.reason) if named]
    said += [f"by day {wanted.day}"] if wanted.day is not None else []
    said += [f"cycle {wanted.cycle}"] if wanted.cycle else []
    said += [f"level {wanted.level}"] if wanted.level else []
    return ", ".join(said)

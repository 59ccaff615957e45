"""Prognostic part of the biomarker results: PFS and OS by the value at baseline, and by its change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from assessments.endpoints.present import END, ENDPOINTS, Count, Fixed, curve_of, fixed, median_words
from trial.svg import EMPTY, survival_figure
from trial.svg.survival import key_words

from .results_words import Link, p_words, ratio_words, split_words

SHOWN_TIMES = ("PFS", "OS")
GROUPS = {"fall": "fall ≥ 50 %", "neither": "neither", "rise": "rise ≥ 25 %"}


@dataclass(frozen=True, slots=True)
class GroupRow:
    name: str
    n: Count
    events: Count
    median: str
    hazard: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One endpoint by group: curves with their at-risk table, log-rank test, hazard ratios."""

    key: str
    name: str
    what: str
    n: int
    share: str  # what the curves show
    figure: SafeString
    reads: str  # what is drawn and where it ends
    fixed: Fixed
    groups: Sequence[GroupRow]
    logrank: str
    because: str
    at_risk: Sequence[tuple[int, Sequence[str]]]  # month; at risk · events · censored of each group


@dataclass(frozen=True, slots=True)
class SplitRow:
    """A way to divide, with what came of it in short; `url` shows its curves."""

    words: str
    source: str
    url: str
    current: bool
    short: Sequence[str]  # of each endpoint
    because: str


@dataclass(frozen=True, slots=True)
class Prognostic:
    n: Count
    exploratory: bool
    splits: Sequence[SplitRow]
    shown: str
    because: str
    times: Sequence[Comparison]


@dataclass(frozen=True, slots=True)
class Change:
    n: int
    landmark: int
    undetermined: int
    times: Sequence[Comparison]
    notes: Sequence[str]

    @property
    def reads(self) -> str:
        return (
            f"Last value until day {self.landmark} (week 12 and the protocol's window) against baseline; times count "
            "from that day, of those who are followed without the event beyond it."
        )


def prognostic(index: int, said: Mapping[str, Any], link: Link, other: Callable[[str], str], asked: str) -> Prognostic:
    """other: the address that shows another division; asked: the division whose curves are shown, else the first."""
    keys = [row["split"] for row in said["splits"]]
    shown = said["splits"][keys.index(asked) if asked in keys else 0]
    key = shown["split"]

    def group(text: object, name: str, **more: str) -> Count:
        return link(text, group=f"{key}:{name}", **more)

    return Prognostic(
        n=link(said["n"], which="treated"),
        exploratory=said["exploratory"],
        splits=[
            SplitRow(
                words=split_words(row["split"], row["cuts"]),
                source=row["source"],
                url=other(row["split"]),
                current=row["split"] == key,
                short=[] if row["because"] else [_short(row["times"][name]) for name in SHOWN_TIMES],
                because=row["because"] or "",
            )
            for row in said["splits"]
        ],
        shown=split_words(key, shown["cuts"]),
        because=shown["because"] or "",
        times=[]
        if shown["because"]
        else [_comparison(f"{name.lower()}-{index}", name, shown["times"][name], group) for name in SHOWN_TIMES],
    )


def change(index: int, said: Mapping[str, Any], link: Link) -> Change:
    """said: PFS and OS from the landmark on, by the change of the value until then."""

    def group(text: object, name: str, **more: str) -> Count:
        return link(text, group=f"change:{name}", **more)

    notes = []
    for name in SHOWN_TIMES:
        gone = said["times"][name]["before_landmark"]
        if gone:
            notes.append(f"{gone} not followed without {'event' if name == 'PFS' else 'death'} beyond it ({name})")
    if said["undetermined"]:
        notes.append(f"{said['undetermined']} with a change that a value below the limit leaves open")
    return Change(
        n=said["n"],
        landmark=said["landmark"],
        undetermined=said["undetermined"],
        times=[
            _comparison(
                f"change-{name.lower()}-{index}",
                name,
                said["times"][name],
                lambda text, group_name, name=name, **more: group(text, group_name, after=name, **more),
                start=f"from day {said['landmark']}",
            )
            for name in SHOWN_TIMES
        ],
        notes=notes,
    )


def _short(said: Mapping[str, Any]) -> str:
    if said["logrank"] is None:
        return said["because"] or "not estimable"
    hazards = "; ".join(f"{name} HR {ratio_words(row)}" for name, row in said["hazard"].items())
    return f"log-rank {p_words(said['logrank']['p'])}; {hazards}"


def _comparison(
    key: str, name: str, said: Mapping[str, Any], group: Callable[..., Count], start: str = "from first dose"
) -> Comparison:
    named = ENDPOINTS[name]
    there = {GROUPS.get(label, label).capitalize(): row for label, row in said["groups"].items() if row["n"]}
    curves = [curve_of(label, row) for label, row in there.items()]
    figure = EMPTY
    if curves:
        figure = survival_figure(
            curves,
            key=f"km-{key}",
            title=f"{named.name} by sBCMA, Kaplan-Meier",
            desc=f"Share {named.what} by months {start}. "
            + " ".join(f"{c.name}: n = {c.n}, median {c.median}." for c in curves),
        )
    return Comparison(
        key=key,
        name=named.name,
        what=f"share {named.what}, {start}",
        n=said["n"],
        share=named.what,
        figure=figure,
        reads=key_words(curves, END),
        fixed=fixed(there),
        groups=[
            GroupRow(
                name=GROUPS.get(label, label),
                n=group(row["n"], label, time=name),
                events=group(row["n_events"], label, time=name, event="1"),
                median=median_words(row["median"], row["n"]),
                hazard=_hazard(said, label),
            )
            for label, row in said["groups"].items()
        ],
        logrank=p_words(said["logrank"]["p"]) if said["logrank"] else "not estimable",
        because=said["because"] or "",
        at_risk=[
            (
                rows[0]["month"],
                [f"{row['n_risk']} · {row['events']} · {row['censored']}" for row in rows],
            )
            for rows in zip(*(row["at_risk"] for row in there.values()), strict=True)
        ],
    )


def _hazard(said: Mapping[str, Any], label: str) -> str:
    if label == said["reference"]:
        return "1, the reference"
    row = said["hazard"].get(label)
    if row is None or row["hr"] is None:
        return "not estimable"
    return f"{ratio_words(row)}, {p_words(row['p'])}"

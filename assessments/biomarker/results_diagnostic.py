"""Diagnostic part of the biomarker results: patients against controls, ROC curve, cut-offs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from assessments.endpoints.present import Count, rate_words
from trial.percentages import percent_text, range_text
from trial.svg import EMPTY

from .figures import Operating, roc_figure
from .results_words import Link, ng

BEST = "Youden's best, chosen on these very patients and so too favourable"


@dataclass(frozen=True, slots=True)
class CutRow:
    cut: str
    source: str
    sensitivity: str
    specificity: str
    because: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    cases: Count
    controls: int
    exploratory: bool
    auc: str
    because: str
    figure: SafeString
    best: Sequence[CutRow]
    cuts: Sequence[CutRow]
    curve: Sequence[CutRow]
    below: str

    @property
    def reads(self) -> str:
        """What the figure shows."""
        squares = "squares: cut-offs of the record; " if self.cuts else ""
        return f"Up: sensitivity. Diamond: Youden's best cut-off; {squares}dotted: no better than chance."

    @property
    def of_best(self) -> str:
        return BEST


def diagnostic(index: int, said: Mapping[str, Any], link: Link) -> Diagnostic:
    """index: the assay's place in the run's result `said`; link: makes a number that leads to its patients."""
    found = said["diagnostic"]
    below = found["below_limit"]
    known = [row for row in found["at"] if not row["because"]]
    figure = EMPTY
    if found["auc"] is not None:
        figure = roc_figure(
            [Operating(row["sensitivity"], row["specificity"]) for row in reversed(found["cutoffs"])],
            best=[Operating(row["sensitivity"], row["specificity"], _youden(row)) for row in found["youden"]],
            cuts=[
                Operating(
                    row["sensitivity"]["estimate"], row["specificity"]["estimate"], f"Cut-off {ng(row['value'])} ng/mL"
                )
                for row in known
            ],
            key=f"roc-{index}",
            title=f"ROC curve, {said['name']}",
            desc=f"Sensitivity by 1 − specificity of {found['cases']} patients against {found['controls']} controls.",
        )
    return Diagnostic(
        cases=link(found["cases"], which="baseline"),
        controls=found["controls"],
        exploratory=found["exploratory"],
        auc=_auc(found),
        because=found["because"] or "",
        figure=figure,
        best=[
            CutRow(
                _threshold(row["threshold"]),
                f"index {row['youden']:.2f}",
                percent_text(100 * row["sensitivity"]),
                percent_text(100 * row["specificity"]),
                "",
            )
            for row in found["youden"]
        ],
        cuts=[
            CutRow(
                f"{ng(row['value'])} ng/mL",
                row["source"],
                "" if row["because"] else rate_words(row["sensitivity"]),
                "" if row["because"] else rate_words(row["specificity"]),
                row["because"] or "",
            )
            for row in found["at"]
        ],
        curve=[
            CutRow(_threshold(row["threshold"]), "", _limits(row, "sensitivity"), _limits(row, "specificity"), "")
            for row in found["cutoffs"]
        ],
        below=f"Below the limit: {below['cases']} of {found['cases']} patients, "
        f"{below['controls']} of {found['controls']} controls; they rank alike, under every measured value.",
    )


def _auc(found: Mapping[str, Any]) -> str:
    if found["auc"] is None:
        return "not estimable"
    if found["lower"] is None:
        return f"{found['auc']:.3f}, no interval"
    return f"{found['auc']:.3f} ({found['lower']:.3f}–{found['upper']:.3f})"


def _threshold(value: float | str) -> str:
    match value:
        case "-Inf":
            return "everybody is positive"
        case "Inf":
            return "nobody is positive"
        case str():
            return value
        case _:
            return f"{ng(value)} ng/mL"


def _limits(row: Mapping[str, Any], name: str) -> str:
    limits = range_text(100 * row[f"{name}_lower"], 100 * row[f"{name}_upper"])
    return f"{percent_text(100 * row[name])} ({limits})"


def _youden(row: Mapping[str, Any]) -> str:
    return f"Youden: {_threshold(row['threshold'])}, index {row['youden']:.2f}"

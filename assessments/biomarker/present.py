"""What the biomarker page shows of a stored run: plain data and figures, no questions to the database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.safestring import SafeString

from assessments.endpoints import settings_sets
from assessments.endpoints.models import EndpointRun
from assessments.endpoints.present import Count
from trial.svg import EMPTY

from .figures import Course, course_figure
from .results_diagnostic import Diagnostic, diagnostic
from .results_groups import Change, Prognostic, change, prognostic
from .results_rates import FisherRow, ResponseValues, fisher, values
from .results_words import Link, ng

METHODS = (
    "AUC with DeLong's interval, clipped to 0–1; higher means myeloma, fixed beforehand. Kaplan-Meier with log-log "
    "limits, log-rank test, Cox with Efron's ties. Fisher's exact test, two-sided, with the conditional odds ratio. "
    "Rates with exact Clopper-Pearson intervals. All intervals 95 %, no correction for many tests."
)
VALUES = "In the table of values half of the lower limit stands for what lies below it."


@dataclass(frozen=True, slots=True)
class AssayPart:
    index: int
    name: str
    measured: Count
    baseline: Count
    treated: Count
    courses: SafeString
    courses_read: str  # what their figure shows
    diagnostic: Diagnostic
    prognostic: Prognostic
    change: Change
    exploratory_response: bool
    n_response: int
    rows: Sequence[FisherRow]
    values: Sequence[ResponseValues]

    @property
    def values_read(self) -> str:
        return VALUES


@dataclass(frozen=True, slots=True)
class ResultsPage:
    run: EndpointRun
    settings_name: str
    sets: Mapping[str, int]
    denominator: str
    assays: Sequence[AssayPart]
    settings: Sequence[str]

    @property
    def methods(self) -> str:
        return METHODS


def splits(run: EndpointRun) -> set[str]:
    """By which the patients are divided, of any assay."""
    return {row["split"] for assay in run.result["assays"] for row in assay["prognostic"]["splits"]}


def page(run: EndpointRun, here: str, patients_url: str, split: str = "median") -> ResultsPage:
    """here: the page's own address; patients_url: of the run's patients, to whose parts the numbers link."""
    evaluable = run.settings["denominator"] == "response_evaluable"

    def part(index: int, said: Mapping[str, Any]) -> AssayPart:
        def link(text: object, **asked: str) -> Count:
            query = {"settings": run.settings_name, "assay": str(index), **asked}
            return Count(str(text), f"{patients_url}?{urlencode(query)}")

        def other(key: str) -> str:
            return f"{here}?{urlencode({'settings': run.settings_name, 'split': key})}#prognostic-{index}"

        return _assay(index, said, link, other, split, evaluable=evaluable)

    return ResultsPage(
        run=run,
        settings_name=settings_sets.called(run.settings_name),
        sets=run.result["sets"],
        denominator="response-evaluable" if evaluable else "all treated",
        assays=[part(k, said) for k, said in enumerate(run.result["assays"])],
        settings=settings_sets.under(run.settings_name, run.settings),
    )


def _assay(
    index: int, said: Mapping[str, Any], link: Link, other: Callable[[str], str], split: str, *, evaluable: bool
) -> AssayPart:
    sets, strata = said["sets"], said["stratification"]
    among = {"which": "response_evaluable"} if evaluable else {}
    return AssayPart(
        index=index,
        name=said["name"],
        measured=link(sets["measured"], which="measured"),
        baseline=link(sets["baseline"], which="baseline"),
        treated=link(sets["treated"], which="treated"),
        courses=_courses(index, said),
        courses_read=_courses_read(said),
        diagnostic=diagnostic(index, said, link),
        prognostic=prognostic(index, said["prognostic"], link, other, split),
        change=change(index, said["prognostic"]["change"], link),
        exploratory_response=strata["exploratory"],
        n_response=strata["n"],
        rows=[fisher(row, rate, link, among) for row in strata["splits"] for rate in ("orr", "cbr")],
        values=[values(row, link) for row in strata["by_response"] if row["n"]],
    )


def _courses_read(said: Mapping[str, Any]) -> str:
    shown = [patient for patient in said["patients"] if patient["treated"] and patient["values"]]
    below = any(v["value"] is None for patient in shown for v in patient["values"])
    cuts = [ng(row["value"]) for row in said["diagnostic"]["at"]]
    signs = ["A line a patient; fine dots lead to the number"]
    if any(patient["groups"]["median"] == "high" for patient in shown):
        signs.append("dashed line: high at baseline (median or above)")
    limit = f"dotted across: the lower limit of {ng(said['lower_limit'])} ng/mL"
    signs.append(f"{limit}, open rings lie below it" if below else limit)
    if cuts:
        name = "diagnostic cut-off" if len(cuts) == 1 else "diagnostic cut-offs"
        signs.append(f"dashed across: the {name} of {' and '.join(cuts)} ng/mL")
    return f"{'; '.join(signs)}."


def _courses(index: int, said: Mapping[str, Any]) -> SafeString:
    followed = [
        Course(
            code=f"{patient['number']:03d}",
            points=[(v["day"], v["value"]) for v in patient["values"]],
            look=1 if patient["groups"]["median"] == "high" else 0,
        )
        for patient in said["patients"]
        if patient["treated"] and patient["values"]
    ]
    if not followed:
        return EMPTY
    cuts = [row["value"] for row in said["diagnostic"]["at"]]
    return course_figure(
        followed,
        limit=said["lower_limit"],
        cuts=cuts,
        key=f"courses-{index}",
        title=f"sBCMA over time, {said['name']}",
        desc=f"sBCMA in ng/mL by day after the first dose of {len(followed)} treated patients.",
    )

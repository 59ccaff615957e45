"""What the biomarker page shows of a stored run: plain data and figures, no questions to the database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.safestring import SafeString

from assessments.endpoints import settings_sets
from assessments.endpoints.models import EndpointRun
from assessments.endpoints.present import ENDPOINTS, Count, curve_of, median_words, rate_words
from trial.svg import survival_figure

from .figures import Course, Operating, course_figure, roc_figure

SHOWN_TIMES = ("PFS", "OS")
HALVES = ("high", "low")
GROUPS = {"fall": "fall ≥ 50 %", "neither": "neither", "rise": "rise ≥ 25 %"}
NO_FIGURE = SafeString("")
Link = Callable[..., Count]


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
    figure: SafeString
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


@dataclass(frozen=True, slots=True)
class FisherRow:
    split: str
    source: str
    rate: str
    groups: Sequence[Count]  # in the order of HALVES
    test: str


@dataclass(frozen=True, slots=True)
class ResponseValues:
    best: str
    n: Count
    median: str
    range: str


@dataclass(frozen=True, slots=True)
class AssayPart:
    index: int
    name: str
    limit: str
    measured: Count
    baseline: Count
    treated: Count
    courses: SafeString
    diagnostic: Diagnostic
    prognostic: Prognostic
    change: Change
    exploratory_response: bool
    n_response: int
    rows: Sequence[FisherRow]
    values: Sequence[ResponseValues]


@dataclass(frozen=True, slots=True)
class ResultsPage:
    run: EndpointRun
    settings_name: str
    sets: Mapping[str, int]
    denominator: str
    assays: Sequence[AssayPart]
    settings: Sequence[str]


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
        settings_name=settings_sets.NAMES.get(run.settings_name, run.settings_name).lower(),
        sets=run.result["sets"],
        denominator="response-evaluable" if evaluable else "all treated",
        assays=[part(k, said) for k, said in enumerate(run.result["assays"])],
        settings=settings_sets.words(run.settings),
    )


def split_words(key: str, cuts: Sequence[float] = ()) -> str:
    """ "median (312 ng/mL)", "tertiles (120 and 400 ng/mL)" or "cut-off 300 ng/mL"."""
    at = f" ({' and '.join(ng(cut) for cut in cuts)} ng/mL)" if cuts else ""
    match key:
        case "median":
            return f"median{at}"
        case "tertile":
            return f"tertiles{at}"
        case _:
            return f"cut-off {key.removeprefix('cutoff-')} ng/mL"


def ng(value: float) -> str:
    """A concentration as people write it: at most four figures that matter, never as a power of ten."""
    return f"{value:.0f}" if value >= 1000 else f"{value:.4g}"


def p_words(p: float | None) -> str:
    if p is None:
        return "not estimable"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _assay(
    index: int, said: Mapping[str, Any], link: Link, other: Callable[[str], str], split: str, *, evaluable: bool
) -> AssayPart:
    sets, strata = said["sets"], said["stratification"]
    among = {"which": "response_evaluable"} if evaluable else {}
    return AssayPart(
        index=index,
        name=said["name"],
        limit=ng(said["lower_limit"]),
        measured=link(sets["measured"], which="measured"),
        baseline=link(sets["baseline"], which="baseline"),
        treated=link(sets["treated"], which="treated"),
        courses=_courses(index, said),
        diagnostic=_diagnostic(index, said, link),
        prognostic=_prognostic(index, said["prognostic"], link, other, split),
        change=_change(index, said["prognostic"]["change"], link),
        exploratory_response=strata["exploratory"],
        n_response=strata["n"],
        rows=[_fisher(row, rate, link, among) for row in strata["splits"] for rate in ("orr", "cbr")],
        values=[_values(row, link) for row in strata["by_response"] if row["n"]],
    )


# ---- values over time ----


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
        return NO_FIGURE
    cuts = [row["value"] for row in said["diagnostic"]["at"]]
    return course_figure(
        followed,
        limit=said["lower_limit"],
        cuts=cuts,
        key=f"courses-{index}",
        title=f"sBCMA over time, {said['name']}",
        desc=f"sBCMA in ng/mL by day after the first dose of {len(followed)} treated patients.",
    )


# ---- diagnostic ----


def _diagnostic(index: int, said: Mapping[str, Any], link: Link) -> Diagnostic:
    found = said["diagnostic"]
    below = found["below_limit"]
    known = [row for row in found["at"] if not row["because"]]
    figure = NO_FIGURE
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
                _percent(row["sensitivity"]),
                _percent(row["specificity"]),
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


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _limits(row: Mapping[str, Any], name: str) -> str:
    return f"{100 * row[name]:.0f} % ({100 * row[f'{name}_lower']:.0f}–{100 * row[f'{name}_upper']:.0f})"


def _youden(row: Mapping[str, Any]) -> str:
    return f"Youden: {_threshold(row['threshold'])}, index {row['youden']:.2f}"


# ---- prognostic ----


def _prognostic(index: int, said: Mapping[str, Any], link: Link, other: Callable[[str], str], asked: str) -> Prognostic:
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


def _change(index: int, said: Mapping[str, Any], link: Link) -> Change:
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
    hazards = "; ".join(f"{name} HR {_ratio(row)}" for name, row in said["hazard"].items())
    return f"log-rank {p_words(said['logrank']['p'])}; {hazards}"


def _ratio(row: Mapping[str, Any], ratio: str = "hr") -> str:
    """ "0.59 (0.42–0.82)"; a limit that is infinite is said so."""
    if row[ratio] is None:
        return "not estimable"
    upper = "∞" if row["upper"] is None else f"{row['upper']:.2f}"
    return f"{row[ratio]:.2f} ({row['lower']:.2f}–{upper})"


def _comparison(
    key: str, name: str, said: Mapping[str, Any], group: Callable[..., Count], start: str = "from first dose"
) -> Comparison:
    named = ENDPOINTS[name]
    there = {label: row for label, row in said["groups"].items() if row["n"]}
    curves = [curve_of(GROUPS.get(label, label).capitalize(), row) for label, row in there.items()]
    figure = NO_FIGURE
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
        figure=figure,
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
    return f"{_ratio(row)}, {p_words(row['p'])}"


# ---- stratification ----


def _fisher(row: Mapping[str, Any], rate: str, link: Link, among: Mapping[str, str]) -> FisherRow:
    found = row["rates"][rate]
    test = found["because"] or f"{p_words(found['p'])}; odds ratio {_odds(found)}"
    return FisherRow(
        split=split_words(row["split"], row["cuts"]),
        source=row["source"],
        rate=rate.upper(),
        groups=[
            link(rate_words(found["rates"][name]), group=f"{row['split']}:{name}", rate=rate, **among)
            for name in HALVES
        ]
        if row["groups"]
        else [],
        test=test,
    )


def _odds(found: Mapping[str, Any]) -> str:
    """The conditional odds ratio; where nobody of a group is without the response it is infinite, as R says."""
    if found["odds_ratio"] is None:
        return f"∞ ({found['lower']:.2f}–∞)"
    return _ratio(found, "odds_ratio")


def _values(row: Mapping[str, Any], link: Link) -> ResponseValues:
    return ResponseValues(
        best=row["best"],
        n=link(row["n"], which="treated", best=row["best"]),
        median=ng(row["median"]),
        range=f"{ng(row['least'])}–{ng(row['most'])}",
    )

"""What the Efficacy page shows, from a stored run: plain data and figures, no questions to the database.

Times are stored in days and shown in months of 30.4375 days. A dash stands for "not estimable", said under each table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.safestring import SafeString

from trial import svg
from trial.svg import AtRisk, Curve, Ink, survival_figure
from trial.svg.survival import MOST

from . import settings_sets
from .models import EndpointRun

MONTH = 30.4375  # days
END = 30  # months: the time frame of every endpoint
COLUMNS = ("CR", "VGPR", "PR", "MR", "SD", "PD", "NE")
ALL = "All"


@dataclass(frozen=True, slots=True)
class Named:
    """An endpoint in words. `what` is the share that its curve shows, `start` where it counts from."""

    name: str
    what: str
    start: str
    whom: str


ENDPOINTS = {
    "PFS": Named("Progression-free survival", "alive without progression", "first dose", "all treated"),
    "TTP": Named("Time to progression", "without progression", "first dose", "all treated"),
    "TTR": Named("Time to first response", "without a confirmed response", "first dose", "all treated"),
    "DOR": Named("Duration of response", "still responding", "first confirmed response", "responders"),
    "OS": Named("Overall survival", "alive", "first dose", "all treated"),
}
SETS = {
    "safety": "Safety: any dose, by level received",
    "dlt_evaluable": "DLT-evaluable",
    "all_treated": "All treated",
    "response_evaluable": "Response-evaluable",
}


@dataclass(frozen=True, slots=True)
class Count:
    """A number that opens its patients."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Rate:
    x: Count
    words: str  # "3/6 · 50 % (12–88)"
    unconfirmed: str
    bar: SafeString  # the interval from 0 to 100 %; the words say the same


@dataclass(frozen=True, slots=True)
class ResponseRow:
    level: str
    treated: Count
    denominator: Count
    best: Sequence[Count]  # in the order of COLUMNS
    orr: Rate
    cbr: Rate
    total: bool


@dataclass(frozen=True, slots=True)
class Landmark:
    month: int
    n_risk: int
    words: str


@dataclass(frozen=True, slots=True)
class MedianRow:
    level: str
    n: Count
    events: Count
    median: str
    quartiles: str


@dataclass(frozen=True, slots=True)
class TimeCard:
    key: str
    named: Named
    figure: SafeString
    at_risk: Sequence[Mapping[str, Any]]
    landmarks: Sequence[Landmark]
    medians: Sequence[MedianRow]
    beside: Sequence[MedianRow]  # the primary analysis and its sensitivity analyses, where there are any
    n: int
    note: str  # of those with the event, or why there is no curve


@dataclass(frozen=True, slots=True)
class EfficacyPage:
    run: EndpointRun
    settings_name: str
    sets: Sequence[tuple[str, Count]]
    rows: Sequence[ResponseRow]
    denominator: str
    times: Sequence[TimeCard]
    settings: Sequence[str]
    by_level: bool
    may_split: bool  # few enough levels for curves that can be told apart


def page(
    run: EndpointRun, patients_url: str, beside: Sequence[EndpointRun] = (), *, by_level: bool = False
) -> EfficacyPage:
    """patients_url: the page of the run's patients; the numbers link to parts of it.

    beside: the runs of the same cut under every set of settings, this one too, the primary first.
    """
    result, levels = run.result, run.result["levels"]
    link = _link(run, patients_url)
    compared = [(one, _link(one, patients_url)) for one in beside] if len(beside) > 1 else []

    evaluable = "response_evaluable" if run.settings["denominator"] == "response_evaluable" else ""
    may_split = 1 < len(levels) <= MOST
    by_level = by_level and may_split
    response = result["response"]
    rows = [_row(label, response["levels"][label], link, evaluable) for label in reversed(levels)]
    return EfficacyPage(
        run=run,
        settings_name=settings_sets.called(run.settings_name),
        sets=[(words, link(result["sets"][name], which=name)) for name, words in SETS.items()],
        rows=[*rows, _row(ALL, response["all"], link, evaluable)],
        denominator="response-evaluable" if evaluable else "all treated",
        times=[
            _card(key, result["times"][key], levels, link, compared if key in settings_sets.OF else [], by_level)
            for key in ENDPOINTS
        ],
        settings=settings_sets.under(run.settings_name, run.settings),
        by_level=by_level,
        may_split=may_split,
    )


def _link(run: EndpointRun, patients_url: str) -> Any:
    def link(number: int, **part: str) -> Count:
        return Count(str(number), f"{patients_url}?{urlencode({'settings': run.settings_name, **part})}")

    return link


def _row(label: str, said: Mapping[str, Any], link: Any, evaluable: str) -> ResponseRow:
    part = {} if label == ALL else {"level": label}
    among = {**part, **({"which": evaluable} if evaluable else {})}
    best = dict(said["best"])
    best["CR"] += best.pop("sCR")
    return ResponseRow(
        level=label,
        treated=link(said["treated"], **part),
        denominator=link(said["denominator"], **among),
        best=[link(best[name], best=name, **among) for name in COLUMNS],
        orr=_rate(said, "orr", link, among),
        cbr=_rate(said, "cbr", link, among),
        total=label == ALL,
    )


def _rate(said: Mapping[str, Any], name: str, link: Any, among: Mapping[str, str]) -> Rate:
    rate, other = said[name], said[f"{name}_unconfirmed"]
    return Rate(
        x=link(rate["x"], rate=name, **among),
        words=rate_words(rate),
        unconfirmed=f"{other['x']}/{other['n']} if unconfirmed responses counted",
        bar=_bar(rate),
    )


def _bar(rate: Mapping[str, Any]) -> SafeString:
    if rate["estimate"] is None:
        return SafeString("")
    x = svg.Scale(0, 1, 2, 118)
    low, at, high = (x(rate[k]) for k in ("lower", "estimate", "upper"))
    parts = [svg.line(2, 8, 118, 8), svg.line(low, 8, high, 8, stroke=Ink.ACCENT, width=3), svg.circle(at, 8, 4)]
    return svg.hidden_figure(120, 16, parts=parts, cls="rate-bar")


def rate_words(rate: Mapping[str, Any]) -> str:
    """ "3/6 · 50 % (12–88)", or that nothing is estimable."""
    if rate["estimate"] is None:
        return f"{rate['x']}/{rate['n']} · not estimable"
    return (
        f"{rate['x']}/{rate['n']} · {100 * rate['estimate']:.0f} % "
        f"({100 * rate['lower']:.0f}–{100 * rate['upper']:.0f})"
    )


def months(days: float | None) -> str:
    return "–" if days is None else f"{days / MONTH:.1f}"


def median_words(median: Sequence[float | None], n: int) -> str:
    """ "8.2 months (3.1–not reached)"; a median beyond the time frame is marked so."""
    value, lower, upper = median
    if n == 0:
        return "not estimable: nobody"
    if value is None:
        low = f", lower limit {months(lower)} months" if lower is not None else ""
        return f"not reached{low}"
    beyond = f", beyond {END} months" if value / MONTH > END else ""
    low = months(lower) if lower is not None else "not estimable"
    high = months(upper) if upper is not None else "not reached"
    return f"{months(value)} months ({low}–{high}){beyond}"


def _card(
    key: str,
    said: Mapping[str, Any],
    levels: Sequence[str],
    link: Any,
    compared: Sequence[tuple[EndpointRun, Any]],
    by_level: bool,
) -> TimeCard:
    named, all_ = ENDPOINTS[key], said["all"]
    groups = {f"Level {label}": said["levels"][label] for label in levels} if by_level else {ALL: all_}
    curves = [curve_of(name, group) for name, group in groups.items() if group["n"]]
    figure = SafeString("")
    if curves:
        figure = survival_figure(
            curves,
            key=f"km-{key.lower()}",
            title=f"{named.name}, Kaplan-Meier",
            desc=f"Share {named.what} by months from {named.start}. "
            + " ".join(f"{c.name}: n = {c.n}, median {c.median}." for c in curves),
            end=END,
        )
    medians = [_median_row(key, f"Level {label}", said["levels"][label], link, {"level": label}) for label in levels]
    return TimeCard(
        key=key,
        named=named,
        figure=figure,
        at_risk=all_["at_risk"],
        landmarks=[Landmark(row["month"], row["n_risk"], _share(row)) for row in all_["landmarks"]],
        medians=[*medians, _median_row(key, ALL, all_, link, {})],
        beside=[
            _median_row(key, settings_sets.NAMES[one.settings_name], one.result["times"][key]["all"], theirs, {})
            for one, theirs in compared
        ],
        n=all_["n"],
        note=_note(key, all_),
    )


def _share(row: Mapping[str, Any]) -> str:
    if row["surv"] is None:
        return "–"
    limits = "–" if row["lower"] is None else f"{100 * row['lower']:.0f}–{100 * row['upper']:.0f}"
    return f"{100 * row['surv']:.0f} % ({limits})"


def _note(key: str, said: Mapping[str, Any]) -> str:
    if not said["n"]:
        return "Not estimable: nobody has responded yet." if key == "DOR" else "Not estimable: nobody is treated yet."
    reached = said["of_events"]
    if key == "TTR" and reached["n"]:
        return (
            f"In the {reached['n']} who responded, described and not estimated: "
            f"median {months(reached['median'])} months, "
            f"from {months(reached['least'])} to {months(reached['most'])}."
        )
    return (
        f"{said['n_events']} with the event, {said['n_censored']} censored; "
        "nothing is estimated after the last observation."
    )


def curve_of(name: str, said: Mapping[str, Any]) -> Curve:
    """A stored curve as the figure takes it, in months."""
    curve = said["curve"]
    return Curve(
        name=name,
        n=said["n"],
        median=median_words(said["median"], said["n"]),
        months=[day / MONTH for day in curve["time"]],
        surv=curve["surv"],
        lower=curve["lower"],
        upper=curve["upper"],
        censored=curve["n_censor"],
        at_risk=[AtRisk(**row) for row in said["at_risk"]],
    )


def _median_row(key: str, label: str, said: Mapping[str, Any], link: Any, part: Mapping[str, str]) -> MedianRow:
    q = said["quartiles"]
    return MedianRow(
        level=label,
        n=link(said["n"], time=key, **part),
        events=link(said["n_events"], time=key, event="1", **part),
        median=median_words(said["median"], said["n"]),
        quartiles=f"{months(q['0.25'][0])} / {months(q['0.75'][0])}",
    )

"""What the Efficacy page shows, from a stored run: plain data and figures, no questions to the database.

Times are stored in days and shown in months of 30.4375 days. A dash stands for "not estimable", said under each table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.utils.safestring import SafeString

from trial import svg
from trial.percentages import percent_text, range_text
from trial.svg import AtRisk, Curve, Ink, survival_figure
from trial.svg.survival import MOST, key_words, shown_months

from . import settings_sets
from .models import EndpointRun

MONTH = 30.4375  # days
END = 30  # months: the time frame of every endpoint
COLUMNS = {"CR": "sCR+CR", **{name: name for name in ("VGPR", "PR", "MR", "SD", "PD", "NE")}}  # stored name, in words
ALL = "All"
WIDE = 1120  # pixels: a figure as wide as its card


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
    words: str  # "3/6 · 50.0 % (11.8–88.2)"
    unconfirmed: str
    bar: SafeString  # the interval from 0 to 100 %; the words say the same


@dataclass(frozen=True, slots=True)
class ResponseRow:
    level: str
    treated: Count
    denominator: Count
    best: Sequence[tuple[str, Count]]  # by the words of COLUMNS
    orr: Rate
    cbr: Rate
    total: bool


@dataclass(frozen=True, slots=True)
class Fixed:
    """The shares at fixed months: a column for each group, a row for each month with (at risk, share and limits)."""

    groups: Sequence[str]
    rows: Sequence[tuple[int, Sequence[tuple[int, str]]]]


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
    fixed: Fixed
    medians: Sequence[MedianRow]
    beside: Sequence[MedianRow]  # the primary analysis and its sensitivity analyses, where there are any
    n: int
    reads: str  # what is drawn and where it ends
    note: str  # of those with the event, or why there is no curve


@dataclass(frozen=True, slots=True)
class Glance:
    """One of the times in the overview: all levels together. bar: its interval from 0 to the overview's last month."""

    key: str
    named: Named
    row: MedianRow
    bar: SafeString
    note: str  # of the time to first response: what was seen in those who responded


@dataclass(frozen=True, slots=True)
class EfficacyPage:
    run: EndpointRun
    settings_name: str
    sets: Sequence[tuple[str, Count]]
    rows: Sequence[ResponseRow]
    denominator: str
    overview: Sequence[Glance]
    overview_end: int  # months
    times: Sequence[TimeCard]
    settings: Sequence[str]
    by_level: bool
    may_split: bool  # few enough levels for curves that can be told apart


def page(
    run: EndpointRun,
    patients_url: str,
    beside: Sequence[EndpointRun] = (),
    *,
    by_level: bool = False,
    width: int = WIDE,
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
    whole = {key: result["times"][key]["all"] for key in ENDPOINTS}
    last = shown_months([curve_of(key, said) for key, said in whole.items()], END)
    return EfficacyPage(
        run=run,
        settings_name=settings_sets.called(run.settings_name),
        sets=[(words, link(result["sets"][name], which=name)) for name, words in SETS.items()],
        rows=[*rows, _row(ALL, response["all"], link, evaluable)],
        denominator="response-evaluable" if evaluable else "all treated",
        overview=[_glance(key, said, link, last) for key, said in whole.items()],
        overview_end=last,
        times=[
            _card(key, result["times"][key], levels, link, compared if key in settings_sets.OF else [], by_level, width)
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
        best=[(words, link(best[name], best=name, **among)) for name, words in COLUMNS.items()],
        orr=_rate(said, "orr", link, among),
        cbr=_rate(said, "cbr", link, among),
        total=label == ALL,
    )


def _rate(said: Mapping[str, Any], name: str, link: Any, among: Mapping[str, str]) -> Rate:
    rate, other = said[name], said[f"{name}_unconfirmed"]
    waiting = said.get("unassessed", 0)  # results of before do not say
    if waiting and waiting == rate["n"]:  # no rate of people whom nobody has assessed
        return Rate(link(waiting, **among), f"{waiting} not yet assessed", "", SafeString(""))
    return Rate(
        x=link(rate["x"], rate=name, **among),
        words=rate_words(rate),
        unconfirmed=f"{other['x']}/{other['n']} if unconfirmed responses counted"
        + (f"; {waiting} not yet assessed" if waiting else ""),
        bar=_bar(rate),
    )


def _bar(rate: Mapping[str, Any]) -> SafeString:
    if rate["estimate"] is None:
        return SafeString("")
    x = svg.Scale(0, 1, 5, 115)
    low, at, high = (x(rate[k]) for k in ("lower", "estimate", "upper"))
    parts = [svg.line(5, 8, 115, 8), svg.line(low, 8, high, 8, stroke=Ink.ACCENT, width=3), svg.circle(at, 8, 4)]
    return svg.hidden_figure(120, 16, parts=parts, cls="rate-bar")


def rate_words(rate: Mapping[str, Any]) -> str:
    """ "3/6 · 50.0 % (11.8–88.2)", or that nothing is estimable."""
    if rate["estimate"] is None:
        return f"{rate['x']}/{rate['n']} · not estimable"
    share = percent_text(Fraction(100 * rate["x"], rate["n"]))
    return f"{rate['x']}/{rate['n']} · {share} ({range_text(100 * rate['lower'], 100 * rate['upper'])})"


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
    width: int,
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
            width=width,
        )
    medians = [_median_row(key, f"Level {label}", said["levels"][label], link, {"level": label}) for label in levels]
    return TimeCard(
        key=key,
        named=named,
        figure=figure,
        at_risk=all_["at_risk"],
        fixed=fixed({**groups, ALL: all_}),
        medians=[*medians, _median_row(key, ALL, all_, link, {})],
        beside=[
            _median_row(key, settings_sets.NAMES[one.settings_name], one.result["times"][key]["all"], theirs, {})
            for one, theirs in compared
        ],
        n=all_["n"],
        reads=key_words(curves, END),
        note=_note(key, all_),
    )


def fixed(groups: Mapping[str, Mapping[str, Any]]) -> Fixed:
    """groups: stored curves by name; those of nobody are left out."""
    there = {name: said["landmarks"] for name, said in groups.items() if said["n"]}
    months_ = zip(*there.values(), strict=True)
    return Fixed(list(there), [(rows[0]["month"], [(row["n_risk"], _share(row)) for row in rows]) for rows in months_])


def _glance(key: str, said: Mapping[str, Any], link: Any, last: int) -> Glance:
    return Glance(
        key=key,
        named=ENDPOINTS[key],
        row=_median_row(key, ALL, said, link, {}),
        bar=_median_bar(said["median"], last) if said["n"] else svg.EMPTY,
        note=_note(key, said) if key == "TTR" and said["of_events"]["n"] else "",
    )


def _median_bar(median: Sequence[float | None], last: int) -> SafeString:
    """The interval as a line, an arrow where its upper limit is not reached, a point at the median."""
    value, low, high = (None if days is None else days / MONTH for days in median)
    x = svg.Scale(0, last, 4, 216)
    parts = [svg.line(4, 8, 216, 8), svg.line(4, 4, 4, 12)]
    if low is not None:
        end = x(min(high if high is not None else last, last))
        parts.append(svg.line(x(min(low, last)), 8, end, 8, stroke=Ink.ACCENT, width=3))
        if high is None or high > last:
            parts.append(svg.polygon(((216, 3), (224, 8), (216, 13)), fill=Ink.ACCENT))
    if value is not None and value <= last:
        parts.append(svg.circle(x(value), 8, 4))
    return svg.hidden_figure(228, 16, parts=parts, cls="rate-bar")


def _share(row: Mapping[str, Any]) -> str:
    if row["surv"] is None:
        return "–"
    # before the first observation both limits are 1: of three patients that would read as certain
    known = row["lower"] is not None and row["lower"] < row["upper"]
    limits = range_text(100 * row["lower"], 100 * row["upper"]) if known else "–"
    return f"{percent_text(100 * row['surv'])} ({limits})"


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

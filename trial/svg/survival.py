"""Kaplan-Meier curves: steps, censor ticks, confidence band, and the at-risk table under the same x-axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from django.utils.safestring import SafeString

from .axes import Scale, steps, words_width, x_axis, y_axis
from .ink import Ink
from .shapes import join, line, polygon, polyline, text
from .whole import figure, hidden_figure, mark

MOST = 4  # strata; more curves cannot be told apart
MOST_BANDS = 2  # of more, one hides the other: their limits stand in a table
LOOKS = ((Ink.ACCENT, None), (Ink.VIOLET, "7 4"), (Ink.GOLD, "2 3"), (Ink.RED, "10 3 2 3"))
EVERY = 3  # months between two columns of the table
BOTTOM = 232  # where the curves reach 0
MEDIAN = 17  # pixels from one median to the next


@dataclass(frozen=True, slots=True)
class AtRisk:
    """The state just before a month: still followed, had the event, censored; they add up to the patients."""

    month: int
    n_risk: int
    events: int
    censored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One stratum. months, surv, lower, upper, censored: a value per distinct time; None = not estimable."""

    name: str
    n: int
    median: str  # in words, with its interval
    months: Sequence[float]
    surv: Sequence[float]
    lower: Sequence[float | None]
    upper: Sequence[float | None]
    censored: Sequence[int]
    at_risk: Sequence[AtRisk]


def survival_figure(
    curves: Sequence[Curve], *, key: str, title: str, desc: str, end: int = 30, width: int = 776
) -> SafeString:
    """The whole figure. curves: at most MOST. end: the last month shown; nothing is drawn past an observation."""
    if len(curves) > MOST:
        raise ValueError(f"curves: at most {MOST} can be told apart, got {len(curves)}")
    shown = shown_months(curves, end)
    names = max([words_width(f"{_name(c, len(curves))}") for c in curves] + [words_width("Censored")])
    beside = words_width("88 · 88 · 88") / 2 + 8 if len(curves) > 1 else 0  # half of the first cell of the table
    left = max(64.0, names + 16 + beside)
    x, y = Scale(0, shown, left, width - 24), Scale(0, 1, BOTTOM, 16)
    axis = range(0, shown + 1, EVERY)
    parts = [
        y_axis(y, left, width - 24, [0, 0.25, 0.5, 0.75, 1], labels=["0 %", "25 %", "50 %", "75 %", "100 %"]),
        x_axis(x, BOTTOM, list(axis), labels=[str(month) for month in axis], name="months"),
    ]
    if len(curves) <= MOST_BANDS:
        parts += [_band(curve, x, y, ink) for curve, (ink, _) in zip(curves, LOOKS, strict=False)]
    for curve, (ink, dash) in zip(curves, LOOKS, strict=False):
        parts += [_line(curve, x, y, ink, dash), *_ticks(curve, x, y, ink)]
    parts += _medians(curves, x, y)
    table, height = _table(curves, x, list(axis))
    return figure(width, height, key=key, title=title, desc=desc, parts=[*parts, *table], cls="survival")


def shown_months(curves: Sequence[Curve], end: int) -> int:
    """Where the axis ends: at the column of the table after the last observation, at most at `end`."""
    return min(end, max(EVERY, EVERY * ceil(_last(curves) / EVERY)))


def key_words(curves: Sequence[Curve], end: int = 30) -> str:
    """What is drawn, and where it ends: "Steps: Kaplan-Meier; band: … The figure ends at 6 months, after …"."""
    shown = shown_months(curves, end)
    signs = ["Steps: Kaplan-Meier"]
    pairs = [pair for curve in curves for pair in zip(curve.months, curve.lower, strict=True)]
    if len(curves) <= MOST_BANDS and any(low is not None and month < shown for month, low in pairs):
        signs.append(f"{'band' if len(curves) == 1 else 'bands'}: log-log 95 % limits")
    elif any(low is not None for _, low in pairs):
        signs.append("the log-log 95 % limits stand in the table, no band is drawn")
    if any(any(curve.censored) for curve in curves):
        signs.append("strokes: censored patients")
    over = _last(curves) > shown
    why = "the time frame of the endpoint; times are not cut there" if over else "after the last observation"
    return f"{'; '.join(signs)}. The figure ends at {shown} months, {why}."


def sign(k: int) -> SafeString:
    """The stroke of the k-th curve, for a legend."""
    ink, dash = LOOKS[k]
    return hidden_figure(28, 12, parts=[line(0, 6, 28, 6, stroke=ink, width=2.5, dash=dash)])


def _name(curve: Curve, of: int) -> str:
    return curve.name if of > 1 else "At risk"


def _last(curves: Sequence[Curve]) -> float:
    return max((month for curve in curves for month in curve.months), default=0)


def _until(x: Scale, month: float) -> float:
    return x(min(month, x.high))


def _corners(curve: Curve, x: Scale, y: Scale) -> list[tuple[float, float]]:
    points = [(0.0, 1.0), *((m, s) for m, s in zip(curve.months, curve.surv, strict=True) if m <= x.high)]
    corners = [(x(m), y(s)) for m, s in steps(points)]
    if curve.months and curve.months[-1] > x.high:
        corners.append((x(x.high), corners[-1][1]))
    return corners


def _line(curve: Curve, x: Scale, y: Scale, ink: Ink, dash: str | None) -> SafeString:
    return polyline(_corners(curve, x, y), stroke=ink, width=2.25, dash=dash, cls="curve")


def _band(curve: Curve, x: Scale, y: Scale, ink: Ink) -> SafeString:
    """One rectangle a step: where a limit is not estimable there is none."""
    ends = [*curve.months[1:], curve.months[-1] if curve.months else 0]
    pieces = []
    for start, end, low, high in zip(curve.months, ends, curve.lower, curve.upper, strict=True):
        if low is None or high is None or start >= x.high or start == end:
            continue
        a, b = x(start), _until(x, end)
        pieces.append(polygon(((a, y(low)), (b, y(low)), (b, y(high)), (a, y(high))), fill=ink, opacity=0.13))
    return join(pieces)


def _ticks(curve: Curve, x: Scale, y: Scale, ink: Ink) -> list[SafeString]:
    found = []
    for month, surv, censored in zip(curve.months, curve.surv, curve.censored, strict=True):
        if censored and month <= x.high:
            stroke = line(x(month), y(surv) - 5, x(month), y(surv) + 5, stroke=ink, width=1.5)
            found.append(mark(stroke, title=f"{curve.name}: {censored} censored at {month:.1f} months"))
    return found


def _medians(curves: Sequence[Curve], x: Scale, y: Scale) -> list[SafeString]:
    """A line for each curve, in a corner that no curve crosses; where there is none, over the curves."""
    several = len(curves) > 1
    said = [f"{c.name}: median {c.median}" if several else f"Median {c.median}" for c in curves]
    wide = max(map(words_width, said), default=0) + (34 if several else 0)
    high = MEDIAN * len(curves)
    right, foot = x.end - wide - 8, BOTTOM - high - 4
    corners = [(x.start + 8, foot), (right, y(1) + 8), (right, foot)]
    lines = [_corners(curve, x, y) for curve in curves]
    left, top = min(corners, key=lambda at: sum(_crosses(curve, at, (wide, high)) for curve in lines))
    found = []
    for k, words in enumerate(said):
        row = top + MEDIAN * (k + 1) - 4
        ink, dash = LOOKS[k]
        if several:
            found.append(line(left, row - 4, left + 26, row - 4, stroke=ink, width=2.5, dash=dash))
        found.append(text(left + (34 if several else 0), row, words, ink=Ink.INK, cls="halo"))
    return found


def _crosses(corners: Sequence[tuple[float, float]], at: tuple[float, float], size: tuple[float, float]) -> bool:
    """Whether a curve of upright and level pieces touches the box of that size at that corner."""
    (left, top), (wide, high) = at, size
    return any(
        min(ax, bx) <= left + wide and max(ax, bx) >= left and min(ay, by) <= top + high and max(ay, by) >= top
        for (ax, ay), (bx, by) in pairwise(corners)
    )


def _table(curves: Sequence[Curve], x: Scale, months: Sequence[int]) -> tuple[list[SafeString], float]:
    """At risk, events and censored under the ticks; for several strata one row each, the three divided by dots."""
    rows: list[tuple[str, Ink, dict[int, str]]] = []
    for k, curve in enumerate(curves):
        at = [row for row in curve.at_risk if row.month in months]
        if len(curves) > 1:
            cells = {row.month: f"{row.n_risk} · {row.events} · {row.censored}" for row in at}
            rows.append((curve.name, LOOKS[k][0], cells))
            continue
        rows += [
            ("At risk", Ink.INK, {row.month: str(row.n_risk) for row in at}),
            ("Events", Ink.INK2, {row.month: str(row.events) for row in at}),
            ("Censored", Ink.INK2, {row.month: str(row.censored) for row in at}),
        ]
    top = 292.0
    parts = []
    if len(curves) > 1:
        parts.append(text(8, top, "at risk · events · censored", ink=Ink.INK2))
        top += 20
    for words, ink, cells in rows:
        parts.append(text(8, top, words, ink=ink, bold=words == "At risk"))
        parts += [text(x(month), top, cell, ink=Ink.INK, anchor="middle") for month, cell in cells.items()]
        top += 20
    return parts, top

"""Kaplan-Meier curves: steps, censor ticks, confidence band, and the at-risk table under the same x-axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from django.utils.safestring import SafeString

from .axes import Scale, steps, words_width, x_axis, y_axis
from .ink import Ink
from .shapes import join, line, polygon, polyline, text
from .whole import figure, hidden_figure, mark

MOST = 4  # strata; more curves cannot be told apart
LOOKS = ((Ink.ACCENT, None), (Ink.VIOLET, "7 4"), (Ink.GOLD, "2 3"), (Ink.RED, "10 3 2 3"))
EVERY = 3  # months between two columns of the table
BOTTOM = 232  # where the curves reach 0


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
    last = max((months for curve in curves for months in curve.months), default=0)
    shown = min(end, max(EVERY, EVERY * ceil(last / EVERY)))
    names = max([words_width(f"{_name(c, len(curves))}") for c in curves] + [words_width("Censored")])
    beside = words_width("88 · 88 · 88") / 2 + 8 if len(curves) > 1 else 0  # half of the first cell of the table
    left = max(64.0, names + 16 + beside)
    x, y = Scale(0, shown, left, width - 24), Scale(0, 1, BOTTOM, 16)
    axis = range(0, shown + 1, EVERY)
    parts = [
        y_axis(y, left, width - 24, [0, 0.25, 0.5, 0.75, 1], labels=["0 %", "25 %", "50 %", "75 %", "100 %"]),
        x_axis(x, BOTTOM, list(axis), labels=[str(month) for month in axis], name="months"),
    ]
    if len(curves) <= 2:
        parts += [_band(curve, x, y, ink) for curve, (ink, _) in zip(curves, LOOKS, strict=False)]
    for k, (curve, (ink, dash)) in enumerate(zip(curves, LOOKS, strict=False)):
        parts += [_line(curve, x, y, ink, dash), *_ticks(curve, x, y, ink), _median(curve, k, len(curves), x, ink)]
    table, height = _table(curves, x, list(axis))
    return figure(width, height, key=key, title=title, desc=desc, parts=[*parts, *table], cls="survival")


def sign(k: int) -> SafeString:
    """The stroke of the k-th curve, for a legend."""
    ink, dash = LOOKS[k]
    return hidden_figure(28, 12, parts=[line(0, 6, 28, 6, stroke=ink, width=2.5, dash=dash)])


def _name(curve: Curve, of: int) -> str:
    return curve.name if of > 1 else "At risk"


def _until(x: Scale, month: float) -> float:
    return x(min(month, x.high))


def _line(curve: Curve, x: Scale, y: Scale, ink: Ink, dash: str | None) -> SafeString:
    points = [(0.0, 1.0), *((m, s) for m, s in zip(curve.months, curve.surv, strict=True) if m <= x.high)]
    corners = [(x(m), y(s)) for m, s in steps(points)]
    if curve.months and curve.months[-1] > x.high:
        corners.append((x(x.high), corners[-1][1]))
    return polyline(corners, stroke=ink, width=2.25, dash=dash, cls="curve")


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


def _median(curve: Curve, k: int, of: int, x: Scale, ink: Ink) -> SafeString:
    """In the lower left corner: a curve that starts at 100 % leaves it free the longest."""
    words = f"{curve.name}: median {curve.median}" if of > 1 else f"Median {curve.median}"
    row, left = BOTTOM - 10 - 17 * (of - 1 - k), x.start + 8
    if of == 1:
        return text(left, row, words, ink=Ink.INK)
    _, dash = LOOKS[k]
    return join(
        [
            line(left, row - 4, left + 26, row - 4, stroke=ink, width=2.5, dash=dash),
            text(left + 34, row, words, ink=Ink.INK),
        ]
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

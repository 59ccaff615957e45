"""Figures of the sub-study: the ROC curve, and the patients' values over time. Plain numbers in, SVG out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import log10

from django.utils.safestring import SafeString

from trial import svg
from trial.svg import Ink, Scale
from trial.svg.names import End, column, least_height, room
from trial.svg.survival import LOOKS

SIDE = 300  # pixels of the ROC's square
PERCENT = ["0 %", "25 %", "50 %", "75 %", "100 %"]


@dataclass(frozen=True, slots=True)
class Operating:
    """A point of the ROC curve: shares from 0 to 1."""

    sensitivity: float
    specificity: float
    words: str = ""


def roc_figure(
    curve: Sequence[Operating],
    *,
    best: Sequence[Operating],
    cuts: Sequence[Operating],
    key: str,
    title: str,
    desc: str,
) -> SafeString:
    """The curve by rising cut-off; best: Youden's points (diamonds), cuts: cut-offs of the record (squares)."""
    left, top = 56, 16
    x, y = Scale(0, 1, left, left + SIDE), Scale(0, 1, top + SIDE, top)
    quarters = [0, 0.25, 0.5, 0.75, 1]

    def at(point: Operating) -> tuple[float, float]:
        return x(1 - point.specificity), y(point.sensitivity)

    def marked(point: Operating, sign: SafeString) -> SafeString:
        return svg.mark(sign, title=point.words)

    parts = [
        svg.y_axis(y, left, left + SIDE, quarters, labels=PERCENT),
        svg.x_axis(x, top + SIDE, quarters, labels=PERCENT, name="1 − specificity"),
        svg.line(x(0), y(0), x(1), y(1), stroke=Ink.CONTROL, dash="3 4"),
        svg.polyline([at(point) for point in curve], stroke=Ink.ACCENT, width=2.25, cls="curve"),
        *(marked(point, svg.square(*at(point), 5, fill=Ink.VIOLET)) for point in cuts),
        *(marked(point, svg.diamond(*at(point), 6)) for point in best),
    ]
    return svg.figure(left + SIDE + 24, top + SIDE + 48, key=key, title=title, desc=desc, parts=parts, cls="roc")


@dataclass(frozen=True, slots=True)
class Course:
    """One patient: (day after the first dose, ng/mL or None below the limit) in order. look: index of LOOKS."""

    code: str
    points: Sequence[tuple[int, float | None]]
    look: int = 0


def course_figure(
    courses: Sequence[Course], *, limit: float, cuts: Sequence[float], key: str, title: str, desc: str
) -> SafeString:
    """Values over time on a logarithmic scale; one below the limit is an open ring on the limit's dotted line."""
    width, top, left = 776, 32, 64
    bottom = max(276, top + least_height(len(courses)))
    days = [day for course in courses for day, _ in course.points]
    values = [limit, *cuts, *(value for course in courses for _, value in course.points if value is not None)]
    ticks = _round_values(min(values), max(values))
    right = width - room([course.code for course in courses])
    x = Scale(min([0, *days]), max([28, *days]), left + 8, right - 8)
    y = Scale(log10(ticks[0]), log10(ticks[-1]), bottom, top)
    weeks = [day for day in range(0, int(x.high) + 1, 28 if x.high <= 400 else 84) if day >= x.low]
    parts = [
        svg.y_axis(
            y, left, right, [log10(tick) for tick in ticks], labels=[f"{tick:g}" for tick in ticks], name="ng/mL"
        ),
        svg.x_axis(x, bottom, weeks, labels=[f"day {day}" for day in weeks]),
        svg.line(left, y(log10(limit)), right, y(log10(limit)), stroke=Ink.CONTROL, dash="2 3"),
        *(svg.line(left, y(log10(cut)), right, y(log10(cut)), stroke=Ink.GOLD, dash="6 4") for cut in cuts),
    ]
    drawn, ends = [], []
    for course in courses:
        ink, dash = LOOKS[course.look]
        places = [(x(day), y(log10(limit if value is None else value))) for day, value in course.points]
        if len(places) > 1:
            drawn.append(svg.polyline(places, stroke=ink, width=1.75, dash=dash, cls="curve"))
        for (px, py), (day, value) in zip(places, course.points, strict=True):
            fill, edge = (Ink.SURFACE, ink) if value is None else (ink, None)
            said = f"below {limit:g} ng/mL" if value is None else f"{value:g} ng/mL"
            sign = svg.circle(px, py, 3.5, fill=fill, stroke=edge)
            drawn.append(svg.mark(sign, title=f"Patient {course.code}, day {day}: {said}"))
        ends.append(End(x=places[-1][0], y=places[-1][1], name=course.code, words=f"Patient {course.code}"))
    leaders, labels = column(ends, right=right, low=top, high=bottom)
    parts += [*leaders, *drawn, *labels]
    return svg.figure(width, bottom + 36, key=key, title=title, desc=desc, parts=parts, cls="courses")


def _round_values(least: float, most: float) -> list[float]:
    """1, 2, 5, 10 … from the last one up to `least` to the first one from `most` on."""
    known = sorted(step * 10.0**power for power, step in product(range(-5, 9), (1, 2, 5)))
    first = max(k for k, value in enumerate(known) if value <= least)
    last = min(k for k, value in enumerate(known) if value >= most and k > first)
    return known[first : last + 1]

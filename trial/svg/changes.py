"""Changes from a baseline in percent: the best of each patient as bars (waterfall), all of each as lines (spider)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from .axes import Scale, words_width, x_axis, y_axis
from .ink import Ink
from .labels import spread
from .lanes import Sign
from .shapes import circle, join, line, polyline, rect, text
from .whole import figure, mark

TICKS = (-100.0, -75.0, 0.0, 25.0, 50.0, 75.0, 100.0)
HIGHEST = 100.0  # %: a higher rise is drawn to here, with an arrow head; its words say what it is
HEIGHT, TOP, FOOT = 300, 30, 46
LEAST_BAR = 22.0  # pixels from bar to bar: wide enough for a number of three digits
APART = 13.0  # from name to name: a line of their size


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBar:
    """One patient's best change, %. sign: drawn at the end of the bar; words: the tooltip; url: his record."""

    name: str
    change: float
    fill: Ink
    sign: Sign
    words: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One patient's changes over time: (day, %), by day. end: drawn at the last one, which bears the name."""

    name: str
    points: Sequence[tuple[float, float]]
    stroke: Ink
    end: Sign
    words: str
    url: str = ""


def waterfall_figure(
    bars: Sequence[ChangeBar], *, lines: Sequence[float], key: str, title: str, desc: str, y_name: str, width: int = 960
) -> SafeString:
    """bars: drawn from the largest rise at the left to the largest fall at the right. lines: across, in %."""
    ordered = sorted(bars, key=lambda bar: (-bar.change, bar.name))
    y = _scale([bar.change for bar in bars])
    gap = max(LEAST_BAR, min(64.0, (width - 82) / max(len(bars), 1)))
    left, right = 58.0, 58.0 + gap * len(bars)
    parts = _ground(y, left, right, lines, y_name)
    for k, bar in enumerate(ordered):
        middle = left + gap * (k + 0.5)
        end = y(min(bar.change, HIGHEST))
        zero, wide = y(0), gap * 0.64
        name_at = zero + 15 if bar.change > 0 else zero - 6
        drawn = [
            rect(middle - gap / 2, TOP, gap, HEIGHT - TOP, fill=Ink.NONE, cls="hit"),
            rect(middle - wide / 2, min(zero, end), wide, abs(zero - end), fill=bar.fill, opacity=0.55),
            bar.sign(middle, end),
            text(middle, name_at, bar.name, ink=Ink.INK, size=11, anchor="middle"),
        ]
        if bar.change > HIGHEST:
            drawn.append(text(middle, end - 10, "↑", ink=Ink.INK, anchor="middle"))
        parts.append(mark(join(drawn), title=bar.words, url=bar.url, cls="change-bar"))
    return figure(max(width, right + 24), HEIGHT + 16, key=key, title=title, desc=desc, parts=parts, cls="waterfall")


def spider_figure(
    courses: Sequence[ChangeLine],
    *,
    lines: Sequence[float],
    at: Sequence[tuple[float, str]],
    key: str,
    title: str,
    desc: str,
    x_name: str,
    y_name: str,
    width: int = 960,
) -> SafeString:
    """courses: each with at least one point. lines: across, in %. at: the ticks of the time axis with their words."""
    y = _scale([change for one in courses for _, change in one.points])
    names = max((words_width(one.name) for one in courses), default=0)
    last = max([at[-1][0], *(day for one in courses for day, _ in one.points)])
    x = Scale(at[0][0], last, 58, width - names - 24)
    parts = _ground(y, x.start, x.end, lines, y_name)
    parts.append(x_axis(x, HEIGHT, [day for day, _ in at], labels=[words for _, words in at], name=x_name))
    ends = [(x(one.points[-1][0]), y(min(one.points[-1][1], HIGHEST))) for one in courses]
    labels = []
    for one, end, height in zip(courses, ends, _names(ends, names + 9, HEIGHT - 2), strict=True):
        places = [(x(day), y(min(change, HIGHEST))) for day, change in one.points]
        drawn = [
            polyline(places, stroke=Ink.NONE, width=12, cls="hit-line"),
            polyline(places, stroke=one.stroke, width=1.75, cls="curve"),
            *(circle(*place, 2.5, fill=one.stroke) for place in places[1:-1]),
            one.end(*end),
        ]
        parts.append(mark(join(drawn), title=one.words, url=one.url, cls="change-line"))
        name = text(end[0] + 9, height, one.name, ink=Ink.INK, size=11, cls="halo")
        labels.append(mark(name, title=one.words, url=one.url))
    parts += labels  # above every line
    return figure(width, HEIGHT + FOOT, key=key, title=title, desc=desc, parts=parts, cls="spider")


def _scale(changes: Sequence[float]) -> Scale:
    high = min(HIGHEST, max([25.0, *changes]))
    return Scale(-100, high, HEIGHT - 6, TOP)


def _ground(y: Scale, left: float, right: float, lines: Sequence[float], name: str) -> list[SafeString]:
    """The axis with its words at the left, those of the lines across among them."""
    at = sorted({tick for tick in TICKS if tick <= y.high} | set(lines))
    return [
        y_axis(y, left, right, at, labels=[_percent(tick) for tick in at], name=name),
        line(left, y(0), right, y(0), stroke=Ink.INK2),
        *(line(left, y(limit), right, y(limit), stroke=Ink.CONTROL, dash="4 3") for limit in lines),
    ]


def _percent(value: float) -> str:
    sign = "−" if value < 0 else "+" if value > 0 else ""
    return f"{sign}{abs(value):g} %"


def _names(ends: Sequence[tuple[float, float]], width: float, foot: float) -> list[float]:
    """The height of each name at the right of its line's end; names that share a stretch of the axis are spread."""
    found = [0.0] * len(ends)
    column: list[int] = []
    for k in sorted(range(len(ends)), key=lambda k: ends[k][0]):
        if column and ends[k][0] - ends[column[-1]][0] >= width:
            _place(found, ends, column, foot)
            column = []
        column.append(k)
    _place(found, ends, column, foot)
    return found


def _place(found: list[float], ends: Sequence[tuple[float, float]], column: Sequence[int], foot: float) -> None:
    heights = spread([ends[k][1] + 4 for k in column], apart=APART, low=TOP + 4, high=foot)
    for k, height in zip(column, heights, strict=True):
        found[k] = height

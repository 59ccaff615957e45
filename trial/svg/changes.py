"""Changes from a baseline in percent: the best of each patient as bars (waterfall), all of each as lines (spider)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from .axes import Scale, x_axis, y_axis
from .ink import Ink
from .lanes import Sign
from .names import End, column, least_height, room
from .shapes import circle, join, line, polyline, rect, text
from .whole import figure, mark

TICKS = (-100.0, -75.0, 0.0, 25.0, 50.0, 75.0, 100.0)
HIGHEST = 100.0  # %: a higher rise is drawn to here, with an arrow head; its words say what it is
WIDTH, HEIGHT, TOP, FOOT = 1120, 300, 30, 46  # as wide as a card of the whole page
LEAST_BAR, MOST_BAR = 22.0, 112.0  # pixels from bar to bar: wide enough for a number of three digits


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
    """One patient's changes over time: (day, %), by day. end: drawn at the last one, which is led to the name."""

    name: str
    points: Sequence[tuple[float, float]]
    stroke: Ink
    end: Sign
    words: str
    url: str = ""


def waterfall_figure(
    bars: Sequence[ChangeBar],
    *,
    lines: Sequence[float],
    key: str,
    title: str,
    desc: str,
    y_name: str,
    width: int = WIDTH,
) -> SafeString:
    """bars: drawn from the largest rise at the left to the largest fall at the right. lines: across, in %."""
    ordered = sorted(bars, key=lambda bar: (-bar.change, bar.name))
    y = _scale([bar.change for bar in bars])
    gap = max(LEAST_BAR, min(MOST_BAR, (width - 82) / max(len(bars), 1)))
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
    width: int = WIDTH,
) -> SafeString:
    """courses: each with at least one point. lines: across, in %. at: the ticks of the time axis with their words."""
    foot = max(HEIGHT, TOP + 8 + least_height(len(courses)))
    y = _scale([change for one in courses for _, change in one.points], foot)
    last = max([at[-1][0], *(day for one in courses for day, _ in one.points)])
    x = Scale(at[0][0], last, 58, width - room([one.name for one in courses]))
    places = [[(x(day), y(min(change, HIGHEST))) for day, change in one.points] for one in courses]
    ends = [
        End(x=place[-1][0], y=place[-1][1], name=one.name, words=one.words, url=one.url)
        for one, place in zip(courses, places, strict=True)
    ]
    leaders, labels = column(ends, right=x.end, low=TOP, high=foot - 2)
    parts = _ground(y, x.start, x.end, lines, y_name)
    parts.append(x_axis(x, foot, [day for day, _ in at], labels=[words for _, words in at], name=x_name))
    parts += leaders
    for one, place in zip(courses, places, strict=True):
        drawn = [
            polyline(place, stroke=Ink.NONE, width=12, cls="hit-line"),
            polyline(place, stroke=one.stroke, width=1.75, cls="curve"),
            *(circle(*dot, r=2.5, fill=one.stroke) for dot in place[1:-1]),
            one.end(*place[-1]),
        ]
        parts.append(mark(join(drawn), title=one.words, url=one.url, cls="change-line"))
    return figure(width, foot + FOOT, key=key, title=title, desc=desc, parts=[*parts, *labels], cls="spider")


def _scale(changes: Sequence[float], foot: float = HEIGHT) -> Scale:
    high = min(HIGHEST, max([25.0, *changes]))
    return Scale(-100, high, foot - 6, TOP)


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

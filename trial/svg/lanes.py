"""A time line: one lane under the other, each with bars and points in time, over one axis of dates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..dates import later, shown, study_day
from .axes import Scale, words_width
from .ink import EMPTY, Ink
from .shapes import join, line, num, polygon, rect, text
from .whole import figure, hidden_figure, mark

Sign = Callable[[float, float], SafeString]  # draws a shape around (x, y)

LANE = 34  # pixels from lane to lane
TOP = 8
LEAST_DAY = 1.4  # pixels: two visits four weeks apart stay apart, and so do their words
LEAST_TICK = 64  # pixels between two dates under the axis
SIZE = 12
BEFORE, AFTER = 3653, 366  # days from `until` that are drawn; a date beyond is told under the figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Something that lasts, both days included. `goes_on`: its end is not known, it is drawn as an arrow."""

    start: date
    end: date
    title: str  # the whole fact, in words
    words: str  # what stands on or beside it
    fill: Ink = Ink.SOFT
    stroke: Ink = Ink.ACCENT
    width: float = 1.25
    goes_on: bool = False
    url: str = ""
    since: str = ""  # its start in words, where the day is not known: it is drawn from the earliest


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Something that happened on a day. Its words stand above it where there is room."""

    on: date
    sign: Sign
    title: str
    words: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    name: str
    bars: Sequence[Bar] = ()
    points: Sequence[Point] = ()


def lanes_figure(
    lanes: Sequence[Lane],
    *,
    key: str,
    title: str,
    desc: str,
    until: date,
    day_one: date | None = None,
    every: int = 28,
    width: int = 776,
) -> SafeString:
    """The figure in its scroll box; the names of the lanes stay in sight.

    until: the day the figure is drawn on, its right end unless a fact lies later. day_one: from it the days are
    counted under the axis, a date every `every` days or a multiple of them; without it the dates stand alone.

    What lies ten years before `until`, or more than one after it, is a sentence under the figure and no mark in it.
    """
    bounds = (later(until, -BEFORE), later(until, AFTER))
    first, last = _span(lanes, until, bounds)
    lanes, outside = _within(lanes, bounds, (first, last))
    if day_one and not bounds[0] <= day_one <= bounds[1]:
        day_one = None
    left = _names_width(lanes)
    plot = max(width - left - 24, LEAST_DAY * (last - first).days)
    x = Scale(0, max((last - first).days, 1), left, left + plot)
    floor = TOP + LANE * len(lanes)
    full, height = left + plot + 24, floor + (46 if day_one else 28)

    def at(day: date) -> float:
        return x((day - first).days)

    parts = [line(left, _y(k) + LANE / 2, left + plot, _y(k) + LANE / 2, cls="grid") for k in range(len(lanes))]
    parts += _axis(first, last, at, floor, day_one, every)
    if first <= until <= last:
        parts.append(line(at(until), TOP, at(until), floor, stroke=Ink.CONTROL, dash="2 3", cls="until"))
    for k, lane in enumerate(lanes):
        parts += _lane(lane, _y(k), at, (left, left + plot + 20))
    parts.append(_names(lanes))
    return format_html(
        '<div class="figure-box" id="{}-box" data-end="{}" tabindex="0" role="region" aria-label="{}, scrolls">{}{}'
        "</div>{}",
        key,
        num(full),
        title,
        figure(full, height, key=key, title=title, desc=desc, parts=parts, cls="lanes"),
        _sticky_names(lanes, floor, height),
        _told(outside, bounds),
    )


def _within(lanes: Sequence[Lane], bounds: tuple[date, date], span: tuple[date, date]) -> tuple[list[Lane], list[str]]:
    """What can be drawn: bars cut where the figure ends, no point beyond. Besides, what has a date beyond, in words."""
    first, last = bounds
    found, outside = [], []
    for lane in lanes:
        bars = [bar for bar in lane.bars if bar.start <= last and bar.end >= first]
        points = [point for point in lane.points if first <= point.on <= last]
        cut = [replace(bar, start=max(bar.start, span[0]), end=min(bar.end, span[1])) for bar in bars]
        found.append(Lane(lane.name, cut, points))
        for bar in lane.bars:
            days = dict.fromkeys(day for day in (bar.start, bar.end) if not first <= day <= last)
            outside += [f"{bar.title} ({shown(day)})" for day in days]
        titles = {bar.title for bar in lane.bars}
        beyond = [point for point in lane.points if not first <= point.on <= last and point.title not in titles]
        outside += [f"{point.title} ({shown(point.on)})" for point in beyond]
    return found, outside


def _told(outside: Sequence[str], bounds: tuple[date, date]) -> SafeString:
    if not outside:
        return EMPTY
    return format_html(
        '<p class="figure-note" role="note">Not drawn, for these dates lie outside {} to {}: {}. Correct them if they '
        "are wrong.</p>",
        shown(bounds[0]),
        shown(bounds[1]),
        "; ".join(outside),
    )


def _span(lanes: Sequence[Lane], until: date, bounds: tuple[date, date]) -> tuple[date, date]:
    """The first and the last day of the figure, with a little air so that marks at the ends are whole."""
    days = [day for lane in lanes for bar in lane.bars for day in (bar.start, bar.end)]
    days += [point.on for lane in lanes for point in lane.points]
    days = [until, *(day for day in days if bounds[0] <= day <= bounds[1])]
    first, last = min(days), max(days)
    air = max(1, (last - first).days // 40)
    return later(first, -air), later(last, air)


def _y(k: int) -> float:
    """The middle of a lane's marks: its words stand above."""
    return TOP + LANE * k + 21


def _names_width(lanes: Sequence[Lane]) -> float:
    return max((words_width(lane.name, SIZE) for lane in lanes), default=0) + 14


def _names(lanes: Sequence[Lane]) -> SafeString:
    return join(text(4, _y(k) + 4, lane.name, ink=Ink.INK, size=SIZE, cls="lane-name") for k, lane in enumerate(lanes))


def _sticky_names(lanes: Sequence[Lane], floor: float, height: float) -> SafeString:
    """A copy of the names that stays at the left while a long time line scrolls; the days below it are seen whole."""
    width = _names_width(lanes)
    return hidden_figure(
        width, height, parts=[rect(0, 0, width - 6, floor, fill=Ink.SURFACE), _names(lanes)], cls="figure-axis"
    )


def _axis(
    first: date, last: date, at: Callable[[date], float], floor: float, day_one: date | None, every: int
) -> list[SafeString]:
    """Dates under the line, and under them the days since `day_one`."""
    start = day_one or first
    pixels = at(later(start, every)) - at(start)
    step = every * max(1, -int(-LEAST_TICK // pixels))  # rounded up
    parts = [line(at(first), floor, at(last), floor, stroke=Ink.CONTROL, cls="axis")]
    day = start
    while day <= last:
        x = at(day)
        parts += [
            line(x, TOP, x, floor, cls="grid"),
            line(x, floor, x, floor + 4, stroke=Ink.CONTROL),
            text(x, floor + 18, _short(day, of=start), anchor="middle"),
        ]
        if day_one:
            parts.append(text(x, floor + 34, f"day {study_day(day, day_one)}", anchor="middle"))
        day = later(day, step)
    return parts


def _short(day: date, of: date) -> str:
    """5 Jan, with the year where it is another than that of the first."""
    return f"{day.day} {day:%b}" if day.year == of.year else f"{day.day} {day:%b} {day:%y}"


def _lane(lane: Lane, y: float, at: Callable[[date], float], room: tuple[float, float]) -> list[SafeString]:
    parts = [_bar(bar, y, at, room) for bar in lane.bars]
    taken = float("-inf")
    for point in sorted(lane.points, key=lambda point: point.on):
        x, wide = at(point.on), words_width(point.words, SIZE)
        start = min(max(x - wide / 2, room[0]), room[1] - wide)
        inner = [rect(x - 11, y - 12, 22, 24, fill=Ink.NONE, cls="hit"), point.sign(x, y)]
        if point.words and start > taken:  # words never stand on others: the table has them all
            inner.append(text(start, y - 11, point.words, ink=Ink.INK, size=SIZE))
            taken = start + wide + 2
        parts.append(mark(join(inner), title=point.title, url=point.url, cls="point"))
    return parts


def _bar(bar: Bar, y: float, at: Callable[[date], float], room: tuple[float, float]) -> SafeString:
    start, end = at(bar.start), max(at(bar.end), at(bar.start) + 4)
    low, high, tip = y - 8, y + 8, end + 8
    corners = ((start, low), (end, low), (tip, y), (end, high), (start, high))
    shape = (
        polygon(corners, fill=bar.fill, stroke=bar.stroke, width=bar.width)
        if bar.goes_on
        else polygon(((start, low), (end, low), (end, high), (start, high)), fill=bar.fill, stroke=bar.stroke,
                     width=bar.width)
    )  # fmt: skip
    return mark(join([shape, _bar_words(bar.words, start, tip if bar.goes_on else end, y + 4, room)]),
                title=bar.title, url=bar.url, cls="lane-bar")  # fmt: skip


def _bar_words(words: str, start: float, end: float, y: float, room: tuple[float, float]) -> SafeString:
    """On the bar if they fit, else after it, else before it; nowhere if there is no room at all."""
    wide = words_width(words, SIZE)
    if not words:
        return EMPTY
    if wide <= end - start - 14:
        return text(start + 7, y, words, ink=Ink.INK, size=SIZE)
    if end + 5 + wide <= room[1]:
        return text(end + 5, y, words, ink=Ink.INK, size=SIZE)
    if start - 5 - wide >= room[0]:
        return text(start - 5, y, words, ink=Ink.INK, size=SIZE, anchor="end")
    return EMPTY

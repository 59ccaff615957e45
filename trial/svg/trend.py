"""A measured value over time: the curve, limits across it, one that moves in steps, and moments as upright lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from .axes import Scale, ticks, words_width, x_axis, y_axis
from .ink import EMPTY, Ink
from .lanes import Sign
from .shapes import line, polyline, rect, text
from .whole import figure, mark

HEIGHT, TOP, FOOT = 250, 54, 48
APART = 15  # pixels between two words at the right


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value. sign: draws it at a place; words: its tooltip; url: the record that it opens."""

    at: float
    value: float
    sign: Sign
    words: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """A line across the figure, with its words at the right. The band below it, to the next one, is shaded."""

    value: float
    words: str


@dataclass(frozen=True, slots=True)
class Steps:
    """A limit that moves: (start, end, value) of each piece, and its words at the right."""

    pieces: Sequence[tuple[float, float, float]]
    words: str


@dataclass(frozen=True, slots=True)
class Moment:
    """An upright line with its words above the curve."""

    at: float
    words: str


def trend_figure(
    readings: Sequence[Reading],
    *,
    levels: Sequence[Level],
    rise: Steps | None = None,
    moments: Sequence[Moment] = (),
    at: Sequence[tuple[float, str]],
    key: str,
    title: str,
    desc: str,
    x_name: str,
    y_name: str,
    width: int = 776,
) -> SafeString:
    """readings: by time, at least one. at: the ticks of the time axis with their words; the last one ends it."""
    pieces = rise.pieces if rise else []
    right = max(map(words_width, [one.words for one in levels] + [rise.words if rise and pieces else ""]))
    high = max([r.value for r in readings] + [one.value for one in levels] + [value for *_, value in pieces]) or 1
    low_x, high_x = at[0][0], max([at[-1][0]] + [r.at for r in readings] + [m.at for m in moments])
    x = Scale(low_x, high_x, 52, width - right - 24)
    y = Scale(0, high * 1.06, HEIGHT, TOP)
    drawn = [
        *_bands(levels, x, y),
        y_axis(y, x.start, x.end, ticks(0, high * 1.06, 5), name=y_name),
        x_axis(x, HEIGHT, [value for value, _ in at], labels=[words for _, words in at], name=x_name),
        *(line(x.start, y(one.value), x.end, y(one.value), stroke=Ink.CONTROL, dash="2 3") for one in levels),
        *_moments(moments, x),
    ]
    if rise:
        drawn += [_rise(pieces, x, y)]
    drawn += [
        polyline([(x(r.at), y(r.value)) for r in readings], stroke=Ink.ACCENT, width=2, cls="curve"),
        *(mark(r.sign(x(r.at), y(r.value)), title=r.words, url=r.url) for r in readings),
        *_words(levels, rise, x, y),
    ]
    return figure(width, HEIGHT + FOOT, key=key, title=title, desc=desc, parts=drawn, cls="trend")


def _bands(levels: Sequence[Level], x: Scale, y: Scale) -> list[SafeString]:
    """One band over the other: the lower, the deeper the shade."""
    return [
        rect(x.start, y(one.value), x.end - x.start, y.start - y(one.value), fill=Ink.GREEN, opacity=0.07)
        for one in levels
    ]


def _rise(pieces: Sequence[tuple[float, float, float]], x: Scale, y: Scale) -> SafeString:
    corners = [corner for start, end, value in pieces for corner in ((x(start), y(value)), (x(end), y(value)))]
    return polyline(corners, stroke=Ink.RED, width=1.5, dash="6 4", cls="rise") if corners else EMPTY


def _moments(moments: Sequence[Moment], x: Scale) -> list[SafeString]:
    """Words that would run over the one before go one line down."""
    lines, words = [], []
    until, row = 0.0, 0
    for one in sorted(moments, key=lambda m: m.at):
        left = x(one.at) > (x.start + x.end) / 2
        start = x(one.at) - words_width(one.words) if left else x(one.at)
        row = (row + 1) % 2 if start < until else 0
        until = start + words_width(one.words) + 8
        lines.append(line(x(one.at), 6, x(one.at), HEIGHT, stroke=Ink.INK2, width=1.5))
        side, anchor = (-4, "end") if left else (4, "start")
        words.append(text(x(one.at) + side, 14 + 14 * row, one.words, anchor=anchor, cls="halo"))
    return lines + words


def _words(levels: Sequence[Level], rise: Steps | None, x: Scale, y: Scale) -> list[SafeString]:
    """At the right, each at its line, pushed apart where they would overlap."""
    wanted = [(y(one.value), one.words, Ink.INK2) for one in levels]
    if rise and rise.pieces:
        wanted.append((y(rise.pieces[-1][2]), rise.words, Ink.RED))
    found = []
    free = y.start + 4  # the words go from the bottom up
    for place, words, ink in sorted(wanted, key=lambda one: one[0], reverse=True):
        at = min(place + 4, free)
        found.append(text(x.end + 12, at, words, ink=ink))
        free = at - APART
    return found

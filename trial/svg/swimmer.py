"""A bar for each patient over the time on treatment, with what happened on it: the swimmer."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from .axes import Scale, words_width, x_axis
from .ink import Ink
from .lanes import Sign
from .shapes import circle, join, line, polygon, rect, text
from .whole import figure, mark

ROW, TOP = 26, 10


@dataclass(frozen=True, slots=True)
class Event:
    """Something on a day of the course. sign: draws it at a place."""

    at: float
    sign: Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Swimmer:
    """One patient. treated: the last day of treatment; known: the last day of anything; responses: from, to, ended.

    goes_on: still on treatment, drawn as an arrow. words: the tooltip; url: the record.
    """

    name: str
    group: str
    fill: Ink
    treated: float
    known: float
    goes_on: bool
    responses: Sequence[tuple[float, float, bool]]
    events: Sequence[Event]
    words: str
    url: str = ""


def swimmer_figure(
    swimmers: Sequence[Swimmer],
    *,
    at: Sequence[tuple[float, str]],
    key: str,
    title: str,
    desc: str,
    x_name: str,
    width: int = 1120,
) -> SafeString:
    """swimmers: in the order drawn, from the top. at: the ticks of the time axis with their words."""
    names = max((words_width(one.name) for one in swimmers), default=0)
    left = 4 + names + 8 + max((words_width(one.group) for one in swimmers), default=0) + 14
    floor = TOP + ROW * len(swimmers) + 4
    x = Scale(0, max([at[-1][0], *(max(one.known, one.treated) for one in swimmers)]), left, width - 34)
    parts = [line(x(day), TOP, x(day), floor, cls="grid") for day, _ in at]
    parts.append(x_axis(x, floor, [day for day, _ in at], labels=[words for _, words in at], name=x_name))
    for k, one in enumerate(swimmers):
        y = TOP + ROW * k + ROW / 2
        drawn = [
            rect(0, y - ROW / 2, width, ROW, fill=Ink.NONE, cls="hit"),
            text(4, y + 4, one.name, ink=Ink.INK, bold=True),
            text(4 + names + 8, y + 4, one.group),
            *_bar(one, x, y),
            *(_response(x, y, *response) for response in one.responses),
            *_events(one, x, y),
        ]
        parts.append(mark(join(drawn), title=one.words, url=one.url, cls="swimmer"))
    return figure(width, floor + 46, key=key, title=title, desc=desc, parts=parts, cls="swimmers")


def _bar(one: Swimmer, x: Scale, y: float) -> list[SafeString]:
    end = max(x(one.treated), x(0) + 3)
    parts = [rect(x(0), y - 7, end - x(0), 14, fill=one.fill, radius=2)]
    if one.known > one.treated:
        parts.insert(0, line(end, y, x(one.known), y, stroke=Ink.CONTROL, width=1.5))
    if one.goes_on:
        parts.append(polygon(((end + 4, y - 5), (end + 12, y), (end + 4, y + 5)), fill=Ink.INK2))
    return parts


def _events(one: Swimmer, x: Scale, y: float) -> list[SafeString]:
    """Each on a light ground, so that it stands out on any bar."""
    ordered = sorted(one.events, key=lambda event: event.at)
    return [part for e in ordered for part in (circle(x(e.at), y, 7.5, fill=Ink.SURFACE), e.sign(x(e.at), y))]


def _response(x: Scale, y: float, start: float, end: float, ended: bool) -> SafeString:
    """A line under the marks from the first confirmed response on; a stroke where it ended."""
    parts = [
        line(x(start), y + 10, max(x(end), x(start) + 3), y + 10, stroke=Ink.ACCENT, width=2.5),
        line(x(start), y + 6, x(start), y + 13, stroke=Ink.ACCENT, width=2),
    ]
    if ended:
        parts.append(line(x(end), y + 6, x(end), y + 13, stroke=Ink.ACCENT, width=2))
    return join(parts)

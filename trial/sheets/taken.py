"""One part of a page as a file: the table with its rows, or the figure, and what either says of itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.http import HttpRequest
from django.utils.text import slugify

from .. import dates, svg
from ..past.pages import MOMENTS
from ..people.access import Scope
from . import filters, formats
from .answers import made_up
from .asked import Asked
from .cells import read
from .parts import TABLE, Part, plain
from .table import About, Table, day

_DAY = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4}")
_DRAWING = re.compile(r'<svg\b[^>]*\srole="img".*?</svg>', re.DOTALL)
_ENTRY = re.compile(r"<li>(<svg\b.*?</svg>)?(.*?)</li>", re.DOTALL)
_NOTE = re.compile(r'<(?:figcaption|p) class="figure-note">(.*?)</(?:figcaption|p)>', re.DOTALL)
_CAPTION = re.compile(r"<caption[^>]*>(.*?)</caption>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    pieces: Iterator[bytes]
    words: str  # what it is, for the record of who took it


def file(request: HttpRequest, page: str, part: Part, asked: Asked) -> File:
    scope: Scope | None = getattr(request, "scope", None)
    about = _about(request, page, part, asked, scope)
    name = "-".join(filter(None, [scope.trial.code if scope else "", slugify(part.name), _number(about.moment)]))
    if part.kind == TABLE:
        media_type, pieces = formats.of_table(Table(about, *read(part.html)), asked.form)
    else:
        media_type, pieces = formats.of_figure(_alone(part, about), asked.form, about.on)
    words = f"{about.title} as {asked.form.upper()}, {about.moment}; filters: {about.filtered}"
    return File(f"{name}.{asked.form}", media_type, pieces, words)


def _about(request: HttpRequest, page: str, part: Part, asked: Asked, scope: Scope | None) -> About:
    on = scope.today if scope else datetime.now(UTC).date()
    notes = [*(plain(note[1]) for note in _NOTE.finditer(part.html)), *part.notes]
    if part.kind == TABLE and (caption := _CAPTION.search(part.html)):
        notes.insert(0, plain(caption[1]))
    address = f"{request.path}?{asked.rest.urlencode()}" if asked.rest else request.path
    return About(
        title=part.title,
        page=part.page if part.page != part.title else "",
        trial=scope.trial.code if scope else "",
        whole=scope.trial.title if scope else "",
        made_up=made_up(scope),
        moment=part.cut or _moment(request, scope, on),
        filters=filters.words(page, (one for one in asked.filters() if one[0] not in MOMENTS)),
        on=_dated(part.cut) or on,
        notes=[note for note in dict.fromkeys(notes) if note],
        address=address,
    )


def _moment(request: HttpRequest, scope: Scope | None, on: date) -> str:
    if scope is not None and scope.past is not None:
        words = scope.cut.words if scope.cut else f"{dates.shown(on)}, as it was then"
        return f"record no. {scope.past}, {words}"
    stamp = getattr(request, "entered", None)
    return f"record no. {stamp.number}, {dates.shown(on)}" if stamp else dates.shown(on)


def _alone(part: Part, about: About) -> str:
    drawing = _DRAWING.search(part.html)
    assert drawing is not None, "a figure is a part by its drawing"
    legend = [(sign, plain(words)) for sign, words in _ENTRY.findall(part.legend or part.html)]
    trial = ": ".join(filter(None, [about.trial, about.whole]))
    lines = [about.page, trial, about.made_up, about.moment[:1].upper() + about.moment[1:]]
    if about.filters:
        lines.append(f"Filters: {about.filtered}")
    return svg.alone(
        drawing[0], title=about.title, lines=[line for line in lines if line], legend=legend, notes=about.notes
    )


def _dated(words: str) -> date | None:
    found = _DAY.search(words)
    return day(found[0]) if found else None


def _number(moment: str) -> str:
    found = re.search(r"no\. (\d+)", moment)
    return f"no-{found[1]}" if found else ""

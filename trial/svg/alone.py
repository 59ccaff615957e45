"""A figure that has left its page: with title, cut, legend and notes in it, on white, without the page's stylesheet."""

import re
from collections.abc import Iterable, Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from .axes import words_width
from .ink import PAINT, Ink
from .shapes import attributes, join, num, rect, text

MARGIN = 24
NARROWEST = 560
TITLE, LINE, ENTRY, NOTE = 16, 12, 12, 11

_SVG = re.compile(r"<svg\b(?P<said>[^>]*)>(?P<inside>.*)</svg>", re.DOTALL)
_NAMES = re.compile(r'\s*<title id="[^"]*-title">(?P<title>.*?)</title>\s*<desc id="[^"]*-desc">(?P<desc>.*?)</desc>')
_OF_THE_PAGE = re.compile(r'\s(?:class|data-[\w-]+|role|tabindex|focusable|aria-[\w-]+)="[^"]*"')
_HALO = re.compile(r'class="halo\b[^"]*"')
# What the stylesheet does to words over lines.
HALO = f'paint-order="stroke" stroke="{PAINT[Ink.SURFACE]}" stroke-width="4" stroke-linejoin="round"'


def alone(
    figure: str, *, title: str, lines: Sequence[str], legend: Iterable[tuple[str, str]] = (), notes: Sequence[str] = ()
) -> str:
    """figure: an SVG of this kit, as its page holds it. lines: under the title. legend: mark (an SVG) and words."""
    found = _SVG.search(figure)
    if found is None:
        raise ValueError("no figure")
    names = _NAMES.match(found["inside"])
    inside = found["inside"][names.end() :] if names else found["inside"]
    wide, high = (float(_said(found["said"], side)) for side in ("width", "height"))
    width = max(wide, NARROWEST) + 2 * MARGIN
    parts: list[SafeString] = []
    y = float(MARGIN)
    for words, size, ink, bold in (
        *((line, TITLE, Ink.INK, True) for line in _wrapped(title, TITLE, width - 2 * MARGIN)),
        *((one, LINE, Ink.INK2, False) for line in lines for one in _wrapped(line, LINE, width - 2 * MARGIN)),
    ):
        y += size + 4
        parts.append(text(MARGIN, y - 4, words, size=size, ink=ink, bold=bold))
    y += 12
    parts.append(_placed(found["said"], inside, MARGIN, y, wide, high))
    y += high + 8
    entries, y = _legend(legend, y, width)
    parts += entries
    for line in (one for note in notes for one in _wrapped(note, NOTE, width - 2 * MARGIN)):
        y += NOTE + 4
        parts.append(text(MARGIN, y, line, size=NOTE))
    height = y + MARGIN
    given = attributes(
        [
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("width", width),
            ("height", height),
            ("viewBox", f"0 0 {num(width)} {num(height)}"),
        ]
    )
    desc = mark_safe(f"<desc>{names['desc']}</desc>" if names else "")
    drawn = join([rect(0, 0, width, height, fill=Ink.SURFACE), *parts])
    return _OF_THE_PAGE.sub("", format_html("<svg{}><title>{}</title>{}{}</svg>\n", given, title, desc, drawn))


def _said(attributes: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', attributes)
    return found[1] if found else "0"


def _placed(said: str, inside: str, x: float, y: float, width: float, height: float) -> SafeString:
    given = attributes([("x", x), ("y", y), ("width", width), ("height", height), ("viewBox", _said(said, "viewBox"))])
    return mark_safe(f"<svg{given}>{_HALO.sub(HALO, inside)}</svg>")


def _legend(entries: Iterable[tuple[str, str]], y: float, width: float) -> tuple[list[SafeString], float]:
    """Marks beside their words, in rows; and where the last of them ends."""
    parts: list[SafeString] = []
    x, high = float(MARGIN), 0.0
    for sign, words in entries:
        found = _SVG.search(sign)
        wide, tall = (float(_said(found["said"], side)) if found else 0.0 for side in ("width", "height"))
        across = wide + 7 + words_width(words, ENTRY)
        if x > MARGIN and x + across > width - MARGIN:
            x, y, high = float(MARGIN), y + high + 4, 0.0
        high = max(high, tall, ENTRY + 4)
        if found:
            parts.append(_placed(found["said"], found["inside"], x, y, wide, tall))
        parts.append(text(x + wide + 7, y + high / 2 + 4, words, size=ENTRY))
        x += across + 16
    return parts, y + high + (8 if parts else 0)


def _wrapped(words: str, size: int, width: float) -> list[str]:
    """The words in lines that are no wider."""
    lines: list[str] = []
    for word in words.split():
        if lines and words_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines

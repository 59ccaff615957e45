"""What of a page can be taken out: its tables of data and its figures, each with a name, as the page itself has them.

A page's table is where its rows, words, order, filters and rights meet; so a file is read off the page, and cannot
say something else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from django.utils.text import slugify

TABLE, FIGURE = "table", "figure"

_TOKEN = re.compile(
    r"<(?:h(?P<level>[1-4])\b(?P<said>[^>]*)>(?P<words>.*?)</h(?P=level)>"
    r"|table\b.*?</table>"
    r"|figure\b.*?</figure>"
    r'|ul class="legend">.*?</ul>'
    r'|p class="figure-note">.*?</p>'
    # What follows is of this frozen data; "" after it: of the record again.
    r'|(?:div|section)\b[^>]*\sdata-cut="(?P<cut>[^"]*)")',
    re.DOTALL,
)
# A table with fields to type in is a form.
_FIELD = re.compile(r'<(input(?![^>]*type="hidden")|select|textarea)\b')
_ID = re.compile(r'\bid="([^"]+)"')
_KEY = re.compile(r'<svg\b[^>]*\srole="img"[^>]*>\s*<title id="([^"]+)-title">')
_MEANT = re.compile(r'<span class="(?:meta|tag)[^"]*">.*?</span>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_BOX = re.compile(r'<div class="scroll-x[^>]*>\s*$')
_BOX_END = re.compile(r"\s*</div>")


@dataclass(slots=True)
class Part:
    """name: by which its address asks for it, unique among those of its kind. title: of its section; page: of its page.
    cut: of which frozen data it is, "" where it follows the record.
    """

    name: str
    kind: str
    title: str
    page: str
    html: str
    end: int  # where its page goes on
    cut: str
    notes: list[str] = field(default_factory=list)
    legend: str = ""


def parts(page: str) -> list[Part]:
    """In the order of the page."""
    found: list[Part] = []
    heads: dict[int, str] = {}
    under, cut, section = "page", "", 0
    for token in _TOKEN.finditer(page):
        said = token[0]
        if token["level"]:
            level = int(token["level"])
            heads = {above: words for above, words in heads.items() if above < level} | {level: plain(token["words"])}
            under, section = _name(token["said"], heads[level]), len(found)
        elif token["cut"] is not None:
            cut = unescape(token["cut"])
        elif said.startswith("<table"):
            if not _FIELD.search(said):
                name = _free(under, found)
                found.append(Part(name, TABLE, *_titles(heads), said, _after(page, token), cut))
        elif said.startswith("<figure"):
            if key := _KEY.search(said):
                found.append(Part(key[1], FIGURE, *_titles(heads), said, token.end() - len("</figure>"), cut))
        else:
            _add(said, found[section:])
    return found


def _add(said: str, last: list[Part]) -> None:
    """A note, or a legend, that stands under what it is about."""
    if said.startswith("<p"):
        if last:
            last[-1].notes.append(plain(said))
        return
    for part in last:
        if part.kind == FIGURE and '<ul class="legend">' not in part.html:
            part.legend = said


def _name(said: str, words: str) -> str:
    given = _ID.search(said)
    return given[1].removesuffix("-head") if given else slugify(words)[:40].strip("-") or "page"


def _free(name: str, found: list[Part]) -> str:
    taken = {part.name for part in found if part.kind == TABLE}
    return next(one for one in _numbered(name) if one not in taken)


def _numbered(name: str) -> Iterator[str]:
    yield name
    at = 2
    while True:
        yield f"{name}-{at}"
        at += 1


def _titles(heads: dict[int, str]) -> tuple[str, str]:
    """Of the section and of the page."""
    of_page = heads.get(1, "")
    said = [words for level, words in sorted(heads.items()) if words and level > 1]
    return ": ".join(dict.fromkeys(said)) or of_page, of_page


def _after(page: str, token: re.Match[str]) -> int:
    """Behind the table, and behind the box in which it scrolls."""
    if _BOX.search(page, max(0, token.start() - 300), token.start()) and (end := _BOX_END.match(page, token.end())):
        return end.end()
    return token.end()


def plain(html: str) -> str:
    """The words of a piece of a page, without what stands beside them in small."""
    words = _TAG.sub(" ", _MEANT.sub(" ", html))
    return re.sub(r"\s+([.,;:)])", r"\1", " ".join(unescape(words).split()))

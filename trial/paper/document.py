"""What stands on paper, as plain data: sections of paragraphs, facts, tables, figures and lines to sign.

One template (templates/reports/document.typ) sets them all. Words arrive as people read them; nothing here is markup.
The hash that each page carries is that of this data, so a page can be held against the document it says it is from.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from . import typeset

HEAD = 64  # letters of the trial's name in the head of a page
LONGEST = 14  # letters that stand together without a place to break
_LONG = re.compile(rf"\S{{{2 * LONGEST},}}")
_BREAK = "\N{ZERO WIDTH SPACE}"
_SVG = "http://www.w3.org/2000/svg"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """lead: words in bold before it. tone: "", "green", "amber", "red", "note" for small print, "headline"."""

    text: str
    lead: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with what they are."""

    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; empty: the words that stand in its place."""

    items: Sequence[str]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """share: of the width that is left, 0 for as wide as its words. number: set to the right."""

    name: str
    share: float = 0
    number: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """kind: "" or "class" (bold), "inner" (it divides the one above), "total", "current" (where the trial stands)."""

    cells: Sequence[str]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """groups: names over several columns, each with how many, the first column included; empty: none.

    notes: under the table. empty: the words in its place where it has no row.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    groups: Sequence[tuple[str, int]] = ()
    notes: Sequence[str] = ()
    empty: str = "None."


@dataclass(frozen=True, slots=True)
class Figure:
    """svg: of `trial.svg`. legend: signs as SVG with their words (`legend`)."""

    title: str
    svg: str
    legend: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign by hand: for each the role, or whose line it is."""

    lines: Sequence[str]
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """Boxes to tick by hand."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Lines:
    """Room to write by hand."""

    many: int


Block = Paragraph | Facts | Bullets | Table | Figure | Signatures | Choices | Lines


@dataclass(frozen=True, slots=True)
class Part:
    """A heading under a section's, with its blocks."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Section:
    """wide: on pages across."""

    title: str
    blocks: Sequence[Block | Part]
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """`session` ("open", "closed" or ""), `about` and `marks` stand on each page.

    title: what it is. subject: of which trial, by name. about: of which cut. on: its date, as people write it.
    marks: what nobody may miss on any page (demo data; not the last cut). first: the first page, never more than one.
    at: the moment that the file is dated.
    """

    code: str
    title: str
    subject: str
    about: str
    on: str
    at: datetime
    session: str = ""
    marks: Sequence[str] = ()
    first: Sequence[Block] = ()
    sections: Sequence[Section] = field(default=())
    contents: bool = False

    @property
    def hash(self) -> str:
        """SHA-256 of all that it says and shows."""
        return hashlib.sha256(typeset.data(_plain(self))).hexdigest()


def pdf(document: Document) -> bytes:
    return typeset.pdf(typeset.template("document.typ"), files=files(document), at=document.at)


def png(document: Document, scale: float = 2) -> list[bytes]:
    """Its pages, to be looked at."""
    return typeset.png(typeset.template("document.typ"), files=files(document), at=document.at, scale=scale)


def files(document: Document) -> dict[str, bytes]:
    """What the template reads: the document's data, and its drawings, each once, by the hash of what it shows."""
    drawings: dict[str, bytes] = {}

    def drawing(svg: str) -> dict[str, Any]:
        name = f"{hashlib.sha256(svg.encode()).hexdigest()[:24]}.svg"
        drawings[name] = svg.encode()
        found = typeset.drawn(svg)
        return {"file": name, "alt": found.alt, "width": found.width, "height": found.height}

    said = _soft(_plain(document, drawing)) | {"hash": document.hash, "line": short(document.subject, HEAD)}
    return {"document.json": typeset.data(said), **drawings}


def legend(listed: str) -> list[tuple[str, str]]:
    """Signs and words of a page's legend (`svg.legend`), for paper."""
    if not listed:
        return []
    found = []
    for item in ElementTree.fromstring(listed).iter("li"):
        sign = item.find("svg")
        if sign is not None:
            words, sign.tail = (sign.tail or "").strip(), None
            said = ElementTree.tostring(sign, encoding="unicode")
            found.append((said.replace("<svg", f'<svg xmlns="{_SVG}"', 1), words))
    return found


def short(text: str, most: int) -> str:
    """At most so many letters: a name of 200 leaves room for the rest of the line."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _plain(value: Any, drawing: Any = None) -> Any:
    """As JSON takes it; a block says which it is. drawing: what becomes of an SVG, itself if not given."""
    if is_dataclass(value):
        said = {f.name: _plain(getattr(value, f.name), drawing) for f in fields(value)}
        if isinstance(value, Figure) and drawing is not None:
            said |= {"svg": drawing(value.svg), "legend": [[drawing(sign), words] for sign, words in value.legend]}
        return said | {"is": type(value).__name__.lower()}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str | int | float | bool) or value is None:
        return value if not isinstance(value, str) else str(value)
    assert isinstance(value, Iterable)
    return [_plain(item, drawing) for item in value]


def _soft(value: Any) -> Any:
    """With places to break in words that are wider than a column."""
    if isinstance(value, str):
        return _LONG.sub(lambda found: _BREAK.join(_pieces(found[0])), value)
    if isinstance(value, dict):
        return {name: item if name in ("file", "is", "alt") else _soft(item) for name, item in value.items()}
    return [_soft(item) for item in value] if isinstance(value, list) else value


def _pieces(word: str) -> list[str]:
    return [word[k : k + LONGEST] for k in range(0, len(word), LONGEST)]

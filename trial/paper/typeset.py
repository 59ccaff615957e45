"""From a template and data to paper: PDF and PNG, set by Typst.

A document is a template of templates/reports/ that reads its words from files beside it (`data`), so that nothing that
a person typed is ever read as markup. The same input gives the same bytes: no font but those of the Typst wheel, and
the one moment `at`, as whose the document is dated. A PDF is tagged (PDF/UA-1) and holds its fonts.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal
from xml.etree import ElementTree

from django.conf import settings

NO_FILES: Mapping[str, bytes] = MappingProxyType({})
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)  # of a probe, which nobody keeps
PIXEL = 0.75  # points; an SVG's pixel, 96 to the inch
_SVG = "{http://www.w3.org/2000/svg}"
# In JSON: an escape that is a control character's, among all escapes.
_ESCAPE = re.compile(r"\\(u00[01][0-9a-f]|[bf]|.)")
# Written in any document: nothing to ask the fonts about.
_PLAIN = frozenset(map(chr, range(0x20, 0x7F))) | {"\n"}
_NO_GLYPH = "could not be displayed"


def data(value: object) -> bytes:
    """What a template reads with `json(…)`: dates and numbers as the words that the caller made of them."""
    said = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _ESCAPE.sub(lambda found: " " if found[1][0] in "ubf" else found[0], said).encode()


def template(name: str) -> str:
    """The source of a template of templates/reports/."""
    return (settings.BASE_DIR / "templates" / "reports" / name).read_text()


def pdf(source: str, *, files: Mapping[str, bytes] = NO_FILES, at: datetime) -> bytes:
    """The document as a tagged PDF.

    source: Typst; it finds `files` and every template beside it, by name.
    """
    return _set(source, files, at, "pdf")[0]


def png(source: str, *, files: Mapping[str, bytes] = NO_FILES, at: datetime, scale: float = 2) -> list[bytes]:
    """The document's pages as pictures, `scale` times 96 pixels to the inch."""
    return _set(source, files, at, "png", scale=scale)


def figure_pdf(svg: str, *, at: datetime) -> bytes:
    """One figure of `trial.svg` as a PDF of its own size; its title and description are what a screen reader hears."""
    return pdf(template("figure.typ"), files=_figure(svg), at=at)


def figure_png(svg: str, *, at: datetime, scale: float = 2) -> bytes:
    """One figure of `trial.svg` as a picture, `scale` pixels for each of its own."""
    return png(template("figure.typ"), files=_figure(svg), at=at, scale=scale)[0]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a document must know of a figure."""

    title: str
    alt: str  # title and description, for those who do not see it
    width: float  # points, at its own size
    height: float


def drawn(svg: str) -> Drawn:
    root = ElementTree.fromstring(svg)
    title, desc = (root.findtext(f"{_SVG}{name}", "").strip() for name in ("title", "desc"))
    alt = ". ".join(words.rstrip(".") for words in (title, desc) if words)
    return Drawn(title, alt, float(root.get("width", "0")) * PIXEL, float(root.get("height", "0")) * PIXEL)


def _figure(svg: str) -> dict[str, bytes]:
    found = drawn(svg)
    told = {"title": found.title, "alt": found.alt, "width": found.width}
    return {"figure.svg": svg.encode(), "figure.json": data(told)}


def _set(
    source: str, files: Mapping[str, bytes], at: datetime, form: Literal["pdf", "png"], *, scale: float = 2
) -> list[bytes]:
    texts = {name: _spelt(content) for name, content in files.items()}
    beside = {path.name: path.read_bytes() for path in (settings.BASE_DIR / "templates" / "reports").glob("*.typ")}
    return _compiled({**beside, **texts, "main.typ": source.encode()}, at, form, scale=scale)


def _compiled(
    files: Mapping[str, bytes], at: datetime, form: Literal["pdf", "png"], *, scale: float = 2
) -> list[bytes]:
    import typst  # 40 MB that only who sets a document needs

    compile_: Any = typst.compile  # takes files by name too, which its types leave out
    made: bytes | list[bytes] = compile_(
        dict(files),
        format=form,
        ppi=96.0 * scale,
        ignore_system_fonts=True,
        pdf_standards=["ua-1"] if form == "pdf" else [],
        timestamp=at,
    )
    return made if isinstance(made, list) else [made]


def _spelt(content: bytes) -> bytes:
    """A file in characters that the fonts have; any other as its code point: a name in a script that they lack must
    neither stop a report nor vanish from it.
    """
    text = content.decode()
    unusual = sorted(set(text) - _PLAIN)
    lacking = {char for char in unusual if not _shown(char)} if unusual and not _shown("".join(unusual)) else set()
    return text.translate({ord(char): f"[U+{ord(char):04X}]" for char in lacking}).encode()


@lru_cache(maxsize=4096)
def _shown(text: str) -> bool:
    """Whether the fonts have every character of the text: Typst refuses a tagged PDF where they have not."""
    import typst

    probe = b'#set document(title: "Probe")\n#json("text.json")'
    try:
        _compiled({"main.typ": probe, "text.json": data(text)}, UNDATED, "pdf")
    except typst.TypstError as fault:
        if _NO_GLYPH not in str(fault):
            raise
        return False
    return True

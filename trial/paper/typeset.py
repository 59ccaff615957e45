"""From a template and data to paper: PDF and PNG, set by Typst.

A document is a template of templates/reports/ that reads its words from files beside it (`data`), so that nothing that
a person typed is ever read as markup. The same input gives the same bytes: no font but those of the Typst wheel, and
the one moment `at`, as whose the document is dated. A PDF is tagged (PDF/UA-1) and holds its fonts.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from xml.etree import ElementTree

from django.conf import settings

from . import apart, setting

NO_FILES: Mapping[str, bytes] = MappingProxyType({})
PIXEL = 0.75  # points; an SVG's pixel, 96 to the inch
_SVG = "{http://www.w3.org/2000/svg}"
# In JSON: an escape that is a control character's, among all escapes.
_ESCAPE = re.compile(r"\\(u00[01][0-9a-f]|[bf]|.)")


def data(value: object) -> bytes:
    """What a template reads with `json(…)`: dates and numbers as the words that the caller made of them."""
    said = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _ESCAPE.sub(lambda found: " " if found[1][0] in "ubf" else found[0], said).encode()


def template(name: str) -> str:
    """The source of a template of templates/reports/."""
    return (settings.BASE_DIR / "templates" / "reports" / name).read_text()


def pdf(source: str, *, files: Mapping[str, bytes] = NO_FILES, at: datetime) -> bytes:
    """The document as a tagged PDF, set by a process of its own.

    source: Typst; it finds `files` and every template beside it, by name.
    """
    return apart.pdf(_beside(source, files), at)


def png(source: str, *, files: Mapping[str, bytes] = NO_FILES, at: datetime, scale: float = 2) -> list[bytes]:
    """The document's pages as pictures, `scale` times 96 pixels to the inch."""
    return setting.compiled(_beside(source, files), at, "png", scale=scale)


def figure_pdf(svg: str, *, at: datetime) -> bytes:
    """One figure of `trial.svg` as a PDF of its own size; its title and description are what a screen reader hears."""
    return setting.compiled(_beside(template("figure.typ"), _figure(svg)), at, "pdf")[0]


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


def _beside(source: str, files: Mapping[str, bytes]) -> dict[str, str]:
    """The source with everything that it may read, by name."""
    templates = (settings.BASE_DIR / "templates" / "reports").glob("*.typ")
    read = {name: content.decode() for name, content in files.items()}
    return {path.name: path.read_text() for path in templates} | read | {"main.typ": source}

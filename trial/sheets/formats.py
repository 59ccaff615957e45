"""In which forms a part of a page is taken out, and how each is made."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from types import MappingProxyType

from ..paper import typeset
from . import csv_file, xlsx_file
from .parts import FIGURE, TABLE
from .table import Table

OF_TABLE: Mapping[str, tuple[str, Callable[[Table], Iterable[bytes]]]] = MappingProxyType(
    {
        "csv": (csv_file.MEDIA_TYPE, lambda table: (line.encode() for line in csv_file.lines(table))),
        "xlsx": (xlsx_file.MEDIA_TYPE, xlsx_file.pieces),
    }
)
OF_FIGURE: Mapping[str, tuple[str, Callable[[str, datetime], bytes]]] = MappingProxyType(
    {
        "svg": ("image/svg+xml", lambda svg, at: svg.encode()),
        "png": ("image/png", lambda svg, at: typeset.figure_png(svg, at=at)),
        "pdf": ("application/pdf", lambda svg, at: typeset.figure_pdf(svg, at=at)),
    }
)
FORMATS: Mapping[str, Iterable[str]] = MappingProxyType({TABLE: tuple(OF_TABLE), FIGURE: tuple(OF_FIGURE)})


def of_table(table: Table, form: str) -> tuple[str, Iterator[bytes]]:
    """Its media type, and the file piece by piece."""
    media_type, make = OF_TABLE[form]
    return media_type, iter(make(table))


def of_figure(svg: str, form: str, on: date) -> tuple[str, Iterator[bytes]]:
    media_type, make = OF_FIGURE[form]
    return media_type, iter([make(svg, datetime.combine(on, time(), UTC))])

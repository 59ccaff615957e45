"""A table as XLSX: its rows on one sheet, what it is on another. The same table gives the same bytes."""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import chain, islice
from typing import IO, Any

from .table import Cell, Table

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEASURED = 200  # rows that say how wide a column is
NARROWEST, WIDEST = 8, 60
LONGEST = 32767  # characters of a cell, by the format
MOST = 1048575  # rows under the header, by the format
CUT = " … (cut: a cell holds no more)"
AT_ONCE = 1 << 16


def pieces(table: Table) -> Iterator[bytes]:
    """The file, written to disk while the rows are read, then handed on piece by piece."""
    with tempfile.TemporaryFile() as file:
        _write(table, file)
        file.seek(0)
        while piece := file.read(AT_ONCE):
            yield piece


def _write(table: Table, file: IO[bytes]) -> None:
    import xlsxwriter  # 5 MB that only who takes a table needs

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties(
            {
                "title": table.about.title,
                "subject": table.about.trial,
                "comments": table.about.made_up,
                "created": datetime.combine(table.about.on, time(), UTC).replace(tzinfo=None),
            }
        )
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "d mmm yyyy"})
        whole = _rows(book.add_worksheet("Table"), table, head, day)
        said = table.about.lines if whole else [*table.about.lines, ("Cut", f"after {MOST} rows; the CSV has all")]
        about = book.add_worksheet("About")
        about.set_column(0, 0, 12)
        about.set_column(1, 1, 100)
        for at, (label, words) in enumerate(said):
            about.write_string(at, 0, label, head)
            about.write_string(at, 1, _fit(words), wrapped)


def _rows(sheet: Any, table: Table, head: Any, day: Any) -> bool:
    """Whether they all had room."""
    rest = iter(table.rows)
    first = list(islice(rest, MEASURED))
    rows = chain(first, rest)
    for at, width in enumerate(_widths(table.columns, first)):
        sheet.set_column(at, at, width)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    for at, column in enumerate(table.columns):
        sheet.write_string(0, at, _fit(column), head)
    for line, row in enumerate(islice(rows, MOST), 1):
        for at, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, at, _fit(value))
            elif isinstance(value, date):
                sheet.write_datetime(line, at, datetime.combine(value, time()), day)
            elif isinstance(value, int | Decimal):
                sheet.write_number(line, at, value)
    return next(rows, None) is None


def _widths(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[int]:
    found = [min(len(column), 20) for column in columns]
    for row in rows:
        found = [max(width, _length(value)) for width, value in zip(found, row, strict=True)]
    return [min(max(width + 2, NARROWEST), WIDEST) for width in found]


def _length(value: Cell) -> int:
    return 11 if isinstance(value, date) else len(str(value or ""))


def _fit(words: str) -> str:
    return words if len(words) <= LONGEST else words[: LONGEST - len(CUT)] + CUT

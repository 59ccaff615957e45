"""A table as CSV (RFC 4180, UTF-8), written while it is read."""

import csv
from collections.abc import Iterator
from datetime import date

from .table import Cell, Table, number

MEDIA_TYPE = "text/csv; charset=utf-8"
BOM = "\ufeff"  # without it a spreadsheet takes the text for one of its own country's
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Behind the table's columns, in each row: files that are cut up or joined still say what they are.
OWN = ("Of trial", "As of", "Filters")


class _Line:
    """What csv writes to: it hands each line on."""

    def write(self, line: str) -> str:
        return line


def lines(table: Table) -> Iterator[str]:
    writer = csv.writer(_Line())
    about = table.about
    trial = f"{about.trial} ({about.made_up})" if about.made_up else about.trial
    own = [_cell(trial), _cell(about.moment), _cell(about.filtered)]
    yield BOM + writer.writerow([_cell(column) for column in (*table.columns, *OWN)])
    for row in table.rows:
        yield writer.writerow([*map(_cell, row), *own])


def _cell(value: Cell) -> str:
    """A spreadsheet must not take text for a formula; what is nothing but a number is none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) and number(value) is None else value
    return value.isoformat() if isinstance(value, date) else str(value)

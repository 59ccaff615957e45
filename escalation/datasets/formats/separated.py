"""A data set as CSV: UTF-8 without a mark, a first line of names, empty for missing, every value as it is stored.

Made for programs, not for spreadsheets: no value is changed so that a spreadsheet would not take it for a formula.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from .lines import Lines

AT_ONCE = 500  # lines that are handed on together


def pieces(lines: Lines) -> Iterator[bytes]:
    return table([variable.name for variable in lines.dataset.variables], lines.rows())


def table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(names)
    for number, row in enumerate(rows, 1):
        writer.writerow(row)
        if number % AT_ONCE == 0:
            yield _taken(written)
    yield _taken(written)


def _taken(written: io.StringIO) -> bytes:
    taken = written.getvalue().encode()
    written.seek(0)
    written.truncate()
    return taken

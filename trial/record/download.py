"""A table as a CSV file, written while it is read."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

BOM = "\ufeff"  # without it a spreadsheet takes the text for one of its own country's
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """What csv writes to: it hands each line on."""

    def write(self, line: str) -> str:
        return line


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """rows: read one after the other as they are sent."""
    writer = csv.writer(_Line())

    def lines() -> Iterator[str]:
        yield BOM + writer.writerow(columns)
        for row in rows:
            yield writer.writerow([_cell(value) for value in row])

    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _cell(value: str) -> str:
    """A spreadsheet must not take text for a formula."""
    return f"'{value}" if value.startswith(FORMULA) else value

"""From the rows of the pages to the tables of a report."""

from collections.abc import Sequence

from assessments.tables import page
from assessments.tables.adverse import ALL
from trial.paper.document import Column, Row, Table

from .source import Source

ACROSS = 16  # columns of numbers that a page across has room for


def by_level(title: str, rows: Sequence[page.Row], source: Source, first: str, *notes: str) -> Table:
    """Patients, n (%), a column for each level and all."""
    levels = [*source.safety.levels, ALL]
    columns = [Column(first, 1)]
    columns += [Column(f"{page.column(level)}, n = {source.safety.n[level]}", number=True) for level in levels]
    found = [
        Row([row.name, *(cell.text for _, cell in row.cells)], kind="inner" if row.inner else "")
        for row in (rows if source.n else ())
    ]
    return Table(title, columns, found, notes=notes, empty="Nobody is treated yet.")


def named(
    title: str, rows: Sequence[page.Row], first: str, *notes: str, empty: str = "Nobody is treated yet."
) -> Table:
    """A table whose cells carry the names of their columns."""
    columns = [Column(first)]
    columns += [Column(name, _share(rows, k), number=True) for k, (name, _) in enumerate(rows[0].cells if rows else ())]
    found = [Row([row.name, *(cell.text for _, cell in row.cells)], _total(row.name)) for row in rows]
    return Table(title, columns, found, notes=notes, empty=empty)


def _share(rows: Sequence[page.Row], k: int) -> int:
    """Of the width, by the longest of the column's cells; of a short one as much as its name asks for."""
    return max(7, *(len(row.cells[k][1].text) for row in rows))


def _total(name: str) -> str:
    return "total" if name == "All" else ""


def adverse(title: str, shown: page.AdversePage, *notes: str) -> list[Table]:
    """The table of adverse events, in as many as the paper's width asks for; each has the classes and terms."""
    bands, n = list(shown.bands), len(shown.bands)
    most = max(1, ACROSS // n)
    count = -(-len(shown.groups) // most)
    size = -(-len(shown.groups) // count)
    found = []
    for k in range(count):
        groups = shown.groups[k * size : (k + 1) * size]
        rows = []
        for of in shown.classes:
            for row in of.rows:
                cells = row.cells[k * size * n : (k * size + len(groups)) * n]
                rows.append(
                    Row(
                        [row.name, *(cell.text.replace(" %)", ")") for _, cell in cells)],
                        kind="inner" if row.inner else "class",
                    )
                )
        found.append(
            Table(
                f"{title}{f', part {k + 1} of {count}' if count > 1 else ''}",
                [Column("Class and term", 1), *(Column(band, number=True) for band in bands * len(groups))],
                rows,
                groups=[("", 1), *((f"{group.name}, n = {group.n}", n) for group in groups)],
                notes=notes,
            )
        )
    return found


def listed(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *notes: str, empty: str = "None."
) -> Table:
    """A listing: a name ending in "+" has a column that takes the width that is left, "#" one of numbers."""
    made = [Column(name.rstrip("+#"), share=name.count("+"), number=name.endswith("#")) for name in columns]
    return Table(title, made, [Row(list(row)) for row in rows], notes=notes, empty=empty)

"""A table as CSV and as XLSX: what a spreadsheet must not run, what is a number, and that the same is the same."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

from trial.sheets import csv_file, xlsx_file
from trial.sheets.table import About, Table

ABOUT = About(
    "Deaths", "record no. 7", ["Level: 2"], date(2026, 3, 1), trial="t-1", whole="A trial", made_up="demo data"
)
ROWS = [
    ["=1+1", 3, Decimal("0.50"), date(2026, 3, 14)],
    ["@x", -2, None, None],
    ['a "b", c\nd', 0, None, None],
    ["-1", 1, None, None],
    ["-x", 1, None, None],
]
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def table():
    return Table(ABOUT, ["+what", "n", "share", "on"], iter(ROWS))


def test_csv_holds_no_formula_and_names_trial_moment_and_filters_in_each_row():
    text = "".join(csv_file.lines(table()))

    assert text.startswith("\ufeff")
    assert text.count("\r\n") == 1 + len(ROWS)
    head, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert head == ["'+what", "n", "share", "on", "Of trial", "As of", "Filters"]
    assert [row[:4] for row in rows] == [
        ["'=1+1", "3", "0.50", "2026-03-14"],
        ["'@x", "-2", "", ""],
        ['a "b", c\nd', "0", "", ""],
        ["-1", "1", "", ""],
        ["'-x", "1", "", ""],
    ]
    assert {tuple(row[4:]) for row in rows} == {("t-1 (demo data)", "record no. 7", "Level: 2")}


def sheets(file):
    book = zipfile.ZipFile(io.BytesIO(file))
    return [ElementTree.fromstring(book.read(f"xl/worksheets/sheet{n}.xml")) for n in (1, 2)]


def words(cell):
    return "".join(cell.itertext())


def test_xlsx_holds_numbers_days_and_text_and_says_on_a_second_sheet_what_it_is():
    file = b"".join(xlsx_file.pieces(table()))
    rows, about = sheets(file)

    cells = [[(c.get("t"), words(c)) for c in row] for row in rows.iter(f"{MAIN}row")]
    assert cells[1] == [("inlineStr", "=1+1"), (None, "3"), (None, "0.50"), (None, "46095")]
    assert not list(rows.iter(f"{MAIN}f"))
    assert rows.find(f".//{MAIN}pane").get("state") == "frozen"
    said = [[words(c) for c in row] for row in about.iter(f"{MAIN}row")]
    assert said == [
        ["Title", "Deaths"], ["Trial", "t-1: A trial"], ["Data", "demo data"], ["As of", "record no. 7"],
        ["Filters", "Level: 2"],
    ]  # fmt: skip
    assert file == b"".join(xlsx_file.pieces(table()))


def test_a_longer_table_than_a_sheet_takes_says_so(monkeypatch):
    monkeypatch.setattr(xlsx_file, "MOST", 2)
    rows, about = sheets(b"".join(xlsx_file.pieces(table())))

    assert len(list(rows.iter(f"{MAIN}row"))) == 3
    assert "after 2 rows; the CSV has all" in words(about)

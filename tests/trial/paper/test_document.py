"""The frame of a document: what stands on each page, tables that go over pages, a first page that is one page."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pypdf
import pytest

from trial import svg
from trial.paper import document
from trial.paper.document import (
    Bullets,
    Choices,
    Column,
    Document,
    Facts,
    Figure,
    Paragraph,
    Part,
    Row,
    Section,
    Signatures,
    Table,
)

MARKS = ("Demo data: no real patient", "Not the last cut: cut 2 of meeting 1 was frozen on 4 Mar 2026")


def table(rows, title="Patients"):
    columns = [Column("Patient", 1), Column("Days", number=True), Column("Says", 2)]
    return Table(title, columns, [Row([f"{k:03d}", str(k), "w" * 200]) for k in range(rows)], notes=["Under it."])


def ladder():
    sign = svg.circle(8, 8, 5)
    drawn = svg.figure(1800, 200, key="f", title="Ladder", desc="Two levels.", parts=[svg.text(10, 50, "Level 1")])
    return Figure("The ladder", drawn, document.legend(svg.legend([(sign, "No DLT & none")])))


def report(sections, first=(), **said):
    given = {"session": "closed", "marks": MARKS} | said
    return Document(
        "code-1", "Closed report", "A name " * 28, "Cut 1 of meeting 1, record no. 412", "3 Mar 2026",
        datetime(2026, 3, 3, 12, tzinfo=UTC), sections=sections, first=first, **given,
    )  # fmt: skip


def pages(found):
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(document.pdf(found))).pages]


def test_each_page_says_what_it_is_from_and_none_is_empty():
    everything = [Paragraph("p", lead="Lead", tone="red"), Facts([("a", "b")]), Bullets([], "None."), ladder()]
    sections = [
        Section("One", [*everything, Part("Inner", [table(80)])]),
        Section("Two", [Paragraph("Alone")]),
        Section("Across", [table(0)], wide=True),
        Section("Form", [Choices(["Escalate"]), Signatures(["Chair"], "I have read it.")]),
    ]
    found = report(sections, first=everything, contents=True)
    said = pages(found)

    assert len(said) > 4
    for n, page in enumerate(said, 1):
        assert f"Page {n} of {len(said)}" in page
        assert all(words in page for words in (*MARKS, "code-1", "CLOSED", "3 Mar 2026", found.about, found.hash[:16]))
        assert len(page.split(found.hash[:16])[0].split(MARKS[-1])[-1].strip()) > 4, f"page {n} is empty"


def test_a_table_over_pages_repeats_its_head_and_keeps_long_names_in_their_column():
    said = pages(report([Section("One", [table(80)])]))

    assert len(said) > 2
    assert all("Patient Days Says" in page for page in said)
    assert "Table 1: Patients" in said[0] and "Under it." in said[-1]


@pytest.mark.parametrize("lines", range(41, 46))
def test_the_notes_of_a_figure_stand_on_its_page(lines):
    noted = replace(ladder(), notes=["Under the figure.", "Last of it."])
    before = Bullets(["A line"] * lines)
    (page,) = (page for page in pages(report([Section("One", [before, noted])])) if "The ladder" in page)

    assert "Under the figure. Last of it." in page


def test_the_contents_have_a_page_of_their_own():
    made = report([Section("One", [Paragraph("p")])], first=[Facts([("a", "b")])], contents=True)
    _, contents, *sections = pages(made)

    assert "Contents" in contents and " p " not in contents
    assert len(sections) == 1


def test_a_head_is_broken_between_its_words_and_a_class_has_the_whole_width():
    rows = [Row(["Relation to methylprednisolone of AE 3", ""], "class"), Row(["related", "no"], "inner")]
    columns = [Column("Evaluable for the dose-limiting toxicity", 1), Column("Value", 9)]
    (said,) = pages(report([Section("One", [Table("Facts", columns, rows)])]))

    assert "Evaluable for" in said and "toxic- ity" not in said
    assert "Relation to methylprednisolone of AE 3" in said


@pytest.mark.parametrize("many", [2, 90])
def test_the_first_page_is_one_page_however_much_stands_on_it(many):
    said = pages(report([Section("One", [Paragraph("Second page")])], first=[Bullets(["A line"] * many)]))

    assert len(said) == 2
    assert said[0].count("A line") == many


def test_the_hash_is_that_of_what_is_said_and_shown():
    one, other = (report([Section("One", [Paragraph(text)])]) for text in ("1/6", "2/6"))

    assert one.hash == report([Section("One", [Paragraph("1/6")])]).hash != other.hash
    assert report([Section("One", [ladder()])]).hash != report([Section("One", [])]).hash


def test_a_legend_comes_with_its_signs_and_words():
    ((sign, words),) = ladder().legend

    assert words == "No DLT & none"
    assert sign.startswith('<svg xmlns="http://www.w3.org/2000/svg"')

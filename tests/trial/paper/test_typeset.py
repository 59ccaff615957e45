"""Documents on paper: the same bytes twice, readable by machines, and a person's words never taken for markup."""

import re
import struct
import subprocess
import sys
import time
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pypdf
import pytest

from trial import svg
from trial.paper import apart, typeset

AT = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
SOURCE = """
#set document(title: "Names")
#let said = json("names.json")
= #said.name
#table(columns: 2, table.header([*Name*], [*Note*]), said.name, said.note)
"""


def document(name, note="-"):
    return typeset.pdf(SOURCE, files={"names.json": typeset.data({"name": name, "note": note})}, at=AT)


def read(pdf):
    return pypdf.PdfReader(BytesIO(pdf))


def words(pdf):
    return "\n".join(page.extract_text() for page in read(pdf).pages)


def drawing():
    marks = [svg.triangle(20, 20, 6), svg.text(40, 24, "Patient 003 <&>"), svg.hatched(0, 40, 90, 20, pattern="h")]
    return svg.figure(
        200, 80, key="f", title="A figure", desc="What it shows.", parts=marks, defs=svg.hatch("h"), cls="x"
    )


def test_two_settings_are_the_same_bytes_dated_as_asked():
    first, second = document("Ann"), document("Ann")

    assert first == second
    assert read(first).metadata.creation_date == AT


def test_it_is_tagged_for_screen_readers_and_holds_its_fonts():
    found = read(document("Ann"))
    root = found.trailer["/Root"]
    fonts = [font.get_object() for page in found.pages for font in page["/Resources"]["/Font"].values()]
    files = [f["/DescendantFonts"][0]["/FontDescriptor"] for f in fonts]

    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "en"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert fonts and all("/FontFile2" in each or "/FontFile3" in each for each in files)


@pytest.mark.parametrize(
    "name", [r'#panic("x") $a$ *b* _c_ @d <e> `f` \\ [g] "h" // i', "= Not a heading", "- no list"]
)
def test_what_a_person_typed_is_never_markup(name):
    assert name in words(document(name)).replace("\n", " ")


def test_a_character_that_no_font_has_is_given_by_its_number():
    told = words(document("王 Łukasz Żółć", "grade ≥ 3 → ▲ \x07!"))

    assert "[U+738B] Łukasz Żółć" in told
    assert "grade ≥ 3 → ▲ !" in " ".join(told.split())


def test_a_figure_is_a_page_of_its_own_size_with_its_words():
    made = typeset.figure_pdf(drawing(), at=AT)
    page = read(made).pages[0]

    assert (float(page.mediabox.width), float(page.mediabox.height)) == (150, 60)  # of 96 pixels to the inch
    assert "Patient 003 <&>" in page.extract_text()
    assert read(made).metadata.title == "A figure"
    assert tags(made) == ["A figure. What it shows"]
    assert made == typeset.figure_pdf(drawing(), at=AT)


def tags(made):
    """The alternative texts of a tagged PDF."""
    found = []

    def walk(node):
        node = node.get_object()
        if isinstance(node, pypdf.generic.DictionaryObject):
            found.append(node.get("/Alt"))
            kids = node.get("/K", [])
            for kid in kids if isinstance(kids, list) else [kids]:
                walk(kid)

    walk(read(made).trailer["/Root"]["/StructTreeRoot"])
    return [alt for alt in found if alt]


def test_a_figure_as_a_picture_has_two_pixels_for_each_of_its_own():
    made = typeset.figure_png(drawing(), at=AT)

    assert made[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", made[16:24]) == (400, 160)


def test_every_page_of_a_document_is_a_picture():
    made = typeset.png("#set page(width: 96pt, height: 48pt)\nOne\n#pagebreak()\nTwo", at=AT, scale=1)

    assert [struct.unpack(">II", page[16:24]) for page in made] == [(128, 64), (128, 64)]


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "was ended from outside, by signal 9"),
        ("raise SystemExit('No such font.')", "Typst did not set the document: No such font."),
        ("import time; time.sleep(60)", "within 0.2 seconds"),
    ],
)
def test_a_document_that_is_not_set_says_why(program, says, monkeypatch):
    monkeypatch.setattr(apart, "SCRIPT", ("-c", program))
    monkeypatch.setattr(apart, "LONGEST", 0.2 if "sleep" in program else 60)

    with pytest.raises(RuntimeError, match=re.escape(says)):
        document("Ann")


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")
def test_the_process_that_sets_a_document_dies_with_the_worker_that_is_killed(tmp_path):
    """A worker writes the id of the child that it waits for, and is killed."""
    named = tmp_path / "child"
    child = f"import os, time; open({str(named)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    worker = "\n".join(
        [
            "import datetime",
            "from trial.paper import apart",
            f"apart.SCRIPT = ('-c', {child!r})",
            "apart.pdf({}, datetime.datetime.now(datetime.UTC))",
        ]
    )
    with subprocess.Popen([sys.executable, "-c", worker]) as started:
        _until(lambda: named.exists() and named.read_text())
        started.kill()

    _until(lambda: _over(Path(f"/proc/{named.read_text()}/status")))


def _over(status):
    """It is gone, or is a name that nobody has asked after."""
    return not status.exists() or "State:\tZ" in status.read_text()


def _until(holds):
    for _ in range(200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("It took more than ten seconds.")

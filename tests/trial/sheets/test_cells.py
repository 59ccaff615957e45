"""From a page's HTML to the parts that can be taken out, and from a table to typed cells."""

from datetime import date
from decimal import Decimal

import pytest

from trial.sheets import filters
from trial.sheets.cells import read
from trial.sheets.parts import parts
from trial.sheets.table import number

TABLE = """
<table class="table"><caption>Deaths</caption>
 <thead>
  <tr><th rowspan="2">Patient</th><th colspan="2">Level 1 <span class="meta">n = 3</span></th>
      <th class="num" rowspan="2">n</th><th rowspan="2"><span class="sr-only">Step</span></th></tr>
  <tr><th>any</th><th>3-4</th></tr>
 </thead>
 <tbody>
  <tr><th scope="row" rowspan="2"><a href="/p">003</a></th><td>14 Mar 2026</td><td>2 (66.7 %)</td>
      <td class="num">7</td><td><a>Correct<span class="sr-only"> 003</span></a></td></tr>
  <tr><td><ul><li>AE 3</li><li>AE 4</li></ul></td><td>late<br><span class="sr-only">by</span> 2 days</td>
      <td class="num">−0.5</td></tr>
  <tr><th scope="row">Nobody</th><td colspan="2">not estimable</td><td class="num">–</td><td></td></tr>
 </tbody>
</table>
"""


def test_a_table_is_read_as_it_stands_with_typed_cells():
    columns, rows = read(TABLE)

    assert columns == ["Patient", "Level 1 n = 3 – any", "Level 1 n = 3 – 3-4", "n"]
    assert rows == [
        ["003", date(2026, 3, 14), "2 (66.7 %)", 7],
        ["003", "AE 3; AE 4", "late; by 2 days", Decimal("-0.5")],
        ["Nobody", "not estimable", None, None],
    ]


@pytest.mark.parametrize(
    ("words", "value"),
    [("0", 0), ("-12", -12), ("1.50", Decimal("1.50")), ("003", None), ("1 2", None), ("1e5", None), ("5 %", None)],
)
def test_a_number_is_what_is_nothing_else(words, value):
    assert number(words) == value


PAGE = f"""
<h1>Safety</h1>
<section><h2 id="deaths-head">Deaths <span class="meta">3 of 9</span></h2>
{TABLE}<p class="figure-note">As of <b>then</b>.</p></section>
<section data-cut="cut-off 1 Mar 2026, record no. 9"><h2>Doses &amp; cycles</h2>
 <figure class="figure"><svg class="fig" role="img"><title id="doses-title">Doses</title></svg></figure>
 <div class="scroll-x" tabindex="0"> {TABLE} </div> {TABLE}
 <table><tr><td><input name="typed"></td></tr></table>
</section>
"""


def test_each_part_of_a_page_has_a_name_a_title_and_its_notes():
    found = parts(PAGE)

    assert [(part.kind, part.name, part.title, part.cut[-5:]) for part in found] == [
        ("table", "deaths", "Deaths", ""),
        ("figure", "doses", "Doses & cycles", "no. 9"),
        ("table", "doses-cycles", "Doses & cycles", "no. 9"),
        ("table", "doses-cycles-2", "Doses & cycles", "no. 9"),
    ]
    assert found[0].notes == ["As of then."]
    assert {part.page for part in found} == {"Safety"}
    behind = [PAGE[part.end :].lstrip() for part in found]
    assert behind[1].startswith("</figure>")
    assert behind[2].startswith("<table")  # not inside the box in which it scrolls


def test_filters_are_named_in_the_words_of_their_fields():
    form = """<form><label for="a">Level <span class="optional">optional</span></label>
      <select name="level" id="a"><option value="">All</option><option value="x">Level 2</option></select>
      <fieldset><legend>Shown</legend>
      <label for="r1"><input type="radio" name="show" id="r1" value="d">Deaths</label></fieldset>
      </form>"""
    asked = [("level", ["x"]), ("show", ["d"]), ("page", ["3"]), ("sort", ["-grade"]), ("empty", [""]), ("who", ["me"])]

    assert filters.words(form, asked) == ["Level: Level 2", "Shown: Deaths", "Sorted by grade, downward", "Who: me"]

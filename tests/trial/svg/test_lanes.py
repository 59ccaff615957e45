"""The time line draws what lies near its day, and names what does not."""

import re
from datetime import date

import pytest

from trial import svg
from trial.svg import Bar, Lane, Point
from trial.svg.shapes import square

UNTIL = date(2026, 6, 1)


def drawn(*lanes, **more):
    return str(svg.lanes_figure(lanes, key="t", title="Time line", desc="", until=UNTIL, **more))


def point(on, title):
    return Point(on=on, sign=lambda x, y: square(x, y, 4), title=title)


@pytest.mark.parametrize("on", [date.min, date(26, 10, 1), date(1926, 1, 1), date(2027, 6, 3), date.max])
def test_a_date_far_away_is_told_and_widens_nothing(on):
    near = Bar(start=date(2026, 3, 2), end=date(2026, 4, 1), title="Cycle 1", words="")
    before = drawn(Lane("Treatment", [near]))

    after = drawn(Lane("Treatment", [near]), Lane("Death", [], [point(on, "Death")]))

    assert 'role="note"' not in before
    assert f"Death ({on.day} {on:%b} {on.year:04d})" in after
    assert len(after) < 2 * len(before)


def test_a_bar_that_begins_far_away_is_cut_and_told():
    text = drawn(Lane("AE 1", [Bar(start=date(26, 10, 1), end=date(2026, 5, 1), title="Nausea", words="")]))

    assert "Not drawn, for these dates lie outside 31 May 2016 to 2 Jun 2027: Nausea (1 Oct 0026)." in text
    assert "lane-bar" in text
    assert 'data-end="' in text
    assert float(re.search(r'data-end="([0-9.]+)"', text)[1]) < 1000


def test_days_are_counted_without_a_day_0():
    text = drawn(
        Lane("Treatment", [Bar(start=date(2026, 3, 2), end=date(2026, 5, 30), title="Cycle 1", words="")]),
        day_one=date(2026, 3, 2),
    )

    assert "day 1<" in text
    assert "day 0<" not in text


def test_a_first_dose_far_away_counts_no_days():
    near = Lane("AE 1", [Bar(start=date(2026, 3, 2), end=date(2026, 4, 1), title="Nausea", words="")])

    assert ">day " not in drawn(near, day_one=date(26, 10, 1))

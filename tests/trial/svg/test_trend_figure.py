"""A value over time: each reading at its place, limits across, the moving limit, moments, words that do not overlap."""

import re
from functools import partial
from itertools import pairwise
from xml.etree import ElementTree

from trial import svg
from trial.svg import Level, Moment, Reading, Steps

MARK = partial(svg.circle, r=4)
AT = [(0, "1"), (28, "29"), (56, "57")]


def drawn(readings, **more):
    said = {"levels": [], "at": AT, "key": "k", "title": "t", "desc": "d", "x_name": "day", "y_name": "g/dL"}
    return svg.trend_figure(readings, **(said | more))


def reading(at, value, **more):
    return Reading(at=at, value=value, sign=lambda x, y: MARK(x, y), words=f"{value} at {at}", **more)


def test_readings_stand_in_proportion_and_lead_to_their_record():
    page = drawn([reading(0, 4), reading(28, 2), reading(56, 1, url="#da-3")])
    places = [(float(x), float(y)) for x, y in re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', page)]

    (x0, y0), (x1, y1), (x2, y2) = places
    assert abs((x1 - x0) - (x2 - x1)) < 0.02  # 28 days each
    assert abs((y1 - y0) - 2 * (y2 - y1)) < 0.04  # a fall of 2, then of 1; coordinates have two decimals
    assert 'data-href="#da-3"' in page
    assert "<title>2 at 28</title>" in page


def test_words_of_near_limits_do_not_overlap():
    page = drawn([reading(0, 100)], levels=[Level(1, "VGPR"), Level(2, "PR"), Level(3, "MR")])
    places = [float(y) for y in re.findall(r' y="([\d.]+)"[^>]*>(?:VGPR|PR|MR)<', page)]

    assert len(places) == 3
    assert all(a - b >= 15 for a, b in pairwise(places))


def test_the_moving_limit_is_drawn_in_steps_and_named():
    page = drawn([reading(0, 2), reading(28, 1)], rise=Steps([(0, 28, 2.5), (28, 56, 2.0)], "PD from 2"))

    (corners,) = re.findall(r'points="([^"]+)"[^>]*stroke-dasharray="6 4"', page)
    assert len(corners.split()) == 4
    assert ">PD from 2<" in page


def test_without_a_moving_limit_nothing_is_named():
    assert "PD" not in drawn([reading(0, 2)], rise=Steps([], ""))


def test_moments_are_named_and_what_lies_beyond_the_ticks_is_in_the_figure():
    page = drawn([reading(0, 2)], moments=[Moment(70, "death"), Moment(68, "new therapy")])

    assert ">death<" in page
    assert ">new therapy<" in page
    assert all(float(x) <= 776 for x in re.findall(r' x1?="([\d.]+)"', page))


def test_one_value_of_zero_is_drawn():
    page = drawn([reading(0, 0)])

    assert ElementTree.fromstring(page).tag.endswith("svg")
    assert "nan" not in page

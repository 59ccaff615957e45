"""Waterfall, spider and swimmer: order, heights in proportion, what is cut at the top, names that do not overlap."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from trial import svg
from trial.svg import ChangeBar, ChangeLine, Event, Ink, Swimmer

AT = [(0, "1"), (28, "29"), (56, "57")]
SAID = {"key": "k", "title": "t", "desc": "d"}


def sign(x, y):
    return svg.circle(x, y, 5, fill=Ink.GREEN, cls="end")


def bar(name, change, **more):
    return ChangeBar(name=name, change=change, fill=Ink.GREEN, sign=sign, words=f"{name}: {change}", **more)


def waterfall(*bars):
    return svg.waterfall_figure(bars, lines=(-25, -50, -90), y_name="change", **SAID)


def ends(page):
    return [(float(x), float(y)) for x, y in re.findall(r'class="end[^"]*" cx="([\d.]+)" cy="([\d.]+)"', page)]


def test_the_waterfall_falls_from_the_largest_rise_to_the_largest_fall():
    page = waterfall(bar("001", -92), bar("002", 20), bar("003", -46, url="/3/"))

    assert re.findall(r"<title>(\d+):", page) == ["002", "003", "001"]
    assert 'data-href="/3/"' in page
    (zero,) = {float(y) for y in re.findall(r'<line class="[^"]*stroke-ink2" x1="[\d.]+" y1="([\d.]+)"', page)}
    rise, half, whole = (y for _, y in ends(page))
    assert rise < zero < half < whole
    assert (whole - zero) == pytest.approx(2 * (half - zero), abs=0.05)
    for limit in ("−25 %", "−50 %", "−90 %"):
        assert page.count(f">{limit}<") == 1


def test_a_rise_above_a_hundred_is_cut_with_an_arrow_and_its_words_say_it():
    page = waterfall(bar("001", 250), bar("002", 100))

    assert page.count("↑") == 1
    first, second = (y for _, y in ends(page))
    assert first == second
    assert "001: 250" in page


def test_many_bars_widen_the_figure():
    page = waterfall(*(bar(f"{k:03d}", -k) for k in range(1, 71)))
    width = float(ElementTree.fromstring(page).get("width"))

    assert width > 960
    assert max(x for x, _ in ends(page)) < width


def line(name, *points):
    return ChangeLine(name=name, points=points, stroke=Ink.BLUE, end=sign, words=name)


def spider(*lines):
    return svg.spider_figure(lines, lines=(-50,), at=AT, x_name="day", y_name="change", **SAID)


def test_the_spider_ends_each_line_with_its_name_and_mark():
    page = spider(line("001", (0, 0), (28, -20), (56, -60)), line("002", (0, 0), (28, 300)))

    assert len(ends(page)) == 2
    assert {">001<", ">002<"} <= set(re.findall(r">\d+<", page))
    assert all(float(y) >= 0 for y in re.findall(r'cy="([-\d.]+)"', page))


def test_names_stand_at_the_right_of_every_line_led_to_and_apart_however_many():
    lines = [line(f"{k:03d}", (0, 0), (28 if k % 2 else 56, -50)) for k in range(1, 41)]
    page = spider(*lines)
    named = [(float(x), float(y)) for x, y in re.findall(r'<text class="name[^>]* x="([\d.]+)" y="([\d.]+)"', page)]
    drawn = [float(point.split(",")[0]) for line in re.findall(r'points="([^"]+)"', page) for point in line.split()]
    frame = ElementTree.fromstring(page)

    assert len(named) == page.count('class="leader') == 40
    assert min(x for x, _ in named) > max(drawn)
    assert all(b - a >= 13 - 0.01 for a, b in pairwise(sorted(y for _, y in named)))
    assert max(y for _, y in named) < float(frame.get("height"))


def swimmer(name, treated, **more):
    said = {"known": treated, "goes_on": False, "responses": [], "events": []} | more
    return Swimmer(name=name, group="level 1", fill=Ink.LEVEL1, treated=treated, words=name, **said)


def test_the_swimmer_draws_time_in_proportion_and_what_happened_on_it():
    page = svg.swimmer_figure(
        [
            swimmer("001", 56, goes_on=True, events=[Event(28, sign)], responses=[(14, 56, False)]),
            swimmer("002", 28, known=56),
        ],
        at=AT,
        x_name="day",
        **SAID,
    )
    long, short = (float(w) for w in re.findall(r'class="fill-level1" x="[\d.]+" y="[\d.]+" width="([\d.]+)"', page))
    start = float(re.search(r'class="fill-level1" x="([\d.]+)"', page).group(1))

    assert long == pytest.approx(2 * short, abs=0.05)
    assert ends(page)[0][0] == pytest.approx(start + short, abs=0.05)  # day 28
    assert page.count("<polygon") == 1  # one goes on
    assert re.findall(r"<title>(\d+)<", page) == ["001", "002"]  # the caller's order

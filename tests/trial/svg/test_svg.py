"""The figure kit: what each mark carries, and what it never does."""

import re
from xml.etree import ElementTree

import pytest

from trial import svg
from trial.svg import PAINT, Ink, Scale

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*parts):
    return ElementTree.fromstring(svg.figure(200, 100, key="f", title="A title", desc="What it shows", parts=parts))


def test_a_figure_is_one_image_with_a_name_and_a_description():
    root = drawn(svg.circle(10, 10, 5))

    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "f-title f-desc"
    assert [(child.tag, child.get("id"), child.text) for child in root[:2]] == [
        (f"{SVG}title", "f-title", "A title"),
        (f"{SVG}desc", "f-desc", "What it shows"),
    ]


@pytest.mark.parametrize("ink", Ink)
def test_every_ink_is_a_class_and_a_literal_colour(ink):
    mark = drawn(svg.rect(0, 0, 10, 10, fill=ink))[2]

    assert (mark.get("class"), mark.get("fill")) == (f"fill-{ink}", PAINT[ink])


@pytest.mark.parametrize("ink", [ink for ink in Ink if ink is not Ink.NONE])
def test_the_stylesheet_knows_every_ink(ink, pytestconfig):
    sheet = (pytestconfig.rootpath / "static/css/figures.css").read_text()

    assert f".fill-{ink} {{" in sheet
    assert f".stroke-{ink} {{" in sheet


@pytest.mark.parametrize(
    "mark",
    [
        svg.circle(9, 9, 4, stroke=Ink.SURFACE),
        svg.triangle(9, 9, 4),
        svg.diamond(9, 9, 4),
        svg.square(9, 9, 4),
        svg.cross(9, 9, 4),
        svg.half_circle(9, 9, 4),
        svg.half_triangle(9, 9, 4),
        svg.line(0, 0, 9, 9),
        svg.polyline([(0, 0), (9, 9)]),
        svg.text(0, 9, "words"),
        svg.hatched(0, 0, 9, 9, pattern="p"),
        svg.x_axis(Scale(0, 10, 0, 100), 90, [0, 5, 10], name="days"),
        svg.y_axis(Scale(0, 1, 90, 10), 0, 100, [0, 1], name="share"),
        svg.legend([(svg.circle(8, 8, 4), "No DLT")]),
    ],
)
def test_nothing_is_styled_inline(mark):
    assert not re.search(r"\bstyle=|<style|<script|\bon\w+=", mark)


def test_words_from_people_are_escaped_everywhere():
    bad = '<script>alert("x")</script>&'
    figure = svg.figure(
        9,
        9,
        key="f",
        title=bad,
        desc=bad,
        parts=[svg.text(0, 0, bad), svg.mark(svg.circle(1, 1, 1), title=bad, url='/p/"onload="x')],
    )

    assert "<script" not in figure
    assert '"onload="' not in figure
    assert ElementTree.fromstring(figure)[0].text == bad


def test_a_mark_tells_its_fact_and_opens_its_record():
    group = drawn(svg.mark(svg.circle(1, 1, 1), title="Patient 003", url="/patients/003/", key="k-003"))[2]

    assert group[0].text == "Patient 003"
    assert (group.get("data-href"), group.get("data-glow")) == ("/patients/003/", "k-003")
    assert not list(group.iter(f"{SVG}a")), "an image holds nothing that takes the focus"


@pytest.mark.parametrize(("value", "text"), [(3, "3"), (3.0, "3"), (3.14159, "3.14"), (-0.001, "0"), (2.5, "2.5")])
def test_coordinates_are_short(value, text):
    assert svg.num(value) == text


def test_a_scale_maps_its_ends_and_stays_put_without_a_span():
    assert [Scale(0, 28, 10, 290)(day) for day in (0, 14, 28)] == [10, 150, 290]
    assert Scale(5, 5, 10, 90)(5) == 10


@pytest.mark.parametrize(
    ("low", "high", "at"),
    [
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 30, [0, 5, 10, 15, 20, 25, 30]),
        (7, 7, [7]),
        (-40, 90, [-40, -20, 0, 20, 40, 60, 80]),
    ],
)
def test_ticks_are_round_and_inside(low, high, at):
    assert svg.ticks(low, high) == at


def test_a_step_curve_holds_each_value_until_the_next_point():
    assert svg.steps([(0, 1), (3, 0.9), (5, 0.5)]) == [(0, 1), (3, 1), (3, 0.9), (5, 0.9), (5, 0.5)]


def test_an_axis_refuses_labels_that_do_not_fit_its_ticks():
    with pytest.raises(ValueError, match="zip"):
        svg.x_axis(Scale(0, 1, 0, 1), 0, [0, 1], labels=["only one"])

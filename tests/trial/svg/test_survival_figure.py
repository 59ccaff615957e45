"""The Kaplan-Meier figure: what is drawn is what was estimated, and nothing past an observation."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from trial.svg import AtRisk, Curve, survival_figure
from trial.svg.survival import key_words

CURVE = Curve(
    name="All",
    n=3,
    median="4.0 months (2.0–not reached)",
    months=[2, 4, 7],
    surv=[2 / 3, 1 / 3, 1 / 3],
    lower=[0.05, 0.01, 0.01],
    upper=[0.95, 0.77, 0.77],
    censored=[0, 0, 1],
    at_risk=[AtRisk(0, 3, 0, 0), AtRisk(3, 2, 1, 0), AtRisk(6, 1, 2, 0), AtRisk(9, 0, 2, 1)],
)


def draw(*curves, **more):
    return survival_figure(curves, key="km", title="Survival", desc="A curve", **more)


def corners(drawn):
    points = re.search(r'<polyline class="curve[^>]*points="([^"]+)"', drawn).group(1)
    return [tuple(map(float, point.split(","))) for point in points.split()]


def test_the_curve_is_a_staircase_from_one():
    points = corners(draw(CURVE))

    assert points[0][1] == 16  # 100 %
    for (x1, y1), (x2, y2) in pairwise(points):
        assert x1 == x2 or y1 == y2
        assert x2 >= x1 and y2 >= y1


def test_the_curve_ends_at_the_last_observation():
    axis_end = 776 - 24
    left = corners(draw(CURVE))[0][0]

    assert corners(draw(CURVE))[-1][0] == pytest.approx(left + (axis_end - left) * 7 / 9, abs=0.01)  # axis to 9 months


def test_a_longer_curve_is_cut_at_the_end_of_the_time_frame():
    assert corners(draw(CURVE, end=3))[-1][0] <= 776 - 24


def test_at_risk_events_and_censored_stand_under_the_axis():
    words = re.findall(r"<text[^>]*>([^<]+)</text>", draw(CURVE))

    assert {"At risk", "Events", "Censored", "Median 4.0 months (2.0–not reached)"} <= set(words)
    assert words[words.index("At risk") + 1 :][:4] == ["3", "2", "1", "0"]


def test_each_censored_patient_has_a_stroke_with_words():
    assert draw(CURVE).count("censored at") == 1
    assert "1 censored at 7.0 months" in draw(CURVE)


def test_where_a_limit_is_not_estimable_there_is_no_band():
    bare = Curve(**{f: getattr(CURVE, f) for f in CURVE.__slots__} | {"lower": [None] * 3, "upper": [None] * 3})

    assert "<polygon" in draw(CURVE)
    assert "<polygon" not in draw(bare)


def test_strata_differ_by_dash_as_well_as_by_colour():
    drawn = draw(CURVE, CURVE, CURVE)

    assert len(set(re.findall(r'<polyline[^>]*stroke-dasharray="([^"]+)"', drawn))) == 2  # and one without
    assert "at risk · events · censored" in drawn


def test_more_curves_than_can_be_told_apart_are_refused():
    with pytest.raises(ValueError, match="at most 4"):
        draw(*[CURVE] * 5)


def test_its_words_name_what_is_drawn_and_where_it_ends():
    bare = replace(CURVE, lower=[None] * 3, upper=[None] * 3, censored=[0] * 3)

    assert key_words([CURVE]) == (
        "Steps: Kaplan-Meier; band: log-log 95 % limits; strokes: censored patients. "
        "The figure ends at 9 months, after the last observation."
    )
    assert key_words([bare]).startswith("Steps: Kaplan-Meier. The figure")
    assert "; bands: " in key_words([CURVE] * 2)
    assert "no band is drawn" in key_words([CURVE] * 3)
    assert key_words([CURVE], end=6).endswith(
        "ends at 6 months, the time frame of the endpoint; times are not cut there."
    )


def test_medians_stand_in_a_corner_that_no_curve_crosses():
    def median_at(curve):
        found = re.search(r'<text class="halo[^>]* x="([\d.]+)" y="([\d.]+)"[^>]*>Median', draw(curve))
        return tuple(map(float, found.groups()))

    fallen = replace(CURVE, months=[0.5, 1, 7], surv=[2 / 3, 0, 0])  # down through the lower left corner
    (low, foot), (right, top) = median_at(CURVE), median_at(fallen)
    assert low == corners(draw(CURVE))[0][0] + 8
    assert right > low
    assert top < foot

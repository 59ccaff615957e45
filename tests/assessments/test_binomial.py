"""Exact binomial intervals, against R's binom.test (tests/data) and against scipy's beta quantiles."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from assessments.binomial import answer, proportion

DATA = Path(__file__).parent.parent / "data" / "clopper_pearson.json"
ROWS = [row for row in json.loads(DATA.read_text())["rows"] if row["estimable"]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['x']}/{row['n']}")
def test_the_interval_is_that_of_r(row):
    for name, (lower, upper) in ((key, row[key]) for key in row if key.startswith("cp")):
        found = proportion(row["x"], row["n"], f"0.{name.removeprefix('cp')}")

        assert found.estimate == pytest.approx(row["p"], abs=1e-14)
        assert (found.lower, found.upper) == (pytest.approx(lower, abs=1e-11), pytest.approx(upper, abs=1e-11))


def test_nothing_is_estimable_of_nobody():
    assert answer({"x": 0, "n": 0}) == {"estimate": None, "lower": None, "upper": None}


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from([80, 95, 99]))
def test_the_limits_are_those_tail_probabilities(counts, percent):
    x, n = counts
    tail = (1 - percent / 100) / 2
    found = proportion(x, n, Decimal(percent) / 100)

    assert found.lower <= found.estimate <= found.upper
    if x > 0:
        assert found.lower == pytest.approx(beta.ppf(tail, x, n - x + 1), abs=1e-11)
        assert binom.sf(x - 1, n, found.lower) == pytest.approx(tail, rel=1e-9)
    else:
        assert found.lower == 0
    if x < n:
        assert found.upper == pytest.approx(beta.isf(tail, x + 1, n - x), abs=1e-11)
    else:
        assert found.upper == 1


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({"x": 4, "n": 3}, "x: must be from 0 to n = 3"),
        ({"x": -1, "n": 3}, "x: must be from 0"),
        ({"x": 0, "n": -1}, "n: must be from 0"),
        ({"x": True, "n": 3}, "x: must be a whole number"),
        ({"x": Decimal("1.5"), "n": 3}, "x: must be a whole number"),
        ({"n": 3}, "x: must be a whole number"),
        ({"x": 1, "n": 3, "conf_level": 1}, "conf_level: must be above 0 and below 1"),
        ({"x": 1, "n": 3, "conf_level": "95"}, "conf_level: must be a number"),
    ],
)
def test_a_wrong_input_is_named(line, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}"):
        answer(line)

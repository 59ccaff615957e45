"""Exact binomial intervals for workers, against R's binom.test (tests/data), exact tails and those of the pages."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from assessments import binomial
from assessments.statistics.proportions import proportion

DATA = Path(__file__).parent.parent.parent / "data" / "clopper_pearson.json"
ROWS = [row for row in json.loads(DATA.read_text())["rows"] if row["estimable"]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['x']}/{row['n']}")
def test_the_interval_is_that_of_r(row):
    for name, (lower, upper) in ((key, row[key]) for key in row if key.startswith("cp")):
        found = proportion(row["x"], row["n"], Decimal(f"0.{name.removeprefix('cp')}"))

        assert found.estimate == pytest.approx(row["p"], abs=1e-14)
        assert (found.lower, found.upper) == (pytest.approx(lower, abs=1e-11), pytest.approx(upper, abs=1e-11))


@pytest.mark.parametrize(("x", "n"), [(1, 100_000), (50_000, 100_000), (99_999, 100_000), (3, 7)])
@pytest.mark.parametrize("level", ["0.001", "0.95", "0.999999"])
def test_the_limits_have_those_tail_probabilities(x, n, level):
    tail = (1 - float(level)) / 2
    found = proportion(x, n, Decimal(level))

    assert binom.sf(x - 1, n, found.lower) == pytest.approx(tail, rel=1e-8)
    assert binom.cdf(x, n, found.upper) == pytest.approx(tail, rel=1e-8)


@given(st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_run_and_a_page_say_the_same(counts):
    run, page = proportion(*counts), binomial.proportion(*counts)

    assert (run.x, run.n, run.estimate) == (page.x, page.n, page.estimate)
    assert (run.lower, run.upper) == (
        (None, None) if run.n == 0 else (pytest.approx(page.lower, rel=1e-12), pytest.approx(page.upper, rel=1e-12))
    )


@pytest.mark.parametrize(
    ("x", "n", "sentence"), [(4, 3, "x: must be from 0 to n = 3, got 4"), (0, 100_001, "n: must be from 0 to 100000")]
)
def test_a_wrong_count_is_named(x, n, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}"):
        proportion(x, n)

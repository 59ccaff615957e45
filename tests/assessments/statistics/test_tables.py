"""Fisher's test, against R and exact sums."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.statistics.tables import fisher


@pytest.mark.parametrize(
    ("table", "p", "ratio"),
    [
        # the tea of Fisher (1935): p two-sided 34/70, the ratio 6.408309 as R prints it
        ([[3, 1], [1, 3]], 34 / 70, 6.408309),
        ([[0, 0], [3, 4]], 1, 0),  # an empty margin: R says 0, with limits 0 and infinity
        ([[0, 5], [4, 1]], 2 * 6 / 252, 0),
    ],
)
def test_fishers_test_is_that_of_r(table, p, ratio):
    found = fisher(table)

    assert (found["p"], found["odds_ratio"]) == (pytest.approx(p, abs=1e-14), pytest.approx(ratio, rel=1e-5))


def test_an_infinite_odds_ratio_is_not_estimable():
    found = fisher([[5, 0], [1, 4]])

    assert (found["odds_ratio"], found["upper"]) == (None, None)
    assert found["lower"] > 1
    assert fisher([[0, 0], [0, 0]]) == {"p": None, "odds_ratio": None, "lower": None, "upper": None}


def weights(table, psi):
    (a, b), (c, d) = table
    row, column, n = a + b, a + c, a + b + c + d
    support = range(max(0, row + column - n), min(row, column) + 1)
    return {k: comb(column, k) * comb(n - column, row - k) * psi**k for k in support}


@given(st.lists(st.integers(0, 12), min_size=4, max_size=4))
def test_fishers_ratio_and_limits_solve_their_equations(cells):
    a, b, c, d = cells
    table = [[a, b], [c, d]]
    found = fisher(table)
    null = weights(table, Fraction(1))
    if found["p"] is None or len(null) == 1:
        return

    exact = sum(w for w in null.values() if w <= null[a]) / Fraction(sum(null.values()))
    assert found["p"] == pytest.approx(float(exact), abs=1e-12)
    if found["odds_ratio"]:
        at = weights(table, found["odds_ratio"])
        assert sum(k * w for k, w in at.items()) / sum(at.values()) == pytest.approx(a, rel=1e-6)
    for limit, tail in ((found["lower"], lambda k: k >= a), (found["upper"], lambda k: k <= a)):
        if limit:
            at = weights(table, limit)
            assert sum(w for k, w in at.items() if tail(k)) / sum(at.values()) == pytest.approx(0.025, rel=1e-5)

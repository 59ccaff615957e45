"""Labels at the ends of lines: none on another, in their order, as near to their line as that leaves."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.svg.labels import spread

LINE = 13


@given(st.lists(st.floats(0, 300), max_size=20))
def test_no_two_are_nearer_than_a_line_and_the_order_is_kept(wanted):
    found = spread(wanted, apart=LINE, low=30, high=300)
    placed = sorted(zip(wanted, range(len(wanted)), found, strict=True))

    assert all(b - a >= LINE - 1e-6 for (_, _, a), (_, _, b) in pairwise(placed))
    assert all(30 <= height <= 300 + 1e-6 for height in found)  # 20 lines of 13 fit into 270


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([], []),
        ([50, 100], [50, 100]),  # far apart: each at its line
        ([100, 100], [93.5, 106.5]),  # both give way alike
        ([106, 100], [109.5, 96.5]),  # in the order of their lines, not as given
        ([100, 104, 200], [95.5, 108.5, 200]),
        ([28, 30], [30, 43]),  # the top holds
        ([299, 300], [287, 300]),  # and the foot
    ],
)
def test_they_give_way_as_little_as_they_must(wanted, found):
    assert spread(wanted, apart=LINE, low=30, high=300) == pytest.approx(found)


def test_too_many_run_over_the_foot_rather_than_on_each_other():
    assert spread([10] * 4, apart=LINE, low=0, high=20) == pytest.approx([0, 13, 26, 39])

"""Percentages: one decimal, half away from zero; no limit of a category is shown that is not reached."""

from decimal import Decimal
from fractions import Fraction

import pytest

from trial.percentages import percent_text, range_text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Fraction(-5278, 100), "-52.8 %"),
        (Fraction(100, 16), "6.3 %"),  # 6.25: half away from zero, not to the even one
        (Fraction(-625, 100), "-6.3 %"),
        (0.0625 * 100, "6.3 %"),
        (Fraction(50), "50.0 %"),
        (Fraction(49949, 1000), "49.9 %"),
        (Fraction(4996, 100), "49.96 %"),
        (Fraction(49999, 1000), "49.99 %"),
        (Fraction(-8997, 100), "-89.97 %"),
        (Fraction(2499, 100), "24.99 %"),
        (Fraction(5004, 100), "50.0 %"),  # reached
        (Fraction(7496, 100), "75.0 %"),  # no limit
        (Fraction(-4, 100), "0.0 %"),
        (0.1 + 0.2, "0.3 %"),
    ],
)
def test_a_percentage_in_words(value, words):
    assert percent_text(value) == words


def test_enough_of_a_drug_is_not_shown_where_it_is_not_reached():
    assert percent_text(Decimal("74.96"), limits=[Decimal("75.00")]) == "74.96 %"
    assert percent_text(Decimal("49.96"), limits=[Decimal("75.00")]) == "50.0 %"


def test_the_limits_of_an_interval():
    assert range_text(4.327, 77.722) == "4.3–77.7"

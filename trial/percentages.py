"""Percentages as everybody shows them: one decimal, half away from zero (docs/domain.md, section 12). Pure."""

from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction
from math import floor

LIMITS = (25, 50, 90)  # what categories of response ask for


def percent_text(value: Fraction | Decimal | float, *, limits: Collection[int | Decimal] = LIMITS) -> str:
    """ "52.8 %" for 52.78 of a hundred; "49.97 %" too, for one decimal would show a limit that is not reached."""
    exact = Fraction(repr(float(value))) if isinstance(value, float) else Fraction(value)
    size = abs(exact)
    shown, digits = _rounded(size, 1), 1
    exactly = {Fraction(limit) for limit in limits}
    if size < shown and shown in exactly:
        shown, digits = _rounded(size, 2), 2
        if shown in exactly:  # 49.997
            shown -= Fraction(1, 100)
    return f"{'-' if exact < 0 and shown else ''}{Decimal(shown.numerator) / shown.denominator:.{digits}f} %"


def range_text(low: Fraction | Decimal | float, high: Fraction | Decimal | float) -> str:
    """The limits of an interval, without the sign that stands beside their estimate: "4.3–77.7"."""
    return f"{percent_text(low)[:-2]}–{percent_text(high)[:-2]}"


def _rounded(size: Fraction, digits: int) -> Fraction:
    return Fraction(floor(size * 10**digits + Fraction(1, 2)), 10**digits)

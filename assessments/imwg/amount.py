"""A measured value as all that it may be: a number, or anything from 0 up to, not including, a limit. Pure.

A result "<5" may be anything from 0 to below 5 (docs/domain.md, section 7), and a rule is met only if every such value
meets it. So a value is an interval of exact fractions, and each question here asks about all of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Below:
    """A laboratory's "<5": below the limit of what it can measure."""

    limit: Decimal

    def __str__(self) -> str:
        return f"<{self.limit}"


Measured = Decimal | Below


@dataclass(frozen=True, slots=True)
class Amount:
    """From `least` to `most`. above, below: that end itself is left out, as one is wherever the two are different."""

    least: Fraction
    most: Fraction
    above: bool = False
    below: bool = False

    @property
    def exact(self) -> bool:
        return not (self.above or self.below)

    @property
    def zero(self) -> bool:
        """It is 0 and nothing else."""
        return not self.most

    # Whether every value that it may be meets a rule.

    def at_most(self, bound: Fraction | int) -> bool:
        return self.most <= bound

    def under(self, bound: Fraction | int) -> bool:
        return self.most < bound or (self.below and self.most == bound)

    def at_least(self, bound: Fraction | int) -> bool:
        return self.least >= bound

    def over(self, bound: Fraction | int) -> bool:
        return self.least > bound or (self.above and self.least == bound)

    def less(self, other: "Amount") -> "Amount":
        """The difference of two values that do not depend on each other, below 0 = 0."""
        least, most = self.least - other.most, self.most - other.least
        return Amount(
            max(least, ZERO),
            max(most, ZERO),
            above=least >= 0 and (self.above or other.below),
            below=most > 0 and (self.below or other.above),
        )


def exactly(number: Fraction | int) -> Amount:
    return Amount(Fraction(number), Fraction(number))


@lru_cache(maxsize=2048)
def amount(value: Measured) -> Amount:
    """Every rule asks for the same few values again, and making a Fraction takes longer than comparing one."""
    if isinstance(value, Below):
        return Amount(ZERO, Fraction(value.limit), below=True)
    return exactly(Fraction(value))


def highest(amounts: Iterable[Amount]) -> Amount | None:
    """The highest of several values, each of which may be anything in its interval; None of none."""
    found = list(amounts)
    if all(one.exact for one in found):
        return max(found, key=_most, default=None)
    return _of_ends(max(map(_low, found)), max(map(_high, found)))


def lowest(amounts: Iterable[Amount]) -> Amount | None:
    """The lowest of them."""
    found = list(amounts)
    if all(one.exact for one in found):
        return min(found, key=_most, default=None)
    return _of_ends(min(map(_low, found)), min(map(_high, found)))


_most = attrgetter("most")

# An end that is left out lies a little inside: above the number at the lower end, under it at the upper one.


def _low(one: Amount) -> tuple[Fraction, bool]:
    return one.least, one.above


def _high(one: Amount) -> tuple[Fraction, bool]:
    return one.most, not one.below


def _of_ends(low: tuple[Fraction, bool], high: tuple[Fraction, bool]) -> Amount:
    return Amount(low[0], high[0], above=low[1], below=not high[1])

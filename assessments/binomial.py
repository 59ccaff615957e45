"""Exact two-sided binomial intervals (Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404), equal to R's binom.test.

Standard library only: pages need these intervals live. The limits are the roots of the exact tail sums, found by
bisection in 40-digit decimals, so they are right to the last digit of the float that is returned.
"""

from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from functools import lru_cache
from typing import Any

DIGITS = 40
HALVINGS = 60  # 2^-60 is below the spacing of floats near 1
MOST = 100_000  # patients; beyond that the sums are no longer worth their time


@dataclass(frozen=True, slots=True)
class Proportion:
    """x of n with its exact interval. With n = 0 nothing is estimable and the three numbers are None."""

    x: int
    n: int
    estimate: float | None
    lower: float | None
    upper: float | None


def proportion(x: int, n: int, conf_level: Decimal | str = "0.95") -> Proportion:
    """x successes of n with the two-sided exact interval at `conf_level`; raises ValueError as `checked`."""
    level = checked(x, n, conf_level)
    if n == 0:
        return Proportion(x, n, None, None, None)
    lower, upper = _limits(x, n, level)
    return Proportion(x, n, x / n, lower, upper)


def checked(x: int, n: int, conf_level: Decimal | str) -> Decimal:
    """The level as a decimal.

    Raises ValueError, naming the input, unless 0 <= x <= n <= MOST and 0 < conf_level < 1.
    """
    if not 0 <= n <= MOST:
        raise ValueError(f"n: must be from 0 to {MOST}, got {n}")
    if not 0 <= x <= n:
        raise ValueError(f"x: must be from 0 to n = {n}, got {x}")
    level = Decimal(conf_level)
    if not 0 < level < 1:
        raise ValueError(f"conf_level: must be above 0 and below 1, got {level}")
    return level


@lru_cache(maxsize=4096)
def _limits(x: int, n: int, level: Decimal) -> tuple[float, float]:
    with localcontext(Context(prec=DIGITS)):
        tail = (1 - level) / 2
        return float(_lower(x, n, tail)), float(1 - _lower(n - x, n, tail))


def _lower(x: int, n: int, tail: Decimal) -> Decimal:
    """The p at which x or more of n have the probability `tail`; it rises with p."""
    if x == 0:
        return Decimal(0)
    low, high = Decimal(0), Decimal(1)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _at_least(x, n, middle) < tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_least(x: int, n: int, p: Decimal) -> Decimal:
    """P(X >= x) for X binomial (n, p), summed from the x term upward until the terms no longer count."""
    q = 1 - p
    term = q ** (n - x) * p**x
    for k in range(1, x + 1):
        term = term * (n - x + k) / k
    total = Decimal(0)
    for k in range(x, n + 1):
        total += term
        if term < total * Decimal("1E-36") and k > n * p:
            break
        term = term * (n - k) / (k + 1) * p / q
    return total


def answer(line: dict[str, Any]) -> dict[str, Any]:
    """The validation filter: {"x", "n", "conf_level"} (docs/validation-statistics.md)."""
    for name in ("x", "n"):
        if not isinstance(line.get(name), int) or isinstance(line[name], bool):
            raise ValueError(f"{name}: must be a whole number, got {line.get(name)!r}")
    level = line.get("conf_level")
    if level is None:
        level = Decimal("0.95")
    if not isinstance(level, int | Decimal) or isinstance(level, bool):
        raise ValueError(f"conf_level: must be a number, got {level!r}")
    found = proportion(line["x"], line["n"], Decimal(level))
    return {"estimate": found.estimate, "lower": found.lower, "upper": found.upper}


if __name__ == "__main__":
    from trial.jsonl import serve

    serve(answer)

"""The exact binomial intervals of assessments/binomial.py for workers: as beta quantiles, a whole column at a time.

Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404; equal to R's binom.test.
"""

from decimal import Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainccinv, betaincinv

from ..binomial import Proportion, checked
from .estimates import LEVEL, Vector


@lru_cache(maxsize=4096)  # the groups of a run ask for the same few counts
def proportion(x: int, n: int, conf_level: Decimal = LEVEL) -> Proportion:
    """x successes of n with the two-sided exact interval; raises ValueError as `binomial.proportion`."""
    checked(x, n, conf_level)
    if n == 0:
        return Proportion(x, n, None, None, None)
    lower, upper = limits(np.array([x]), n, conf_level)
    return Proportion(x, n, x / n, float(lower[0]), float(upper[0]))


def limits(x: NDArray[np.int_], n: int, conf_level: Decimal) -> tuple[Vector, Vector]:
    """Lower and upper limits for each of the counts `x`, all of the same n > 0; raises ValueError as `checked`."""
    tail = float((1 - checked(0, n, conf_level)) / 2)  # of decimals: 1 - 0.95 in floats is off in the last digits
    lower = np.where(x == 0, 0.0, betaincinv(x, n - x + 1, tail))
    upper = np.where(x == n, 1.0, betainccinv(x + 1, n - x, tail))
    return lower, upper

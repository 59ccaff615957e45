"""How the answers say their numbers: the types, the default level, and None for what is not estimable.

R is survival 3.8, pROC 1.18 and stats 4.5. "Not estimable" is None wherever R says NA, and wherever a fit does not
converge; never 0 or infinity. On scipy and statsmodels, so heavy to import: workers alone do (docs/decisions).
"""

import math
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Vector = NDArray[np.float64]
Answer = dict[str, Any]
LEVEL = Decimal("0.95")


@lru_cache(maxsize=16)
def z_of(conf_level: Decimal) -> float:
    """The normal quantile of a two-sided interval."""
    return float(stats.norm.ppf(0.5 + float(conf_level) / 2))


def known(value: float) -> float | None:
    """None for NaN and infinity: not estimable."""
    return float(value) if math.isfinite(value) else None


def plain(value: float) -> float | int:
    """A whole number without a point, as days are."""
    return int(value) if value.is_integer() else value

"""Two-by-two tables: Fisher's exact test, as R's fisher.test."""

from collections.abc import Sequence
from decimal import Decimal
from math import comb

import numpy as np
from scipy import stats

from .estimates import LEVEL, Answer, known


def fisher(table: Sequence[Sequence[int]], *, conf_level: Decimal = LEVEL) -> Answer:
    """Fisher's exact test, two-sided, with the conditional odds ratio (MLE) and its exact interval, as R.

    p adds every table no likelier than the one seen (within 1e-7, as R), in exact fractions. An infinite odds ratio
    or limit is None. With an empty margin R says 0 with limits 0 and infinity; so does this. An empty table: None.
    """
    (a, b), (c, d) = table
    n = a + b + c + d
    if n == 0:
        return {"p": None, "odds_ratio": None, "lower": None, "upper": None}
    row, column = a + b, a + c
    least, most = max(0, row + column - n), min(row, column)
    weights = {k: comb(column, k) * comb(n - column, row - k) for k in range(least, most + 1)}
    seen = weights[a] * 10_000_001
    p = sum(w for w in weights.values() if w * 10_000_000 <= seen) / sum(weights.values())
    if least == most:
        return {"p": 1.0, "odds_ratio": 0, "lower": 0, "upper": None}
    ratio = stats.contingency.odds_ratio(np.asarray(table), kind="conditional")
    limits = ratio.confidence_interval(confidence_level=float(conf_level))
    return {
        "p": min(1.0, p),
        "odds_ratio": known(ratio.statistic),
        "lower": known(limits.low),
        "upper": known(limits.high),
    }

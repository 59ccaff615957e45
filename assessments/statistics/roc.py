"""ROC curves, as pROC gives them. Cases are taken to be higher, whatever the data say."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from scipy.stats import rankdata

from . import proportions
from .estimates import LEVEL, Answer, Vector, plain, z_of


def roc(label: Sequence[int], marker: Sequence[float], *, conf_level: Decimal = LEVEL) -> Answer:
    """ROC of a marker that is higher in cases (label 1): AUC with DeLong's interval, every cut-off, Youden's best.

    Positive is marker >= cut-off. Without cases or without controls nothing is estimable, and `because` says so.
    """
    values, cases = np.asarray(marker, float), np.asarray(label, int) == 1
    high, low = values[cases], values[~cases]
    if not high.size or not low.size:
        why = "Not estimable: no cases." if not high.size else "Not estimable: no controls."
        nothing = dict.fromkeys(("auc", "se", "lower", "upper"))
        return {**nothing, "youden": [], "cutoffs": [], "because": why}
    cutoffs, youden = _cutoffs(high, low, conf_level)
    return {**_area(values, cases, conf_level), "youden": youden, "cutoffs": cutoffs}


def _area(values: Vector, cases: Any, conf_level: Decimal) -> Answer:
    """AUC with the interval of DeLong et al. 1988, by midranks (Sun & Xu 2014, doi:10.1109/LSP.2014.2337313).

    A patient's rank among all less that among his own kind counts the others below him, a tie as one half.
    """
    high, low = values[cases], values[~cases]
    ranks = rankdata(values)
    of_cases = (ranks[cases] - rankdata(high)) / low.size  # the share of controls that each case is above
    of_controls = 1 - (ranks[~cases] - rankdata(low)) / high.size  # the share of cases that are above each control
    auc = float(of_cases.mean())
    if high.size == 1 or low.size == 1:
        nothing = dict.fromkeys(("se", "lower", "upper"))
        return {"auc": auc, **nothing, "because": "No interval: one case or one control."}
    se = math.sqrt(of_cases.var(ddof=1) / high.size + of_controls.var(ddof=1) / low.size)
    z = z_of(conf_level)
    return {"auc": auc, "se": se, "lower": max(0.0, auc - z * se), "upper": min(1.0, auc + z * se), "because": None}


def _cutoffs(high: Vector, low: Vector, conf_level: Decimal) -> tuple[list[Answer], list[Answer]]:
    """Every cut-off with exact intervals, and the best of them by Youden's index, all that tie."""
    seen = np.unique(np.concatenate([high, low]))
    thresholds = ["-Inf", *map(plain, (seen[:-1] / 2 + seen[1:] / 2).tolist()), "Inf"]
    # Counted from the value above it: between two neighbouring floats the middle is one of them
    edges = [*seen, math.inf]
    hits = high.size - np.searchsorted(np.sort(high), edges)
    clear = np.searchsorted(np.sort(low), edges)
    columns = {
        "sensitivity": hits / high.size,
        **_limits("sensitivity", hits, high.size, conf_level),
        "specificity": clear / low.size,
        **_limits("specificity", clear, low.size, conf_level),
    }
    rows = zip(thresholds, *(column.tolist() for column in columns.values()), strict=True)
    cutoffs = [dict(zip(("threshold", *columns), row, strict=True)) for row in rows]
    gains = hits * low.size + clear * high.size  # in whole numbers, so that ties are ties
    best = float(gains.max() / (high.size * low.size) - 1)
    kept = ("threshold", "sensitivity", "specificity")
    youden = [
        {name: cutoffs[k][name] for name in kept} | {"youden": best} for k in np.flatnonzero(gains == gains.max())
    ]
    return cutoffs, youden


def _limits(name: str, x: Any, n: int, conf_level: Decimal) -> dict[str, Vector]:
    lower, upper = proportions.limits(x, n, conf_level)
    return {f"{name}_lower": lower, f"{name}_upper": upper}

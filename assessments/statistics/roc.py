"""ROC curves, as pROC gives them."""

import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from ..binomial import proportion
from .estimates import LEVEL, Answer, plain, z_of


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
    wins = (high[:, None] > low[None, :]) + 0.5 * (high[:, None] == low[None, :])
    auc = float(wins.mean())
    se: float | None = None
    lower = upper = None
    if high.size > 1 and low.size > 1:
        placements = wins.mean(axis=1).var(ddof=1) / high.size + wins.mean(axis=0).var(ddof=1) / low.size
        se = math.sqrt(placements)
        z = z_of(conf_level)
        lower, upper = max(0.0, auc - z * se), min(1.0, auc + z * se)
    seen = np.unique(values)
    middles = seen[:-1] / 2 + seen[1:] / 2
    cutoffs, gains = [], []
    # Counted from the value above it: between two neighbouring floats the middle is one of them
    for threshold, edge in zip(["-Inf", *map(plain, middles), "Inf"], [*seen, math.inf], strict=True):
        hits, clear = int((high >= edge).sum()), int((low < edge).sum())
        sens, spec = proportion(hits, high.size, conf_level), proportion(clear, low.size, conf_level)
        cutoffs.append(
            {
                "threshold": threshold,
                "sensitivity": sens.estimate,
                "sensitivity_lower": sens.lower,
                "sensitivity_upper": sens.upper,
                "specificity": spec.estimate,
                "specificity_lower": spec.lower,
                "specificity_upper": spec.upper,
            }
        )
        gains.append(hits * low.size + clear * high.size)  # Youden's index in whole numbers, so that ties are ties
    youden = [
        {
            "threshold": cutoff["threshold"],
            "sensitivity": cutoff["sensitivity"],
            "specificity": cutoff["specificity"],
            "youden": gain / (high.size * low.size) - 1,
        }
        for cutoff, gain in zip(cutoffs, gains, strict=True)
        if gain == max(gains)
    ]
    return {
        "auc": auc,
        "se": se,
        "lower": lower,
        "upper": upper,
        "youden": youden,
        "cutoffs": cutoffs,
        "because": None if se is not None else "No interval: one case or one control.",
    }

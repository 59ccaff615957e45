"""How the statistics grow. Run: python -m benchmarks.growth.

Bounds: Kaplan-Meier with its quantiles in twice the time that scipy.stats.ecdf takes for the curve and its limits, for
30 patients in as much; ROC of 3,000 markers with exact intervals at every cut-off in 1 s; Cox of 2,000 rows in 0.3 s,
also where it has to be told that they are separated.
"""

import random
import warnings
from collections.abc import Callable
from statistics import median
from time import perf_counter

from scipy import stats

from assessments.statistics.cox import cox
from assessments.statistics.roc import roc
from assessments.statistics.survival import km

chance = random.Random(1)


def seconds(*asked: Callable[[], object], times: int) -> list[float]:
    """The median of each, taken in turns, so that a slow moment of the machine meets all of them."""
    took: list[list[float]] = [[] for _ in asked]
    for _ in range(times):
        for one, found in zip(asked, took, strict=True):
            begun = perf_counter()
            one()
            found.append(perf_counter() - begun)
    return [median(found) for found in took]


def curves(n: int, times: int) -> tuple[float, float]:
    """Seconds for the curve of n patients, no two at one time, and for scipy's."""
    time = [chance.expovariate(1 / 300) for _ in range(n)]
    event = [int(chance.random() < 0.6) for _ in range(n)]
    reached, left = ([t for t, e in zip(time, event, strict=True) if e == kind] for kind in (1, 0))

    def scipys() -> object:
        data = stats.CensoredData(uncensored=reached, right=left)
        return stats.ecdf(data).sf.confidence_interval(method="log-log")

    ours, theirs = seconds(lambda: km(time, event), scipys, times=times)
    return ours, theirs


def markers(n: int) -> float:
    label = [k % 2 for k in range(n)]
    marker = [chance.gauss(case / 2, 1) for case in label]
    return seconds(lambda: roc(label, marker), times=5)[0]


def hazards(n: int, *, separated: bool = False) -> float:
    x = [chance.gauss(0, 1) for _ in range(n)]
    time = [10 - value if separated else chance.expovariate(2**value) for value in x]
    event = [int(chance.random() < 0.7) for _ in range(n)]
    return seconds(lambda: cox(time, event, {"x": x}), times=5)[0]


def said(name: str, took: float, bound: float, unit: str) -> None:
    print(f"{name}: {took:.2f} {unit}, bound {bound:g} {unit}, {'ok' if took <= bound else 'TOO SLOW'}")


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # scipy's, of limits that are not estimable
    for n, times, bound in ((30, 1000, 1), (1_000, 200, 2), (100_000, 9, 2)):
        ours, theirs = curves(n, times)
        said(
            f"Kaplan-Meier of {n}: {ours * 1000:.2f} ms, scipy's ecdf {theirs * 1000:.2f} ms", ours / theirs, bound, "x"
        )
    said("ROC of 3000 markers", markers(3000), 1, "s")
    said("Cox of 2000 rows", hazards(2000), 0.3, "s")
    said("Cox of 2000 rows, separated", hazards(2000, separated=True), 0.3, "s")

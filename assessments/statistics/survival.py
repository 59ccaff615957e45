"""Kaplan-Meier curves and the log-rank test, right to the digit that R's survfit and survdiff give."""

import math
import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.duration.survfunc import survdiff

from .estimates import LEVEL, Answer, Vector, plain, z_of

CONF_TYPES = ("log-log", "log", "plain")
PROBS = ("0.25", "0.5", "0.75")
ESTIMATES = ("surv", "std_err", "lower", "upper")
SAME = math.sqrt(sys.float_info.epsilon)  # R's tolerance for "S equals 1 - p exactly" and for tied times


def km(
    time: Sequence[float],
    event: Sequence[int],
    *,
    group: Sequence[str] | None = None,
    conf_type: str = "log-log",
    conf_level: Decimal = LEVEL,
    at: Sequence[float] = (),
) -> Answer:
    """Curves by group ("all" without groups) and the log-rank test between them.

    time: from 0, event: 1 or 0 = censored; of one length. conf_type: one of CONF_TYPES. at: times to read off.
    Returns {"groups": {name: curve with quantiles and "at"}, "logrank": {"chisq", "df", "p"} or None}.
    """
    times, events = tied(time), [int(e) for e in event]
    if group is None:
        return {"groups": {"all": _curve(times, events, conf_type, conf_level, at)}, "logrank": None}
    members = {name: [k for k, other in enumerate(group) if other == name] for name in sorted(set(group))}
    return {
        "groups": {
            str(name): _curve([times[k] for k in mine], [events[k] for k in mine], conf_type, conf_level, at)
            for name, mine in members.items()
        },
        "logrank": logrank(time, events, group),
    }


def tied(time: Sequence[float] | Vector) -> list[float]:
    """Times that differ only by rounding made equal, as R's aeqSurv does before every fit.

    A time within 1.5e-8 of the one before it, or within 1.5e-8 of the mean of the distinct times, takes the first
    time of that run: 0.3 and 0.1 + 0.2 are one time, on which an event comes before a censoring.
    """
    times = [float(t) for t in time]
    distinct = sorted(set(times))
    near = SAME * max(1.0, sum(t / len(distinct) for t in distinct))
    start: dict[float, float] = {}
    for before, now in zip([-math.inf, *distinct], distinct, strict=False):
        start[now] = start[before] if now - before <= near else now
    return [start[t] for t in times]


def _curve(
    times: Sequence[float], events: Sequence[int], conf_type: str, conf_level: Decimal, at: Sequence[float]
) -> Answer:
    """In plain floats: most curves have few patients, for whom arrays take many times as long."""
    z = z_of(conf_level)
    leave, die = Counter(times), Counter(t for t, event in zip(times, events, strict=True) if event == 1)
    t = sorted(leave)
    n_risk: list[int] = []
    rows: dict[str, list[float | None]] = {name: [] for name in ESTIMATES}
    n, surv, greenwood = len(times), 1.0, 0.0
    for now in t:
        n_risk.append(n)
        surv *= 1 - die[now] / n
        greenwood += die[now] / (n * (n - die[now])) if n > die[now] else math.inf
        log_se = math.sqrt(greenwood)  # of log S; infinite where S = 0
        known = (surv, surv * log_se if surv else None, *_limits(surv, log_se, z, conf_type))
        for name, value in zip(ESTIMATES, known, strict=True):
            rows[name].append(value)
        n -= leave[now]
    quantiles = [_quantiles(t, rows[name]) for name in ("surv", "lower", "upper")]
    return {
        "n": len(times),
        "n_events": sum(events),
        "curve": {
            "time": [plain(x) for x in t],
            "n_risk": n_risk,
            "n_event": [die[x] for x in t],
            "n_censor": [leave[x] - die[x] for x in t],
            **rows,
        },
        "quantiles": {p: [found[k] for found in quantiles] for k, p in enumerate(PROBS)},
        "at": [_read_off(t, n_risk, rows, float(x)) for x in at],
    }


def _limits(surv: float, log_se: float, z: float, conf_type: str) -> tuple[float | None, float | None]:
    """Pointwise limits as R's survfit: clipped to [0, 1], not estimable where S = 0, for log-log where S = 1 too."""
    if surv == 0 or (surv == 1 and conf_type == "log-log"):
        return None, None
    match conf_type:
        case "log-log":
            centre, width = math.log(-math.log(surv)), z * log_se / math.log(surv)
            lower, upper = math.exp(-math.exp(centre - width)), math.exp(-math.exp(centre + width))
        case "log":
            lower, upper = surv * math.exp(-z * log_se), surv * math.exp(z * log_se)
        case _:
            lower, upper = surv - z * surv * log_se, surv + z * surv * log_se
    return _clipped(lower), _clipped(upper)


def _clipped(limit: float) -> float | None:
    return None if math.isnan(limit) else min(max(limit, 0.0), 1.0)


def _quantiles(t: Sequence[float], curve: Sequence[float | None]) -> list[float | int | None]:
    """At each of PROBS, R's rule for a survival curve or a limit of it: the first time with 1 - S >= p.

    Where 1 - S equals p the midpoint to the next drop, or to the last observation when none follows. A limit that
    is not estimable at a time is passed over there. A limit may rise again; then, as R does, levels are taken in
    order of height.
    """
    if not t:
        return [None] * len(PROBS)
    first: dict[float | None, float] = {0.0: 0.0}  # the first time of each level: censored times repeat one
    for x, surv in zip(t, curve, strict=True):
        first.setdefault(None if surv is None else 1 - surv, x)
    levels = sorted((y, x) for y, x in first.items() if y is not None)
    return [_quantile(levels, next(reversed(first)), t[-1], float(p)) for p in PROBS]


def _quantile(levels: Sequence[tuple[float, float]], lowest: float | None, last: float, p: float) -> float | int | None:
    here = next((x for y, x in levels if y + SAME >= p), None)
    after = next((x for y, x in levels if y - SAME >= p), None)
    if here is None:
        return None
    if lowest is not None and abs(p - lowest) < SAME:
        return plain(here / 2 + last / 2)
    return None if after is None else plain(here / 2 + after / 2)


def _read_off(
    t: Sequence[float], n_risk: Sequence[int], rows: Mapping[str, Sequence[float | None]], x: float
) -> Answer:
    """The curve at time x: S = 1 before the first time, nothing estimated after the last."""
    if not t or x > t[-1]:
        return {"time": plain(x), "n_risk": 0, **dict.fromkeys(rows)}
    k = bisect_right(t, x) - 1
    now = {"surv": 1, "std_err": 0, "lower": 1, "upper": 1} if k < 0 else {name: v[k] for name, v in rows.items()}
    return {"time": plain(x), "n_risk": n_risk[bisect_left(t, x)], **now}


def logrank(time: Sequence[float] | Vector, event: Sequence[int] | NDArray[Any], group: Sequence[str]) -> Answer | None:
    """The log-rank test of R's survdiff, k groups: chisq, df, p. None when there is nothing to test.

    A group in which nobody was at risk at any event expects no event and leaves the test, as in R.
    """
    times, events, names = np.asarray(tied(time)), np.asarray(event, int), np.asarray(group, dtype=object)
    if not events.any():
        return None
    first = times[events == 1].min()
    tested = [name for name in sorted(set(group)) if times[names == name].max() >= first]
    if len(tested) < 2:
        return None
    kept = np.isin(names.astype(str), tested)
    codes = np.array([tested.index(name) for name in names[kept]])
    try:
        chisq = float(survdiff(times[kept], events[kept], codes)[0])
    except np.linalg.LinAlgError:
        return None
    df = len(tested) - 1
    if not math.isfinite(chisq):
        return None
    return {"chisq": chisq, "df": df, "p": float(stats.chi2.sf(chisq, df))}

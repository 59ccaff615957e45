"""Kaplan-Meier curves and the log-rank test, right to the digit that R's survfit and survdiff give."""

import math
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.duration.survfunc import survdiff

from .estimates import LEVEL, Answer, Vector, plain, z_of

CONF_TYPES = ("log-log", "log", "plain")
PROBS = ("0.25", "0.5", "0.75")
SAME = math.sqrt(sys.float_info.epsilon)  # R's tolerance for "S equals 1 - p exactly" and for tied times
P = np.array(PROBS, float)
AROUND = np.array([P - SAME, P + SAME])
Codes = NDArray[np.int_]  # whole numbers that stand for times, for events (1, 0 = censored) or for groups


def km(
    time: Sequence[float] | Vector,
    event: Sequence[int] | Codes,
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
    (distinct, place), events, z = tied(time), np.asarray(event, int), z_of(conf_level)
    if group is None:
        return {"groups": {"all": _curve(distinct, place, events, conf_type, z, at)}, "logrank": None}
    names, codes = _coded(group)
    return {
        "groups": {
            str(name): _curve(distinct, place[codes == k], events[codes == k], conf_type, z, at)
            for k, name in enumerate(names)
        },
        "logrank": logrank(time, event, group),
    }


def tied(time: Sequence[float] | Vector) -> tuple[Vector, Codes]:
    """The distinct times, rising, and which of them each patient has; those apart only by rounding are one.

    As R's aeqSurv before every fit: a time within 1.5e-8 of the one before it, or within 1.5e-8 of the mean of the
    distinct times, takes the first time of that run. So 0.3 and 0.1 + 0.2 are one time, on which an event comes before
    a censoring.
    """
    times = np.asarray(time, float)
    order = times.argsort()
    rising = times[order]
    distinct = rising[_new(rising)]
    near = SAME * max(1.0, float((distinct / max(distinct.size, 1)).sum()))
    first = _new(rising, near)
    place = np.empty(times.size, int)
    place[order] = first.cumsum() - 1
    return rising[first], place


def _new(rising: Vector, near: float = 0.0) -> NDArray[np.bool_]:
    """Where a value is more than `near` above the one before it; the first is new."""
    found = np.ones(rising.size, bool)
    found[1:] = rising[1:] - rising[:-1] > near
    return found


def _coded(group: Sequence[str]) -> tuple[list[str], Codes]:
    """The names in order, and each patient's as its place among them."""
    names = sorted(set(group))
    place = {name: k for k, name in enumerate(names)}
    return names, np.array([place[name] for name in group], int)


def _curve(distinct: Vector, place: Codes, events: Codes, conf_type: str, z: float, at: Sequence[float]) -> Answer:
    """The curve of patients with the times `distinct[place]`."""
    leave = np.bincount(place, minlength=distinct.size)
    there = leave > 0
    n_event = np.bincount(place[events == 1], minlength=distinct.size)[there]
    time, leave = distinct[there], leave[there]
    n_risk = leave[::-1].cumsum()[::-1]
    with np.errstate(all="ignore"):  # 1 / 0 and 0 * infinity where S = 0
        surv = (1 - n_event / n_risk).cumprod()
        log_se = np.sqrt((n_event / (n_risk * (n_risk - n_event))).cumsum())  # of log S, by Greenwood
        std_err = surv * log_se
        lower, upper = _limits(surv, log_se, z, conf_type)
    rows = {"surv": _listed(surv), "std_err": _listed(std_err), "lower": _listed(lower), "upper": _listed(upper)}
    quantiles = [_quantiles(time, curve) for curve in (surv, lower, upper)]
    t, at_risk = time.tolist(), n_risk.tolist()
    return {
        "n": place.size,
        "n_events": int(n_event.sum()),
        "curve": {
            "time": _days(time),
            "n_risk": at_risk,
            "n_event": n_event.tolist(),
            "n_censor": (leave - n_event).tolist(),
            **rows,
        },
        "quantiles": {p: [found[k] for found in quantiles] for k, p in enumerate(PROBS)},
        "at": [_read_off(t, at_risk, rows, float(x)) for x in at],
    }


def _limits(surv: Vector, log_se: Vector, z: float, conf_type: str) -> tuple[Vector, Vector]:
    """Pointwise limits as R's survfit: clipped to [0, 1], NaN where S = 0, for log-log where S = 1 too."""
    match conf_type:
        case "log-log":
            log = np.log(surv)
            centre, width = np.log(-log), z * log_se / log
            lower, upper = np.exp(-np.exp(centre - width)), np.exp(-np.exp(centre + width))
        case "log":
            lower, upper = surv * np.exp(-z * log_se), surv * np.exp(z * log_se)
        case _:
            lower, upper = surv - z * surv * log_se, surv + z * surv * log_se
    unknown = (surv == 0) | (surv == 1) if conf_type == "log-log" else surv == 0
    lower[unknown] = upper[unknown] = np.nan
    return lower.clip(0, 1), upper.clip(0, 1)


def _days(time: Vector) -> list[float | int]:
    """As a list, whole numbers without a point; `plain` for many, of which all are whole or hardly any."""
    found: list[float | int] = time.tolist()
    for k in np.flatnonzero(time == np.floor(time)):
        found[k] = int(found[k])
    return found


def _listed(values: Vector) -> list[float | None]:
    """As a list, None for NaN."""
    found: list[float | None] = values.tolist()
    for k in np.flatnonzero(np.isnan(values)):
        found[k] = None
    return found


def _quantiles(time: Vector, curve: Vector) -> list[float | int | None]:
    """At each of PROBS, R's rule for a survival curve or a limit of it: the first time with 1 - S >= p.

    Where 1 - S equals p the midpoint to the next drop, or to the last observation when none follows. A limit that
    is not estimable at a time is passed over there. A limit may rise again; then, as R does, levels are taken in
    order of height.
    """
    if not time.size:
        return [None] * len(PROBS)
    levels, start = np.concatenate(([0.0], 1 - curve)), np.concatenate(([0.0], time))
    unknown = np.isnan(levels)
    levels[unknown], start[unknown] = 2.0, np.nan  # above every p
    order = levels.argsort(kind="stable")
    rising, start = levels[order], np.concatenate((start[order], [np.nan]))
    lowest = levels[order[_new(rising)].max()]  # the last level that was new: censored times repeat one
    here, after = start[rising.searchsorted(AROUND)]
    found = here / 2 + np.where(abs(P - lowest) < SAME, time[-1], after) / 2
    return [None if math.isnan(x) else plain(x) for x in found.tolist()]


def _read_off(
    t: Sequence[float], n_risk: Sequence[int], rows: Mapping[str, Sequence[float | None]], x: float
) -> Answer:
    """The curve at time x: S = 1 before the first time, nothing estimated after the last."""
    if not t or x > t[-1]:
        return {"time": plain(x), "n_risk": 0, **dict.fromkeys(rows)}
    k = bisect_right(t, x) - 1
    now = {"surv": 1, "std_err": 0, "lower": 1, "upper": 1} if k < 0 else {name: v[k] for name, v in rows.items()}
    return {"time": plain(x), "n_risk": n_risk[bisect_left(t, x)], **now}


def logrank(time: Sequence[float] | Vector, event: Sequence[int] | Codes, group: Sequence[str]) -> Answer | None:
    """The log-rank test of R's survdiff, k groups: chisq, df, p. None when there is nothing to test.

    A group in which nobody was at risk at any event expects no event and leaves the test, as in R.
    """
    (_, times), events, (_, codes) = tied(time), np.asarray(event, int), _coded(group)
    if not events.any():
        return None
    tested = np.unique(codes[times >= times[events == 1].min()])
    if tested.size < 2:
        return None
    kept = np.isin(codes, tested)
    try:
        chisq = float(survdiff(times[kept], events[kept], codes[kept])[0])
    except np.linalg.LinAlgError:
        return None
    df = tested.size - 1
    if not math.isfinite(chisq):
        return None
    return {"chisq": chisq, "df": df, "p": float(stats.chi2.sf(chisq, df))}

"""The statistics of the endpoints, right to the digit that R gives: Kaplan-Meier, log-rank, Cox, ROC, Fisher's test.

On scipy and statsmodels, so heavy to import: workers alone do (docs/decisions). R is survival 3.8, pROC 1.18 and
stats 4.5. "Not estimable" is None wherever R says NA, and wherever a fit does not converge; never 0 or infinity.
`python -m assessments.statistics` is the validation filter (docs/validation-statistics.md).
"""

import math
import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import linprog
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import survdiff

from . import columns
from .binomial import proportion

Vector = NDArray[np.float64]
Answer = dict[str, Any]
CONF_TYPES = ("log-log", "log", "plain")
PROBS = ("0.25", "0.5", "0.75")
ESTIMATES = ("surv", "std_err", "lower", "upper")
SAME = math.sqrt(sys.float_info.epsilon)  # R's tolerance for "S equals 1 - p exactly" and for tied times
LEVEL = Decimal("0.95")


# ---- Kaplan-Meier ----


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
    times, events = _tied(time), [int(e) for e in event]
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


def _tied(time: Sequence[float] | Vector) -> list[float]:
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
    z = _z(conf_level)
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
            "time": [_plain(x) for x in t],
            "n_risk": n_risk,
            "n_event": [die[x] for x in t],
            "n_censor": [leave[x] - die[x] for x in t],
            **rows,
        },
        "quantiles": {p: [found[k] for found in quantiles] for k, p in enumerate(PROBS)},
        "at": [_read_off(t, n_risk, rows, float(x)) for x in at],
    }


@lru_cache(maxsize=16)
def _z(conf_level: Decimal) -> float:
    """The normal quantile of a two-sided interval."""
    return float(stats.norm.ppf(0.5 + float(conf_level) / 2))


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
        return _plain(here / 2 + last / 2)
    return None if after is None else _plain(here / 2 + after / 2)


def _read_off(
    t: Sequence[float], n_risk: Sequence[int], rows: Mapping[str, Sequence[float | None]], x: float
) -> Answer:
    """The curve at time x: S = 1 before the first time, nothing estimated after the last."""
    if not t or x > t[-1]:
        return {"time": _plain(x), "n_risk": 0, **dict.fromkeys(rows)}
    k = bisect_right(t, x) - 1
    now = {"surv": 1, "std_err": 0, "lower": 1, "upper": 1} if k < 0 else {name: v[k] for name, v in rows.items()}
    return {"time": _plain(x), "n_risk": n_risk[bisect_left(t, x)], **now}


def logrank(time: Sequence[float] | Vector, event: Sequence[int] | NDArray[Any], group: Sequence[str]) -> Answer | None:
    """The log-rank test of R's survdiff, k groups: chisq, df, p. None when there is nothing to test.

    A group in which nobody was at risk at any event expects no event and leaves the test, as in R.
    """
    times, events, names = np.asarray(_tied(time)), np.asarray(event, int), np.asarray(group, dtype=object)
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


# ---- Cox ----


def cox(
    time: Sequence[float],
    event: Sequence[int],
    covariates: Mapping[str, Sequence[float]],
    *,
    ties: str = "efron",
    conf_level: Decimal = LEVEL,
) -> Answer:
    """Proportional hazards: coef, se, hr, lower, upper and p (Wald) in the order of `covariates`; loglik [null, model].

    Where the partial likelihood has no single finite maximum all of them are None and `warning` says why.
    """
    times, events = np.asarray(_tied(time)), np.asarray(event, int)
    x = np.column_stack([np.asarray(values, float) for values in covariates.values()])
    if why := _nothing_to_fit(times, events, x, list(covariates)):
        return _no_fit(len(covariates), times.size, why)
    largest = np.abs(x).max(axis=0)  # first: the squares of a very large or small covariate leave the range of floats
    x = x / largest
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / spread
    if why := _no_maximum(times, events, x):
        return _no_fit(len(covariates), times.size, why)
    model = PHReg(times, x, status=events, ties=ties)
    found = _maximum(model)
    if found is None:
        return _no_fit(len(covariates), times.size, "The fit did not converge.")
    params, errors = found
    z = _z(conf_level)
    with np.errstate(over="ignore"):  # beyond the largest float: infinite, so not estimable
        coef, se = params / spread / largest, errors / spread / largest
        hazards = {"hr": np.exp(coef), "lower": np.exp(coef - z * se), "upper": np.exp(coef + z * se)}
    return {
        "n": int(times.size),
        "n_events": int(events.sum()),
        "coef": [_known(value) for value in coef],
        "se": [_known(value) for value in se],
        **{name: [_known(value) for value in values] for name, values in hazards.items()},
        "p": stats.chi2.sf((params / errors) ** 2, 1).tolist(),
        "loglik": [float(model.loglike(np.zeros(len(covariates)))), float(model.loglike(params))],
        "warning": None,
    }


def _maximum(model: PHReg) -> tuple[Vector, Vector] | None:
    """The coefficients at the maximum and their standard errors; None when it is not reached.

    Newton's method from 0, a step halved while it loses likelihood as R's coxph does: past an outlying value of a
    covariate a whole step may lead away for good.
    """
    params = np.zeros(model.exog.shape[1])
    for _ in range(50):
        with np.errstate(all="ignore"):  # weights beyond the range of floats: seen by what comes of them
            try:
                covariance = np.linalg.inv(-np.asarray(model.hessian(params)))
            except np.linalg.LinAlgError:
                return None
            step = covariance @ np.asarray(model.score(params))
            left = float(np.max(np.abs(step) / (1 + np.abs(params))))
            least = model.loglike(params) - 1e-10
            while not model.loglike(params + step) >= least and np.abs(step).max() > 1e-10:
                step = step / 2
        params = params + step
        if not left > 1e-12:
            break
    variance = np.diag(covariance)
    # The covariates are standardised: with a larger variance, score and information are nothing but rounding
    if not left <= 1e-9 or not ((variance > 0) & (variance < 1e8)).all():
        return None
    return params, np.sqrt(variance)


def _no_fit(k: int, n: int, why: str) -> Answer:
    nothing: list[None] = [None] * k
    fields = ("coef", "se", "hr", "lower", "upper", "p")
    return {"n": n, **{name: list(nothing) for name in fields}, "loglik": [None, None], "warning": why}


def _nothing_to_fit(times: Vector, events: NDArray[Any], x: Vector, names: Sequence[str]) -> str:
    """The event or the difference between patients that a fit lacks; "" when there are both."""
    if not events.any():
        return "No event: nothing can be estimated."
    at_risk = x[times >= times[events == 1].min()]  # before the first event nobody adds anything
    for name, column in zip(names, at_risk.T, strict=True):
        if np.ptp(column) == 0:
            return f"{name} is constant among patients at risk."
    return ""


def _no_maximum(times: Vector, events: NDArray[Any], x: Vector) -> str:
    """Why the partial likelihood in the standardised covariates has no single finite maximum; "" when it has one."""
    at_risk = x[times >= times[events == 1].min()]
    if np.linalg.matrix_rank(at_risk - at_risk.mean(axis=0)) < x.shape[1]:
        return "The covariates are collinear."
    steps = np.unique(np.concatenate([x[i] - x[times >= times[i]] for i in np.flatnonzero(events)]).round(12), axis=0)
    # Monotone (Bryson & Johnson 1981): a direction in which no event ever had less than anybody then at risk
    best = linprog(-steps.sum(axis=0), A_ub=-steps, b_ub=np.zeros(len(steps)), bounds=(-1, 1))
    if best.status == 0 and -best.fun > 1e-7:
        return "Separation: the likelihood rises without end, a hazard ratio would be 0 or infinite."
    return ""


# ---- ROC ----


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
        z = _z(conf_level)
        lower, upper = max(0.0, auc - z * se), min(1.0, auc + z * se)
    seen = np.unique(values)
    middles = seen[:-1] / 2 + seen[1:] / 2
    cutoffs, gains = [], []
    # Counted from the value above it: between two neighbouring floats the middle is one of them
    for threshold, edge in zip(["-Inf", *map(_plain, middles), "Inf"], [*seen, math.inf], strict=True):
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


# ---- Fisher ----


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
        "odds_ratio": _known(ratio.statistic),
        "lower": _known(limits.low),
        "upper": _known(limits.high),
    }


# ---- the filter ----


def _known(value: float) -> float | None:
    """None for NaN and infinity: not estimable."""
    return float(value) if math.isfinite(value) else None


def _plain(value: float) -> float | int:
    """A whole number without a point, as days are."""
    return int(value) if float(value).is_integer() else float(value)


def answer(line: dict[str, Any]) -> Answer:
    """One line of the validation filter: km, proportion, cox, roc or fisher. Keys beside it are not read."""
    kinds = {
        "km": (_km, ("time", "event", "group", "conf_type", "at")),
        "proportion": (_proportion, ("x", "n")),
        "cox": (_cox, ("time", "event", "covariates", "ties")),
        "roc": (_roc, ("label", "marker")),
        "fisher": (_fisher, ("table",)),
    }
    asked = [name for name in kinds if name in line]
    if len(asked) != 1:
        raise ValueError(f"line: must ask for exactly one of {', '.join(kinds)}")
    kind = asked[0]
    filtered, keys = kinds[kind]
    return filtered(columns.block(line[kind], kind, (*keys, "conf_level")))


def _km(said: dict[str, Any]) -> Answer:
    time = columns.times(said, "time")
    return km(
        time,
        columns.flags(said, "event", len(time)),
        group=columns.groups(said, "group", len(time)) if said.get("group") is not None else None,
        conf_type=columns.choice(said, "conf_type", CONF_TYPES),
        conf_level=columns.level(said),
        at=columns.times(said, "at") if said.get("at") is not None else (),
    )


def _proportion(said: dict[str, Any]) -> Answer:
    found = proportion(columns.whole(said, "x"), columns.whole(said, "n"), columns.level(said))
    return {"estimate": found.estimate, "lower": found.lower, "upper": found.upper}


def _cox(said: dict[str, Any]) -> Answer:
    time = columns.times(said, "time")
    event = columns.flags(said, "event", len(time))
    named = columns.block(said.get("covariates"), "covariates")
    if not named:
        raise ValueError("covariates: at least one is needed")
    rows = {name: columns.column(named, name, len(time)) for name in named}
    whole = [k for k in range(len(time)) if all(values[k] is not None for values in rows.values())]
    covariates = {name: [columns.number(values[k], name) for k in whole] for name, values in rows.items()}
    if not whole:
        return _no_fit(len(named), 0, "No patient has every covariate.")
    ties = columns.choice(said, "ties", ("efron", "breslow"))
    level = columns.level(said)
    return cox([time[k] for k in whole], [event[k] for k in whole], covariates, ties=ties, conf_level=level)


def _roc(said: dict[str, Any]) -> Answer:
    label = columns.flags(said, "label")
    return roc(label, columns.numbers(said, "marker", len(label)), conf_level=columns.level(said))


def _fisher(said: dict[str, Any]) -> Answer:
    return fisher(columns.counts(said, "table"), conf_level=columns.level(said))


if __name__ == "__main__":
    from trial.jsonl import serve

    serve(answer)

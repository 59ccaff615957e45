"""Cox's proportional hazards, right to the digit that R's coxph gives."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import linprog
from statsmodels.duration.hazard_regression import PHReg

from .estimates import LEVEL, Answer, Vector, known, z_of
from .survival import tied


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
    times, events = np.asarray(tied(time)), np.asarray(event, int)
    x = np.column_stack([np.asarray(values, float) for values in covariates.values()])
    if why := _nothing_to_fit(times, events, x, list(covariates)):
        return no_fit(len(covariates), times.size, why)
    largest = np.abs(x).max(axis=0)  # first: the squares of a very large or small covariate leave the range of floats
    x = x / largest
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / spread
    if why := _no_maximum(times, events, x):
        return no_fit(len(covariates), times.size, why)
    model = PHReg(times, x, status=events, ties=ties)
    found = _maximum(model)
    if found is None:
        return no_fit(len(covariates), times.size, "The fit did not converge.")
    params, errors = found
    z = z_of(conf_level)
    with np.errstate(over="ignore"):  # beyond the largest float: infinite, so not estimable
        coef, se = params / spread / largest, errors / spread / largest
        hazards = {"hr": np.exp(coef), "lower": np.exp(coef - z * se), "upper": np.exp(coef + z * se)}
    return {
        "n": int(times.size),
        "n_events": int(events.sum()),
        "coef": [known(value) for value in coef],
        "se": [known(value) for value in se],
        **{name: [known(value) for value in values] for name, values in hazards.items()},
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


def no_fit(k: int, n: int, why: str) -> Answer:
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

"""Cox models, against R's coxph (tests/data), statsmodels and closed forms."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.hazard_regression import PHReg

from assessments.statistics.__main__ import answer
from assessments.statistics.cox import cox

DATA = Path(__file__).parent.parent.parent / "data"
MODELS = json.loads((DATA / "cox_lung.json").read_text())["models"]
with (DATA / "lung.csv").open() as file:
    ROWS = list(csv.DictReader(file))


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["id"])
def test_the_cox_models_are_those_of_r(model, ties):
    fit = model["fits"][ties]
    found = answer(
        {
            "cox": {
                "time": [int(row["time"]) for row in ROWS],
                "event": [int(row["event"]) for row in ROWS],
                # a patient without a value leaves the model, as in R
                "covariates": {t: [int(row[t]) if row[t] else None for row in ROWS] for t in fit["terms"]},
                "ties": ties,
            }
        }
    )

    assert (found["n"], found["n_events"], found["warning"]) == (fit["n"], fit["n_events"], None)
    for mine, theirs in (("lower", "hr_lower"), ("upper", "hr_upper"), *((k, k) for k in ("coef", "se", "hr", "p"))):
        assert found[mine] == [pytest.approx(value, rel=1e-7) for value in fit[theirs]], mine
    assert found["loglik"] == pytest.approx([fit["loglik_null"], fit["loglik"]], rel=1e-7)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("longest", [12, 100_000])  # months with many ties; hardly any
def test_three_covariates_of_hundreds_are_those_of_statsmodels(longest, ties):
    chance = np.random.default_rng(1)
    x = np.column_stack([chance.normal(size=400), chance.integers(0, 2, 400), chance.lognormal(size=400)])
    time, event = np.ceil(chance.uniform(0, longest, 400)), chance.integers(0, 2, 400)
    fit = PHReg(time, x, status=event, ties=ties).fit(disp=0)

    found = cox(time.tolist(), event.tolist(), {str(k): x[:, k].tolist() for k in range(3)}, ties=ties)

    assert found["coef"] == pytest.approx(fit.params, rel=1e-6)
    assert found["se"] == pytest.approx(fit.bse, rel=1e-6)
    assert found["loglik"] == pytest.approx([fit.model.loglike(np.zeros(3)), fit.llf], rel=1e-12)


def test_one_event_among_four_has_a_closed_form():
    # l(b) = b - log(e^b + e^(2b) + 1 + e^(3b)) at x = 1 of {1, 2, 0, 3}; the root of its slope
    found = cox([1, 2, 3, 4], [1, 0, 0, 0], {"x": [1, 2, 0, 3]})
    b = found["coef"][0]
    weights = {x: math.exp(b * x) for x in range(4)}

    assert sum(x * w for x, w in weights.items()) / sum(weights.values()) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("unit", [1e-6, 1e-200, 1e200, 1.0, -1.0])
def test_the_unit_of_a_covariate_changes_nothing_but_the_unit(unit):
    # at x = 1 of {1, 2, 0, 3} the slope is nought where 2y^3 + y^2 = 1, y = e^b
    found = cox([1, 2, 3, 4], [1, 0, 0, 0], {"x": [1 * unit, 2 * unit, 0, 3 * unit]})
    y = math.exp(found["coef"][0] * unit)

    assert 2 * y**3 + y**2 == pytest.approx(1, abs=1e-9)
    assert found["p"] == pytest.approx(cox([1, 2, 3, 4], [1, 0, 0, 0], {"x": [1, 2, 0, 3]})["p"], rel=1e-9)


def test_a_hazard_ratio_beyond_the_range_of_numbers_is_not_estimable():
    # e^419 620 per unit, but a plain coefficient
    found = cox([1, 2, 3, 4], [1, 0, 0, 0], {"x": [-1e-6, -2e-6, 0, -3e-6]})

    assert found["coef"][0] == pytest.approx(419_600, rel=1e-3)
    assert (found["hr"], found["upper"]) == ([None], [None])


def test_covariates_of_very_different_size_are_not_collinear():
    time, event = list(range(1, 9)), [1, 1, 0, 1, 1, 0, 1, 1]
    x, y = [1, 0, 1, 1, 0, 0, 1, 0], [3, 1, 2, 5, 4, 2, 1, 3]
    small = cox(time, event, {"x": x, "y": y})
    found = cox(time, event, {"x": x, "y": [value * 1e15 for value in y]})

    assert found["coef"] == pytest.approx([small["coef"][0], small["coef"][1] / 1e15], rel=1e-9)


def test_an_outlying_value_does_not_lead_the_fit_astray():
    # one marker of 500 among values from 1 to 3; at the maximum the events' values are those expected of them
    time = [3, 2, 10, 11, 5, 0, 8, 11, 6, 0, 2, 1]
    x = [3, 1, 2, 1, 3, 500, 2, 3, 1, 2, 1, 1]
    found = cox(time, [1] * 12, {"x": x}, ties="breslow")
    expected = 0.0
    for event_time in time:
        at_risk = [
            (value, math.exp(found["coef"][0] * value)) for t, value in zip(time, x, strict=True) if t >= event_time
        ]
        expected += sum(value * weight for value, weight in at_risk) / sum(weight for _, weight in at_risk)

    assert expected == pytest.approx(sum(x), rel=1e-9)


def test_events_apart_by_rounding_alone_are_tied():
    # Efron at b = 0: of the tied two one has x, of the four at risk half; so the slope is nought there
    assert cox([0.3, 0.1 + 0.2, 1, 1], [1, 1, 0, 0], {"x": [1, 0, 1, 0]})["coef"] == pytest.approx([0], abs=1e-9)


@pytest.mark.parametrize(
    ("time", "event", "covariates", "why"),
    [
        ([1, 2, 3], [0, 0, 0], {"x": [1, 2, 3]}, "No event"),
        ([1, 2, 3], [1, 1, 1], {"x": [1, 1, 1]}, "x is constant"),
        ([1, 2, 3, 4], [0, 1, 1, 1], {"x": [9, 1, 1, 1]}, "x is constant"),  # the other one left before any event
        ([1, 2, 3, 4, 5, 6], [1] * 6, {"x": [1, 1, 1, 0, 0, 0]}, "Separation"),
        ([1, 2, 3, 4], [1, 0, 0, 0], {"x": [5, 1, 2, 3]}, "Separation"),
        ([1, 2, 3, 4, 5, 6], [1, 0, 1, 0, 1, 0], {"x": [1, 0, 1, 0, 1, 0]}, "Separation"),  # no event without x
        ([1, 2, 3, 4, 5], [1, 1, 1, 1, 0], {"x": [1, 2, 1, 3, 2], "y": [2, 4, 2, 6, 4]}, "collinear"),
        ([7], [1], {"x": [1]}, "x is constant"),
        # no direction parts them, but y gains until e^-y meets e^(y - 173): flat to more digits than a float has
        ([1.5, 1, 2, 1.5, 0], [1] * 5, {"x": [1, 1, 1, 3, 500], "y": [0, 1, 0, 0, 0]}, "did not converge"),
    ],
)
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_what_has_no_maximum_is_not_estimable(time, event, covariates, why, ties):
    found = cox(time, event, covariates, ties=ties)

    assert why in found["warning"]
    for name in ("coef", "se", "hr", "lower", "upper", "p"):
        assert found[name] == [None] * len(covariates)
    assert found["loglik"] == [None, None]


@pytest.mark.parametrize("sign", [1, -1])
def test_separation_is_seen_among_thousands_who_differ_by_little(sign):
    # who lives longer has less, or more, by 1e-7 somewhere; the solver's presolve takes that for nothing
    chance = np.random.default_rng(3)
    x = chance.normal(size=2000)
    event = (chance.random(2000) < 0.7).astype(int)

    assert "Separation" in cox((10 - x).tolist(), event.tolist(), {"x": (sign * x).tolist()})["warning"]


def test_one_exception_among_many_is_no_separation():
    x = list(range(60))
    found = cox([*range(60, 2, -1), 1, 2], [1] * 60, {"x": x})

    assert found["warning"] is None
    assert found["coef"][0] > 0


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 1), st.integers(0, 2)), min_size=2, max_size=20))
def test_a_cox_fit_is_finite_or_says_why(data):
    time, event, x = zip(*data, strict=True)
    found = cox(time, event, {"x": x})

    assert (found["warning"] is None) == (found["coef"][0] is not None)
    if found["warning"] is None:
        assert abs(found["coef"][0]) < 20
        assert found["lower"][0] < found["hr"][0] < found["upper"][0]

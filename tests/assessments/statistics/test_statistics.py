"""Cox, ROC, Fisher and the filter, against R (tests/data), closed forms and exact sums."""

import csv
import json
import math
import subprocess
import sys
from fractions import Fraction
from math import comb
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.statistics import answer, cox, fisher, roc

ROOT = Path(__file__).parent.parent.parent.parent
DATA = ROOT / "tests" / "data"
MODELS = json.loads((DATA / "cox_lung.json").read_text())["models"]
ROCS = json.loads((DATA / "roc_edge_cases.json").read_text())["edge"]
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


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 1), st.integers(0, 2)), min_size=2, max_size=20))
def test_a_cox_fit_is_finite_or_says_why(data):
    time, event, x = zip(*data, strict=True)
    found = cox(time, event, {"x": x})

    assert (found["warning"] is None) == (found["coef"][0] is not None)
    if found["warning"] is None:
        assert abs(found["coef"][0]) < 20
        assert found["lower"][0] < found["hr"][0] < found["upper"][0]


@pytest.mark.parametrize("case", ROCS, ids=lambda case: case["id"])
def test_the_roc_edge_cases_are_those_of_proc(case):
    found = roc(case["y"], case["m"])

    assert [found[k] for k in ("auc", "se", "lower", "upper")] == pytest.approx(
        [case["auc"], case["se_delong"], *case["ci95"]], abs=1e-12
    )
    assert len(found["youden"]) == len(case["youden"])
    for mine, theirs in zip(found["youden"], case["youden"], strict=True):
        assert mine["youden"] == theirs["youden"] - 1  # printed as the sum there
        assert (mine["sensitivity"], mine["specificity"]) == (theirs["sensitivity"], theirs["specificity"])
    for mine, theirs in zip(found["cutoffs"], case["coords"], strict=True):
        assert mine["threshold"] == theirs["threshold"]
        for name in ("sens", "spec"):
            long = {"sens": "sensitivity", "spec": "specificity"}[name]
            assert mine[long] == pytest.approx(theirs[name], abs=1e-12)
            assert [mine[f"{long}_lower"], mine[f"{long}_upper"]] == pytest.approx(
                theirs[f"{name}_ci95_exact"], abs=1e-11
            )


@pytest.mark.parametrize("low", [0.3, math.nextafter(0.3, 1)])
def test_a_cut_off_between_two_neighbouring_numbers_parts_them(low):
    # one of the two middles rounds down to the lower number
    assert roc([0, 1], [low, math.nextafter(low, 1)])["youden"][0]["youden"] == 1


def test_delongs_variance_by_hand():
    # cases 3, 5; controls 1, 4. Wins: 3>1, 5>1, 5>4: AUC 3/4. Placements of cases 1/2, 1 and of controls 1, 1/2:
    # both variances 1/8, so se^2 = 1/8/2 + 1/8/2 = 1/8
    found = roc([1, 1, 0, 0], [3, 5, 1, 4])

    assert (found["auc"], found["se"]) == (0.75, pytest.approx(math.sqrt(1 / 8), abs=1e-15))
    assert (found["lower"], found["upper"]) == (pytest.approx(0.75 - 1.959963984540054 / math.sqrt(8)), 1)


@pytest.mark.parametrize(("label", "auc"), [([1, 0, 0], 1.0), ([1, 1, 0], 0.5)])
def test_one_case_or_one_control_has_no_interval(label, auc):
    found = roc(label, [3, 1, 2])

    assert (found["auc"], found["se"], found["lower"], found["upper"]) == (auc, None, None, None)


@pytest.mark.parametrize(("label", "why"), [([1, 1], "no controls"), ([0, 0], "no cases"), ([], "no cases")])
def test_without_cases_or_controls_nothing_is_estimable(label, why):
    found = roc(label, [1, 2][: len(label)])

    assert found["auc"] is None
    assert why in found["because"]


@pytest.mark.parametrize(
    ("table", "p", "ratio"),
    [
        # the tea of Fisher (1935): p two-sided 34/70, the ratio 6.408309 as R prints it
        ([[3, 1], [1, 3]], 34 / 70, 6.408309),
        ([[0, 0], [3, 4]], 1, 0),  # an empty margin: R says 0, with limits 0 and infinity
        ([[0, 5], [4, 1]], 2 * 6 / 252, 0),
    ],
)
def test_fishers_test_is_that_of_r(table, p, ratio):
    found = fisher(table)

    assert (found["p"], found["odds_ratio"]) == (pytest.approx(p, abs=1e-14), pytest.approx(ratio, rel=1e-5))


def test_an_infinite_odds_ratio_is_not_estimable():
    found = fisher([[5, 0], [1, 4]])

    assert (found["odds_ratio"], found["upper"]) == (None, None)
    assert found["lower"] > 1
    assert fisher([[0, 0], [0, 0]]) == {"p": None, "odds_ratio": None, "lower": None, "upper": None}


def weights(table, psi):
    (a, b), (c, d) = table
    row, column, n = a + b, a + c, a + b + c + d
    support = range(max(0, row + column - n), min(row, column) + 1)
    return {k: comb(column, k) * comb(n - column, row - k) * psi**k for k in support}


@given(st.lists(st.integers(0, 12), min_size=4, max_size=4))
def test_fishers_ratio_and_limits_solve_their_equations(cells):
    a, b, c, d = cells
    table = [[a, b], [c, d]]
    found = fisher(table)
    null = weights(table, Fraction(1))
    if found["p"] is None or len(null) == 1:
        return

    exact = sum(w for w in null.values() if w <= null[a]) / Fraction(sum(null.values()))
    assert found["p"] == pytest.approx(float(exact), abs=1e-12)
    if found["odds_ratio"]:
        at = weights(table, found["odds_ratio"])
        assert sum(k * w for k, w in at.items()) / sum(at.values()) == pytest.approx(a, rel=1e-6)
    for limit, tail in ((found["lower"], lambda k: k >= a), (found["upper"], lambda k: k <= a)):
        if limit:
            at = weights(table, limit)
            assert sum(w for k, w in at.items() if tail(k)) / sum(at.values()) == pytest.approx(0.025, rel=1e-5)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({}, "line: must ask for exactly one of km, proportion, cox, roc, fisher"),
        ({"km": [1]}, "km: must be an object"),
        ({"km": {"time": [1, 2], "event": [1]}}, "event: must have as many values as the others, 2, but has 1"),
        ({"km": {"time": [1, -2], "event": [1, 1]}}, "time: must not be below 0"),
        ({"km": {"time": [1, None], "event": [1, 1]}}, "time: must hold numbers"),
        ({"km": {"time": [1, 2], "event": [1, 2]}}, "event: must hold 0 or 1"),
        ({"km": {"time": [1], "event": [1], "conf_type": "logit"}}, "conf_type: must be one of log-log, log, plain"),
        ({"km": {"time": [1], "event": [1], "conf_level": 95}}, "conf_level: must be above 0 and below 1"),
        ({"km": {"time": [1], "event": [1], "group": [None]}}, "group: must hold text or numbers"),
        ({"km": {"time": 3, "event": [1]}}, "time: must be a list"),
        ({"cox": {"time": [1], "event": [1]}}, "covariates: must be an object"),
        ({"cox": {"time": [1], "event": [1], "covariates": {"x": ["a"]}}}, "x: must hold numbers"),
        ({"cox": {"time": [1], "event": [1], "covariates": {"x": [1]}, "ties": "exact"}}, "ties: must be one of"),
        ({"roc": {"label": [1, 0], "marker": [1]}}, "marker: must have as many values"),
        ({"fisher": {"table": [[1, 2], [3]]}}, "table: must be two rows of two counts"),
        ({"fisher": {"table": [[1, 2], [3, -4]]}}, "table: must hold counts"),
        (
            {"km": {"time": [1], "event": [1], "conf_lvl": 0.9}},
            "km: 'conf_lvl' is unknown; known are time, event, group",
        ),
        ({"proportion": {"x": 1, "n": 3, "k": 2}}, "proportion: 'k' is unknown; known are x, n, conf_level"),
        ({"proportion": {"x": 5, "n": 3}}, "x: must be from 0 to n"),
    ],
)
def test_a_wrong_input_is_named(line, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}"):
        answer(line)


def test_the_filter_answers_each_line():
    asked = b'{"id": 7, "proportion": {"x": 0, "n": 3}}\n{"id": 8, "roc": {"label": [2], "marker": [1]}}\n'
    done = subprocess.run(
        [sys.executable, "-m", "assessments.statistics"], cwd=ROOT, input=asked, capture_output=True, check=True
    )
    first, second = map(json.loads, done.stdout.splitlines())

    assert first == {"id": 7, "estimate": 0, "lower": 0, "upper": pytest.approx(0.707598226178713, abs=1e-11)}
    assert second == {"id": 8, "error": "label: must hold 0 or 1, got 2"}

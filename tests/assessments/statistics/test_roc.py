"""ROC curves, against pROC (tests/data), scipy's exact intervals, the definition of each number, and by hand."""

import json
import math
from decimal import Decimal
from pathlib import Path
from statistics import variance

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from assessments.statistics.roc import roc

DATA = Path(__file__).parent.parent.parent / "data"
ROCS = json.loads((DATA / "roc_edge_cases.json").read_text())["edge"]


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


kind = st.lists(st.integers(0, 8), min_size=2, max_size=15)


@given(kind, kind)
def test_area_and_variance_follow_their_definition(high, low):
    # DeLong et al. 1988: the share of controls that each case wins against, and of cases that each control loses to
    def wins(a, b):
        return (a > b) + (a == b) / 2

    of_cases = [sum(wins(a, b) for b in low) / len(low) for a in high]
    of_controls = [sum(wins(a, b) for a in high) / len(high) for b in low]
    found = roc([1] * len(high) + [0] * len(low), high + low)

    assert found["auc"] == pytest.approx(sum(of_cases) / len(high))
    assert found["se"] ** 2 == pytest.approx(
        variance(of_cases) / len(high) + variance(of_controls) / len(low), rel=1e-9, abs=1e-15
    )


@settings(max_examples=25)  # scipy looks for each limit by steps
@given(kind, kind, st.sampled_from(["0.8", "0.95", "0.999"]))
def test_each_cut_off_has_its_rates_and_their_exact_limits(high, low, level):
    found = roc([1] * len(high) + [0] * len(low), high + low, conf_level=Decimal(level))

    assert len(found["cutoffs"]) == len({*high, *low}) + 1
    for row in found["cutoffs"]:
        cut = float(row["threshold"])
        for name, x, n in (
            ("sensitivity", sum(value >= cut for value in high), len(high)),
            ("specificity", sum(value < cut for value in low), len(low)),
        ):
            limits = binomtest(x, n).proportion_ci(float(level), method="exact")
            assert row[name] == x / n
            assert row[f"{name}_lower"] == pytest.approx(limits.low, abs=1e-9)
            assert row[f"{name}_upper"] == pytest.approx(limits.high, abs=1e-9)


def test_thousands_of_markers_are_answered():
    # 1, 3, 5 … in controls, 2, 4, 6 … in cases: the k-th of n cases is above k controls, so AUC is (n + 1) / 2n
    found = roc([1 - k % 2 for k in range(1, 3001)], [*range(1, 3001)])

    assert found["auc"] == pytest.approx(1501 / 3000)
    assert len(found["cutoffs"]) == 3001

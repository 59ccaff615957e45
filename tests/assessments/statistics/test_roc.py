"""ROC curves, against pROC (tests/data) and by hand."""

import json
import math
from pathlib import Path

import pytest

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

"""Kaplan-Meier and log-rank, against R's survival 3.8-3 (tests/data), scipy and closed forms."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from assessments.statistics.__main__ import answer
from assessments.statistics.survival import CONF_TYPES, km, logrank

DATA = Path(__file__).parent.parent.parent / "data"
LUNG = json.loads((DATA / "km_lung.json").read_text())["case"]
EDGES = json.loads((DATA / "km_edge_cases.json").read_text())["cases"]
with (DATA / "lung.csv").open() as file:
    ROWS = list(csv.DictReader(file))
TIME, EVENT = [float(row["time"]) for row in ROWS], [int(row["event"]) for row in ROWS]
SEX = [row["sex"] for row in ROWS]


def near(value, tolerance):
    return None if value is None else pytest.approx(value, abs=tolerance)


def agrees(found, reference, conf_type):
    """Curve, limits, quantiles and the curve read off, to the tolerances of the reference."""
    for name in ("n", "n_events"):
        assert found[name] == reference[name]
    for name in ("time", "n_risk", "n_event", "n_censor"):
        assert found["curve"][name] == reference["curve"][name]
    wanted = {
        **{name: reference["curve"][name] for name in ("surv", "std_err")},
        **{name: reference["ci"][conf_type][name] for name in ("lower", "upper")},
    }
    for name, values in wanted.items():
        assert found["curve"][name] == [near(value, 1e-12) for value in values], name
    q = reference["quantiles"][conf_type]
    for k, p in enumerate(q["probs"]):
        assert found["quantiles"][str(p)] == [near(q[name][k], 1e-9) for name in ("quantile", "lower", "upper")], p
    at, last = reference["at"][conf_type], reference["curve"]["time"][-1]
    for k, time in enumerate(at["time"]):
        row = found["at"][k]
        assert row["n_risk"] == at["n_risk"][k]
        for name in ("surv", "std_err", "lower", "upper"):
            # R carries the last value forward; nothing is estimated beyond the last observation here
            assert row[name] == (None if time > last else near(at[name][k], 1e-12)), (time, name)


@pytest.mark.parametrize("conf_type", CONF_TYPES)
def test_the_lung_curve_is_that_of_r(conf_type):
    at = LUNG["overall"]["at"][conf_type]["time"]

    agrees(km(TIME, EVENT, conf_type=conf_type, at=at)["groups"]["all"], LUNG["overall"], conf_type)


@pytest.mark.parametrize("conf_type", CONF_TYPES)
@pytest.mark.parametrize("stratum", LUNG["strata"], ids=lambda s: s["level"])
def test_each_group_of_the_lung_data_is_that_of_r(stratum, conf_type):
    found = km(TIME, EVENT, group=SEX, conf_type=conf_type, at=stratum["at"][conf_type]["time"])

    agrees(found["groups"][stratum["level"]], stratum, conf_type)


@pytest.mark.parametrize("conf_type", CONF_TYPES)
@pytest.mark.parametrize("case", EDGES, ids=lambda case: case["id"])
def test_the_edge_cases_are_those_of_r(case, conf_type):
    at = case["km"]["at"][conf_type]["time"]

    agrees(km(case["time"], case["event"], conf_type=conf_type, at=at)["groups"]["all"], case["km"], conf_type)


def test_the_log_rank_test_is_that_of_r():
    found = logrank(TIME, EVENT, SEX)

    assert found["chisq"] == pytest.approx(LUNG["logrank"]["chisq"], rel=1e-12)
    assert (found["df"], found["p"]) == (1, pytest.approx(LUNG["logrank"]["p"], rel=1e-11))


@pytest.mark.parametrize(
    ("time", "event", "group"),
    [
        ([1, 2, 3, 4], [0, 0, 0, 0], "abab"),  # no event
        ([1, 2, 3, 4], [1, 1, 1, 1], "aaaa"),  # one group
        ([1, 1, 1, 1], [1, 1, 1, 1], "abab"),  # all at once: no variance
        ([1, 2, 3, 4], [0, 1, 1, 1], "abbb"),  # nobody of "a" at risk at an event
    ],
)
def test_without_a_comparison_the_log_rank_test_is_not_estimable(time, event, group):
    assert logrank(time, event, list(group)) is None


def test_a_group_never_at_risk_leaves_the_log_rank_test():
    # Two of four: O - E of "a" is 2 - (1/2 + 1/3 + 1/2) = 2/3, its variance 1/4 + 2/9 + 1/4 = 13/18
    two = logrank([1, 2, 3, 4], [1, 1, 1, 1], list("abab"))
    three = logrank([1, 2, 3, 4, 0.5], [1, 1, 1, 1, 0], list("ababz"))

    assert two == three
    assert (two["chisq"], two["df"]) == (pytest.approx((2 / 3) ** 2 / (13 / 18)), 1)


def test_nobody_at_risk_is_not_estimable():
    found = km([], [], at=[3])["groups"]["all"]

    assert (found["n"], found["quantiles"]["0.5"], found["at"][0]["surv"]) == (0, [None, None, None], None)


def test_a_flat_of_the_curve_at_one_half_gives_its_middle():
    # S = 3/4, 1/2 from day 20 to the drop on day 50: R's median is day 35
    assert km([10, 20, 50, 60], [1, 1, 1, 1])["groups"]["all"]["quantiles"]["0.5"][0] == 35


def test_before_the_first_time_everybody_is_there():
    row = km([5, 9], [1, 1], at=[4])["groups"]["all"]["at"][0]

    assert row == {"time": 4, "n_risk": 2, "surv": 1, "std_err": 0, "lower": 1, "upper": 1}


def test_times_apart_by_rounding_alone_are_tied():
    # as aeqSurv of R's survival: 3 at risk, 1 event, 1 censored at 0.3; untied, S would fall to 1/2
    found = km([0.3, 0.1 + 0.2, 1], [0, 1, 0])["groups"]["all"]["curve"]

    assert (found["time"], found["n_risk"], found["n_event"], found["n_censor"]) == ([0.3, 1], [3, 1], [1, 0], [1, 1])
    assert found["surv"] == pytest.approx([2 / 3, 2 / 3])


def test_tied_times_make_a_log_rank_test_of_one_event_time():
    # both arms lose 1 of 2 at that time: 1 expected, 1 seen
    assert logrank([0.3, 0.1 + 0.2, 1, 1], [1, 1, 0, 0], ["a", "b", "a", "b"]) == {"chisq": 0, "df": 1, "p": 1}


@pytest.mark.parametrize(
    ("time", "tied"),
    [
        ([1, 1 + 1e-7], [1, 1 + 1e-7]),
        ([0, 1e-8, 2e-8], [0]),  # a run takes its first time
        ([0, 1e-8, 2e-8, 1], [0, 1]),
        ([1_000_000, 1_000_000.001], [1_000_000]),  # 1e-9 of the mean
        ([1, 1_000_000, 1_000_000.009], [1, 1_000_000]),  # 1.4e-8 of the mean, 666 667
        ([1, 1_000_000, 1_000_000.011], [1, 1_000_000, 1_000_000.011]),  # 1.7e-8
    ],
)
def test_the_tolerance_of_tied_times_is_that_of_r(time, tied):
    assert km(time, [1] * len(time))["groups"]["all"]["curve"]["time"] == tied


def test_the_median_of_very_long_times_is_finite():
    assert km([1.5e308, 1.6e308], [1, 1])["groups"]["all"]["quantiles"]["0.5"][0] == pytest.approx(1.55e308)


def test_groups_are_named_as_text():
    line = {"km": {"time": [1, 2, 3], "event": [1, 0, 1], "group": [2, "b", 10]}}

    assert list(answer(line)["groups"]) == ["10", "2", "b"]


def test_a_name_is_told_from_the_same_with_a_nul_after_it():
    # arrays of text drop the NUL
    found = km([1, 2, 3, 4], [1, 1, 1, 1], group=["a", "a\0", "a", "a\0"])

    assert [curve["n"] for curve in found["groups"].values()] == [2, 2]
    assert found["logrank"] == logrank([1, 2, 3, 4], [1, 1, 1, 1], list("abab"))


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")  # scipy's word for None
@pytest.mark.parametrize("longest", [300, 1e7])  # days with many ties; hardly any
@pytest.mark.parametrize(("conf_type", "method"), [("log-log", "log-log"), ("plain", "linear")])
def test_a_curve_of_thousands_is_that_of_scipy(longest, conf_type, method):
    chance = np.random.default_rng(1)
    time, event = np.floor(chance.uniform(1, longest, 4000)), chance.integers(0, 2, 4000)
    theirs = ecdf(CensoredData(uncensored=time[event == 1], right=time[event == 0])).sf
    limits = theirs.confidence_interval(method=method)

    found = km(time.tolist(), event.tolist(), conf_type=conf_type)["groups"]["all"]["curve"]

    assert found["time"] == theirs.quantiles.tolist()
    assert found["surv"] == pytest.approx(theirs.probabilities, rel=1e-12)
    known = [k for k, limit in enumerate(found["lower"]) if limit is not None]
    assert known == np.flatnonzero(~np.isnan(limits.low.probabilities)).tolist()
    for name, limit in (("lower", limits.low), ("upper", limits.high)):
        assert [found[name][k] for k in known] == pytest.approx(limit.probabilities[known], rel=1e-9)


patients = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 1)), min_size=1, max_size=30)


@given(patients, st.sampled_from(CONF_TYPES))
def test_any_curve_falls_between_its_limits(data, conf_type):
    time, event = zip(*data, strict=True)
    curve = km(time, event, conf_type=conf_type)["groups"]["all"]["curve"]

    assert sum(curve["n_event"]) + sum(curve["n_censor"]) == len(data)
    surv = curve["surv"]
    assert all(later <= earlier for earlier, later in zip([1.0, *surv], surv, strict=False))
    for s, low, high in zip(surv, curve["lower"], curve["upper"], strict=True):
        assert (low is None) == (high is None)
        assert low is None or (0 <= low <= s + 1e-12 and s - 1e-12 <= high <= 1)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30))
def test_without_censoring_the_curve_is_the_share_still_free(time):
    curve = km(time, [1] * len(time))["groups"]["all"]["curve"]

    for t, s in zip(curve["time"], curve["surv"], strict=True):
        assert s == pytest.approx(sum(x > t for x in time) / len(time), abs=1e-12)


@given(patients)
def test_the_median_follows_the_definition(data):
    time, event = zip(*data, strict=True)
    found = km(time, event)["groups"]["all"]
    curve, median = found["curve"], found["quantiles"]["0.5"][0]
    reached = [t for t, s in zip(curve["time"], curve["surv"], strict=True) if s <= 0.5 + 1e-9]

    if not reached:
        assert median is None
    elif math.isclose(dict(zip(curve["time"], curve["surv"], strict=True))[reached[0]], 0.5):
        below = [t for t, s in zip(curve["time"], curve["surv"], strict=True) if s < 0.5 - 1e-9]
        assert median == (reached[0] + (below or curve["time"][-1:])[0]) / 2
    else:
        assert median == reached[0]

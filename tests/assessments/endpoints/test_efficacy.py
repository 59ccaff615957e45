"""The efficacy result: sets, rates, times. Expected values are worked by hand."""

from datetime import date

import pytest

from assessments.endpoints.analysis import summary
from assessments.endpoints.subjects import TIMES, Subject, Time

DAY0 = date(2026, 1, 5)


def subject(number, level, best, days=100, event=0, *, evaluable=True, unconfirmed=None, **times):
    """A treated patient whose every time ends alike, unless told otherwise."""
    every = {name: Time(event, days, "as told") for name in TIMES}
    if best not in ("sCR", "CR", "VGPR", "PR", "MR"):
        every["DOR"] = None
    return Subject(
        number=number,
        level=level,
        first_dose_on=DAY0,
        dlt_evaluable=True,
        response_evaluable=evaluable,
        best_confirmed=best,
        best_confirmed_on=DAY0,
        best_unconfirmed=unconfirmed or best,
        times=every | times,
    )


COHORTS = [
    subject(1, "1", "SD", 70, 1, unconfirmed="PR"),
    subject(2, "1", "MR", 200),
    subject(3, "1", "NE", 0, evaluable=False),
    subject(4, "2", "PR", 150, 1),
    subject(5, "2", "sCR", 400),
    subject(6, "2", "PD", 30, 1),
]


def test_rates_per_level_and_overall_with_exact_intervals():
    found = summary(COHORTS, ["1", "2"], "all_treated")["response"]

    assert {
        level: (row["orr"]["x"], row["cbr"]["x"], row["denominator"]) for level, row in found["levels"].items()
    } == {
        "1": (0, 1, 3),
        "2": (2, 2, 3),
    }
    all_ = found["all"]
    assert (all_["orr"]["x"], all_["cbr"]["x"], all_["denominator"], all_["treated"]) == (2, 3, 6, 6)
    # Clopper-Pearson of 2/6 at 95 %, by R's binom.test (tests/data/clopper_pearson.json)
    assert all_["orr"]["lower"] == pytest.approx(0.0432718682927417, abs=1e-11)
    assert all_["orr"]["upper"] == pytest.approx(0.777221904496488, abs=1e-11)
    assert all_["best"] == {"sCR": 1, "CR": 0, "VGPR": 0, "PR": 1, "MR": 1, "SD": 1, "PD": 1, "NE": 1}


def test_unconfirmed_responses_stand_beside_and_never_inside():
    row = summary(COHORTS, ["1", "2"], "all_treated")["response"]["levels"]["1"]

    assert (row["orr"]["x"], row["orr_unconfirmed"]["x"]) == (0, 1)


def test_the_denominator_is_a_setting():
    found = summary(COHORTS, ["1", "2"], "response_evaluable")["response"]

    assert (found["levels"]["1"]["denominator"], found["levels"]["1"]["treated"]) == (2, 3)
    assert found["all"]["orr"]["n"] == 5
    assert found["all"]["best"]["NE"] == 0


def test_the_sets_have_names_and_sizes():
    assert summary(COHORTS, ["1", "2"], "all_treated")["sets"] == {
        "safety": 6,
        "dlt_evaluable": 6,
        "all_treated": 6,
        "response_evaluable": 5,
    }


def test_the_curve_and_its_table_at_three_month_steps():
    pfs = summary(COHORTS, ["1", "2"], "all_treated")["times"]["PFS"]["all"]

    # censored at 0, events at 30, 70 and 150 of 5, 4 and 3 at risk: 4/5, 3/5, 2/5
    assert pfs["curve"]["surv"] == pytest.approx([1, 0.8, 0.6, 0.4, 0.4, 0.4])
    assert pfs["median"][0] == 150
    at = {row["month"]: (row["n_risk"], row["events"], row["censored"]) for row in pfs["at_risk"]}
    assert at[0] == (6, 0, 0)  # who is censored on day 0 is at risk on that day
    assert at[3] == (3, 2, 1)  # day 91.3: 30 and 70 had the event, the one of day 0 is gone
    assert at[12] == (1, 3, 2)
    assert at[15] == (0, 3, 3)
    assert all(sum(row) == 6 for row in at.values())


def test_nothing_is_estimated_beyond_the_last_observation():
    marks = {
        row["month"]: row for row in summary(COHORTS, ["1", "2"], "all_treated")["times"]["PFS"]["all"]["landmarks"]
    }

    assert marks[3]["surv"] == pytest.approx(0.6)
    assert marks[12]["surv"] == pytest.approx(0.4)  # day 365 of 400
    assert (marks[18]["surv"], marks[18]["lower"], marks[18]["n_risk"]) == (None, None, 0)


def test_an_event_on_day_0_counts():
    found = summary([subject(1, "1", "NE", 0, 1), subject(2, "1", "SD", 50)], ["1"], "all_treated")
    pfs = found["times"]["PFS"]["all"]

    assert (pfs["n_events"], pfs["curve"]["surv"][0]) == (1, 0.5)


def test_duration_of_response_is_of_responders_only():
    dor = summary(COHORTS, ["1", "2"], "all_treated")["times"]["DOR"]

    assert (dor["all"]["n"], dor["levels"]["1"]["n"], dor["levels"]["2"]["n"]) == (3, 1, 2)


def test_the_time_to_response_of_responders_is_described_beside_the_curve():
    ttr = {"TTR": Time(1, 56, "")}
    found = summary(
        [subject(1, "1", "PR", 90, **ttr), subject(2, "1", "MR", 80, TTR=Time(1, 29, "")), subject(3, "1", "SD", 90)],
        ["1"],
        "all_treated",
    )["times"]["TTR"]["all"]

    assert found["of_events"] == {"n": 2, "median": 42.5, "least": 29, "most": 56}


def test_nobody_treated_is_not_estimable_and_no_error():
    found = summary([], [], "all_treated")

    assert found["response"]["all"]["orr"] == {"x": 0, "n": 0, "estimate": None, "lower": None, "upper": None}
    for name in TIMES:
        assert found["times"][name]["all"]["median"] == [None, None, None]
        assert found["times"][name]["all"]["last"] is None


def test_each_derived_time_keeps_its_reason():
    patient = summary(COHORTS, ["1", "2"], "all_treated")["patients"][0]

    assert patient["times"]["PFS"] == {"event": 1, "days": 70, "because": "as told"}
    assert patient["times"]["DOR"] is None

"""The sBCMA result: expected values from R (tests/data), or worked by hand."""

import csv
import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from assessments.biomarker.analysis import summary
from assessments.biomarker.subjects import Division, Found, Measured, OneAssay, Value
from assessments.endpoints.subjects import TIMES, Subject, Time

DATA = Path(__file__).parent.parent.parent / "data"
ROCS = json.loads((DATA / "roc_edge_cases.json").read_text())["edge"]
LOGRANK = json.loads((DATA / "km_lung.json").read_text())["case"]["logrank"]
COX = json.loads((DATA / "cox_lung.json").read_text())["models"][0]["fits"]["efron"]
with (DATA / "lung.csv").open() as file:
    LUNG = list(csv.DictReader(file))
DAY0 = date(2026, 1, 5)
LANDMARK = 91  # week 12 and the protocol's window of 7 days


def value(ng, day=-1):
    return Value(DAY0 + timedelta(days=day), None if ng is None else Decimal(str(ng)), day)


def patient(number, *values, best="SD", days=100, event=0, evaluable=True, **times):
    """A treated patient; `values` are at baseline, or (ng/mL, day)."""
    every = {name: Time(event, days, "as told") for name in TIMES} | times
    subject = Subject(
        number=number,
        level="1",
        first_dose_on=DAY0,
        dlt_evaluable=True,
        response_evaluable=evaluable,
        best_confirmed=best,
        best_confirmed_on=DAY0,
        best_unconfirmed=best,
        times=every,
    )
    return Measured(number, [value(*v) if isinstance(v, tuple) else value(v) for v in values], subject)


def assay(patients=(), controls=(), diagnostic=(), prognostic=()):
    def rows(cuts):
        return [Division(Decimal(str(cut)), "A paper") for cut in cuts]

    return OneAssay(
        name="Assay one",
        lower_limit=Decimal(5),
        diagnostic=rows(diagnostic),
        prognostic=rows(prognostic),
        controls=[None if c is None else Decimal(str(c)) for c in controls],
        patients=patients,
    )


def analysed(*assays, denominator="all_treated"):
    return summary(Found(assays, consented=9, withdrawn=1), LANDMARK, denominator)["assays"]


def one(*args, denominator="all_treated", **kwargs):
    return analysed(assay(*args, **kwargs), denominator=denominator)[0]


def split(found, key):
    return next(row for row in found["splits"] if row["split"] == key)


# ---- diagnostic ----


@pytest.mark.parametrize("case", ROCS, ids=lambda case: case["id"])
def test_the_roc_of_patients_against_controls_is_that_of_proc(case):
    pairs = [(label, 10 + marker) for label, marker in zip(case["y"], case["m"], strict=True)]
    cases = [patient(k, m) for k, (label, m) in enumerate(pairs) if label]
    found = one(cases, [m for label, m in pairs if not label])["diagnostic"]

    assert (found["cases"], found["controls"]) == (case["n_cases"], case["n_controls"])
    assert found["auc"] == pytest.approx(case["auc"], abs=1e-12)
    assert [found["lower"], found["upper"]] == pytest.approx(case["ci95"], abs=1e-12)
    assert [row["sensitivity"] for row in found["cutoffs"]] == pytest.approx([c["sens"] for c in case["coords"]])


def test_the_interval_of_the_auc_is_clipped():
    # placements of the cases 0.5 and 1, of the controls 1 and 0.5: variance 0.125/2 + 0.125/2, SE 0.35355
    found = one([patient(1, 30), patient(2, 50)], [10, 40])["diagnostic"]

    assert (found["auc"], found["se"]) == (0.75, pytest.approx(0.125**0.5))
    assert (found["lower"], found["upper"]) == (pytest.approx(0.75 - 1.959963984540054 * 0.125**0.5), 1)


def test_without_controls_it_is_not_estimable_and_says_so():
    found = one([patient(1, 30), patient(2, 50)], diagnostic=[20])["diagnostic"]

    assert (found["auc"], found["lower"], found["because"]) == (None, None, "Not estimable: no controls.")
    (at,) = found["at"]
    assert (at["sensitivity"]["x"], at["sensitivity"]["n"]) == (2, 2)
    assert at["specificity"] == {"x": 0, "n": 0, "estimate": None, "lower": None, "upper": None}


def test_sensitivity_and_specificity_at_a_cut_off_of_the_record():
    # at the cut-off is positive; 2/6 by R's binom.test (tests/data/clopper_pearson.json)
    cases = [patient(k, v) for k, v in enumerate([20, 90, 10, None, 8, 7])]
    (at,) = one(cases, [None, 20, 19.9], diagnostic=[20])["diagnostic"]["at"]

    assert (at["sensitivity"]["x"], at["sensitivity"]["n"]) == (2, 6)
    assert at["sensitivity"]["lower"] == pytest.approx(0.0432718682927417, abs=1e-11)
    assert at["sensitivity"]["upper"] == pytest.approx(0.777221904496488, abs=1e-11)
    assert (at["specificity"]["x"], at["specificity"]["n"]) == (2, 3)


def test_below_the_limit_all_tie_under_every_value():
    # pairs: (none, none) ties 0.5; (none, 6) lost; (7, none) and (7, 6) won: 2.5 of 4
    found = one([patient(1, None), patient(2, 7)], [None, 6])["diagnostic"]

    assert found["auc"] == 2.5 / 4
    assert found["below_limit"] == {"cases": 1, "controls": 1}


def test_a_cut_off_below_the_limit_divides_no_values_below_it():
    found = one([patient(1, None), patient(2, 7)], [6], diagnostic=[4], prognostic=[4])

    assert found["diagnostic"]["at"][0]["sensitivity"] is None
    assert "below the assay's lower limit" in found["diagnostic"]["at"][0]["because"]
    assert "below the assay's lower limit" in split(found["prognostic"], "cutoff-4")["because"]
    assert "below the assay's lower limit" in split(found["stratification"], "cutoff-4")["rates"]["orr"]["because"]


def test_a_patient_who_is_not_treated_yet_is_a_case_and_in_no_other_analysis():
    waiting = Measured(3, [Value(DAY0, Decimal(80))], None)
    found = one([patient(1, 30), patient(2, 50), waiting], [10])

    assert found["diagnostic"]["cases"] == 3
    assert (found["prognostic"]["n"], found["stratification"]["n"]) == (2, 2)
    assert found["sets"] == {"measured": 3, "baseline": 3, "treated": 2}


def test_the_baseline_is_the_last_value_up_to_the_first_dose():
    found = one([patient(1, (30, -20), (40, 0), (90, 1)), patient(2, (70, 5))])

    first, second = found["patients"]
    assert (first["baseline"]["value"], first["baseline"]["day"]) == (40, 0)
    assert second["baseline"] is None
    assert found["sets"] == {"measured": 2, "baseline": 1, "treated": 1}


def test_two_assays_are_two_analyses():
    first, second = analysed(
        assay([patient(1, 30), patient(2, 50)], [10]),
        replace(assay([patient(1, 3000), patient(2)], []), name="Assay two"),
    )

    assert (first["diagnostic"]["cases"], second["diagnostic"]["cases"]) == (2, 1)
    assert (first["diagnostic"]["auc"], second["diagnostic"]["because"]) == (1, "Not estimable: no controls.")


# ---- prognostic ----


def test_split_survival_is_that_of_r():
    """Lung cancer's sexes as low and high values: log-rank and hazard ratio of R's survdiff and coxph."""
    everybody = [
        patient(k, 10 + 10 * int(row["sex01"]), days=int(row["time"]), event=int(row["event"]))
        for k, row in enumerate(LUNG)
    ]
    times = split(one(everybody, prognostic=[20])["prognostic"], "cutoff-20")["times"]

    for found in times.values():
        assert {name: group["n"] for name, group in found["groups"].items()} == {"low": 138, "high": 90}
        assert found["logrank"]["chisq"] == pytest.approx(LOGRANK["chisq"], rel=1e-9)
        assert found["logrank"]["p"] == pytest.approx(LOGRANK["p"], rel=1e-9)
        high = found["hazard"]["high"]
        assert high["hr"] == pytest.approx(COX["hr"][0], rel=1e-7)
        assert [high["lower"], high["upper"]] == pytest.approx([COX["hr_lower"][0], COX["hr_upper"][0]], rel=1e-7)
        assert (found["reference"], found["because"]) == ("low", None)
        assert {name: group["median"][0] for name, group in found["groups"].items()} == {"low": 270, "high": 426}


def test_median_and_tertiles_divide_the_treated_with_a_baseline_value():
    # 10 … 70: the median is 40, the tertiles (R's quantile type 7) 30 and 50; at a cut is the upper group
    found = one([*(patient(k, 10 * k) for k in range(1, 8)), patient(8)])

    assert split(found["prognostic"], "median")["cuts"] == [40]
    assert split(found["prognostic"], "tertile")["cuts"] == [30, 50]
    assert [one["groups"]["median"] for one in found["patients"]] == ["low"] * 3 + ["high"] * 4 + [None]
    assert [one["groups"]["tertile"] for one in found["patients"]] == [
        "low", "low", "middle", "middle", "high", "high", "high", None,
    ]  # fmt: skip


def test_what_cannot_be_estimated_is_said_in_words():
    nobody = one()
    assert split(nobody["prognostic"], "median")["because"] == (
        "Not estimable: fewer than 2 treated patients with a baseline value."
    )
    alike = split(one([patient(1, 30), patient(2, 30)])["prognostic"], "median")["times"]["PFS"]
    assert (alike["logrank"], alike["because"]) == (None, "Not estimable: everybody is in one group (high).")
    quiet = split(one([patient(1, 30), patient(2, 60)])["prognostic"], "median")["times"]["OS"]
    assert quiet["hazard"]["high"]["hr"] is None
    assert quiet["because"] == "Hazard ratio not estimable. No event: nothing can be estimated."
    apart = [patient(1, 30, days=300), patient(2, 60, days=50, event=1), patient(3, 70, days=60, event=1)]
    apart = split(one(apart)["prognostic"], "median")["times"]["PFS"]
    assert apart["hazard"]["high"]["hr"] is None
    assert "Separation" in apart["because"]


@pytest.mark.parametrize(
    ("before", "then", "change"),
    [
        (100, 125, "rise"),
        (100, "124.9", "neither"),
        (100, "50.1", "neither"),
        (100, 50, "fall"),
        (10, None, "fall"),  # at most 5 of 10
        ("9.9", None, None),  # 5 of 9.9 would be no fall of half
        (None, "6.25", "rise"),  # at least 6.25 of 5
        (None, 6, None),
        (None, None, None),
    ],
)
def test_the_change_is_named_only_where_the_limit_leaves_no_doubt(before, then, change):
    assert patient(1, (before, -1), (then, 84)).change(LANDMARK, Decimal(5)) == change


def test_change_by_week_12_is_a_landmark_analysis():
    everybody = [
        patient(1, (100, -1), (40, 84), days=200, event=1),  # fall
        patient(2, (100, -1), (40, 28), days=95),  # fall, the last value until the landmark
        patient(3, (100, -1), (140, 91), (20, 92), days=100, event=1),  # rise: day 92 is too late
        patient(4, (100, -1), (110, 85), days=150),
        patient(5, (100, -1), (140, 60), days=91, event=1),  # had the event before the landmark was over
        patient(6, (100, -1), days=300),  # no value after the first dose
        patient(7, (None, -1), (6, 85), days=300),  # open
    ]
    found = one(everybody)["prognostic"]["change"]
    pfs = found["times"]["PFS"]

    assert (found["landmark"], found["n"], found["undetermined"]) == (91, 5, 1)
    assert {name: group["n"] for name, group in pfs["groups"].items()} == {"fall": 2, "neither": 1, "rise": 1}
    assert (pfs["n"], pfs["before_landmark"], pfs["reference"]) == (4, 1, "neither")
    assert pfs["groups"]["rise"]["curve"]["time"] == [9]  # days from the landmark
    assert [one["change"] for one in found_patients(everybody)] == [
        "fall", "fall", "rise", "neither", "rise", None, None,
    ]  # fmt: skip


def test_both_times_are_held_against_one_group():
    fall, rise = [patient(1, (100, -1), (40, 84), days=200)], [patient(2, (100, -1), (140, 84), days=150, event=1)]
    neither = [patient(3, (100, -1), (110, 85), PFS=Time(1, 50, "as told"), OS=Time(0, 200, "as told"))]

    def times(everybody):
        return one(everybody)["prognostic"]["change"]["times"]

    # in PFS nobody of "neither" is left beyond the landmark: it can be the reference of neither
    assert {name: found["reference"] for name, found in times([*fall, *rise, *neither]).items()} == {
        "PFS": "fall",
        "OS": "fall",
    }
    without_os = [
        patient(4, (100, -1), (40, 84), days=200, OS=None),
        patient(5, (100, -1), (140, 84), days=150, event=1, OS=None),
    ]
    apart = times([*without_os, *neither])
    assert apart["PFS"]["because"] == "Hazard ratio not estimable: nobody is in the reference group (neither)."
    assert apart["PFS"]["logrank"]
    assert apart["OS"]["because"] == "Not estimable: everybody is in one group (neither)."


def found_patients(everybody):
    return one(everybody)["patients"]


# ---- stratification ----


def test_response_of_high_against_low_by_fisher():
    # Fisher's tea: 3 of 4 against 1 of 4; tables 0, 1, 3 and 4 are no likelier: (1 + 16 + 16 + 1) / 70
    bests = ["PR", "CR", "VGPR", "MR", "SD", "PD", "MR", "PR"]
    values = [80, 90, 70, 60, 10, 20, 30, 40]
    found = one([patient(k, v, best=b) for k, (v, b) in enumerate(zip(values, bests, strict=True))])
    rates = split(found["stratification"], "median")["rates"]

    assert rates["orr"]["table"] == [[3, 1], [1, 3]]  # high, low; responders, others
    assert rates["orr"]["p"] == pytest.approx(34 / 70)
    assert rates["orr"]["rates"]["high"]["estimate"] == 0.75
    assert rates["cbr"]["table"] == [[4, 0], [2, 2]]
    assert rates["cbr"]["p"] == pytest.approx(30 / 70)  # C(6, 4) and C(6, 2) of C(8, 4) ways
    assert [row["split"] for row in found["stratification"]["splits"]] == ["median"]


def test_the_denominator_of_response_is_a_setting():
    everybody = [patient(1, 30), patient(2, 60, best="PR"), patient(3, 70, evaluable=False, best="NE")]

    assert one(everybody)["stratification"]["n"] == 3
    assert one(everybody, denominator="response_evaluable")["stratification"]["n"] == 2


def test_nobody_in_a_group_is_not_estimable():
    rates = split(one([patient(1, 30), patient(2, 40)], prognostic=[100])["stratification"], "cutoff-100")["rates"]

    assert (rates["orr"]["p"], rates["orr"]["because"]) == (None, "Not estimable: nobody is in one of the groups.")


def test_values_by_best_response():
    found = one([patient(1, 30, best="PR"), patient(2, 50, best="PR"), patient(3, 20, best="PD")])
    rows = {row["best"]: row for row in found["stratification"]["by_response"]}

    assert rows["PR"] == {"best": "PR", "n": 2, "median": 40, "least": 30, "most": 50}
    assert rows["PD"]["median"] == 20
    assert rows["CR"] == {"best": "CR", "n": 0, "median": None, "least": None, "most": None}


# ---- words ----


def test_below_forty_patients_all_is_exploratory():
    few, many = (one([patient(k, 10 + k) for k in range(n)], [7]) for n in (39, 40))

    for part in ("diagnostic", "prognostic", "stratification"):
        assert (few[part]["exploratory"], many[part]["exploratory"]) == (True, False)


def test_the_sets_count_who_withdrew():
    found = summary(Found([], consented=9, withdrawn=2), LANDMARK, "all_treated")

    assert found == {"sets": {"consented": 9, "withdrawn": 2, "biomarker": 7}, "landmark": 91, "assays": []}

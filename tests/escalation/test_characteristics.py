"""The exact properties against printed figures, closed forms, every path, a simulation, and by hand."""

import csv
import json
import random
import subprocess
import sys
from math import comb, prod, sqrt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.characteristics import answer, falls, overdose_share, paths, properties
from escalation.engine.rule import recommend
from escalation.engine.terms import Action, Outcome, Patient, Role, Rule, Variant
from tests.escalation.engine.test_engine import REFERENCE, patients
from tests.escalation.engine.test_engine_properties import rules, trials
from tests.soak import examples

FIVE = [0.05, 0.10, 0.20, 0.30, 0.50]
TREATING = (Action.ENROL, Action.EXPAND, Action.ESCALATE, Action.DE_ESCALATE)
rates = st.lists(st.floats(0, 1), min_size=1, max_size=5)


# Printed figures (docs/domain.md, section 3)


@pytest.mark.parametrize(
    ("variant", "figures"),
    [
        ("N", (0.026558, 0.091360, 0.257032, 0.316111, 0.255840, 0.053099, 14.6750, 2.7136)),
        ("D3", (0.027182, 0.097126, 0.277277, 0.327825, 0.217491, 0.053099, 16.9189, 3.1084)),
        ("D6", (0.027182, 0.097131, 0.277490, 0.330501, 0.233905, 0.033790, 17.0817, 3.1797)),
    ],
)
def test_the_five_level_figures_come_out(variant, figures):
    found = answer({"variant": variant, "rates": FIVE})

    said = (found["p_none"], *found["p_recommended"])
    assert [round(p, 6) for p in said] == list(figures[:6])
    assert round(sum(found["expected_patients"]), 4) == figures[6]
    assert round(sum(found["expected_dlts"]), 4) == figures[7]
    assert found["p_top_tolerated"] == found["p_recommended"][-1]


@pytest.mark.parametrize(
    ("start", "none", "recommended", "count"),
    [
        (2, 0.003291058, (0.097126, 0.284842, 0.336768, 0.223425, 0.054548), 1021),
        (3, 0.001204317, (0.035542, 0.284842, 0.371649, 0.246565, 0.060197), 2638),
    ],
)
def test_the_figures_of_a_higher_start_come_out(start, none, recommended, count):
    found = properties(Rule(Variant.D3), FIVE, start=start)

    assert round(found.p_none, 9) == none
    assert tuple(round(p, 6) for p in found.p_recommended) == recommended
    assert found.paths == count


@pytest.mark.parametrize(("p", "upward"), [(0.1, 0.9061), (0.2, 0.7086), (0.3, 0.4943), (0.5, 0.1719)])
def test_the_chance_of_leaving_a_level_upward_is_the_printed_one(p, upward):
    assert 1 - properties(Rule(Variant.N), [p]).p_none == pytest.approx(upward, abs=5e-5)


@pytest.mark.parametrize(
    ("variant", "first", "counts"),
    [
        (Variant.D6, 1, (10, 46, 154, 442, 1162, 2890, 6922, 16138)),
        (Variant.D3, 2, (34, 118, 346, 922, 2314, 5578, 13066)),
        (Variant.N, 1, (7, 19, 43, 91, 187, 379, 763, 1531)),
    ],
)
def test_the_paths_are_counted_without_walking_each(variant, first, counts):
    found = tuple(properties(Rule(variant), [0.2] * levels).paths for levels in range(first, 9))

    assert found == counts


# Closed forms (docs/domain.md, section 3)


def closed_form(variant: Variant, rates: list[float]) -> list[float]:
    """P(0), P(1) … P(D): nobody tolerated, then each level recommended."""
    q = [1 - p for p in rates]
    p0 = [x**3 for x in q]
    p_one = [3 * p * x**2 for p, x in zip(rates, q, strict=True)]
    q0 = [a * b for a, b in zip(p_one, p0, strict=True)]
    q1 = [a * (a + b) for a, b in zip(p0, p_one, strict=True)]
    q2 = [a * (1 - a - b) for a, b in zip(p0, p_one, strict=True)]
    s = [a + b for a, b in zip(p0, q0, strict=True)]
    top = len(rates)
    if variant is Variant.D6:
        s[-1] = q0[-1] + q1[-1]
    f = [1 - x for x in s]
    if variant is Variant.N:
        return [f[0], *(prod(s[:i]) * f[i] for i in range(1, top)), prod(s)]
    none = sum(prod(q2[:k]) * f[k] for k in range(top))
    middle = [
        prod(s[:i]) * (q0[i] + q1[i]) * sum(prod(q2[i + 1 : k]) * f[k] for k in range(i + 1, top))
        for i in range(top - 1)
    ]
    return [none, *middle, prod(s)]


@settings(max_examples=examples(40))
@given(st.sampled_from([Variant.D6, Variant.D3, Variant.N]), rates)
def test_enumeration_and_closed_form_agree(variant, rates):
    found = properties(Rule(variant), rates)

    assert [found.p_none, *found.p_recommended] == pytest.approx(closed_form(variant, rates), abs=1e-12)


# Every path


def by_paths(rule, rates, start=1, **so_far):
    """The same properties, summed over every listed path; for trials without pending patients."""
    given = sum(p.outcome in (Outcome.DLT, Outcome.NO_DLT) for p in so_far.get("patients", ()))
    recommended, treated, dlts, count = [0.0] * (len(rates) + 1), [0.0] * len(rates), [0.0] * len(rates), 0
    for path in paths(len(rates), rule, start, **so_far):
        left, to_come = given, []
        for level, x, n in path.cohorts:
            if left:
                left -= n
            else:
                to_come.append((level, x, n))
        chance = prod(comb(n, x) * rates[k - 1] ** x * (1 - rates[k - 1]) ** (n - x) for k, x, n in to_come)
        count += 1
        recommended[path.level] += chance
        for level, x, n in to_come:
            treated[level - 1] += chance * n
            dlts[level - 1] += chance * x
    return count, recommended, treated, dlts


@settings(max_examples=examples(40))
@given(rules(), st.lists(st.floats(0, 1), min_size=1, max_size=3), st.data())
def test_states_that_are_shared_change_nothing(rule, rates, data):
    start = data.draw(st.integers(1, len(rates)))
    found = properties(rule, rates, start=start)
    count, recommended, treated, dlts = by_paths(rule, rates, start)

    assert found.paths == count
    assert [found.p_none, *found.p_recommended] == pytest.approx(recommended, abs=1e-12)
    assert found.expected_patients == pytest.approx(treated, abs=1e-10)
    assert found.expected_dlts == pytest.approx(dlts, abs=1e-10)


@settings(max_examples=examples(40))
@given(trials((Outcome.DLT, Outcome.NO_DLT, Outcome.NO_DLT)), st.data())
def test_states_that_are_shared_change_nothing_from_any_record(trial, data):
    rates = data.draw(st.lists(st.floats(0, 1), min_size=trial["levels"], max_size=trial["levels"]))
    so_far = {"patients": trial["patients"], "closed_by_committee": trial["closed_by_committee"]}
    found = properties(trial["rule"], rates, start=trial["start"], **so_far)
    count, recommended, treated, dlts = by_paths(trial["rule"], rates, trial["start"], **so_far)

    assert found.paths == count
    assert [found.p_none, *found.p_recommended] == pytest.approx(recommended, abs=1e-12)
    assert found.expected_patients == pytest.approx(treated, abs=1e-10)
    assert found.expected_dlts == pytest.approx(dlts, abs=1e-10)


def test_a_level_that_was_skipped_can_still_close_a_finished_one_above_it():
    """Six without a DLT on level 3, then level 1: 2 of 4 ends go on to 2, where 2 of 4 lead back to 4 ends each."""
    given = [Patient(3, Outcome.NO_DLT)] * 6

    found = properties(Rule(Variant.D6), [0.1, 0.2, 0.3], patients=given)

    assert found.paths == 2 + 2 * (2 + 2 * 4)


@pytest.mark.parametrize("variant", ["D6", "D3", "N"])
def test_the_listed_paths_are_the_reference_paths_with_their_ends(variant):
    ends = {"top_level_tolerated": "top_tolerated"}
    reference = [row for row in csv.DictReader(REFERENCE.open()) if row["variant"] == variant]

    listed = answer({"variant": variant, "rates": [0.1, 0.2], "list_paths": True})["path_list"]

    assert {path["cohorts"] for path in listed} == {row["cohorts"] for row in reference}
    assert len(listed) == len(reference)
    end_of = {path["cohorts"]: path for path in listed}
    for row in reference:
        end = end_of[row["cohorts"]]
        assert end["level"] == int(row["level"])
        if row["outcome"] != "recommended":
            assert end["action"] == ends.get(row["outcome"], row["outcome"])


@pytest.mark.parametrize("variant", ["D6", "rolling_six"])
def test_the_engine_agrees_with_the_end_of_every_listed_path(variant):
    line = {"variant": variant, "rates": [0.1, 0.2, 0.3], "cohorts": "1:0/3 2:1/2", "list_paths": True}
    for path in answer(line)["path_list"]:
        advice = recommend(
            [
                Patient(int(level), Outcome.DLT if k < int(x) else Outcome.NO_DLT)
                for cohort in path["cohorts"].split()
                for level, x, n in [cohort.replace(":", "/").split("/")]
                for k in range(int(n))
            ],
            levels=3,
            rule=Rule(Variant(variant)),
        )
        assert (advice.action, advice.level) == (path["action"], path["level"])


# Simulation: patients drawn and the engine asked after each cohort


def simulate(rule: Rule, rates: list[float], start: int, so_far: list[Patient], chance: random.Random):
    record = [
        Patient(p.level, Outcome.DLT if chance.random() < rates[p.level - 1] else Outcome.NO_DLT)
        if p.outcome is Outcome.PENDING
        else p
        for p in so_far
    ]
    while True:
        advice = recommend(record, levels=len(rates), rule=rule, start=start)
        if advice.action not in TREATING:
            return advice.level, len(record) - len(so_far)
        for _ in range(advice.slots):
            hit = chance.random() < rates[advice.level - 1]
            record.append(Patient(advice.level, Outcome.DLT if hit else Outcome.NO_DLT))


@pytest.mark.parametrize(
    ("rule", "start", "so_far"),
    [
        (Rule(Variant.D6), 1, ""),
        (Rule(Variant.D3), 3, ""),
        (Rule(Variant.N), 2, ""),
        (Rule(Variant.ROLLING_SIX), 1, ""),
        (Rule(Variant.D6, a=4, b=2, c=2, d=2, e=2), 1, ""),
        (Rule(Variant.D6), 1, "1NNN 2NNP"),
        (Rule(Variant.D6), 1, "1NNNNNP 2TNN 2P"),
    ],
    ids=str,
)
def test_a_simulation_agrees_within_four_standard_errors(rule, start, so_far):
    rates, times, chance = [0.05, 0.15, 0.3, 0.5], 1000, random.Random(20261124)
    known = patients(so_far)
    found = properties(rule, rates, start=start, patients=known)
    ends = [simulate(rule, rates, start, known, chance) for _ in range(times)]

    for level, p in enumerate((found.p_none, *found.p_recommended)):
        share = sum(end == level for end, _ in ends) / times
        assert abs(share - p) <= 4 * sqrt(p * (1 - p) / times) + 1e-12
    if not so_far.endswith("P"):
        mean = sum(n for _, n in ends) / times
        spread = sqrt(sum((n - mean) ** 2 for _, n in ends) / times)
        assert abs(sum(found.expected_patients) - mean) <= 4 * spread / sqrt(times)


# From a state, by hand


def test_a_pending_patient_is_a_random_outcome():
    """D6, one level, 0/2 and one pending: after a DLT (p) three more without one, else three with at most one."""
    p = 0.2
    found = properties(Rule(Variant.D6), [p], patients=patients("1NNP"))

    passes = p * (1 - p) ** 3 + (1 - p) * ((1 - p) ** 3 + 3 * p * (1 - p) ** 2)
    assert found.p_recommended == pytest.approx((passes,))
    assert found.p_none == pytest.approx(1 - passes)
    assert found.expected_patients == pytest.approx((3,))
    assert found.expected_dlts == pytest.approx((p + 3 * p,))
    assert found.paths == 2 * 4


def test_a_partly_filled_cohort_is_completed_first():
    """N, one level, one without a DLT and one pending: a third comes, whatever the second does."""
    p = 0.3
    found = properties(Rule(Variant.N), [p], patients=patients("1NP"))

    passes = (1 - p) ** 2 + 2 * p * (1 - p) * (1 - p) ** 3
    assert found.p_recommended == pytest.approx((passes,))
    assert found.expected_patients == pytest.approx((1 + 3 * 2 * p * (1 - p),))
    assert found.paths == 1 + 4 + 1  # DLTs among the two: none, one and its second cohort, both


def test_a_failed_level_is_not_filled():
    found = properties(Rule(Variant.D6), [0.1, 0.5], patients=patients("1NNN 2TT"))

    assert found.expected_patients == (3, 0)
    assert found.p_top_tolerated == 0


def test_a_level_closed_by_the_committee_stays_closed():
    found = properties(Rule(Variant.D6), [0, 0, 0], patients=patients("1NNN 2NNN"), closed_by_committee=2)

    assert found.p_recommended == (1, 0, 0)
    assert (found.p_top_tolerated, found.expected_patients) == (0, (3, 0, 0))


def test_a_suspected_dlt_counts_as_pending_and_others_do_not_count():
    suspected = properties(Rule(Variant.D6), FIVE, patients=patients("1NS 1X"))
    extra = [*patients("1NP"), Patient(2, Outcome.DLT, Role.EXPANSION)]

    assert suspected == properties(Rule(Variant.D6), FIVE, patients=extra)


def test_a_trial_that_has_ended_has_nothing_to_come():
    found = properties(Rule(Variant.D6), [0.1, 0.9], patients=patients("1NNN 2TT 1NNT"))

    assert (found.paths, found.p_recommended, found.expected_patients) == (1, (1, 0), (0, 0))


def test_rates_of_nought_and_one_are_certain():
    found = properties(Rule(Variant.D6), [0, 0, 1])

    assert (found.p_none, found.p_recommended, found.p_top_tolerated) == (0, (0, 1, 0), 0)
    assert found.expected_patients == (3, 6, 3)


def test_rolling_six_takes_its_six_at_once():
    p = 0.25
    found = properties(Rule(Variant.ROLLING_SIX), [p])

    assert found.p_recommended == pytest.approx(((1 - p) ** 6 + 6 * p * (1 - p) ** 5,))
    assert (found.expected_patients, found.paths) == ((6,), 7)
    rest = properties(Rule(Variant.ROLLING_SIX), [p], patients=patients("1NNNP"))
    assert rest.expected_patients == (2,)


@settings(max_examples=examples(40))
@given(trials((Outcome.DLT, Outcome.NO_DLT, Outcome.NO_DLT, Outcome.PENDING)), st.data())
def test_the_chances_are_one_in_all(trial, data):
    rates = data.draw(st.lists(st.floats(0, 1), min_size=trial["levels"], max_size=trial["levels"]))
    found = properties(
        trial["rule"],
        rates,
        start=trial["start"],
        patients=trial["patients"],
        closed_by_committee=trial["closed_by_committee"],
    )

    assert found.p_none + sum(found.p_recommended) == pytest.approx(1, abs=1e-12)
    assert found.p_top_tolerated <= found.p_recommended[-1]
    assert min(found.expected_patients) >= 0


def test_the_overdose_share_is_of_the_patients_above_the_target():
    found = properties(Rule(Variant.N), [0.0, 1.0])

    assert found.expected_patients == (3, 3)
    assert overdose_share(found, [0.0, 1.0], 0.3) == 0.5
    assert overdose_share(found, [0.0, 1.0], 1.0) == 0
    assert overdose_share(properties(Rule(Variant.D6), [0.5], patients=patients("1TT")), [0.5], 0.3) is None


# The filter


def test_falling_rates_are_allowed_and_said():
    assert answer({"variant": "D6", "rates": [0.3, 0.2]})["note"] == (
        "rates: the rate of level 2 is below that of level 1"
    )
    assert "note" not in answer({"variant": "D6", "rates": [0.2, 0.2]})
    assert falls([0.1, 0.2, 0.1]) == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rates": None}, "rates: needs a list"),
        ({"rates": []}, "rates: needs a list"),
        ({"rates": [0.1, 1.2]}, "rates: the rate of level 2 must be from 0 to 1"),
        ({"rates": [-0.1]}, "rates: the rate of level 1 must be from 0 to 1"),
        ({"rates": ["0.1"]}, "rates: the rate of level 1 must be a number"),
        ({"rates": [True]}, "rates: the rate of level 1 must be a number"),
        ({"levels": 3}, "rates: needs one per level, got 2 for levels = 3"),
        ({"variant": "D7"}, "variant: "),
        ({"start": 3}, "start: "),
        ({"closed_by_committee": 3}, "closed_by_committee: "),
        ({"cohorts": "3:0/3"}, "level of patient 1: "),
        ({"cohorts": "1:0/3", "patients": []}, "cohorts, patients: "),
        ({"list_paths": 1}, "list_paths: needs true or false"),
        ({"rates": [0.2] * 12, "list_paths": True}, "list_paths: lists at most"),
        ({"rates": [0.2] * 30, "settings": {"c": 3, "d": 2, "e": 4}}, "rates: this design has more than"),
    ],
)
def test_a_wrong_line_is_refused_with_its_field(changes, said):
    with pytest.raises(ValueError, match=f"^{said}"):
        answer({"variant": "D6", "rates": [0.1, 0.2]} | changes)


def test_the_filter_runs_alone():
    lines = [{"id": 7, "variant": "N", "rates": [0.5]}, {"id": 8, "variant": "N", "rates": [2]}]
    done = subprocess.run(
        [sys.executable, "-m", "escalation.characteristics"], input="\n".join(map(json.dumps, lines)),
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip

    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["id"], first["paths"], first["p_none"]) == (7, 7, 0.828125)
    assert second == {"id": 8, "error": "rates: the rate of level 1 must be from 0 to 1, got 2"}


def test_listing_from_a_state_with_pending_patients_gives_each_way():
    line = {
        "variant": "N",
        "rates": [0.3],
        "patients": [{"level": 1, "outcome": "no_dlt"}, {"level": 1, "outcome": "pending"}],
    }
    listed = answer(line | {"list_paths": True})["path_list"]

    expected = ["1:0/1 1:0/2", *(f"1:0/1 1:1/2 1:{x}/3" for x in range(4)), "1:0/1 1:2/2"]
    assert [path["cohorts"] for path in listed] == expected
    assert {(path["action"], path["level"]) for path in listed[:2]} == {("top_tolerated", 1)}

"""The check that goes out with an export, beside the program: the same rules, written twice."""

import random

import pytest

from escalation.datasets.capsule import check
from escalation.engine.rule import recommend
from escalation.engine.terms import Outcome, Patient, Rule, Variant

CASES = 400
OUTCOMES = [*Outcome] + [Outcome.NO_DLT] * 4 + [Outcome.DLT]
LARGER = [{}, {}, {"early_stop": False}, {"a": 4, "b": 4, "c": 1, "d": 1, "e": 2}, {"a": 2, "b": 4, "c": 2, "d": 1}]


def trials(chance):
    """Trials as they come out of a plan that is mostly followed, with pending, late and replaced patients."""
    for _ in range(CASES):
        levels = chance.randint(1, 5)
        variant = chance.choice(list(Variant))
        rule = Rule(variant, **({} if variant is Variant.ROLLING_SIX else chance.choice(LARGER)))
        start, last = chance.randint(1, levels), chance.randint(0, levels)
        patients = [
            Patient(level, chance.choice(OUTCOMES))
            for level in [*range(start, last + 1), *chance.sample(range(1, levels + 1), chance.randint(0, levels))]
            for _ in range(chance.choice([1, 2, 3, 3, 3, 6]))
        ]
        yield rule, levels, start, chance.choice([None, None, None, chance.randint(1, levels)]), patients


def test_what_the_rule_recommends_is_found_by_the_other_writing_of_it():
    said = set()
    for rule, levels, start, closed, patients in trials(random.Random(20261130)):
        labels = [f"L{k}" for k in range(1, levels + 1)]
        sizes = {name: [str(getattr(rule, name))] for name in "abcde"}
        design = {"variant": [rule.variant], "early_stop": ["yes" if rule.early_stop else "no"], "start": [str(start)]}
        design |= {"closed_by_committee": [str(closed or "")], "level": labels, **sizes}
        rows = [
            {
                "USUBJID": f"{k:03}",
                "WINSDT": "2026-01-01",
                "TRT01A": labels[patient.level - 1],
                "COHROLE": "ESCALATION",
                "DLTSTAT": patient.outcome.value.replace("_", " ").upper(),
            }
            for k, patient in enumerate(patients)
        ]

        found = check.of_rule(design, rows)
        told = recommend(patients, levels=levels, rule=rule, start=start, closed_by_committee=closed)

        level = labels[told.level - 1] if told.level else None
        assert (found["recommendation", "all", "action"], found["recommendation", "all", "level"]) == (
            told.action,
            level,
        ), (rule, levels, start, closed, patients)
        said.add(told.action)
    assert len(said) == 8  # every action came up


@pytest.mark.parametrize(
    ("times", "median"),
    [
        # By R: survfit(Surv(t, e) ~ 1, conf.type = "log-log"), quantile(…, 0.5)
        ([(1, 1), (2, 1), (3, 0), (4, 0)], (3, 1, None)),
        ([(1, 1), (2, 1), (3, 0), (4, 1)], (3, 1, None)),
        ([(5, 1), (5, 0), (9, 1), (12, 1), (20, 0), (31, 1), (40, 1), (41, 0)], (31, 5, None)),
        ([(8, 0), (9, 0)], (None, None, None)),
        ([], (None, None, None)),
    ],
)
def test_the_median_of_a_curve_is_that_of_r(times, median):
    assert check.median([(day, bool(event)) for day, event in times]) == median


def test_exact_intervals():
    assert [round(limit, 4) for limit in check.exact(3, 12)] == [0.0549, 0.5719]  # R: binom.test(3, 12)
    assert check.exact(0, 0) == (None, None)
    assert check.exact(0, 3) == (0.0, pytest.approx(0.7075982))
    assert check.exact(3, 3) == (pytest.approx(0.2924018), 1.0)

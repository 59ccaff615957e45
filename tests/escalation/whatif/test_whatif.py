"""What-if: every node is a fresh answer of the engine; the chances are the binomial ones."""

import json
import subprocess
import sys
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.engine import rule as engine
from escalation.engine import terms
from escalation.engine.terms import Action, Outcome, Patient, Rule, Variant
from escalation.whatif import outcomes as whatif

D6 = Rule(Variant.D6)
N, T, P, S = Outcome.NO_DLT, Outcome.DLT, Outcome.PENDING, Outcome.SUSPECTED


def at(level, *outcomes):
    return [Patient(level, outcome) for outcome in outcomes]


def nodes(node):
    yield node
    for child in node.children:
        yield from nodes(child)


def told(node):
    """{DLTs: (action, level)} of the next step."""
    return {child.turns[0].dlts: (child.advice.action, child.advice.level) for child in node.children}


def test_the_next_cohort_of_a_new_trial_two_cohorts_deep():
    root = whatif.tree([], levels=3, rule=D6)

    assert told(root) == {
        0: (Action.ESCALATE, 2),
        1: (Action.EXPAND, 1),
        2: (Action.NONE_TOLERATED, 0),
        3: (Action.NONE_TOLERATED, 0),
    }
    clean, one = root.children[0], root.children[1]
    assert told(clean) == {
        0: (Action.ESCALATE, 3),
        1: (Action.EXPAND, 2),
        2: (Action.DE_ESCALATE, 1),
        3: (Action.DE_ESCALATE, 1),
    }
    assert told(one) == {
        0: (Action.ESCALATE, 2),
        1: (Action.NONE_TOLERATED, 0),
        2: (Action.NONE_TOLERATED, 0),
        3: (Action.NONE_TOLERATED, 0),
    }
    assert all(node.children == () for child in clean.children for node in child.children)


def test_the_pending_come_first_grouped_by_their_dlts():
    root = whatif.tree(at(1, N, N, N) + at(2, N, P, P), levels=3, rule=D6)

    assert root.advice.action is Action.WAIT
    assert told(root) == {0: (Action.ESCALATE, 3), 1: (Action.EXPAND, 2), 2: (Action.DE_ESCALATE, 1)}
    assert [child.closes for child in root.children] == [None, None, 2]
    assert told(root.children[0])[2] == (Action.DE_ESCALATE, 2)


def test_the_open_places_of_a_pending_cohort_belong_to_it():
    root = whatif.tree(at(1, N, P), levels=2, rule=D6)

    assert root.advice.slots == 1
    assert [turn for child in root.children for turn in child.turns] == [whatif.Turn(1, x, 2) for x in range(3)]


def test_a_suspected_dlt_is_pending_and_its_cohort_is_not_filled_before():
    root = whatif.tree(at(1, N, S), levels=2, rule=D6)

    assert [child.turns for child in root.children] == [(whatif.Turn(1, 0, 1),), (whatif.Turn(1, 1, 1),)]


def test_the_pending_of_two_levels_turn_out_in_every_way():
    root = whatif.tree(at(1, N, N, P) + at(2, P), levels=3, rule=D6)

    ways = [tuple((turn.level, turn.dlts) for turn in child.turns) for child in root.children]
    assert {way[0] for way in ways} == {(1, 0), (1, 1)}
    assert len(set(ways)) == len(ways)


def test_a_trial_that_has_ended_has_no_branches():
    root = whatif.tree(at(1, N, N, N, N, N, T) + at(2, T, T), levels=2, rule=D6)

    assert (root.advice.action, root.children) == (Action.MTD, ())


def test_not_evaluable_and_expansion_patients_are_no_branch():
    outside = [Patient(1, P, terms.Role.EXPANSION), Patient(1, Outcome.NOT_EVALUABLE)]
    root = whatif.tree(at(1, N) + outside, levels=2, rule=D6)

    assert root.children[0].turns == (whatif.Turn(1, 0, 2),)
    assert root.children[0].patients[1] == outside[0]


def test_very_many_ways_show_the_best_and_the_worst():
    patients = [p for level in range(1, 6) for p in at(level, P, P, P)]
    root = whatif.tree(patients, levels=5, rule=D6)

    assert [sum(turn.dlts for turn in child.turns) for child in root.children] == [0, 15]


outcomes = st.sampled_from([N, T, P, S, Outcome.NOT_EVALUABLE])
rules = st.sampled_from(
    [
        *(Rule(variant) for variant in Variant),
        Rule(Variant.D6, early_stop=False),
        Rule(Variant.D6, a=2, b=2),
        Rule(Variant.D3, a=3, b=3, e=2),
    ]
)


@given(
    st.lists(st.builds(Patient, st.integers(1, 3), outcomes), max_size=7),
    rules,
    st.integers(1, 3),
    st.sampled_from([None, 2, 3]),
)
def test_every_node_is_a_fresh_answer_of_the_engine(patients, rule, start, closed):
    root = whatif.tree(patients, levels=3, rule=rule, start=start, closed_by_committee=closed)

    for node in nodes(root):
        fresh = engine.recommend(node.patients, levels=3, rule=rule, start=start, closed_by_committee=closed)
        assert node.advice == fresh
        assert (node.patients == tuple(patients)) == (node is root)
        for child in node.children:
            grown = sum(turn.patients for turn in child.turns)
            before = sum(t.evaluable for t in node.advice.tallies)
            assert sum(t.evaluable for t in child.advice.tallies) == before + grown
            assert not any(t.pending for t in child.advice.tallies)


@given(st.lists(st.builds(Patient, st.integers(1, 2), outcomes), max_size=6), rules)
def test_outcomes_put_together_have_the_same_answer(patients, rule):
    root = whatif.tree(patients, levels=2, rule=rule)
    branches = whatif.gathered(root).children

    for child in root.children:
        own = next(b for b in branches if b.low.turns <= child.turns <= b.high.turns)
        assert (own.low.advice.action, own.low.advice.level) == (child.advice.action, child.advice.level)
        assert [t.dlts for b in own.children for t in b.low.turns] == [
            t.dlts for b in whatif.gathered(child).children for t in b.low.turns
        ]


def test_chances_are_binomial_and_sum_to_one():
    rates = [Fraction(1, 10), Fraction(3, 10)]
    root = whatif.tree([], levels=2, rule=D6, rates=rates)

    assert [float(child.probability) for child in root.children] == pytest.approx([0.729, 0.243, 0.027, 0.001])
    # leaving level 1 upward: q^3 + 3 p q^5 (docs/domain.md, section 3) = .9061 at p = 0.1
    upward = sum(n.probability for n in nodes(root) if n.advice.action is Action.ESCALATE and n.turns)
    assert float(upward) == pytest.approx(0.729 + 0.243 * 0.729)
    for node in nodes(root):
        assert not node.children or sum(c.probability for c in node.children) == node.probability
    gathered = whatif.gathered(root)
    assert sum(b.probability for b in gathered.children) == 1
    assert [(b.low.turns[0].dlts, b.high.turns[0].dlts) for b in gathered.children] == [(0, 0), (1, 1), (2, 3)]


@pytest.mark.parametrize(
    ("rates", "words"), [([Fraction(1, 2)], "one per level"), ([Fraction(2), Fraction(0)], "from 0 to 1")]
)
def test_wrong_rates_are_refused_by_name(rates, words):
    with pytest.raises(ValueError, match=f"rates.*{words}"):
        whatif.tree([], levels=2, rule=D6, rates=rates)


def test_the_filter_answers_and_refuses_by_field():
    lines = [
        {"id": 1, "variant": "D6", "levels": 2, "cohorts": "1:0/3", "deep": 1, "rates": [0.1, 0.2]},
        {"id": 2, "variant": "D6", "levels": 2, "cohorts": "", "rates": [0.1]},
        {"id": 3, "variant": "D6", "levels": 2, "cohorts": "", "deep": 9},
        {"id": 4, "variant": "D6", "cohorts": ""},
        {"id": 5, "variant": "D6", "levels": True, "cohorts": ""},
    ]
    text = "\n".join(json.dumps(line) for line in lines)
    ran = subprocess.run(
        [sys.executable, "-m", "escalation.whatif"], input=text, capture_output=True, text=True, check=True
    )
    first, *wrong = [json.loads(line) for line in ran.stdout.splitlines()]

    assert [child["probability"] for child in first["children"]] == pytest.approx([0.512, 0.384, 0.096, 0.008])
    assert [child["action"] for child in first["children"]] == ["expand", "expand", "de_escalate", "de_escalate"]
    assert [line["error"].partition(":")[0] for line in wrong] == ["rates", "deep", "levels", "levels"]


def test_all_completions_are_there():
    """Three pending at one level: the four ways of the group stand for the eight of the patients."""
    root = whatif.tree(at(1, P, P, P), levels=2, rule=D6)
    every = {
        (a := engine.recommend(at(1, *way), levels=2, rule=D6)).action.value + str(a.level)
        for way in product((N, T), repeat=3)
    }

    assert {c.advice.action.value + str(c.advice.level) for c in root.children} == every

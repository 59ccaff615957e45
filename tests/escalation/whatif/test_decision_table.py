"""The decision table: each cell is a fresh answer of the engine, and the whole agrees with docs/domain.md 3."""

import pytest

from escalation.engine import rule as engine
from escalation.engine.terms import Action, Rule, Variant
from escalation.whatif import table as decision_table
from escalation.whatif.table import Answer, Cell, Place, Span

RULES = [
    *(Rule(variant) for variant in Variant),
    Rule(Variant.D6, early_stop=False),
    Rule(Variant.D6, a=4, b=4, e=2),
    Rule(Variant.D3, a=3, b=3, c=1, d=0, e=1),
    Rule(Variant.D6, a=3, b=3, c=1, d=1, e=2),
    Rule(Variant.N, a=2, b=1),
]


def row(rule, *cell):
    found = [row for row in decision_table.table(rule) if row.holds(Cell(*cell), rule)]
    assert len(found) == 1
    return found[0]


def said(rule, place, *cell):
    return decision_table.said(row(rule, *cell).answers[place])


# Written by hand from the table and the pending rule of docs/domain.md, section 3: n, x, w, then what is done on the
# way up, below a closed level, at the top (variant D6).
FILL3, FILL6, WAIT, UP = (
    "Enrol here, up to 3",
    "Enrol here, up to 6",
    "Wait for the pending patients",
    "Go up one level",
)
EXPAND, DOWN = "Enrol more here, up to 6", "Close this level and all above. Go down one level"
MTD, TOP = "This level is the MTD", "This level is tolerated; the MTD is not reached"


@pytest.mark.parametrize(
    ("n", "x", "w", "underway", "below", "top"),
    [
        (0, 0, 0, FILL3, FILL3, FILL3),  # reached, and nobody there yet
        (0, 0, 1, FILL3, FILL3, FILL3),
        (0, 0, 3, WAIT, WAIT, WAIT),  # 0/3 goes up or fills, 2/3 closes
        (1, 0, 0, FILL3, FILL3, FILL3),
        (2, 1, 0, FILL3, FILL3, FILL3),
        (2, 0, 1, WAIT, EXPAND, EXPAND),  # 0/3 or 1/3: six there in any case, unless it may go up
        (2, 1, 1, WAIT, WAIT, WAIT),
        (2, 2, 0, DOWN, DOWN, DOWN),  # the third place is not given
        (2, 2, 1, DOWN, DOWN, DOWN),
        (3, 0, 0, UP, EXPAND, EXPAND),
        (3, 1, 0, EXPAND, EXPAND, EXPAND),
        (3, 1, 1, FILL6, FILL6, FILL6),  # an opened cohort is filled whatever the pending may do
        (3, 2, 0, DOWN, DOWN, DOWN),
        (4, 0, 0, UP, FILL6, FILL6),  # an extra clean patient never blocks
        (4, 1, 0, FILL6, FILL6, FILL6),
        (5, 0, 1, UP, MTD, TOP),  # 0/6 and 1/6 agree
        (5, 1, 0, FILL6, FILL6, FILL6),
        (5, 1, 1, WAIT, WAIT, WAIT),
        (6, 0, 0, UP, MTD, TOP),
        (6, 1, 0, UP, MTD, TOP),
        (6, 2, 0, DOWN, DOWN, DOWN),  # 2/6 is not 1/3
        (4, 2, 2, DOWN, DOWN, DOWN),
    ],
)
def test_variant_d6_says_what_the_domain_says(n, x, w, underway, below, top):
    d6 = Rule(Variant.D6)

    assert said(d6, Place.UNDERWAY, n, x, w) == underway
    assert said(d6, Place.BELOW_CLOSED, n, x, w) == below
    assert said(d6, Place.TOP, n, x, w) == top


@pytest.mark.parametrize(
    ("variant", "place", "cell", "words"),
    [
        (Variant.D3, Place.TOP, (3, 0, 0), TOP),  # stop, top level tolerated on 3
        (Variant.D3, Place.BELOW_CLOSED, (3, 0, 0), EXPAND),
        (Variant.N, Place.TOP, (3, 0, 0), TOP),
        (Variant.N, Place.BELOW_CLOSED, (3, 0, 0), MTD),
        (Variant.N, Place.UNDERWAY, (2, 2, 0), "Close this level and all above. The level below is the MTD"),
        (Variant.N, Place.LOWEST, (2, 2, 0), "Close this level and all above. No level is tolerated"),
        (Variant.D6, Place.LOWEST, (6, 2, 0), "Close this level and all above. No level is tolerated"),
        (Variant.D6, Place.LOWEST, (3, 0, 0), UP),
        # rolling six (table of Frankel et al. 2020)
        (Variant.ROLLING_SIX, Place.UNDERWAY, (2, 0, 0), FILL6),
        (Variant.ROLLING_SIX, Place.UNDERWAY, (3, 0, 0), UP),
        (Variant.ROLLING_SIX, Place.UNDERWAY, (3, 0, 1), FILL6),
        (Variant.ROLLING_SIX, Place.UNDERWAY, (4, 0, 2), WAIT),
        (Variant.ROLLING_SIX, Place.UNDERWAY, (5, 0, 1), UP),
        (Variant.ROLLING_SIX, Place.UNDERWAY, (4, 1, 1), FILL6),
        (Variant.ROLLING_SIX, Place.UNDERWAY, (5, 1, 1), WAIT),
        (Variant.ROLLING_SIX, Place.UNDERWAY, (6, 1, 0), UP),
        (Variant.ROLLING_SIX, Place.UNDERWAY, (2, 2, 3), DOWN),
    ],
)
def test_the_other_variants_differ_where_the_domain_says(variant, place, cell, words):
    assert said(Rule(variant), place, *cell) == words


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_every_state_stands_in_one_row_with_the_engines_answer(rule):
    for cell in decision_table.cells(rule):
        answers = row(rule, *cell).answers
        for place in Place:
            who, levels = decision_table.patients(cell, rule, place)
            level = 1 if place is Place.LOWEST else 2
            advice = engine.recommend(who, levels=levels, rule=rule)
            assert (advice.tallies[level - 1].evaluable, advice.tallies[level - 1].dlts) == cell[:2]
            if not cell.evaluable + cell.pending and advice.level == level:
                assert answers[place] == Answer(Action.ENROL, 0, advice.slots)
                continue
            assert answers[place].action is advice.action
            if advice.action not in (Action.WAIT, Action.NONE_TOLERATED):
                assert answers[place].step == advice.level - level
            if answers[place].places:
                assert answers[place].places == cell.evaluable + cell.pending + advice.slots


def test_without_early_stop_a_failed_level_waits_for_its_pending():
    rule = Rule(Variant.D6, early_stop=False)

    assert said(rule, Place.UNDERWAY, 2, 2, 1) == WAIT
    assert said(rule, Place.UNDERWAY, 2, 2, 0) == DOWN


def test_four_plus_four_uses_its_own_numbers():
    rule = Rule(Variant.D6, a=4, b=4, c=1, d=1, e=2)

    assert said(rule, Place.UNDERWAY, 3, 0, 0) == "Enrol here, up to 4"
    assert said(rule, Place.UNDERWAY, 4, 1, 0) == "Enrol more here, up to 8"
    assert said(rule, Place.UNDERWAY, 8, 2, 0) == UP
    assert said(rule, Place.UNDERWAY, 8, 3, 0) == DOWN


def test_a_state_over_the_limit_is_one_line():
    first = decision_table.table(Rule(Variant.D6))[0]

    assert first.over
    assert decision_table.limits(first, Rule(Variant.D6)) == ("any", "2 or more", "any")
    assert first.answers[Place.UNDERWAY] == Answer(Action.DE_ESCALATE, -1)
    assert first.pending == Span(0, 4)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_the_other_lines_follow_each_other_as_one_looks_them_up(rule):
    lines = [row for row in decision_table.table(rule) if not row.over]

    assert lines[0].holds(Cell(0, 0, 0), rule)
    assert all(row.evaluable.low == row.evaluable.high and row.dlts.low == row.dlts.high for row in lines)
    assert lines == sorted(lines, key=lambda row: (row.evaluable, row.dlts, row.pending))


def test_it_stays_a_table_for_one_page():
    assert all(len(decision_table.table(Rule(variant))) < 40 for variant in Variant)


def test_a_table_of_very_large_cohorts_is_refused():
    with pytest.raises(ValueError, match="at most 12"):
        decision_table.table(Rule(Variant.D6, a=7, b=6))

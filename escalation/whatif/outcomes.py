"""What follows from here: the outcomes of the patients pending and of the next cohorts, each played through the engine.

The words are those of docs/domain.md, section 12 ("decision tree"). Nothing here decides: every node is the engine's
answer to one way in which the trial can go on. Patients who turn out not evaluable are replaced and no branch.
`python -m escalation.whatif` answers a line of JSON at a time (docs/validation.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import comb, prod
from typing import Any, NamedTuple

from ..engine.reading import as_json
from ..engine.rule import recommend
from ..engine.terms import Outcome, Patient, Recommendation, Role, Rule

COHORTS = 2  # how deep a tree looks unless told otherwise
MOST_WAYS = 100  # of the patients pending at several levels together; beyond it only the best and the worst are played
PENDING = (Outcome.PENDING, Outcome.SUSPECTED)


class Turn(NamedTuple):
    """How patients of one level turn out: `dlts` of `patients`."""

    level: int
    dlts: int
    patients: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What stays the same all over a tree. rates: assumed true DLT rates, one a level, or nothing."""

    levels: int
    rule: Rule
    start: int = 1
    closed_by_committee: int | None = None
    rates: tuple[Fraction, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """One state. `closes`: the lowest level that this outcome closes, None when it closes nothing new."""

    turns: tuple[Turn, ...]  # what became of whom since the node above; nothing at the root
    patients: tuple[Patient, ...]
    advice: Recommendation
    closes: int | None
    probability: Fraction | None  # of coming here from the root, under the assumed rates
    children: tuple["Node", ...]

    @property
    def ends(self) -> bool:
        return self.advice.slots == 0 and not self.children and not any(t.pending for t in self.advice.tallies)


def tree(
    patients: Sequence[Patient],
    *,
    levels: int,
    rule: Rule,
    start: int = 1,
    closed_by_committee: int | None = None,
    cohorts: int = COHORTS,
    rates: Sequence[Fraction] = (),
) -> Node:
    """The present with all that can follow it, `cohorts` cohorts deep after the pending patients are known.

    The pending come first, grouped by their number of DLTs at each level, together with the places of their cohort
    that are still free: the cohort is taken whole. patients and the other arguments are those of `engine.recommend`.
    Raises ValueError, naming the field, for rates outside 0 to 1 or not one per level.
    """
    if rates and len(rates) != levels:
        raise ValueError(f"rates: needs one per level, got {len(rates)} for {levels}")
    if any(not 0 <= rate <= 1 for rate in rates):
        raise ValueError("rates: each must be from 0 to 1")
    if not 0 <= cohorts <= 3:
        raise ValueError(f"deep: needs a whole number from 0 to 3, got {cohorts}")
    frame = Frame(levels, rule, start, closed_by_committee, tuple(rates))
    return _node(tuple(patients), (), cohorts, frame, None, Fraction(1) if rates else None)


def _node(
    patients: tuple[Patient, ...],
    turns: tuple[Turn, ...],
    left: int,
    frame: Frame,
    closed_before: int | None,
    probability: Fraction | None,
) -> Node:
    advice = recommend(
        patients,
        levels=frame.levels,
        rule=frame.rule,
        start=frame.start,
        closed_by_committee=frame.closed_by_committee,
    )
    closes = advice.closed_from if advice.closed_from != closed_before and turns else None
    groups, deeper = _next(advice, left)
    children = []
    for dlts in _ways(groups):
        taken = tuple(Turn(level, x, n) for (level, n), x in zip(groups.items(), dlts, strict=True))
        chance = None if probability is None else probability * prod(_chance(turn, frame.rates) for turn in taken)
        children.append(_node(_turned(patients, taken), taken, deeper, frame, advice.closed_from, chance))
    return Node(turns, patients, advice, closes, probability, tuple(children))


def _next(advice: Recommendation, left: int) -> tuple[dict[int, int], int]:
    """Whose outcomes come next, as patients by level, and how many cohorts may follow them."""
    groups = {tally.level: tally.pending for tally in advice.tallies if tally.pending}
    if groups:
        if advice.level in groups:
            groups[advice.level] += advice.slots
        return groups, left
    if left and advice.slots:
        return {advice.level: advice.slots}, left - 1
    return {}, 0


def _ways(groups: Mapping[int, int]) -> list[tuple[int, ...]]:
    """Every number of DLTs at each of the levels; of very many ways only the best and the worst."""
    if not groups:
        return []
    sizes = list(groups.values())
    if prod(size + 1 for size in sizes) > MOST_WAYS:
        return [(0,) * len(sizes), tuple(sizes)]
    return list(product(*(range(size + 1) for size in sizes)))


def _chance(turn: Turn, rates: Sequence[Fraction]) -> Fraction:
    p = rates[turn.level - 1]
    return comb(turn.patients, turn.dlts) * p**turn.dlts * (1 - p) ** (turn.patients - turn.dlts)


def _turned(patients: Sequence[Patient], turns: Sequence[Turn]) -> tuple[Patient, ...]:
    """The patients after these turns: the pending ones first, then new ones; the DLTs are the last of them."""
    found = list(patients)
    for turn in turns:
        waiting = [
            k
            for k, p in enumerate(found)
            if p.level == turn.level and p.role is Role.ESCALATION and p.outcome in PENDING
        ]
        clean = turn.patients - turn.dlts
        outcomes = [Outcome.NO_DLT] * clean + [Outcome.DLT] * turn.dlts
        for k, outcome in zip(waiting, outcomes, strict=False):
            found[k] = replace(found[k], outcome=outcome)
        found += [Patient(turn.level, outcome) for outcome in outcomes[len(waiting) :]]
    return tuple(found)


# Siblings with the same future, drawn once


@dataclass(frozen=True, slots=True)
class Branch:
    """Consecutive outcomes of one group of patients, `low` to `high` DLTs, from which the same follows."""

    low: Node
    high: Node
    probability: Fraction | None
    children: tuple["Branch", ...]


def gathered(node: Node) -> Branch:
    """The tree with outcomes put together where action, level and all that follows are the same."""
    return Branch(node, node, node.probability, _gathered(node.children))


def _gathered(nodes: Sequence[Node]) -> tuple[Branch, ...]:
    runs: list[list[Node]] = []
    for node in nodes:
        if runs and len(node.turns) == 1 and _future(runs[-1][0]) == _future(node):
            runs[-1].append(node)
        else:
            runs.append([node])
    return tuple(
        Branch(
            run[0],
            run[-1],
            None if run[0].probability is None else sum((n.probability or Fraction(0) for n in run), Fraction(0)),
            _together(run),
        )
        for run in runs
    )


def _together(run: Sequence[Node]) -> tuple[Branch, ...]:
    """What follows a run: that of its first outcome, with the chances of them all."""
    branches = [_gathered(node.children) for node in run]
    return tuple(_added([branch[k] for branch in branches]) for k in range(len(branches[0])))


def _added(same: Sequence[Branch]) -> Branch:
    first = same[0]
    if first.probability is None:
        return first
    total = sum((branch.probability or Fraction(0) for branch in same), Fraction(0))
    children = tuple(_added([branch.children[k] for branch in same]) for k in range(len(first.children)))
    return replace(first, probability=total, children=children)


def _future(node: Node) -> tuple[object, ...]:
    advice = node.advice
    return (advice.action, advice.level, advice.slots, advice.closed_from, *(_future(c) for c in node.children))


# The filter


def node_json(node: Node) -> dict[str, Any]:
    """A node as docs/validation.md prints it."""
    said = as_json(node.advice)
    kept = ("action", "level", "slots", "rule", "because", "closed_from", "tallies")
    return {name: said[name] for name in kept} | {
        "turns": [turn._asdict() for turn in node.turns],
        "closes": node.closes,
        "probability": None if node.probability is None else float(node.probability),
        "children": [node_json(child) for child in node.children],
    }

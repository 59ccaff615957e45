"""Checked safety of a protocol's rule: every reachable state is tried before a version comes in force.

Not a proof on paper but an exhaustion: from the start level, any number of the free places is filled before the next
look (one patient at a time, whole cohorts, all between), with every number of DLTs among them; where that is more than
`MOST_STATES`, whole cohorts only, and the result says so. What must hold in each state is written here a second time,
from docs/domain.md, section 3, and not taken from the engine.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from ..characteristics import MOST_STATES, Cohort, State, merged, properties
from ..engine import rule as engine
from ..engine import terms
from ..engine.rule import Count, Standing
from ..engine.terms import Rule, Variant


@dataclass(frozen=True, slots=True)
class Checked:
    """What the exhaustion found. Nothing in it depends on rates: every outcome was tried."""

    endings: int  # complete paths with cohorts taken whole, counted by DLTs per cohort
    states: int  # different situations that were judged
    by_patient: bool  # any number of patients before a look; False: whole cohorts only
    most_at_a_level: int  # patients
    fewest_before_escalating: int | None  # evaluable patients at the level below; None when there is one level only
    fewest_at_the_end: int | None  # evaluable patients at a recommended level; None when none can be recommended

    def as_json(self) -> dict[str, Any]:
        """For storage with the protocol version."""
        return asdict(self) | {"engine_version": terms.VERSION}


class Unsafe(ValueError):
    """The rule breaks a promise; `path` are the cohorts of the shortest trial that shows it."""

    def __init__(self, promise: str, path: Sequence[Cohort], labels: Sequence[str]) -> None:
        shown = " ".join(f"{labels[level - 1]}:{dlts}/{size}" for level, dlts, size in path) or "nobody treated yet"
        super().__init__(f"{promise}; the shortest path that shows it (level:DLTs/patients): {shown}")
        self.promise, self.path = promise, tuple(path)


@lru_cache(maxsize=64)
def checked(rule: Rule, levels: int, start: int, labels: tuple[str, ...] = ()) -> Checked:
    """`check`, remembered."""
    return check(rule, levels, start, labels)


def check(rule: Rule, levels: int, start: int, labels: tuple[str, ...] = ()) -> Checked:
    """Exhaust the rule on a ladder of `levels`, from level `start`.

    labels: what the levels are called in the sentence of a broken promise, the lowest first; else 1, 2 and so on.
    Raises Unsafe when it skips a level, treats at or above a failed one, need not end, exceeds the most patients of a
    level, or recommends a level without the patients that the variant requires; ValueError when there are too many
    states to try.
    """
    names = labels or tuple(map(str, range(1, levels + 1)))
    found = _exhaust(rule, names, start, by_patient=True) or _exhaust(rule, names, start, by_patient=False)
    if found is None:
        raise ValueError(
            f"this rule on {levels} levels has more than {MOST_STATES} states and cannot be checked; "
            "take smaller cohorts or fewer levels"
        )
    return found


def _exhaust(rule: Rule, labels: Sequence[str], start: int, *, by_patient: bool) -> Checked | None:
    """Breadth first, so that the first broken promise is shown by the fewest cohorts. None: too many states."""
    levels = len(labels)
    first = merged((Count(0, 0),) * levels, levels + 1, rule)
    came_by: dict[State, tuple[State, Cohort] | None] = {first: None}
    ahead = deque([first])
    most, before, at_end = 0, None, None
    while ahead:
        state = ahead.popleft()
        counts = state + (Count(0, 0),) * (levels - len(state))
        stand = engine.standing(counts, rule, start, len(state) + 1)
        if broken := _broken(stand, state, labels, rule, start):
            raise Unsafe(broken, _path(state, came_by), labels)
        level, places = stand
        if places == 0:
            at_end = _least(at_end, counts[level - 1].evaluable) if level else at_end
            continue
        here = counts[level - 1]
        most = max(most, places)
        if here.evaluable == 0 and level > start:
            before = _least(before, counts[level - 2].evaluable)
        whole = places - here.evaluable
        for size in range(whole, 0 if by_patient else whole - 1, -1):
            for dlts in range(size + 1):
                after = Count(here.evaluable + size, here.dlts + dlts)
                closed = level if _over(after, rule) else len(state) + 1
                following = merged((*state[: level - 1], after, *state[level:]), closed, rule)
                if following not in came_by:
                    came_by[following] = (state, (level, dlts, size))
                    ahead.append(following)
        if len(came_by) > MOST_STATES:
            return None
    endings = properties(rule, [0.5] * levels, start=start).paths
    return Checked(endings, len(came_by), by_patient, most, before, at_end)


def _broken(stand: Standing, state: State, labels: Sequence[str], rule: Rule, start: int) -> str:
    """The promise that a standing breaks in a state, in words; "" when it keeps all."""
    level, places = stand
    levels = len(labels)
    failed = len(state) + 1  # the lowest failed level; one above the top when none did
    if level == 0:
        given_up = failed == 1 or (rule.variant is Variant.N and failed <= start)
        return "" if places == 0 and given_up else "no level is called tolerated although a lower one is open"
    if not 0 < level <= levels:
        return f"step {level} is not on the ladder"
    name = labels[level - 1]
    if level >= failed:
        return f"level {name} is {'given' if places else 'recommended'} although level {labels[failed - 1]} has failed"
    here = state[level - 1]
    if places == 0:
        if here.evaluable < _required(here, level == levels, rule):
            return f"level {name} is recommended on {here.evaluable} evaluable patients"
        return ""
    if places <= here.evaluable:
        return f"level {name} has {here.evaluable} evaluable patients and asks for no more, so the trial need not end"
    if places > rule.a + rule.b:
        return f"level {name} is given to {places} patients, more than {rule.a + rule.b}"
    if level < start and failed != level + 1:
        return f"level {name}, below the start level, is given although level {labels[level]} is open"
    skipped = next((k for k in range(start, level) if state[k - 1].evaluable < rule.a), None)
    if skipped:
        seen = state[skipped - 1].evaluable
        return f"level {name} is given although level {labels[skipped - 1]} has {seen} of {rule.a} evaluable patients"
    return ""


def _over(count: Count, rule: Rule) -> bool:
    """More DLTs than D in the first cohort, or than E in both; in between, more than D in the first for certain."""
    second = count.evaluable - rule.a
    return count.dlts > rule.e or count.dlts > rule.d + max(0, second)


def _required(count: Count, top: bool, rule: Rule) -> int:
    """Evaluable patients that a recommended level needs, by the variant."""
    if rule.variant is Variant.N or (rule.variant is Variant.D3 and top and count.dlts < rule.c):
        return rule.a
    return 5 if rule.variant is Variant.ROLLING_SIX and count.dlts == 0 else rule.a + rule.b


def _path(state: State, came_by: dict[State, tuple[State, Cohort] | None]) -> list[Cohort]:
    path: list[Cohort] = []
    while step := came_by[state]:
        state, cohort = step
        path.append(cohort)
    return path[::-1]


def _least(known: int | None, new: int) -> int:
    return new if known is None else min(known, new)

"""Exact operating characteristics of a rule under assumed true DLT rates: enumeration with memory, no simulation.

The rule itself is `standing` of `escalation.engine`, exact on whole numbers; only probabilities are floats. Closed
forms that check it: docs/domain.md, section 3; worked examples: docs/validation-characteristics.md; readings:
docs/decisions/2026-11-24-characteristics.md. `python -m escalation.characteristics` answers a line of JSON at a time.

Cohorts are taken whole. States that cannot differ in what follows are one state, so eight levels take milliseconds
where their complete paths are 16138.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from heapq import heappop, heappush
from itertools import product
from math import comb, prod
from typing import Any, NamedTuple

from .engine import reading as engine_reading
from .engine import rule as engine
from .engine.rule import Count
from .engine.terms import Action, Outcome, Patient, Role, Rule

MOST_STATES = 10_000  # D6 with 8 levels has 118; a design with C > 1 doubles them with each level
MOST_LISTED = 100_000  # paths of one list

Cohort = tuple[int, int, int]  # level, DLTs, patients
State = tuple[Count, ...]  # the open levels, lowest first: the length says where the closed ones begin


class Path(NamedTuple):
    """One way a whole trial can go: its cohorts in order as (level, DLTs, patients), and its end."""

    cohorts: tuple[Cohort, ...]
    action: Action
    level: int


@dataclass(frozen=True, slots=True)
class Properties:
    """What a design does under assumed rates. Lists have one entry per dose level, lowest first.

    From a state of a running trial, patients and DLTs are those still to come.
    """

    paths: int  # complete paths, counted by DLTs per cohort
    p_none: float
    p_recommended: tuple[float, ...]  # the MTD, or the top level tolerated
    p_top_tolerated: float
    expected_patients: tuple[float, ...]
    expected_dlts: tuple[float, ...]


def properties(
    rule: Rule,
    rates: Sequence[float],
    *,
    start: int = 1,
    patients: Sequence[Patient] = (),
    closed_by_committee: int | None = None,
) -> Properties:
    """The exact properties from the start, or from where `patients` (in order of first dose) have brought the trial.

    rates: the assumed probability of a DLT per dose level, lowest first; they need not rise.
    A pending patient is a random outcome; a partly filled cohort is completed before anything is decided.
    Raises ValueError, naming the field, for rates or levels outside their rule.
    """
    _check(rates)
    begun = _begin(rule, len(rates), start, patients, closed_by_committee)
    return _flow(_graph(replace(begun, given=()), replace(rule, early_stop=True), start), rates)


def paths(
    levels: int,
    rule: Rule,
    start: int = 1,
    *,
    patients: Sequence[Patient] = (),
    closed_by_committee: int | None = None,
) -> Iterator[Path]:
    """Every complete path of a trial whose cohorts are taken whole, lower DLT counts first.

    From a running trial a path begins with what was given so far.
    """
    begun = _begin(rule, levels, start, patients, closed_by_committee)
    for cohorts, counts in begun.ways():
        yield from _paths_from(counts, (*begun.given, *cohorts), rule, start, begun.closed)


def _paths_from(
    counts: tuple[Count, ...], cohorts: tuple[Cohort, ...], rule: Rule, start: int, closed: int | None
) -> Iterator[Path]:
    stand = engine.standing(counts, rule, start, closed)
    level, places = stand
    if places == 0:
        yield Path(cohorts, *engine.choice(stand, counts, rule, last=0))
        return
    here = counts[level - 1]
    size = places - here.evaluable
    for dlts in range(size + 1):
        after = Count(here.evaluable + size, here.dlts + dlts)
        changed = (*counts[: level - 1], after, *counts[level:])
        yield from _paths_from(changed, (*cohorts, (level, dlts, size)), rule, start, closed)


# Where the enumeration begins


@dataclass(frozen=True, slots=True)
class _Begun:
    """A trial so far: what is known, and whose outcome is open, per level, lowest first."""

    counts: tuple[Count, ...]  # evaluable patients; nobody pending
    pending: tuple[int, ...]
    filling: tuple[int, ...]  # patients who complete a cohort already opened
    closed: int | None  # by the committee
    given: tuple[Cohort, ...]  # the evaluable patients in order of treatment

    def ways(self) -> Iterator[tuple[tuple[Cohort, ...], tuple[Count, ...]]]:
        """Each way in which the open outcomes can end: DLTs per level, and the counts after it."""
        sizes = [w + f for w, f in zip(self.pending, self.filling, strict=True)]
        for dlts in product(*(range(size + 1) for size in sizes)):
            ended = list(zip(range(1, len(sizes) + 1), dlts, sizes, strict=True))
            counts = tuple(Count(n + m, x + d) for (n, x, _), (_, d, m) in zip(self.counts, ended, strict=True))
            yield tuple(cohort for cohort in ended if cohort[2]), counts


def _begin(rule: Rule, levels: int, start: int, patients: Sequence[Patient], closed_by_committee: int | None) -> _Begun:
    """What the engine says of the trial as it stands: a cohort already opened is filled whatever the pending do.

    A suspected DLT is a pending patient: the enumeration asks what can follow, not who may start today.
    """
    known = [replace(p, outcome=Outcome.PENDING) if p.outcome is Outcome.SUSPECTED else p for p in patients]
    advice = engine.recommend(
        known,
        levels=levels,
        rule=replace(rule, early_stop=True),
        start=start,
        closed_by_committee=closed_by_committee,
    )
    filling = [0] * levels
    if any(tally.pending for tally in advice.tallies) and advice.slots:
        here = advice.tallies[advice.level - 1]
        dosed = here.evaluable + here.pending
        if 0 < dosed < rule.first_cohort or rule.first_cohort < dosed:
            filling[advice.level - 1] = advice.slots
    return _Begun(
        counts=tuple(Count(tally.evaluable, tally.dlts) for tally in advice.tallies),
        pending=tuple(tally.pending for tally in advice.tallies),
        filling=tuple(filling),
        closed=closed_by_committee,
        given=tuple(_given(known)),
    )


def _given(patients: Sequence[Patient]) -> list[Cohort]:
    found: list[Cohort] = []
    for patient in patients:
        if patient.role is not Role.ESCALATION or patient.outcome not in (Outcome.DLT, Outcome.NO_DLT):
            continue
        dlt = int(patient.outcome is Outcome.DLT)
        if found and found[-1][0] == patient.level:
            level, dlts, size = found.pop()
            found.append((level, dlts + dlt, size + 1))
        else:
            found.append((patient.level, dlt, 1))
    return found


# The enumeration


@lru_cache(maxsize=4096)
def binomial(size: int, rate: float) -> tuple[float, ...]:
    """P(0), P(1) … P(size) DLTs among `size` patients."""
    return tuple(comb(size, k) * rate**k * (1 - rate) ** (size - k) for k in range(size + 1))


def merged(counts: Sequence[Count], closed: int, rule: Rule) -> State:
    """What still matters: the levels below the lowest closed one.

    An open level with both cohorts is done, whatever it had: it cannot fail any more, so the trial never goes below
    it again and the levels under it that were used are done too. But a level under it that was skipped can still be
    used and fail, and close it: what is under that one goes on to matter.
    """
    done = Count(rule.a + rule.b, 0)
    state = counts[: closed - 1]
    highest = max((at for at, count in enumerate(state) if count.evaluable >= done.evaluable), default=-1)
    skipped = max((at for at in range(highest) if not state[at].evaluable), default=-1)
    return tuple(done if skipped < at <= highest else count for at, count in enumerate(state))


class _Ahead:
    """States still to be asked about, with the paths that lead to them. Iterating gives (state, its place, paths).

    A cohort either closes levels or adds patients to an open one: taken by most open levels, then fewest patients,
    a state has been reached by every way to it when its turn comes.
    """

    def __init__(self) -> None:
        self.turns: dict[tuple[int, int], dict[State, int]] = {}
        self.order: list[tuple[int, int]] = []
        self.places: dict[State, int] = {}

    def reach(self, state: State, ways: int) -> int:
        """The place of the state, newly given when it was not reached before."""
        turn = (-len(state), sum(count.evaluable for count in state))
        if turn not in self.turns:
            self.turns[turn] = {}
            heappush(self.order, turn)
        self.turns[turn][state] = self.turns[turn].get(state, 0) + ways
        if len(self.places) > MOST_STATES:
            raise ValueError(f"rates: this design has more than {MOST_STATES} states on so many levels")
        return self.places.setdefault(state, len(self.places))

    def __iter__(self) -> Iterator[tuple[State, int, int]]:
        while self.order:
            for state, ways in self.turns.pop(heappop(self.order)).items():
                yield state, self.places[state], ways


class Step(NamedTuple):
    """A state: who is treated next and where each number of DLTs leads; without patients, the level it ends at."""

    level: int
    size: int
    after: tuple[int, ...]  # the states after 0, 1, 2 … DLTs, by their place in the graph


@dataclass(frozen=True, slots=True)
class Graph:
    """All states of a design, in an order in which each comes before those that it leads to. Rates do not change it."""

    begun: _Begun
    first: tuple[int, ...]  # the state that each of `begun.ways()` leads to
    steps: tuple[Step, ...]
    order: tuple[int, ...]
    paths: int


@lru_cache(maxsize=64)
def _graph(begun: _Begun, rule: Rule, start: int) -> Graph:
    levels = len(begun.counts)
    top_closed = levels + 1 if begun.closed is None else begun.closed
    ahead = _Ahead()
    first = tuple(
        ahead.reach(merged(counts, min(top_closed, engine.lowest_failed(counts, rule)), rule), 1)
        for _, counts in begun.ways()
    )
    found: dict[int, Step] = {}
    paths = 0
    for state, place, ways in ahead:
        closed = len(state) + 1
        counts = state + (Count(0, 0),) * (levels - len(state))
        level, places = engine.standing(counts, rule, start, closed)
        if places == 0:
            paths += ways
            found[place] = Step(level, 0, ())
            continue
        here = counts[level - 1]
        after = []
        for dlts in range(places - here.evaluable + 1):
            count = Count(places, here.dlts + dlts)
            then_closed = level if engine.failed(count, rule) else closed
            after.append(ahead.reach(merged((*state[: level - 1], count, *state[level:]), then_closed, rule), ways))
        found[place] = Step(level, places - here.evaluable, tuple(after))
    return Graph(begun, first, tuple(found[place] for place in range(len(found))), tuple(found), paths)


def _flow(graph: Graph, rates: Sequence[float]) -> Properties:
    """Probability flows forward from state to state until every path has ended."""
    begun, levels = graph.begun, len(rates)
    patients = [float(n) for n in begun.filling]
    dlts = [(w + f) * rate for w, f, rate in zip(begun.pending, begun.filling, rates, strict=True)]
    reached = [0.0] * len(graph.steps)
    for place, (cohorts, _) in zip(graph.first, begun.ways(), strict=True):
        reached[place] += prod(binomial(size, rates[level - 1])[with_dlt] for level, with_dlt, size in cohorts)
    p_top, recommended = 0.0, [0.0] * (levels + 1)
    for place in graph.order:
        level, size, after = graph.steps[place]
        probability = reached[place]
        if size == 0:
            recommended[level] += probability
            p_top += probability if level == levels else 0.0
            continue
        rate = rates[level - 1]
        patients[level - 1] += probability * size
        dlts[level - 1] += probability * size * rate
        for following, chance in zip(after, binomial(size, rate), strict=True):
            reached[following] += probability * chance
    return Properties(graph.paths, recommended[0], tuple(recommended[1:]), p_top, tuple(patients), tuple(dlts))


def overdose_share(found: Properties, rates: Sequence[float], target: float) -> float | None:
    """Expected part of the patients treated at a level whose assumed rate is above `target`; None without patients."""
    whole = sum(found.expected_patients)
    above = sum(n for n, rate in zip(found.expected_patients, rates, strict=True) if rate > target)
    return above / whole if whole else None


def falls(rates: Sequence[float | Decimal]) -> int | None:
    """The first level whose rate is below the one under it: allowed, and to be said."""
    return next((level for level in range(2, len(rates) + 1) if rates[level - 1] < rates[level - 2]), None)


def _check(rates: Sequence[float]) -> None:
    if not rates:
        raise ValueError("rates: needs one per level")
    for level, rate in enumerate(rates, 1):
        if not 0 <= rate <= 1:
            raise ValueError(f"rates: the rate of level {level} must be from 0 to 1, got {rate}")


# The filter


def answer(line: Mapping[str, Any]) -> dict[str, Any]:
    """One line of the filter. Raises ValueError naming the field and the rule."""
    rule = engine_reading.read_rule(line)
    rates = _read_rates(line)
    so_far = line.get("cohorts") is not None or line.get("patients") is not None
    patients = engine_reading.read_patients(line) if so_far else []
    start, closed = engine_reading.read_start(line), engine_reading.read_closed(line)
    listed = line.get("list_paths", False)
    if not isinstance(listed, bool):
        raise ValueError("list_paths: needs true or false")
    found = properties(rule, rates, start=start, patients=patients, closed_by_committee=closed)
    said: dict[str, Any] = {
        "paths": found.paths,
        "p_none": found.p_none,
        "p_recommended": list(found.p_recommended),
        "p_top_tolerated": found.p_top_tolerated,
        "expected_patients": list(found.expected_patients),
        "expected_dlts": list(found.expected_dlts),
    }
    if level := falls(rates):
        said["note"] = f"rates: the rate of level {level} is below that of level {level - 1}"
    if listed:
        if found.paths > MOST_LISTED:
            raise ValueError(f"list_paths: lists at most {MOST_LISTED} paths, this trial has {found.paths}")
        every = paths(len(rates), rule, start, patients=patients, closed_by_committee=closed)
        said["path_list"] = [
            {"cohorts": written(path.cohorts), "action": path.action.value, "level": path.level} for path in every
        ]
    return said


def written(cohorts: Sequence[Cohort]) -> str:
    """Cohorts as the filters read them: "1:0/3 2:1/3"."""
    return " ".join(f"{level}:{dlts}/{size}" for level, dlts, size in cohorts)


def _read_rates(line: Mapping[str, Any]) -> list[float]:
    given = line.get("rates")
    if not isinstance(given, list) or not given:
        raise ValueError("rates: needs a list with the true DLT probability of each level, lowest first")
    for level, rate in enumerate(given, 1):
        if isinstance(rate, bool) or not isinstance(rate, int | Decimal | float):
            raise ValueError(f"rates: the rate of level {level} must be a number from 0 to 1")
    levels = line.get("levels")
    if levels is not None and (isinstance(levels, bool) or levels != len(given)):
        raise ValueError(f"rates: needs one per level, got {len(given)} for levels = {levels}")
    _check(given)
    return [float(rate) for rate in given]


if __name__ == "__main__":  # pragma: no cover (a test runs it as a process of its own)
    from trial.jsonl import serve

    serve(answer)

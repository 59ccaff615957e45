"""How firm a recommendation is: the fewest verdicts (DLT or no DLT) that would have to be others to change it.

Asked of the evaluable patients in the count; pending ones are left as they are (docs/domain.md, section 12). The answer
follows from the counts of each level and from the level last dosed, and no verdict moves a patient: so what is tried is
how many at each level would change, in which direction, and not who. Both directions at one level leave its counts as
they were, so the fewest never has both. The reading: docs/decisions/2026-11-30-how-firm.md. `python -m escalation.firm`
answers a line of JSON at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from .engine import reading
from .engine import rule as engine
from .engine.rule import Count
from .engine.terms import Choice, Patient, Rule

MOST = 3  # verdicts that are tried together


class Turn(NamedTuple):
    """So many verdicts at one level that would be others: below 0 DLTs that would be none, above 0 the other way."""

    level: int
    verdicts: int

    @property
    def outcome(self) -> str:
        """How these patients count now."""
        return "dlt" if self.verdicts < 0 else "no_dlt"


class Way(NamedTuple):
    """Verdicts that together change the recommendation, lowest level first, and what it would be."""

    turns: tuple[Turn, ...]
    then: Choice


@dataclass(frozen=True, slots=True)
class Firmness:
    evaluable: int  # patients in the count whose verdict is asked about
    fewest: int | None  # verdicts that change it; None: no three of them do
    ways: tuple[Way, ...]  # every one with that many


def firmness(
    patients: Sequence[Patient], *, levels: int, rule: Rule, start: int = 1, closed_by_committee: int | None = None
) -> Firmness:
    """How firm `recommend` is about the same patients."""
    counts = tuple(Count(t.evaluable, t.dlts, t.pending) for t in engine.tallies_of(patients, levels))
    counted = engine.counted_of(patients)
    return by_counts(counts, rule, start, closed_by_committee, counted[-1].level if counted else 0)


@lru_cache(maxsize=256)
def by_counts(
    counts: tuple[Count, ...], rule: Rule, start: int, closed_by_committee: int | None, last: int
) -> Firmness:
    """counts: one per dose level, lowest first. last: the level of the last dosed patient, 0 when nobody is treated."""

    def chosen(given: Sequence[Count]) -> Choice:
        return engine.answer(given, rule, start, closed_by_committee, last).choice

    now = chosen(counts)
    evaluable = sum(count.evaluable for count in counts)
    turns = [_of_level(level, count, rule) for level, count in enumerate(counts, 1)]
    for fewest in range(1, MOST + 1):
        ways = tuple(Way(way, then) for way in _spread(turns, fewest) if (then := chosen(_turned(counts, way))) != now)
        if ways:
            return Firmness(evaluable, fewest, ways)
    return Firmness(evaluable, None, ())


def _of_level(level: int, count: Count, rule: Rule) -> list[Turn]:
    """What other verdicts at one level can do there, fewest first: a number that fewer would equal is left out."""
    seen, found = {engine.looks(count, rule)}, []
    for verdicts in range(1, MOST + 1):
        turns = [Turn(level, n) for n in (-verdicts, verdicts) if 0 <= count.dlts + n <= count.evaluable]
        after = {turn: engine.looks(count._replace(dlts=count.dlts + turn.verdicts), rule) for turn in turns}
        found += [turn for turn, look in after.items() if look not in seen]
        seen |= set(after.values())
    return found


def _spread(turns: Sequence[Sequence[Turn]], verdicts: int) -> Iterator[tuple[Turn, ...]]:
    """Every way to spread so many other verdicts over the levels."""
    if verdicts == 0:
        yield ()
    elif turns:
        for turn in turns[0]:
            if abs(turn.verdicts) <= verdicts:
                yield from ((turn, *rest) for rest in _spread(turns[1:], verdicts - abs(turn.verdicts)))
        yield from _spread(turns[1:], verdicts)


def _turned(counts: Sequence[Count], turns: Sequence[Turn]) -> list[Count]:
    found = list(counts)
    for level, verdicts in turns:
        here = found[level - 1]
        found[level - 1] = here._replace(dlts=here.dlts + verdicts)
    return found


# The filter


def answer(line: Mapping[str, Any]) -> dict[str, Any]:
    """One line of the filter. Raises ValueError naming the field and the rule."""
    design = reading.read_design(line)
    found = firmness(reading.read_patients(line), **design)
    return {
        "evaluable": found.evaluable,
        "fewest": found.fewest,
        "ways": [
            {
                "verdicts": [
                    {"level": turn.level, "outcome": turn.outcome, "number": abs(turn.verdicts)} for turn in way.turns
                ],
                "then": {"action": way.then.action.value, "level": way.then.level},
            }
            for way in found.ways
        ],
    }


if __name__ == "__main__":
    from trial.jsonl import serve

    serve(answer)

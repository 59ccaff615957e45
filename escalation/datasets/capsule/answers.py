"""The program's own answers of one record, by the functions of its pages: what the scripts of a capsule compare with.

The rule goes with them: what the protocol in force says of the 3+3 design, which no data set has in full.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...situation.situation import Situation

ALL = "all"
RATES = {"ORR": "orr", "CBR": "cbr"}
RULE = ("name", "value")


@dataclass(frozen=True, slots=True)
class Figure:
    """group: label of a dose level, or "all". value: None where it is not estimable."""

    figure: str
    group: str
    name: str
    value: str | int | float | None


@dataclass(frozen=True, slots=True)
class Answers:
    """rule: name and value, of the levels one line each, the lowest first."""

    rule: Sequence[tuple[str, str]]
    figures: Sequence[Figure]

    def text(self) -> str:
        """JSON of a line for each figure, so that a language without a reader of JSON can read it as well."""
        lines = ",\n".join(
            json.dumps(
                {"figure": one.figure, "group": one.group, "name": one.name, "value": one.value}, ensure_ascii=False
            )
            for one in self.figures
        )
        return f'{{"answers":[\n{lines}\n]}}\n'


def answers(here: Situation | None, efficacy: Mapping[str, Any] | None) -> Answers:
    """here: None before the protocol is written. efficacy: the result of an efficacy run (docs/endpoints.md)."""
    if here is None:
        return Answers([], [])
    figures = [*_of_rule(here), *(_of_efficacy(efficacy) if efficacy else ())]
    return Answers(_rule(here), figures)


def _rule(here: Situation) -> list[tuple[str, str]]:
    s = here.protocol.settings
    closed = here.inputs["closed_by_committee"]
    return [
        ("variant", s.variant),
        *((name, str(getattr(s, name))) for name in "abcde"),
        ("early_stop", "yes" if s.early_stop else "no"),
        ("start", str(s.start)),
        ("closed_by_committee", str(closed or "")),
        ("denominator", s.denominator),
        *(("level", level.label) for level in here.protocol.levels),
    ]


def _of_rule(here: Situation) -> Iterator[Figure]:
    labels = [level.label for level in here.protocol.levels]
    for tally, label in zip(here.advice.tallies, labels, strict=True):
        yield Figure("tally", label, "evaluable", tally.evaluable)
        yield Figure("tally", label, "dlts", tally.dlts)
        yield Figure("tally", label, "pending", tally.pending)
    level = here.advice.level
    yield Figure("recommendation", ALL, "action", here.advice.action.value)
    yield Figure("recommendation", ALL, "level", labels[level - 1] if level else None)


def _of_efficacy(found: Mapping[str, Any]) -> Iterator[Figure]:
    groups = [ALL, *found["levels"]]
    for figure, name in RATES.items():
        for group in groups:
            rate = _of_group(found["response"], group)[name]
            yield from (Figure(figure, group, part, rate[part]) for part in ("x", "n", "lower", "upper"))
    for figure, curves in found["times"].items():
        for group in groups:
            curve = _of_group(curves, group)
            yield Figure(figure, group, "n", curve["n"])
            yield Figure(figure, group, "events", curve["n_events"])
            yield from (
                Figure(figure, group, part, value)
                for part, value in zip(("median", "lower", "upper"), curve["median"], strict=True)
            )


def _of_group(found: Mapping[str, Any], group: str) -> Mapping[str, Any]:
    of: Mapping[str, Any] = found[ALL] if group == ALL else found["levels"][group]
    return of

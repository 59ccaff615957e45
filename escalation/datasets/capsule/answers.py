"""The program's own answers of one record, by the functions of its pages: what the scripts of a capsule compare with.

The rule goes with them: what the protocol in force says of the 3+3 design, which no data set has in full.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from assessments.endpoints.inputs import Records, records_of
from assessments.response import queries as response
from trial.protocol_settings import ProtocolSettings
from trial.queries import Protocol

from ...engine.terms import Outcome, Recommendation
from ...engines import recommend
from ...situation import queries as escalation
from ..reading import Reading

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


def answers(reading: Reading, efficacy: Callable[[Records, date, ProtocolSettings], Mapping[str, Any]]) -> Answers:
    """efficacy: the analysis of an efficacy run (docs/endpoints.md). Nothing before the protocol is written.

    By the engine, the counts and the analysis of the pages, on what the data sets read in pieces: a page would make a
    model of every event of the trial.
    """
    protocol = reading.protocol
    if protocol is None:
        return Answers([], [])
    on = reading.source.on
    asked = _inputs(reading, protocol)
    found = efficacy(_records(reading, protocol), on, protocol.settings)
    labels = [level.label for level in protocol.levels]
    return Answers(_rule(asked, protocol), [*_of_rule(recommend(asked), labels), *_of_efficacy(found)])


def _inputs(reading: Reading, protocol: Protocol) -> dict[str, Any]:
    """What the engine is asked, as the pages ask it: the dosed patients in order of first dose."""
    decisions = escalation.decisions(reading.trial.pk)
    in_force = [d for d in decisions if getattr(d, "ending", None) and d.ending.in_force]
    asked = escalation.engine_inputs(protocol, [], escalation.closed_by_committee(protocol, in_force))
    dosed = [(one, reading.counted[one.number]) for one in reading.treated]
    asked["patients"] = [
        {"level": reading.position(one.received), "outcome": counted.outcome, "role": counted.role}
        for one, counted in sorted(dosed, key=lambda pair: (pair[0].first_dose, pair[0].number))
        if counted.outcome in list(Outcome)
    ]
    return asked


def _records(reading: Reading, protocol: Protocol) -> Records:
    patients = response.known([one.patient for one in reading.treated if one.patient], reading.source.on)
    counted = {one.pk for one in reading.treated if reading.counted[one.number].evaluable}
    return records_of(patients, reading.source.on, protocol, counted)


def _rule(asked: Mapping[str, Any], protocol: Protocol) -> list[tuple[str, str]]:
    return [
        ("variant", asked["variant"]),
        *((name, str(asked["settings"][name])) for name in "abcde"),
        ("early_stop", "yes" if asked["settings"]["early_stop"] else "no"),
        ("start", str(asked["start"])),
        ("closed_by_committee", str(asked["closed_by_committee"] or "")),
        ("denominator", protocol.settings.denominator),
        *(("level", level.label) for level in protocol.levels),
    ]


def _of_rule(advice: Recommendation, labels: Sequence[str]) -> Iterator[Figure]:
    for tally, label in zip(advice.tallies, labels, strict=True):
        yield Figure("tally", label, "evaluable", tally.evaluable)
        yield Figure("tally", label, "dlts", tally.dlts)
        yield Figure("tally", label, "pending", tally.pending)
    yield Figure("recommendation", ALL, "action", advice.action.value)
    yield Figure("recommendation", ALL, "level", labels[advice.level - 1] if advice.level else None)


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

"""From a replay to what its page shows: stored beside rebuilt, in the words that the reader may know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import words
from ..display.reader import ELSEWHERE, View
from ..outside.queries import Rate
from ..situation import situation as queries
from .decision import Input, Replay


@dataclass(frozen=True, slots=True)
class Line:
    """One thing as stored and as replayed; url: the patient's record, "" when there is none for this reader."""

    name: str
    stored: str
    replayed: str
    same: bool
    url: str = ""
    note: str = ""  # "entered from paper"


@dataclass(frozen=True, slots=True)
class ReplayPage:
    replay: Replay
    patients: Sequence[Line]
    patients_today: Sequence[Line]  # the rules of today beside what was stored; empty when they are the same version
    design: Sequence[Line]
    answers: Sequence[Line]
    today: Sequence[Line]  # the engine of today beside what was stored; empty when it is the same version
    rates: Sequence[Rate]
    differences: Sequence[str]


PARTS = {
    "variant": "Variant",
    "levels": "Dose levels",
    "start": "Start level",
    "settings": "Rule",
    "closed_by_committee": "Closed by the committee from",
}


def replay_page(view: View, replay: Replay, labels: Sequence[str]) -> ReplayPage:
    """labels: of the ladder of the decision's protocol version, lowest first."""
    return ReplayPage(
        replay=replay,
        patients=[_patient(view, row, labels) for row in replay.patients],
        patients_today=[_patient(view, row, labels) for row in replay.patients_today],
        design=[_part(row, labels) for row in replay.design],
        answers=_answers(replay.stored, replay.replayed, labels) if replay.stored is not None else [],
        today=_answers(replay.stored, replay.today, labels) if replay.stored is not None and replay.today else [],
        rates=list(reversed(replay.rates)),
        differences=[view.said(sentence) for sentence in replay.differences],
    )


def _patient(view: View, row: Input, labels: Sequence[str]) -> Line:
    facts = next((f for f in view.here.facts if f.patient.number == row.name), None)
    name = view.patient(facts) if facts else str(row.name)
    url = view.patient_url(facts.patient) if facts and name != ELSEWHERE else ""
    note = words.FROM_PAPER if facts and facts.patient.from_paper else ""
    return Line(name, _counted(row.stored, labels), _counted(row.rebuilt, labels), row.same, url, note)


def _counted(entry: Mapping[str, Any] | None, labels: Sequence[str]) -> str:
    if entry is None:
        return "not there"
    outcome = str(entry.get("outcome"))
    role = "" if entry.get("role") == "escalation" else f", {entry.get('role')}"
    return f"{words.OUTCOMES.get(outcome, outcome)}, {words.level(labels, entry.get('level'))}{role}"


def _part(row: Input, labels: Sequence[str]) -> Line:
    return Line(PARTS[str(row.name)], _set(row.name, row.stored, labels), _set(row.name, row.rebuilt, labels), row.same)


def _set(part: int | str, value: Any, labels: Sequence[str]) -> str:
    match part, value:
        case "settings", dict():
            return ", ".join(
                f"{name.replace('_', ' ')} {'yes' if v is True else 'no' if v is False else v}"
                for name, v in value.items()
            )
        case "start" | "closed_by_committee", int():
            return words.level(labels, value)
        case "closed_by_committee", None:
            return "none"
    return "not there" if value is None else str(value)


def _answers(stored: Mapping[str, Any], replayed: Mapping[str, Any] | None, labels: Sequence[str]) -> list[Line]:
    """The engine's answer part by part, in the order of ANSWER; parts that it does not know come last."""
    given = replayed or {}
    parts = [*ANSWER, *sorted({*stored, *given} - ANSWER.keys())]
    return [
        Line(
            ANSWER.get(part, part),
            _said(part, stored.get(part), labels),
            _said(part, given.get(part), labels) if replayed is not None else "no answer",
            replayed is not None and stored.get(part) == given.get(part),
        )
        for part in parts
    ]


ANSWER = {
    "action": "Action",
    "level": "Level",
    "slots": "Slots",
    "mtd": "MTD",
    "first_intolerable_level": "First intolerable level",
    "closed_from": "Closed from",
    "rule": "Row of the rule",
    "because": "Because",
    "flags": "Flags",
    "tallies": "Tallies",
    "outside": "Outside the count",
    "bracket": "Bracket",
    "variant": "Variant",
    "engine_version": "Engine",
}
LEVELS = {"level", "mtd", "first_intolerable_level", "closed_from"}  # positions, said by the level's name


def _said(part: str, value: Any, labels: Sequence[str]) -> str:
    if value is None or value in ("", [], {}):
        return "none"
    match value:
        case str():
            return queries.with_labels(value, labels)
        case int() if part in LEVELS:
            return words.level(labels, value)
        case dict():
            named = (name for name in value if name != "level")
            rest = ", ".join(f"{name} {_said(name, value[name], labels)}" for name in named)
            return f"{words.level(labels, value['level'])}: {rest}" if "level" in value else rest
        case list():
            return "; ".join(_said(part, each, labels) for each in value)
    return str(value)

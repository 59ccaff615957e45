"""Reading a line of the filters that take a trial, and writing the answer; a fault names its field and rule."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from .terms import Outcome, Patient, Recommendation, Role, Rule, Variant

# The filter


def as_json(recommendation: Recommendation) -> dict[str, Any]:
    """The recommendation as docs/validation.md prints it."""
    r = recommendation
    return {
        "action": r.action.value,
        "level": r.level,
        "slots": r.slots,
        "mtd": r.mtd,
        "first_intolerable_level": r.first_intolerable_level,
        "closed_from": r.closed_from,
        "rule": r.rule,
        "because": r.because,
        "flags": [flag.value for flag in r.flags],
        "tallies": [
            {"level": t.level, "evaluable": t.evaluable, "dlts": t.dlts, "pending": t.pending, "replaced": t.replaced}
            for t in r.tallies
        ],
        "outside": [
            {"level": o.level, "role": o.role.value, "n": o.n, "dlts": o.dlts, "pending": o.pending} for o in r.outside
        ],
        "bracket": r.bracket
        and {
            "best": {"action": r.bracket.best.action.value, "level": r.bracket.best.level},
            "worst": {"action": r.bracket.worst.action.value, "level": r.bracket.worst.level},
        },
        "variant": r.variant.value,
        "engine_version": r.engine_version,
    }


def read_design(line: Mapping[str, Any]) -> dict[str, Any]:
    """What the engine asks beside the patients: levels, rule, start, and the level closed by the committee."""
    if line.get("levels") is None:
        raise ValueError("levels: missing; give the number of dose levels")
    return {
        "levels": whole("levels", line["levels"]),
        "rule": read_rule(line),
        "start": read_start(line),
        "closed_by_committee": read_closed(line),
    }


def read_rule(line: Mapping[str, Any]) -> Rule:
    """`variant` and `settings` of a line."""
    variant = Variant(_word("variant", line.get("variant"), Variant))
    settings = {} if line.get("settings") is None else line["settings"]
    if not isinstance(settings, dict):
        raise ValueError("settings: needs an object")
    if unknown := sorted(settings.keys() - {"a", "b", "c", "d", "e", "early_stop"}):
        raise ValueError(f"settings: {unknown[0]} is not a setting; give a, b, c, d, e or early_stop")
    early_stop = settings.get("early_stop", True)
    if not isinstance(early_stop, bool):
        raise ValueError("settings.early_stop: needs true or false")
    sizes = {name: whole(f"settings.{name}", settings[name]) for name in "abcde" if name in settings}
    return Rule(variant, early_stop=early_stop, **sizes)


def read_start(line: Mapping[str, Any]) -> int:
    return whole("start", line.get("start"), 1)


def read_closed(line: Mapping[str, Any]) -> int | None:
    closed = line.get("closed_by_committee")
    return None if closed is None else whole("closed_by_committee", closed)


def read_patients(line: Mapping[str, Any]) -> list[Patient]:
    """`cohorts` or `patients` of a line, in order of first dose."""
    cohorts, patients = line.get("cohorts"), line.get("patients")
    if (cohorts is None) == (patients is None):
        raise ValueError("cohorts, patients: give exactly one of the two")
    if cohorts is not None:
        if not isinstance(cohorts, str):
            raise ValueError('cohorts: needs text such as "1:0/3 2:1/3"')
        return [patient for cohort in cohorts.split() for patient in _cohort(cohort)]
    if not isinstance(patients, list):
        raise ValueError("patients: needs a list")
    return [_patient(place, patient) for place, patient in enumerate(patients, 1)]


def _cohort(text: str) -> list[Patient]:
    parts = re.fullmatch(r"([0-9]{1,4}):([0-9]{1,4})/([0-9]{1,4})", text)
    if not parts:
        raise ValueError(f"cohorts: needs level:DLTs/evaluable such as 2:1/3, got {text}")
    level, dlts, evaluable = map(int, parts.groups())
    if dlts > evaluable:
        raise ValueError(f"cohorts: more DLTs than evaluable patients in {text}")
    return [Patient(level, Outcome.NO_DLT)] * (evaluable - dlts) + [Patient(level, Outcome.DLT)] * dlts


def _patient(place: int, given: Any) -> Patient:
    if not isinstance(given, dict):
        raise ValueError(f"patients: patient {place} needs an object with level and outcome")
    role = given.get("role")
    return Patient(
        whole(f"level of patient {place}", given.get("level")),
        Outcome(_word(f"outcome of patient {place}", given.get("outcome"), Outcome)),
        Role.ESCALATION if role is None else Role(_word(f"role of patient {place}", role, Role)),
    )


def whole(field: str, value: Any, default: int | None = None) -> int:
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{field}: needs a whole number")
    return value


def _word(field: str, value: Any, words: type[StrEnum]) -> str:
    known = [word.value for word in words]
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{field}: needs one of {', '.join(known)}")
    return value

"""Unlikely numbers of a protocol version: settings far from the usual, doses that leap, days after the cycle."""

from collections.abc import Sequence
from dataclasses import fields
from itertools import pairwise

from trial import plausible
from trial.protocol_settings import ProtocolSettings
from trial.queries import Protocol
from trial.refusals import Implausible
from trial.services import DoseOf, Level

from .words import BY_NAME


def check(settings: ProtocolSettings, levels: Sequence[Level], before: Protocol | None, why: str) -> bool:
    """Whether a number is unlikely that the version before had not; raises Implausible where it needs a reason."""
    found = _settings(settings, before.settings if before else None)
    if doses := _doses(settings, levels, before):
        found["levels"] = doses
    if found and not why.strip():
        raise Implausible({name: f"{said} Correct it, or say below why it stands." for name, said in found.items()})
    return bool(found)


def _settings(settings: ProtocolSettings, before: ProtocolSettings | None) -> dict[str, str]:
    found = {}
    for name in (f.name for f in fields(settings)):
        value = getattr(settings, name)
        if name in plausible.LIMITS and (before is None or getattr(before, name) != value):
            setting = BY_NAME[name]
            if wrong := plausible.wrong(name, value):
                found[name] = f"{setting.label}: {setting.said(value)}; {wrong}."
    return found


def _doses(settings: ProtocolSettings, levels: Sequence[Level], before: Protocol | None) -> str:
    """The first level with an unlikely dose, in words."""
    known = {
        (level.label, dose.drug.name, dose.amount, tuple(dose.days or ()))
        for level in (before.levels if before else ())
        for dose in level.doses.all()
    }

    def new(level: Level, dose: DoseOf) -> bool:
        return (level.label, dose.drug, dose.amount, tuple(dose.days)) not in known

    for level in levels:
        for dose in level.doses:
            if dose.days and max(dose.days) > settings.cycle_days and new(level, dose):
                last = f"day {max(dose.days)} is after the {settings.cycle_days} days of a cycle"
                return f"Level {level.label}, {dose.drug}: {last}."
    for lower, level in pairwise(levels):
        amounts = {dose.drug: dose for dose in lower.doses if dose.amount}
        for dose in level.doses:
            below = amounts.get(dose.drug)
            if not dose.amount or below is None or not below.amount or below.unit != dose.unit:
                continue
            wrong = plausible.wrong("step", dose.amount / below.amount)
            if wrong and (new(level, dose) or new(lower, below)):
                return (
                    f"Level {level.label}, {dose.drug}: {dose.amount.normalize():f} {dose.unit} after "
                    f"{below.amount.normalize():f} {below.unit} at level {lower.label}; {wrong}."
                )
    return ""

"""Protocol versions as they were when they came in force, and what differs between two of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from trial import protocol_settings
from trial import queries as ground
from trial.models import AuditEvent, ProtocolVersion
from trial.protocol_settings import ProtocolSettings
from trial.services import DoseOf, Level

from . import words as protocol_words
from .draft import said_days
from .words import Said


@dataclass(frozen=True, slots=True)
class DoseSaid:
    drug: str
    amount: str = "–"
    schedule: str = ""

    def __str__(self) -> str:
        return ", ".join(part for part in (f"{self.drug} {self.amount}", self.schedule) if part)


@dataclass(frozen=True, slots=True)
class LevelSaid:
    label: str
    doses: Sequence[DoseSaid]
    start: bool = False
    dose_level: UUID | None = None

    @property
    def given(self) -> str:
        """Every drug's dose, in one line; a published level may be a label without amounts."""
        return "; ".join(str(dose) for dose in self.doses if dose.amount != "–")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version in words, lowest level first. `version` and `event` None: not written yet."""

    settings: ProtocolSettings
    drugs: Sequence[str]
    levels: Sequence[LevelSaid]
    criteria: Sequence[str]
    version: ProtocolVersion | None = None
    event: AuditEvent | None = None

    @property
    def start(self) -> str:
        return next((level.label for level in self.levels if level.start), "")


def snapshots(trial: UUID) -> list[Snapshot]:
    """Every version, the first one first, with the doses of its own time: a fixed number of queries."""
    versions = sorted(ground.versions(trial), key=lambda v: v.number)
    if not versions:
        return []
    drugs = {str(drug.pk): drug.name for drug in ground.drugs(trial)}
    ladders, criteria = ground.ladders(trial), ground.criteria_by_version(trial)
    written = ground.images_of(trial, "trial_dose")
    events = {
        event.number: event for event in ground.events(trial).filter(number__in=[v.in_force_from for v in versions])
    }
    found = []
    for version in versions:
        settings = protocol_settings.from_json(version.settings)
        doses: dict[tuple[str, str], Mapping[str, Any]] = {}
        for number, image in written:
            if number <= version.in_force_from:
                doses[image["dose_level_id"], image["drug_id"]] = image
        levels = [
            LevelSaid(
                level.label,
                [_dose(name, doses.get((str(level.pk), drug))) for drug, name in drugs.items()],
                start=position == settings.start,
                dose_level=level.pk,
            )
            for position, level in enumerate(ladders.get(version.pk, []), 1)
        ]
        used = [
            name for d, name in enumerate(drugs.values()) if any(level.doses[d].amount != "–" for level in levels)
        ] or list(drugs.values())
        kept = [
            LevelSaid(lv.label, [dose for dose in lv.doses if dose.drug in used], lv.start, lv.dose_level)
            for lv in levels
        ]
        found.append(
            Snapshot(settings, used, kept, criteria.get(version.pk, []), version, events.get(version.in_force_from))
        )
    return found


def drafted(
    settings: ProtocolSettings, drugs: Sequence[str], ladder: Sequence[Level], criteria: Sequence[str]
) -> Snapshot:
    """What is about to be written."""
    levels = []
    for position, level in enumerate(ladder, 1):
        given = {dose.drug: dose for dose in level.doses}
        doses = [_drafted_dose(drug, given.get(drug)) for drug in drugs]
        levels.append(LevelSaid(level.label, doses, start=position == settings.start))
    return Snapshot(settings, drugs, levels, criteria)


def _dose(drug: str, image: Mapping[str, Any] | None) -> DoseSaid:
    if image is None or image["voided"]:
        return DoseSaid(drug)
    days = image.get("days") or ()
    return _said(drug, image["amount"], image["unit"], image["schedule"], image["per_cycle"], days, image.get("times"))


def _drafted_dose(drug: str, dose: DoseOf | None) -> DoseSaid:
    if dose is None:
        return DoseSaid(drug)
    return _said(drug, dose.amount, dose.unit, dose.schedule, dose.per_cycle, dose.days, dose.times)


def _said(
    drug: str, amount: object, unit: str, schedule: str, per_cycle: int | None, days: Sequence[int], times: int | None
) -> DoseSaid:
    number = "–" if amount is None else f"{Decimal(str(amount)).normalize():f} {unit}".strip()
    per = f"{per_cycle} dose{'s' if per_cycle != 1 else ''} a cycle" if per_cycle else ""
    on = f"on days {said_days(days)} of it" + (f", {times} times a day" if times and times > 1 else "") if days else ""
    return DoseSaid(drug, number, ", ".join(part for part in (schedule, f"{per} {on}".strip()) if part))


def changes(was: Snapshot, now: Snapshot) -> list[Said]:
    """What `now` changes, a line each; nothing when they are the same."""
    found: list[Said] = []
    before = {level.label: level for level in was.levels}
    after = {level.label: level for level in now.levels}
    if list(before) != list(after):
        found.append(Said("Ladder, lowest first", " · ".join(after), was=" · ".join(before)))
    for label, level in after.items():
        old = before.get(label)
        if old is None:
            found.append(Said(f"Level {label}", level.given or "no amounts", was="not on the ladder"))
        elif old.given != level.given:
            found.append(Said(f"Level {label}", level.given or "no amounts", was=old.given or "no amounts"))
    found += [
        Said(f"Level {label}", "taken off the ladder", was=before[label].given)
        for label in before
        if label not in after
    ]
    if was.start != now.start:
        found.append(Said("Start level", now.start, was=was.start))
    found += protocol_words.differences(was.settings, now.settings)
    found += [Said("Eligibility criterion", text, was="new") for text in now.criteria if text not in was.criteria]
    found += [Said("Eligibility criterion", "taken out", was=text) for text in was.criteria if text not in now.criteria]
    return found

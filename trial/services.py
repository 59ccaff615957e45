"""Verbs of the ground floor: trials and the protocol."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Max, Model

from . import clock, ids
from .models import Dose, DoseLevel, Drug, EligibilityCriterion, LadderStep, ProtocolVersion, Trial, User
from .people.corrections import check_sponsor
from .protocol_settings import ProtocolSettings
from .record import ledger
from .record.ledger import Act
from .refusals import Refused


@dataclass(frozen=True, slots=True)
class DoseOf:
    """What one drug is given at one level; amount None for a published label without amounts."""

    drug: str
    amount: Decimal | None = None
    unit: str = ""
    schedule: str = ""
    per_cycle: int | None = None
    days: Sequence[int] = ()  # of a cycle, 1 the first; empty: the schedule is words alone
    times: int | None = None  # on each of them


@dataclass(frozen=True, slots=True)
class Level:
    """One dose level of a ladder, lowest first in a sequence."""

    label: str
    doses: Sequence[DoseOf] = ()


def next_number(model: type[Model], trial: UUID, first: int = 1) -> int:
    """The next number that people see, under the lock; numbers are never reused."""
    last = model._default_manager.filter(trial=trial).aggregate(last=Max("number"))["last"]
    return first if last is None else last + 1


def create_trial(
    *,
    code: str,
    title: str,
    disease: str = "",
    sponsor: str = "",
    sponsor_address: str = "",
    time_zone: str = "UTC",
    simulated: bool = False,
    illustrative: bool = False,
    label: str = "",
    by: User | None,
) -> Trial:
    """Create a trial with its ledger; its people and protocol follow. by: an administrator."""
    if not clock.is_zone(time_zone):
        raise Refused(f"Time zone: {time_zone} is unknown; write it like Europe/Vienna.", field="time_zone")
    if Trial.objects.filter(code=code).exists():
        raise Refused(f"Code: there is a trial {code} already.", field="code")
    check_sponsor(sponsor, sponsor_address)
    new = ids.new()
    with ledger.opening(new, by=by, simulated=simulated, verb="trial.create"):
        return Trial.objects.create(
            id=new,
            code=code,
            title=title,
            disease=disease,
            sponsor=sponsor.strip() or None,
            sponsor_address=sponsor_address.strip() or None,
            time_zone=time_zone,
            simulated=simulated,
            illustrative=illustrative,
            label=label,
        )


def new_version(
    act: Act,
    *,
    settings: ProtocolSettings,
    levels: Sequence[Level],
    drugs: Sequence[str],
    criteria: Iterable[str],
    reason: str,
    frozen: frozenset[UUID],
    written_on: date,
    checked: dict[str, Any] | None = None,
    unusual: str | None = None,
) -> ProtocolVersion:
    """Write the next protocol version with its ladder, inside the caller's action.

    frozen: ids of dose levels that a cohort was opened at; what is given there can no longer change.
    checked: what the exhaustive check of its rule found, as it is to be stored. criteria: one that begins with * takes
    a study procedure. unusual: why an unlikely number stands.
    """
    trial = act.trial_id
    number = next_number(ProtocolVersion, trial)
    _check_ladder(settings, levels, drugs)
    version = ProtocolVersion.objects.create(
        trial_id=trial,
        number=number,
        settings=settings.as_json(),
        reason=reason,
        in_force_from=act.number,
        written_on=written_on,
        checked=checked,
        unusual=unusual,
    )
    by_name = {drug.name: drug for drug in Drug.objects.filter(trial=trial)}
    for position, name in enumerate(drugs, 1 + len(by_name)):
        if name not in by_name:
            by_name[name] = Drug.objects.create(trial_id=trial, name=name, position=position)
    for position, level in enumerate(levels, 1):
        row = DoseLevel.objects.filter(trial=trial, label=level.label).first()
        if row is None:
            row = DoseLevel.objects.create(trial_id=trial, label=level.label)
        _write_doses(row, level, by_name, frozen)
        LadderStep.objects.create(trial_id=trial, version=version, dose_level=row, position=position)
    for position, text in enumerate(criteria, 1):
        EligibilityCriterion.objects.create(
            trial_id=trial,
            version=version,
            number=position,
            text=text.removeprefix(EligibilityCriterion.MARK).strip(),
            procedure=text.startswith(EligibilityCriterion.MARK) or None,
        )
    return version


def _check_ladder(settings: ProtocolSettings, levels: Sequence[Level], drugs: Sequence[str]) -> None:
    labels = [level.label for level in levels]
    if not labels:
        raise Refused("Levels: a ladder needs at least one dose level.", field="levels")
    if twice := next((label for label in labels if labels.count(label) > 1), None):
        raise Refused(f"Levels: {twice} stands twice on the ladder.", field="levels")
    if not 1 <= settings.start <= len(labels):
        raise Refused(f"Start level: must be from 1 to {len(labels)}.", field="start")
    for level in levels:
        for dose in level.doses:
            if dose.drug not in drugs:
                raise Refused(f"Level {level.label}: {dose.drug} is no drug of this trial.", field="levels")
            if dose.amount is not None and dose.amount < 0:
                raise Refused(f"Level {level.label}: the amount of {dose.drug} is below 0.", field="levels")
            _check_schedule(level, dose, settings.cycle_days)


def _check_schedule(level: Level, dose: DoseOf, cycle_days: int) -> None:
    """Days and times say the same as the doses of a cycle, within the cycle."""
    what = f"Level {level.label}, {dose.drug}"
    if bool(dose.days) != (dose.times is not None) or (dose.times is not None and dose.times < 1):
        raise Refused(f"{what}: days of a cycle and times a day are given together.", field="levels")
    if wrong := next((day for day in dose.days if not 1 <= day <= cycle_days), None):
        raise Refused(f"{what}: day {wrong} is none of a cycle of {cycle_days} days.", field="levels")
    if len(set(dose.days)) != len(dose.days):
        raise Refused(f"{what}: a day of the cycle is given twice.", field="levels")
    if dose.times and dose.per_cycle is not None and dose.per_cycle != len(dose.days) * dose.times:
        raise Refused(
            f"{what}: {len(dose.days)} days, {dose.times} times a day, are {len(dose.days) * dose.times} doses a "
            f"cycle, and {dose.per_cycle} are given.",
            field="levels",
        )


def _only_scheduled(stored: Dose, wanted: dict[str, Any]) -> bool:
    """Whether all that is new is the schedule as data, where it was words alone: the dose stays what it was."""
    return stored.days is None and all(
        getattr(stored, name) == value for name, value in wanted.items() if name not in ("days", "times")
    )


def _write_doses(row: DoseLevel, level: Level, drugs: dict[str, Drug], frozen: frozenset[UUID]) -> None:
    for dose in level.doses:
        wanted = {
            "amount": dose.amount,
            "unit": dose.unit,
            "schedule": dose.schedule,
            "per_cycle": dose.per_cycle,
            "days": sorted(dose.days) or None,
            "times": dose.times,
            "voided": False,
        }
        stored = Dose.objects.filter(dose_level=row, drug=drugs[dose.drug]).first()
        if stored is None:
            stored = Dose(trial_id=row.trial_id, dose_level=row, drug=drugs[dose.drug])
        elif all(getattr(stored, name) == value for name, value in wanted.items()):
            continue
        if row.pk in frozen and not (stored.pk and _only_scheduled(stored, wanted)):
            raise Refused(
                f"Level {row.label}: patients were treated at it, so its doses stay. Give the new dose its own label.",
                field="levels",
            )
        for name, value in wanted.items():
            setattr(stored, name, value)
        stored.save()

"""Verbs of the ground floor: accounts, trials, sites, memberships and the protocol."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Max, Model

from . import access, ids, ledger
from .ledger import Act
from .models import (
    Account,
    Dose,
    DoseLevel,
    Drug,
    EligibilityCriterion,
    LadderStep,
    Membership,
    ProtocolVersion,
    Site,
    Trial,
    User,
)
from .protocol_settings import ProtocolSettings
from .refusals import Refused
from .roles import ONE_SITE, May, Role


@dataclass(frozen=True, slots=True)
class DoseOf:
    """What one drug is given at one level; amount None for a published label without amounts."""

    drug: str
    amount: Decimal | None = None
    unit: str = ""
    schedule: str = ""
    per_cycle: int | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """One dose level of a ladder, lowest first in a sequence."""

    label: str
    doses: Sequence[DoseOf] = ()


def next_number(model: type[Model], trial: UUID, first: int = 1) -> int:
    """The next number that people see, under the lock; numbers are never reused."""
    last = model._default_manager.filter(trial=trial).aggregate(last=Max("number"))["last"]
    return first if last is None else last + 1


def open_account(
    *, email: str, name: str, password: str, role: str = "", by: User | None, key: UUID | None = None
) -> User:
    """Open a log-in account. by: an administrator, or None for the first one of an installation.

    A password that an administrator gave lets its owner do one thing: choose another.
    """
    asked = (email, name, role)
    with ledger.action(None, by=by, may=May.MANAGE_PEOPLE, verb="account.open", key=key, asked=asked) as act:
        if act.earlier:
            return User.objects.get(pk=act.earlier)
        if User.objects.filter(email__iexact=email).exists():
            raise Refused(f"E-mail: there is an account with the address {email} already.", field="email")
        user = User.objects.create_user(email, password, name=name, must_change_password=by is not None)
        Account.objects.create(user=user, name=name, role=role)
        act.result(user.pk)
        return user


def close_account(*, user: UUID, reason: str, by: User) -> None:
    """Close an account: it can no longer sign in, and its memberships give no rights."""
    with ledger.action(None, by=by, may=May.MANAGE_PEOPLE, verb="account.close", reason=reason):
        if not reason.strip():
            raise Refused("Reason: closing an account needs one.", field="reason")
        account = Account.objects.get(user=user)
        account.open = False
        account.save()
        User.objects.filter(pk=user).update(is_active=False)


def create_trial(
    *,
    code: str,
    title: str,
    disease: str = "",
    time_zone: str = "UTC",
    simulated: bool = False,
    illustrative: bool = False,
    label: str = "",
    by: User | None,
) -> Trial:
    """Create a trial with its ledger; its people and protocol follow. by: an administrator."""
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Refused(f"Time zone: {time_zone} is unknown; write it like Europe/Vienna.", field="time_zone") from None
    if Trial.objects.filter(code=code).exists():
        raise Refused(f"Code: there is a trial {code} already.", field="code")
    new = ids.new()
    with ledger.opening(new, by=by, simulated=simulated, verb="trial.create"):
        return Trial.objects.create(
            id=new,
            code=code,
            title=title,
            disease=disease,
            time_zone=time_zone,
            simulated=simulated,
            illustrative=illustrative,
            label=label,
        )


def add_site(
    *, trial: UUID, code: str, name: str, time_zone: str = "UTC", by: User | None, key: UUID | None = None
) -> Site:
    with ledger.action(
        trial, by=by, may=May.MANAGE_PEOPLE, verb="site.add", key=key, asked=(code, name, time_zone)
    ) as act:
        if act.earlier:
            return Site.objects.get(pk=act.earlier)
        if Site.objects.filter(trial=trial, code=code).exists():
            raise Refused(f"Code: this trial has a site {code} already.", field="code")
        site = Site.objects.create(trial_id=trial, code=code, name=name, time_zone=time_zone)
        act.result(site.pk)
        return site


def add_member(
    *,
    trial: UUID,
    user: UUID,
    role: str,
    site: UUID | None = None,
    principal: bool = False,
    second_reader: bool = False,
    third_reader: bool = False,
    by: User | None,
    key: UUID | None = None,
) -> Membership:
    """Give a person a role in the trial; one at a time, at one site for investigators and coordinators."""
    asked = (user, role, site, principal, second_reader, third_reader)
    with ledger.action(trial, by=by, may=May.MANAGE_PEOPLE, verb="member.add", key=key, asked=asked) as act:
        if act.earlier:
            return Membership.objects.get(pk=act.earlier)
        if role in ONE_SITE and site is None:
            raise Refused(f"Site: {Role(role).label} works at one site; choose it.", field="site")
        if role not in ONE_SITE and site is not None:
            raise Refused(f"Site: {Role(role).label} has all sites; leave it empty.", field="site")
        if site is not None and not Site.objects.filter(pk=site, trial=trial).exists():
            raise Refused("Site: it is not a site of this trial.", field="site")
        if Membership.objects.filter(trial=trial, user=user, until=None, voided=False).exists():
            raise Refused("Person: has a role in this trial already; end that one first.", field="user")
        if principal:
            if role != Role.INVESTIGATOR:
                raise Refused("Principal: only an investigator can be the principal one.", field="principal")
            if Membership.objects.filter(trial=trial, site=site, principal=True, until=None, voided=False).exists():
                raise Refused("Principal: this site has its principal investigator already.", field="principal")
        member = Membership.objects.create(
            trial_id=trial,
            user_id=user,
            role=role,
            site_id=site,
            principal=principal,
            second_reader=second_reader,
            third_reader=third_reader,
            since=act.clinical_date,
        )
        act.result(member.pk)
        return member


def end_membership(*, trial: UUID, membership: UUID, reason: str, by: User) -> None:
    with ledger.action(trial, by=by, may=May.MANAGE_PEOPLE, verb="member.end", reason=reason) as act:
        if not reason.strip():
            raise Refused("Reason: ending a membership needs one.", field="reason")
        member = Membership.objects.get(pk=membership, trial=trial)
        if member.until is None:
            member.until = max(act.clinical_date, member.since)
            member.save()


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
) -> ProtocolVersion:
    """Write the next protocol version with its ladder, inside the caller's action.

    frozen: ids of dose levels that a cohort was opened at; what is given there can no longer change.
    checked: what the exhaustive check of its rule found, as it is to be stored.
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
        EligibilityCriterion.objects.create(trial_id=trial, version=version, number=position, text=text)
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


def _write_doses(row: DoseLevel, level: Level, drugs: dict[str, Drug], frozen: frozenset[UUID]) -> None:
    for dose in level.doses:
        wanted = {
            "amount": dose.amount,
            "unit": dose.unit,
            "schedule": dose.schedule,
            "per_cycle": dose.per_cycle,
            "voided": False,
        }
        stored = Dose.objects.filter(dose_level=row, drug=drugs[dose.drug]).first()
        if stored is None:
            stored = Dose(trial_id=row.trial_id, dose_level=row, drug=drugs[dose.drug])
        elif all(getattr(stored, name) == value for name, value in wanted.items()):
            continue
        if row.pk in frozen:
            raise Refused(
                f"Level {row.label}: patients were treated at it, so its doses stay. Give the new dose its own label.",
                field="levels",
            )
        for name, value in wanted.items():
            setattr(stored, name, value)
        stored.save()


def people_with(trial: UUID, *rights: May, site: UUID | None = None) -> list[User]:
    """Members who have one of the rights, for notices."""
    return [member.user for member in access.members(trial, rights=rights, site=site)]

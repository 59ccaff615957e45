"""Reads of the ground floor that pages and endpoints share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from . import protocol_settings
from .models import (
    Account,
    AuditEvent,
    Dose,
    DoseLevel,
    Drug,
    EligibilityCriterion,
    LadderStep,
    Ledger,
    Membership,
    ProtocolVersion,
    RowImage,
    Site,
    Suspension,
    User,
)
from .protocol_settings import ProtocolSettings


@dataclass(frozen=True, slots=True)
class Protocol:
    """One protocol version with its ladder; `levels[k - 1]` is the dose level at position k."""

    version: ProtocolVersion
    settings: ProtocolSettings
    levels: Sequence[DoseLevel]

    def position(self, dose_level: UUID) -> int | None:
        """The 1-based position of a dose level on this ladder, None when it is not on it."""
        return next((k for k, level in enumerate(self.levels, 1) if level.pk == dose_level), None)

    def level(self, position: int) -> DoseLevel:
        return self.levels[position - 1]


def protocol(trial: UUID, number: int | None = None, *, with_doses: bool = True) -> Protocol | None:
    """The version in force (the last one), or version `number`; None before the first.

    with_doses: no when nobody will ask for the doses of a level, as in an endpoint run.
    """
    versions = ProtocolVersion.objects.filter(trial=trial)
    version = versions.filter(number=number).first() if number else versions.last()
    if version is None:
        return None
    steps = LadderStep.objects.filter(version=version).select_related("dose_level")
    if with_doses:
        doses = Dose.objects.filter(voided=False).select_related("drug")
        steps = steps.prefetch_related(Prefetch("dose_level__doses", doses))
    return Protocol(version, protocol_settings.from_json(version.settings), [step.dose_level for step in steps])


def versions(trial: UUID) -> QuerySet[ProtocolVersion]:
    return ProtocolVersion.objects.filter(trial=trial).order_by("-number")


def version_on(trial: UUID, on: date) -> ProtocolVersion:
    """The protocol version in force on a day: the last one written by then, the first one for a day before it."""
    written = list(ProtocolVersion.objects.filter(trial=trial).order_by("number"))
    return next((version for version in reversed(written) if version.written_on <= on), written[0])


def drugs(trial: UUID) -> list[Drug]:
    return list(Drug.objects.filter(trial=trial, voided=False))


def criteria(version: UUID) -> list[EligibilityCriterion]:
    return list(EligibilityCriterion.objects.filter(version=version))


def ladders(trial: UUID) -> dict[UUID, list[DoseLevel]]:
    """The dose levels of every version, lowest first, by the version's id."""
    found: dict[UUID, list[DoseLevel]] = {}
    for step in LadderStep.objects.filter(trial=trial).select_related("dose_level").order_by("position"):
        found.setdefault(step.version_id, []).append(step.dose_level)
    return found


def criteria_by_version(trial: UUID) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    for criterion in EligibilityCriterion.objects.filter(trial=trial).order_by("number"):
        found.setdefault(criterion.version_id, []).append(criterion.line)
    return found


def images_of(trial: UUID, table: str) -> list[tuple[int, dict[str, Any]]]:
    """Every row image of one table in order of writing, with the number of its action."""
    images = RowImage.objects.filter(ledger__trial=trial, table=table).order_by("number", "seq")
    return list(images.values_list("number", "image"))


def sites(trial: UUID) -> list[Site]:
    return list(Site.objects.filter(trial=trial, voided=False))


def members(trial: UUID) -> QuerySet[Membership]:
    """Current members, by role."""
    return (
        Membership.objects.filter(trial=trial, until=None, voided=False)
        .select_related("user", "site")
        .order_by("role", "site__code", "user__name")
    )


def accounts() -> QuerySet[Account]:
    return Account.objects.filter(voided=False).select_related("user").order_by("name")


def _has_second_factor(user: str) -> Exists:
    return Exists(Authenticator.objects.filter(user=OuterRef(user), type=Authenticator.Type.TOTP))


def _is_suspended(user: str) -> Exists:
    return Exists(Suspension.objects.filter(user=OuterRef(user), confirmed_by=None, voided=False))


def accounts_with_sign_in() -> QuerySet[Account]:
    """Accounts with the state of second factor and signing, and how many trials they work in."""
    trials = Count("user__memberships", filter=Q(user__memberships__until=None, user__memberships__voided=False))
    return accounts().annotate(second_factor=_has_second_factor("user"), trials=trials, suspended=_is_suspended("user"))


def people(trial: UUID) -> QuerySet[Membership]:
    """Everybody who works or worked in the trial, with the state of their second factor and signing."""
    return (
        Membership.objects.filter(trial=trial, voided=False)
        .select_related("user", "site")
        .annotate(second_factor=_has_second_factor("user"), suspended=_is_suspended("user"))
        .order_by("until", "role", "site__code", "user__name")
    )


def people_without_role(trial: UUID) -> list[User]:
    """Open accounts without a current role in the trial."""
    current = Membership.objects.filter(trial=trial, until=None, voided=False)
    opened = User.objects.filter(is_active=True, account__open=True)
    return list(opened.exclude(pk__in=current.values("user")).order_by("name"))


def account(email: str) -> User | None:
    """The log-in with that e-mail address."""
    return User.objects.filter(email__iexact=email).first()


def events(trial: UUID) -> QuerySet[AuditEvent]:
    """The audit trail, latest first."""
    return AuditEvent.objects.filter(ledger__trial=trial).select_related("by").order_by("-number")


def ledgers(code: str | None = None) -> list[Ledger]:
    """Every ledger, the installation's too, or that of one trial."""
    found = Ledger.objects.select_related("trial").order_by("trial__code")
    return list(found.filter(trial__code=code) if code else found)

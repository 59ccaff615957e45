"""Reads of the ground floor that pages and endpoints share."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from . import protocol_settings
from .models import (
    Account,
    AuditEvent,
    Dose,
    DoseLevel,
    Drug,
    EligibilityCriterion,
    LadderStep,
    Membership,
    ProtocolVersion,
    Site,
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


def protocol(trial: UUID, number: int | None = None) -> Protocol | None:
    """The version in force (the last one), or version `number`; None before the first."""
    versions = ProtocolVersion.objects.filter(trial=trial)
    version = versions.filter(number=number).first() if number else versions.last()
    if version is None:
        return None
    doses = Prefetch("dose_level__doses", Dose.objects.filter(voided=False).select_related("drug"))
    steps = LadderStep.objects.filter(version=version).select_related("dose_level").prefetch_related(doses)
    return Protocol(version, protocol_settings.from_json(version.settings), [step.dose_level for step in steps])


def versions(trial: UUID) -> QuerySet[ProtocolVersion]:
    return ProtocolVersion.objects.filter(trial=trial).order_by("-number")


def drugs(trial: UUID) -> list[Drug]:
    return list(Drug.objects.filter(trial=trial, voided=False))


def criteria(version: UUID) -> list[EligibilityCriterion]:
    return list(EligibilityCriterion.objects.filter(version=version))


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


def account(email: str) -> User | None:
    """The log-in with that e-mail address."""
    return User.objects.filter(email__iexact=email).first()


def events(trial: UUID) -> QuerySet[AuditEvent]:
    """The audit trail, latest first."""
    return AuditEvent.objects.filter(ledger__trial=trial).select_related("by").order_by("-number")

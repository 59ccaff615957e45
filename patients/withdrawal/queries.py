"""Reads of withdrawals, and of what was done in spite of one."""

from uuid import UUID

from django.db.models import QuerySet

from ..consent.models import Deviation, Withdrawal


def of_trial(trial: UUID) -> QuerySet[Withdrawal]:
    return (
        Withdrawal.objects.filter(trial=trial, voided=False)
        .select_related("slot__site", "slot__patient")
        .order_by("slot__number", "on")
    )


def of_slot(slot: UUID) -> list[Withdrawal]:
    return list(Withdrawal.objects.filter(slot=slot, voided=False))


def one(trial: UUID, withdrawal: UUID) -> Withdrawal | None:
    """One withdrawal, one taken back too: it is refused by name."""
    return (
        Withdrawal.objects.filter(trial=trial, pk=withdrawal)
        .select_related("slot__site", "slot__patient__treatment_row")
        .first()
    )


def owed(trial: UUID) -> QuerySet[Deviation]:
    """The deviations for which the investigator still owes the reason."""
    return Deviation.objects.filter(trial=trial, reason="", voided=False).select_related("patient")


def deviations_of_trial(trial: UUID) -> QuerySet[Deviation]:
    return (
        Deviation.objects.filter(trial=trial, voided=False)
        .select_related("patient", "by")
        .order_by("patient__number", "on")
    )


def deviation(trial: UUID, pk: UUID) -> Deviation | None:
    """One deviation, one that is none any more too: it is refused by name."""
    return Deviation.objects.filter(trial=trial, pk=pk).select_related("patient", "by").first()


def deviations(patient: UUID) -> list[Deviation]:
    return list(Deviation.objects.filter(patient=patient, voided=False).select_related("by"))

"""Reads of consent: the versions of the form, which of them a patient signed, and who still owes a later one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from trial import clock
from trial.clock import Today

from ..models import Consent, Slot
from ..services import OPEN
from . import withdrawn
from .models import ConsentVersion, Covers
from .withdrawn import Withdrawn


def versions(trial: UUID) -> list[ConsentVersion]:
    """Every version of the trial's and the sub-study's form, in the order in which they came in use."""
    return list(ConsentVersion.objects.filter(trial=trial, voided=False))


def version(trial: UUID, pk: UUID) -> ConsentVersion | None:
    """One version, one taken back too: it is refused by name."""
    return ConsentVersion.objects.filter(trial=trial, pk=pk).first()


def of_trial(trial: UUID) -> QuerySet[Consent]:
    """Every consent that stands, by slot and date."""
    return (
        Consent.objects.filter(trial=trial, voided=False)
        .select_related("slot__site", "slot__patient")
        .order_by("slot__number", "kind", "given_on")
    )


def one(trial: UUID, consent: UUID) -> Consent | None:
    """One consent, a voided one too: it is refused by name."""
    return Consent.objects.filter(trial=trial, pk=consent).select_related("slot__site", "slot__patient").first()


def given(slot: UUID, kind: str = Consent.Kind.TRIAL) -> date | None:
    """The day of the first consent of that kind; None before there is one."""
    first = Consent.objects.filter(slot=slot, kind=kind, voided=False).order_by("given_on").first()
    return first.given_on if first else None


@dataclass(frozen=True, slots=True)
class Owed:
    """A version of the form that somebody who signed an earlier one has not signed yet."""

    slot: Slot
    version: ConsentVersion
    by: date
    late: bool  # that day is over at the site

    @property
    def who(self) -> str:
        patient = getattr(self.slot, "patient", None)
        return f"patient {patient.code}" if patient else f"slot {self.slot.number}"


def owed(trial: UUID, on: date | Today) -> list[Owed]:
    """Who owes which version today at his site, by slot: in the study, alive, and not withdrawn from its visits."""
    every, today = versions(trial), clock.day(on)
    if not any(v.reconsent_by for v in every):
        return []
    consents = Consent.objects.filter(voided=False).order_by("given_on")
    slots = (
        Slot.objects.filter(Q(state__in=OPEN) | Q(patient__isnull=False), trial=trial, voided=False)
        .select_related("site", "patient__treatment_row", "patient__follow_up")
        .prefetch_related(Prefetch("consents", consents))
        .order_by("number")
    )
    left = withdrawn.of_trial(trial)
    return [
        one
        for slot in slots
        if _followed(slot, day := today.at(slot.site.time_zone))
        and not left.get(slot.pk, Withdrawn()).over(Covers.VISITS, day)
        for one in _owes(slot, every, day)
    ]


def _followed(slot: Slot, on: date) -> bool:
    patient = getattr(slot, "patient", None)
    treatment, known = getattr(patient, "treatment", None), getattr(patient, "follow_up", None)
    left = treatment.left_study_on if treatment else None
    return not (left and left <= on) and not (known and known.died_on)


def _owes(slot: Slot, every: Sequence[ConsentVersion], on: date) -> Iterable[Owed]:
    """The latest version asked of each form that the patient signed, when he signed neither it nor a later one."""
    asked = [v for v in every if v.reconsent_by and v.valid_from <= on]
    for kind in Consent.Kind.values:
        signed = [c for c in slot.consents.all() if c.kind == kind]
        latest = max((v for v in asked if v.kind == kind), key=lambda v: v.valid_from, default=None)
        if latest is None or latest.reconsent_by is None or not signed or all(c.withdrawn_on for c in signed):
            continue
        ranks = {v.version: v.valid_from for v in every if v.kind == kind}
        if all(ranks.get(c.version, date.min) < latest.valid_from for c in signed):
            yield Owed(slot, latest, latest.reconsent_by, late=latest.reconsent_by < on)

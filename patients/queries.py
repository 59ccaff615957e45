"""Reads of slots, doses and the record of who wrote what: pages and endpoints share them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from trial import queries as ground
from trial.models import Audited, AuditEvent, Dose, EligibilityCriterion, RowImage
from trial.people.access import Scope
from trial.record import trail

from .models import AmendedPatient, Consent, DoseTaken, EligibilityAnswer, Slot


def slots(trial: UUID) -> QuerySet[Slot]:
    """Every slot in the recorded order, with its patient when there is one."""
    return (
        Slot.objects.filter(trial=trial, voided=False)
        .select_related("site", "screening", "cohort__dose_level", "requested_by", "patient__treatment_row")
        .order_by("number")
    )


def unanswered(trial: UUID, version: UUID) -> QuerySet[Slot]:
    """Granted slots of which a criterion of this protocol version is not answered."""
    answer = EligibilityAnswer.objects.filter(slot=OuterRef(OuterRef("pk")), criterion=OuterRef("pk"), voided=False)
    open_criteria = EligibilityCriterion.objects.filter(~Exists(answer), version=version)
    return slots(trial).filter(Exists(open_criteria), state=Slot.State.GRANTED)


def amended(trial: UUID) -> dict[UUID, list[AmendedPatient]]:
    """The patients that each amendment includes, by the version's id."""
    found: dict[UUID, list[AmendedPatient]] = {}
    for row in AmendedPatient.objects.filter(trial=trial, voided=False).select_related("patient", "was"):
        found.setdefault(row.version_id, []).append(row)
    return found


def slot(trial: UUID, number: int) -> Slot | None:
    """One slot with its eligibility answers and consents."""
    return (
        slots(trial)
        .filter(number=number)
        .prefetch_related(Prefetch("eligibility", _answers()), Prefetch("consents", _consents()))
        .first()
    )


def of_slot(slot: UUID) -> tuple[list[EligibilityAnswer], list[Consent]]:
    """The eligibility answers and consents of a slot, without the slot itself."""
    return list(_answers().filter(slot=slot)), list(_consents().filter(slot=slot))


def answered_last(slot: Slot) -> list[EligibilityAnswer]:
    """The slot's answers to the criteria of the latest protocol version that was answered, in order."""
    every = list(_answers().filter(slot=slot).order_by("criterion__version__number", "criterion__number"))
    return [answer for answer in every if answer.criterion.version_id == every[-1].criterion.version_id]


def _answers() -> QuerySet[EligibilityAnswer]:
    return EligibilityAnswer.objects.filter(voided=False).select_related("criterion", "by")


def _consents() -> QuerySet[Consent]:
    return Consent.objects.filter(voided=False).order_by("given_on")


def doses(dose_level: UUID) -> list[Dose]:
    """The dose card of a level: one row a drug."""
    return list(Dose.objects.filter(dose_level=dose_level, voided=False).select_related("drug"))


def dose_card(dose_level: UUID) -> list[tuple[str, str]]:
    """(drug, dose as people read it) of a level: "60 mg, weekly"."""
    return [
        (dose.drug.name, ", ".join(filter(None, (f"{plain(dose.amount)} {dose.unit}".strip(), dose.schedule))))
        for dose in doses(dose_level)
    ]


def plain(amount: Decimal | None) -> str:
    """An amount without needless zeros: 160, 37.5."""
    return "" if amount is None else f"{amount.normalize():f}"


def doses_taken(patient: UUID) -> list[DoseTaken]:
    return list(DoseTaken.objects.filter(patient=patient, voided=False).select_related("drug"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One action as one row saw it: who, when, why, and the row before and after."""

    event: AuditEvent
    row: UUID
    was: Mapping[str, Any] | None
    now: Mapping[str, Any]
    table: str
    follows: bool  # from what was entered, by rule

    @property
    def at(self) -> datetime:
        return self.event.at

    @property
    def who(self) -> str:
        if self.follows:
            return f"follows from no. {self.event.number}"
        return self.event.by.name if self.event.by else "the system"

    def changed(self, *names: str) -> bool:
        return self.was is None or any(self.was.get(name) != self.now.get(name) for name in names)


@dataclass(frozen=True, slots=True)
class History:
    """What was written of some rows, the first entry first."""

    entries: Sequence[Entry]

    def of(self, row: UUID, *names: str) -> Entry | None:
        """The action that gave a row, or the named columns of it, the present value."""
        mine = [e for e in self.entries if e.row == row and (not names or e.changed(*names))]
        return mine[-1] if mine else None

    def then(self, row: UUID, number: int) -> Mapping[str, Any] | None:
        """The row as action `number` left it; None before it was."""
        mine = [e.now for e in self.entries if e.row == row and e.event.number <= number]
        return mine[-1] if mine else None

    def told(self, of: Scope) -> list[trail.Entry]:
        """Each action once, the latest first, with what it changed of these rows."""
        events = {e.event.pk: e.event for e in self.entries}.values()
        latest_first = sorted(events, key=lambda e: e.number, reverse=True)
        written = [trail.Written(e.event.number, e.table, e.row, e.now, e.was, e.follows) for e in self.entries]
        return trail.told(trail.of_trial(of.trial, of.user), latest_first, written)


def history(trial: UUID, rows: Iterable[Audited | None]) -> History:
    """Who wrote these rows, when and why, from the ledger: two queries, however many rows."""
    wanted = [row for row in rows if row is not None]
    earlier = RowImage.objects.filter(ledger=OuterRef("ledger"), number=OuterRef("number"), seq__lt=OuterRef("seq"))
    place = earlier.order_by().values("number").annotate(all=Count("seq")).values("all")
    images = list(
        RowImage.objects.filter(
            ledger__trial=trial, table__in={row._meta.db_table for row in wanted}, row__in=[row.pk for row in wanted]
        )
        .annotate(place=Coalesce(Subquery(place), 0))
        .order_by("seq")
        .values_list("number", "row", "image", "table", "place")
    )
    events = {e.number: e for e in ground.events(trial).defer("body").filter(number__in={i[0] for i in images})}
    last: dict[UUID, Mapping[str, Any]] = {}
    entries = []
    for number, row, image, table, place_in in images:
        if event := events.get(number):  # the action under way has no event yet
            after = trail.follows(event.written, place_in, table)
            entries.append(Entry(event, row, last.get(row), image, table, after))
        last[row] = image
    return History(entries)

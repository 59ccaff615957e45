"""Reads of a patient's follow-up: the row as it stands and each of its facts in words."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from ..models import Patient
from .models import FollowUp


class Fact(NamedTuple):
    """One fact of follow-up: what it is, in words, and the columns that hold it."""

    what: str
    text: str
    columns: tuple[str, ...]


def follow_up(patient: UUID) -> FollowUp | None:
    """What is known of a patient since the first dose, None when nothing was recorded yet."""
    return FollowUp.objects.filter(patient=patient).first()


def of_trial(trial: UUID) -> QuerySet[FollowUp]:
    """Of every patient of whom anything was recorded, by number."""
    return FollowUp.objects.filter(trial=trial).select_related("patient").order_by("patient__number")


def died_on(patient: Patient) -> date | None:
    """The day of the death, None while none is recorded. A query where the patient was read without his follow-up."""
    known: FollowUp | None = getattr(patient, "follow_up", None)
    return known.died_on if known else None


def facts(row: FollowUp) -> list[Fact]:
    """What is known, a fact each, in the order in which it comes about."""
    found = []
    if row.last_contact_on:
        found.append(Fact("Last known alive", f"{row.last_contact_on:%-d %b %Y}", ("last_contact_on",)))
    if row.new_therapy_on:
        text = f"{row.new_therapy_on:%-d %b %Y}: {row.new_therapy}"
        found.append(Fact("New anti-myeloma therapy", text, ("new_therapy_on", "new_therapy")))
    if row.died_on:
        cause = FollowUp.Cause(row.death_cause).label.lower()
        found.append(Fact("Died", f"{row.died_on:%-d %b %Y}, cause: {cause}", ("died_on", "death_cause")))
    return found

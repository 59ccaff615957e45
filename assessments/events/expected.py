"""Whether an event was expected: against the list of expected terms that was in force at its onset.

The list is the trial's reference safety information kept as data: versions with a day from which they hold. A grade
above the highest that is listed is not expected, nor is any term while no list is in force.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from trial.dates import Partial, shown
from trial.models import User
from trial.record import corrections, ledger
from trial.refusals import Refused
from trial.roles import May

from .. import terms
from ..models import AdverseEvent
from . import queries
from .models import SafetyReference


class Dated(Protocol):
    """An event as far as lists are asked about it."""

    @property
    def term(self) -> str: ...
    @property
    def grade(self) -> int | None: ...
    @property
    def onset(self) -> Partial: ...


Listed = Mapping[str, int | None]  # by term the highest grade that is expected, or None for any


@dataclass(frozen=True, slots=True)
class Expectedness:
    """expected None: it cannot be said yet. because: which list or who says so, in a sentence."""

    expected: bool | None
    because: str
    overruled: bool = False


def lists(trial: UUID) -> list[SafetyReference]:
    """Every version in force, the latest first."""
    return list(SafetyReference.objects.filter(trial=trial, voided=False).select_related("by").order_by("-in_force_on"))


def one(trial: UUID, row: UUID) -> SafetyReference | None:
    return SafetyReference.objects.filter(trial=trial, pk=row).first()


def expectedness(event: AdverseEvent, every: Sequence[SafetyReference]) -> Expectedness:
    """What the list says, or the sponsor against it. every: of the trial, the latest first."""
    found = by_list(event, every)
    said = getattr(event, "sponsor", None)
    if said is None or said.voided or said.expected is None:
        return found
    return Expectedness(said.expected, f"{said.by.name}, for the sponsor: {said.because}", overruled=True)


def by_list(event: Dated, every: Sequence[SafetyReference]) -> Expectedness:
    """Of an onset that is known in part every day that it may be: lists that differ leave it open."""
    onset = event.onset
    may_be = {row.pk: row for row in (in_force(every, onset.first), in_force(every, onset.last)) if row}
    between = [row for row in every if onset.first < row.in_force_on <= onset.last]
    answers = [_of(event, row) for row in [*may_be.values(), *(row for row in between if row.pk not in may_be)]]
    if not answers:
        return Expectedness(False, f"No list of expected terms was in force on {onset.shown}.")
    if len({one.expected for one in answers}) > 1:
        return Expectedness(None, f"The onset is known as {onset.shown} only, and the lists of that time differ.")
    return answers[0]


def in_force(every: Iterable[SafetyReference], on: date) -> SafetyReference | None:
    return next((row for row in every if row.in_force_on <= on), None)


def _of(event: Dated, row: SafetyReference) -> Expectedness:
    named = f"list {row.version}, in force from {shown(row.in_force_on)}"
    if event.term not in row.terms:
        return Expectedness(False, f"Not in {named}.")
    highest = row.terms[event.term]
    if highest is None:
        return Expectedness(True, f"In {named}.")
    if event.grade is None:
        return Expectedness(None, f"In {named}, up to grade {highest}; the grade is not given yet.")
    if event.grade > highest:
        return Expectedness(False, f"In {named}, up to grade {highest} only.")
    return Expectedness(True, f"In {named}, up to grade {highest}.")


def add_list(
    *, trial: UUID, version: str, in_force_on: date, listed: Listed, by: User, key: UUID | None = None
) -> SafetyReference:
    """Enter a version of the list of expected terms, in force from a day on."""
    with ledger.action(
        trial, by=by, may=May.ASSESS_EVENT, verb="expected.add", key=key,
        asked=(version, in_force_on, sorted(listed.items())),
    ) as act:  # fmt: skip
        if act.earlier:
            return SafetyReference.objects.get(pk=act.earlier)
        row = SafetyReference(trial_id=trial)
        _write(row, version, in_force_on, listed, by)
        act.result(row.pk)
        return row


def correct_list(
    *, trial: UUID, row: UUID, version: str, in_force_on: date, listed: Listed, rev: int | None, reason: str, by: User,
    key: UUID | None = None,
) -> SafetyReference:  # fmt: skip
    """Correct a version with a reason: what was expected by it is derived anew."""
    with ledger.action(
        trial, by=by, may=May.ASSESS_EVENT, verb="expected.correct", reason=reason, key=key,
        asked=(row, version, in_force_on, sorted(listed.items()), rev, reason),
    ) as act:  # fmt: skip
        stored = SafetyReference.objects.get(pk=row, trial=trial)
        if act.earlier:
            return stored
        corrections.check(act, stored, f"List {stored.version}", seen=rev, reason_for="a correction")
        _write(stored, version, in_force_on, listed, by)
        act.result(stored.pk)
        return stored


def void_list(
    *, trial: UUID, row: UUID, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> SafetyReference:
    """Take a version back that was entered in error."""
    with ledger.action(
        trial, by=by, may=May.ASSESS_EVENT, verb="expected.void", reason=reason, key=key, asked=(row, rev, reason)
    ) as act:
        stored = SafetyReference.objects.get(pk=row, trial=trial)
        return corrections.void(act, stored, f"List {stored.version}", seen=rev, reason_for="taking a list back")


def _write(row: SafetyReference, version: str, in_force_on: date, listed: Listed, by: User) -> None:
    if not version.strip():
        raise Refused("Version: give it as the document has it.", field="version")
    others = SafetyReference.objects.filter(trial=row.trial_id, voided=False).exclude(pk=row.pk)
    if others.filter(version=version.strip()).exists():
        raise Refused(f"Version: {version.strip()} is entered already.", field="version")
    if other := others.filter(in_force_on=in_force_on).first():
        raise Refused(
            f"In force from: {shown(in_force_on)} is the first day of list {other.version}.", field="in_force_on"
        )
    if not listed:
        raise Refused("Terms: name at least one expected term.", field="terms")
    ctcae = queries.ctcae_version(row.trial_id)
    for term, grade in listed.items():
        if not terms.soc(term, ctcae):
            meant = terms.find(term, ctcae)
            hint = f" It may be {meant[0].term}." if meant else ""
            raise Refused(f"Terms: {term!r} is not in the CTCAE list.{hint}", field="terms")
        if grade is not None and grade not in terms.grades(term, ctcae):
            raise Refused(f"Terms: {term} has no grade {grade} in CTCAE.", field="terms")
    row.version, row.in_force_on, row.terms, row.by = version.strip(), in_force_on, dict(listed), by
    row.save()

"""What the page of an opening shows: what it says now, and each correction of it, old beside new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from uuid import UUID

from trial.dates import shown

from ..models import PaperOpening
from . import services


@dataclass(frozen=True, slots=True)
class Corrected:
    """A correction, in force or waiting for signatures: what it changes, as it was and as it is."""

    number: int
    on: date | None  # in force since; None while it waits
    reason: str
    who: str
    was: Sequence[str]
    now: Sequence[str]


def history(trial: UUID, waits: PaperOpening | None) -> list[Corrected]:
    """Each correction, the latest first; the one that waits stands before them."""
    every = services.signed_openings(trial)
    if waits is not None and waits.corrects_id:
        every.append(waits)
    return [_corrected(before, after) for before, after in reversed(list(pairwise(every)))]


def levels(row: PaperOpening) -> list[tuple[str, date, str]]:
    """The decisions that an opening names, in the order of their days."""
    found = [(str(said["label"]), date.fromisoformat(said["on"]), str(said["reference"])) for said in row.levels]
    return sorted(found, key=lambda one: one[1])


def lines(row: PaperOpening) -> list[str]:
    """The same as people read them."""
    return [f"level {label}, {shown(on)}: {reference}" for label, on, reference in levels(row)]


def _corrected(before: PaperOpening, after: PaperOpening) -> Corrected:
    was, now = lines(before), lines(after)
    ending = getattr(after, "ending", None)
    return Corrected(
        number=after.number,
        on=ending.on if ending else None,
        reason=after.reason,
        who=after.proposed_by.name,
        was=[line for line in was if line not in now],
        now=[line for line in now if line not in was],
    )

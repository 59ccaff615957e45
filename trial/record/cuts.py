"""A data cut: the record of a trial up to one number, read on one clinical date, bound by the hash of its chain.

Endpoint runs and meetings name the cut they stand on; `ledger.as_of(cut.trial, cut.number)` shows its data, and so does
`ledger.standing()` in which it was taken.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ..models import AuditEvent, Ledger, Trial


@dataclass(frozen=True, slots=True)
class Cut:
    """`on` is what derivations take as today; `hash` is the chain's at `number`."""

    trial: UUID
    number: int
    on: date
    hash: str


def latest(trial: Trial, on: date) -> Cut:
    """The record as it stands, on the clinical date `on`."""
    number, head = Ledger.objects.values_list("number", "head").get(trial=trial)
    return Cut(trial.pk, number, on, head)


def holds(cut: Cut) -> bool:
    """Whether the chain still has that hash at that number: nothing of the cut was changed behind the program."""
    return AuditEvent.objects.filter(ledger__trial=cut.trial, number=cut.number, hash=cut.hash).exists()

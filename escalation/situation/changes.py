"""What came late: a patient of a signed decision's inputs who counts differently now, and who has answered it.

A change asks for a decision: enrolment is held from the lowest level concerned up, until a later decision is in force
(docs/domain.md, section 4). Taken back before that, it is said to be, and the committee still answers it: it was
asked, and patients were kept from starting.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from patients.models import Patient
from trial.queries import Protocol

from ..models import BasisChanged, Decision


@dataclass(frozen=True, slots=True)
class Late:
    """One patient whose outcome or level, as certain decisions had it, is another now."""

    patient: Patient
    was: str  # "no DLT at level 1", as those decisions had it
    decisions: Sequence[Decision]  # those that stood on it, in order
    steps: Sequence[BasisChanged]  # what became of it, each step once, in order
    position: int  # enrolment is held here and above, on the ladder in force

    @property
    def now(self) -> str:
        return self.steps[-1].now

    @property
    def restored(self) -> bool:
        """Whether the last step took the change back."""
        return bool(self.steps[-1].restored)

    @property
    def numbers(self) -> str:
        """ "decision 1", "decisions 1 and 2"."""
        return said_numbers([d.number for d in self.decisions])

    @property
    def what(self) -> str:
        if not self.restored:
            return f"patient {self.patient.code} was {self.was}, is now {self.now}"
        between = ", then ".join(now for now, _ in groupby(step.now for step in self.steps if not step.restored))
        return f"patient {self.patient.code} was {self.was}, became {between}, and counts as before again ({self.now})"

    @property
    def sentence(self) -> str:
        """What has changed and what it asks for."""
        if self.restored:
            return (
                f"The basis of {self.numbers} had changed: {self.what}. "
                "Enrolment stays held until the committee confirms it by a decision."
            )
        return f"The basis of {self.numbers} has changed: {self.what}. The committee must decide again."


def said_numbers(numbers: Sequence[int]) -> str:
    """Decisions by their numbers, as a sentence names them."""
    if len(numbers) == 1:
        return f"decision {numbers[0]}"
    return f"decisions {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def answered_by(change: BasisChanged, in_force: Sequence[Decision]) -> Decision | None:
    """The first decision in force since the change. None while it is open.

    A hold that the committee signs is an answer too: it keeps enrolment closed itself, until another decision.
    """
    later = (d for d in in_force if d.ending.rev >= change.rev)
    return min(later, key=lambda d: d.ending.rev, default=None)


def unanswered(changes: Sequence[BasisChanged], in_force: Sequence[Decision]) -> list[BasisChanged]:
    """The changes that no later decision has answered, with the steps that took them back."""
    since = [change for change in changes if answered_by(change, in_force) is None]
    asking = {(change.decision_id, change.patient_id) for change in since if not change.restored}
    return [change for change in since if (change.decision_id, change.patient_id) in asking]


def grouped(changes: Sequence[BasisChanged], protocol: Protocol) -> list[Late]:
    """The changes patient by patient; decisions that had the patient alike stand together."""
    rows: dict[tuple[UUID, str], list[BasisChanged]] = {}
    for change in sorted(changes, key=lambda c: (c.rev, c.decision.number)):
        rows.setdefault((change.patient_id, change.was), []).append(change)
    return [_late(found, protocol) for found in rows.values()]


def _late(rows: Sequence[BasisChanged], protocol: Protocol) -> Late:
    decisions = {row.decision_id: row.decision for row in rows}
    return Late(
        patient=rows[0].patient,
        was=rows[0].was,
        decisions=sorted(decisions.values(), key=lambda d: d.number),
        steps=list({row.rev: row for row in rows}.values()),
        position=min(held_from(row, protocol) for row in rows),
    )


def held_from(change: BasisChanged, protocol: Protocol) -> int:
    """The lowest position held, on the ladder in force: an amendment may have moved the level since."""
    return (protocol.position(change.dose_level_id) if change.dose_level_id else None) or change.position

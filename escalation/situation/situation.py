"""Where a trial stands: the protocol in force, every patient, the engine's answer, the places, and what follows."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from assessments.count.queries import PatientFacts, Records
from assessments.dlt.version import Reading
from patients.models import Cohort, Slot
from trial.clock import Today
from trial.models import Trial
from trial.queries import Protocol
from trial.record import ledger

from ..engine import terms as engine
from ..models import BasisChanged, Decision, Hold
from ..stored import answer as stored_answer
from . import parts as read_parts
from .changes import Late, grouped
from .parts import Parts, Read

Outcome = Decision.Outcome

RANK: dict[str, int] = {
    Outcome.STOP: 0,
    Outcome.HOLD: 1,
    Outcome.DE_ESCALATE: 2,
    Outcome.STAY: 3,
    Outcome.MTD: 4,
    Outcome.ESCALATE: 5,
}
OUTCOME_OF: dict[engine.Action, Outcome] = {
    engine.Action.ENROL: Outcome.STAY,
    engine.Action.EXPAND: Outcome.STAY,
    engine.Action.WAIT: Outcome.HOLD,
    engine.Action.DE_ESCALATE: Outcome.DE_ESCALATE,
    engine.Action.ESCALATE: Outcome.ESCALATE,
    engine.Action.MTD: Outcome.MTD,
    engine.Action.TOP_TOLERATED: Outcome.MTD,
    engine.Action.NONE_TOLERATED: Outcome.STOP,
}
CONCLUSIONS = {engine.Action.MTD, engine.Action.TOP_TOLERATED, engine.Action.NONE_TOLERATED}


@dataclass(frozen=True)
class Held:
    """Why nobody may start now. `position` None holds the whole trial, else that level and above."""

    class Kind(StrEnum):
        STOP = "stop"  # by a person, or by the rule
        BASIS = "basis"  # a decision's basis has changed
        SUSPECTED = "suspected"  # a DLT waits for its readers
        UNREADABLE = "unreadable"  # the answer stored with a decision has lost its shape

    sentence: str
    position: int | None = None
    kind: Kind = Kind.STOP
    decision: int | None = None  # the number of the decision that cannot be read


@dataclass(frozen=True)
class Situation:
    """The trial at one moment: the protocol in force, every patient, the engine's answer, the places."""

    trial: Trial
    today: Today
    number: int
    reading: Reading  # by which the facts follow from the events
    read: Read  # the rows that all of this follows from
    parts: Parts  # the models made of them
    facts: Sequence[PatientFacts]
    inputs: dict[str, Any]
    advice: engine.Recommendation
    in_force: Sequence[Decision]  # decisions that took effect, in order
    proposed: Decision | None  # signed by some, waiting for the others
    holds: Sequence[Held]  # every reason why nobody may start
    changes: Sequence[BasisChanged]  # of signed decisions, not yet answered by a later one

    @property
    def on(self) -> date:
        """The trial's clinical date, by which it decides."""
        return self.today.on

    @property
    def protocol(self) -> Protocol:
        return self.parts.protocol

    @property
    def records(self) -> Records:
        return self.parts.records

    @property
    def cohort(self) -> Cohort | None:
        """The open cohort of the escalation."""
        return self.parts.cohort

    @property
    def paper(self) -> Sequence[Cohort]:
        """The levels opened outside the system before the trial was brought in, in order."""
        return self.parts.paper

    def paper_corrected_since(self, decision: Decision) -> bool:
        """Whether the levels opened on paper were corrected after this decision was signed on them."""
        ending = getattr(decision, "ending", None)
        stands = ending is None or ending.in_force  # one withdrawn before the trial was brought in stood on none
        return stands and self.parts.paper_rev > decision.rev

    @property
    def decisions(self) -> Sequence[Decision]:
        """All, withdrawn ones too, in order."""
        return self.parts.decisions

    @property
    def stops(self) -> Sequence[Hold]:
        """Holds of the whole trial, by a person or the rule, not lifted."""
        return self.parts.stops

    @property
    def basis_changes(self) -> Sequence[BasisChanged]:
        """Of signed decisions, all of them, in order."""
        return self.parts.basis_changes

    @cached_property
    def taken(self) -> int:
        """Slots granted or enrolled in the open cohort, not yet dosed."""
        return read_parts.taken(self.read.rows, self.cohort, self.on) if self.cohort else 0

    def slots(self, state: Slot.State) -> list[Slot]:
        """The trial's slots in that state, in order."""
        return read_parts.slots(self.read.rows, state)

    @cached_property
    def inputs_hash(self) -> str:
        return inputs_hash(self.inputs)

    @cached_property
    def late(self) -> list[Late]:
        """The open changes, patient by patient."""
        return grouped(self.changes, self.protocol)

    @property
    def because(self) -> str:
        """The engine's sentence with the names of the dose levels instead of their positions."""
        return with_labels(self.advice.because, [level.label for level in self.protocol.levels])

    @property
    def basis(self) -> str:
        """What a signer sees: number.date.engine.settings.inputs."""
        parts = (self.number, self.on, engine.VERSION, self.protocol.version.number, self.inputs_hash)
        return ".".join(map(str, parts))

    @property
    def position(self) -> int | None:
        """The open cohort's level on the ladder in force."""
        return self.protocol.position(self.cohort.dose_level_id) if self.cohort else None

    def tally(self, position: int) -> engine.Tally:
        return self.advice.tallies[position - 1]

    def facts_at(self, position: int) -> list[PatientFacts]:
        """Dosed patients who received the level at `position`."""
        level = self.protocol.level(position).pk
        return [f for f in self.facts if f.dosed and f.level.pk == level]

    def counted_at(self, position: int) -> list[PatientFacts]:
        """Those of them who are in the count: not of an expansion or backfill cohort."""
        return [f for f in self.facts_at(position) if f.counted]

    @property
    def places_left(self) -> int:
        """Places of the open cohort that nobody fills yet, before slots are taken off."""
        if self.cohort is None or self.position is None:
            return 0
        tally = self.tally(self.position)
        return max(0, self.cohort.places - tally.evaluable - tally.pending)

    @property
    def startable(self) -> int:
        """Patients who may start now at the open level: engine and cohort both allow, nothing holds.

        A cohort that a cautious committee opened below the engine's level fills its own places.
        """
        if self.position is None or self.held_at(self.position):
            return 0
        if self.advice.action in CONCLUSIONS:
            return 0
        if self.cautious and self.position <= self.advice.level:
            return self.places_left  # filling a cohort already opened is not a decision, whatever the pending may do
        if self.advice.action is engine.Action.WAIT or self.advice.level != self.position:
            return 0
        return min(self.advice.slots, self.places_left)

    @property
    def cautious(self) -> bool:
        """Whether the decision that opened the cohort chose a lower level than the engine's, where that can be read."""
        opened = next((d for d in self.in_force if self.cohort and d.ending.cohort_id == self.cohort.pk), None)
        if opened is None or opened.position is None or stored_answer.fault(opened.recommendation):
            return False
        return bool(opened.position < opened.recommendation["level"])

    @property
    def free(self) -> int:
        """Slots that may be granted now."""
        return max(0, self.startable - self.taken)

    def unreadable(self, decision: int) -> str:
        """What keeps the stored answer of decision `decision` from being read, in a sentence; "" when it can be."""
        return next((hold.sentence for hold in self.holds if hold.decision == decision), "")

    def held_at(self, position: int) -> list[Held]:
        return [hold for hold in self.holds if hold.position is None or hold.position <= position]

    @property
    def conclusion(self) -> Decision | None:
        """The decision that ended escalation: MTD or stop. None once its basis changed: the committee decides again."""
        if self.changes:
            return None
        last = next((d for d in reversed(self.in_force) if d.outcome not in (Outcome.RP2D, Outcome.HOLD)), None)
        return last if last and last.outcome in (Outcome.MTD, Outcome.STOP) else None

    @property
    def rp2d(self) -> Decision | None:
        """The RP2D, while the conclusion that it was signed under stands."""
        end = self.conclusion
        return next((d for d in self.in_force if end and d.outcome == Outcome.RP2D and d.number > end.number), None)

    @property
    def decision_due(self) -> bool:
        """Whether the engine asks for something that only a signed decision can do."""
        if self.conclusion:
            return False
        if self.cohort is None:
            return True
        if self.advice.action is engine.Action.WAIT:
            return False
        if self.changes:
            return True
        if self.advice.action in CONCLUSIONS:
            return True
        if self.advice.level != self.position:
            return True
        return self.places_left == 0 and self.advice.slots > 0

    @property
    def recommended(self) -> Outcome:
        return OUTCOME_OF[self.advice.action]


def inputs_hash(inputs: dict[str, Any]) -> str:
    """SHA-256 of the engine's input (its canonical JSON)."""
    return hashlib.sha256(ledger.canonical(inputs).encode()).hexdigest()


def with_labels(sentence: str, labels: Sequence[str]) -> str:
    """A sentence of the engine as people read it: levels, which are positions there, by their names, no rate of nobody.

    The engine's own sentence is stored and signed as it is.
    """
    sentence = re.sub(r"^0/0 DLT(?: and (\d+ pending))?", _nobody, sentence)
    return re.sub(
        r"\blevel (\d+)\b",
        lambda found: f"level {labels[int(found[1]) - 1]}" if 0 < int(found[1]) <= len(labels) else found[0],
        sentence,
    )


def _nobody(found: re.Match[str]) -> str:
    return f"None evaluable yet, {found[1]}" if found[1] else "None evaluable yet"

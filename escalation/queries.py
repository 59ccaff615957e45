"""Where the trial stands, computed from the records on each read: one function for pages, API and services."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings as django_settings

from assessments import queries as assessments
from assessments.queries import PatientFacts
from patients.models import Cohort, Slot
from trial import access, ledger
from trial import queries as ground
from trial.models import AuditEvent, ProtocolVersion, Signature, Trial
from trial.protocol_settings import ProtocolSettings
from trial.queries import Protocol
from trial.refusals import Refused

from . import engine
from .models import BasisChanged, Decision, Hold

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


def rule_of(settings: ProtocolSettings) -> engine.Rule:
    """The engine's rule of a protocol version."""
    return engine.Rule(
        variant=engine.Variant(settings.variant),
        a=settings.a,
        b=settings.b,
        c=settings.c,
        d=settings.d,
        e=settings.e,
        early_stop=settings.early_stop,
    )


@dataclass(frozen=True)
class Held:
    """Why nobody may start now. `position` None holds the whole trial, else that level and above."""

    sentence: str
    position: int | None = None


@dataclass(frozen=True)
class Situation:
    """The trial on one clinical date: the protocol in force, every patient, the engine's answer, the places."""

    trial: Trial
    on: date
    number: int
    protocol: Protocol
    facts: Sequence[PatientFacts]
    inputs: dict[str, Any]
    advice: engine.Recommendation
    cohort: Cohort | None
    taken: int  # slots granted or enrolled in the open cohort, not yet dosed
    in_force: Sequence[Decision]  # decisions that took effect, in order
    proposed: Decision | None  # signed by some, waiting for the others
    holds: Sequence[Held]
    changes: Sequence[BasisChanged]  # of signed decisions, not yet answered by a later one

    @cached_property
    def inputs_hash(self) -> str:
        return inputs_hash(self.inputs)

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
        """Whether the decision that opened the cohort chose a lower level than the engine's."""
        opened = next((d for d in self.in_force if self.cohort and d.ending.cohort_id == self.cohort.pk), None)
        return bool(opened and opened.position and opened.position < opened.recommendation["level"])

    @property
    def free(self) -> int:
        """Slots that may be granted now."""
        return max(0, self.startable - self.taken)

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


def engine_inputs(protocol: Protocol, facts: Sequence[PatientFacts], closed_by_committee: int | None) -> dict[str, Any]:
    """The engine's input as stored with a decision; patients carry their number and dose level besides."""
    s = protocol.settings
    return {
        "variant": s.variant,
        "levels": len(protocol.levels),
        "start": s.start,
        "settings": {"a": s.a, "b": s.b, "c": s.c, "d": s.d, "e": s.e, "early_stop": s.early_stop},
        "closed_by_committee": closed_by_committee,
        "patients": [
            {
                "patient": f.patient.number,
                "dose_level": str(f.level.pk),
                "level": protocol.position(f.level.pk),
                "outcome": f.outcome,
                "role": "escalation",
            }
            for f in facts
            if f.dosed
        ],
    }


def patients_of(inputs: dict[str, Any]) -> list[engine.Patient]:
    return [
        engine.Patient(p["level"], engine.Outcome(p["outcome"]), engine.Role(p["role"])) for p in inputs["patients"]
    ]


def answer(inputs: dict[str, Any]) -> engine.Recommendation:
    """The engine's answer to stored or fresh inputs."""
    rule = engine.Rule(variant=engine.Variant(inputs["variant"]), **inputs["settings"])
    return engine.recommend(
        patients_of(inputs),
        levels=inputs["levels"],
        rule=rule,
        start=inputs["start"],
        closed_by_committee=inputs["closed_by_committee"],
    )


def situation(trial: Trial, on: date, facts: Sequence[PatientFacts] | None = None) -> Situation | None:
    """Where the trial stands on the clinical date `on`; None before its protocol is written.

    A flat number of queries, however many patients there are.
    """
    protocol = ground.protocol(trial.pk)
    if protocol is None:
        return None
    facts = assessments.facts(trial.pk, on) if facts is None else facts
    every = list(decisions(trial.pk))
    in_force = [d for d in every if getattr(d, "ending", None) and d.ending.in_force]
    closed = [p for d in in_force if d.closes_id and (p := protocol.position(d.closes_id))]
    inputs = engine_inputs(protocol, facts, min(closed, default=None))
    advice = answer(inputs)
    changes = open_changes(trial.pk, in_force)
    cohort = Cohort.objects.filter(trial=trial, closed_at=None, voided=False).select_related("dose_level").first()
    return Situation(
        trial=trial,
        on=on,
        number=ledger.number_of(trial.pk),
        protocol=protocol,
        facts=facts,
        inputs=inputs,
        advice=advice,
        cohort=cohort,
        taken=_taken(cohort, on) if cohort else 0,
        in_force=in_force,
        proposed=next((d for d in every if not getattr(d, "ending", None)), None),
        holds=_holds(trial, changes, facts, protocol),
        changes=changes,
    )


def under(act: ledger.Act) -> Situation:
    """The situation that a service re-reads under the lock of its action. Refused before the protocol is written."""
    assert act.trial is not None
    found = situation(act.trial, act.clinical_date)
    if found is None:
        raise Refused("The protocol is not written yet.")
    return found


def here(scope: access.Scope) -> Situation | None:
    """The trial today, for a page or an endpoint."""
    return situation(scope.trial, scope.today)


def _taken(cohort: Cohort, on: date) -> int:
    slots = Slot.objects.filter(cohort=cohort, voided=False)
    granted = slots.filter(state=Slot.State.GRANTED, held_until__gte=on).count()
    enrolled = slots.filter(state=Slot.State.ENROLLED, patient__treatment=None).count()
    return granted + enrolled


def decisions(trial: UUID) -> Sequence[Decision]:
    """All decisions in order, with their endings."""
    return list(
        Decision.objects.filter(trial=trial)
        .select_related("ending__cohort", "dose_level", "protocol", "proposed_by")
        .order_by("number")
    )


def signatures(trial: UUID) -> dict[UUID, list[Signature]]:
    """Signatures by the id of what was signed."""
    found: dict[UUID, list[Signature]] = {}
    for signature in Signature.objects.filter(trial=trial).order_by("signed_at"):
        found.setdefault(signature.subject, []).append(signature)
    return found


def open_changes(trial: UUID, in_force: Sequence[Decision]) -> list[BasisChanged]:
    """Changes of a decision's basis that no later decision has answered."""
    answered = max((d.ending.rev for d in in_force if d.outcome != Outcome.HOLD), default=0)
    return list(
        BasisChanged.objects.filter(trial=trial, rev__gt=answered).select_related("decision", "patient").order_by("rev")
    )


def _holds(
    trial: Trial, changes: Sequence[BasisChanged], facts: Sequence[PatientFacts], protocol: Protocol
) -> list[Held]:
    held = [Held(f"Enrolment is held: {h.reason}") for h in Hold.objects.filter(trial=trial, lifted_by=None)]
    for change in changes:
        held.append(
            Held(
                f"The basis of decision {change.decision.number} has changed: patient {change.patient.code} was "
                f"{change.was}, is now {change.now}. The committee must decide again.",
                change.position,
            )
        )
    for f in facts:
        if f.outcome == "suspected" and (at := protocol.position(f.level.pk)):
            held.append(Held(f"Patient {f.patient.code} has a suspected DLT; it must be adjudicated first.", at))
    return held


def why_closed(here: Situation) -> str:
    """One sentence: why no slot is free, with the earliest date on which one may open; "" when one is free."""
    if here.free:
        return ""
    if here.conclusion:
        return f"Escalation has ended with decision {here.conclusion.number}."
    if here.cohort is None or here.position is None:
        return "The trial is not open yet: decision 0 opens it." if not here.in_force else "No cohort is open."
    name = f"level {here.protocol.level(here.position).label}"
    if held := here.held_at(here.position):
        return held[0].sentence
    if here.advice.level != here.position or here.decision_due:
        return f"No slot is free at {name}: a decision is due. {here.because}"
    if here.startable and here.taken:
        return f"No slot is free at {name}: {here.taken} held for patients who have not started."
    if ends := [f for f in here.facts_at(here.position) if f.outcome == "pending" and f.window_ends_on]:
        last = max(ends, key=lambda f: f.window_ends_on or date.min)
        assert last.window_ends_on
        return (
            f"No slot is free at {name}. The next opens on {last.window_ends_on + timedelta(days=1):%-d %b %Y} at the "
            f"earliest: patient {last.patient.code} is on day {last.window_day} of {last.window_days}."
        )
    return f"No slot is free at {name}. {here.because}"


def since(trial: UUID, number: int) -> list[AuditEvent]:
    """What was written after `number`, for the sentence that says what changed."""
    return list(
        AuditEvent.objects.filter(ledger__trial=trial, number__gt=number).select_related("by").order_by("number")
    )


def with_labels(sentence: str, labels: Sequence[str]) -> str:
    """A sentence of the engine, whose levels are positions, in the names that people know the levels by."""
    return re.sub(
        r"\blevel (\d+)\b",
        lambda found: f"level {labels[int(found[1]) - 1]}" if 0 < int(found[1]) <= len(labels) else found[0],
        sentence,
    )


def decision(trial: UUID, number: int) -> Decision | None:
    """Decision `number` with its ending."""
    return next((d for d in decisions(trial) if d.number == number), None)


def basis_changes(decision: UUID) -> list[BasisChanged]:
    """Everything that has changed in the basis of a decision since it was signed."""
    return list(BasisChanged.objects.filter(decision=decision).select_related("patient").order_by("rev"))


def token(scope: access.Scope) -> str:
    """Stands for what a page shows this reader: another number, day, release, role or site is another token.

    Take it before the page's other reads, so that what comes in between shows as a change.
    """
    parts = (
        scope.trial.pk,
        ledger.number_of(scope.trial.pk),
        scope.today,
        django_settings.RELEASE,
        scope.role,
        scope.site.pk if scope.site else "",
    )
    return hashlib.sha256(".".join(map(str, parts)).encode()).hexdigest()[:24]


def running() -> list[UUID]:
    """Trials with a protocol: those whose new day is settled."""
    written = ProtocolVersion.objects.values("trial")
    return list(Trial.objects.filter(voided=False, pk__in=written).values_list("pk", flat=True))

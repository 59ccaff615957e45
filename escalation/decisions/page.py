"""From one decision to what its page shows: recommended beside decided, signatures, inputs, what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assessments.dlt import version as rules
from trial.models import Signature
from trial.roles import May

from .. import words
from ..display.reader import ELSEWHERE, View
from ..display.rows import decision_row, replays
from ..display.types import DecisionRow
from ..engine import terms as engine
from ..models import BasisChanged, Decision
from ..situation import situation as queries
from ..situation.basis import changes
from ..situation.changes import answered_by
from ..stored import answer as stored_answer
from ..stored import inputs as stored_inputs


@dataclass(frozen=True, slots=True)
class SignatureRow:
    name: str
    role: str
    at: datetime
    meaning: str
    proof: str


@dataclass(frozen=True, slots=True)
class InputRow:
    """A patient as he stood in the decision's inputs, and now."""

    patient: str
    url: str
    level: str
    outcome: str
    now: str  # "" when nothing differs
    paper: bool  # treated outside the system, entered from paper


@dataclass(frozen=True, slots=True)
class CountRow:
    label: str
    evaluable: int
    dlts: int
    pending: int
    replaced: int


@dataclass(frozen=True, slots=True)
class DecisionPage:
    decision: Decision
    row: DecisionRow
    state: str
    tone: str
    because: str  # the engine's sentence then
    unreadable: str  # why its stored answer cannot be read; "" when it can be
    signatures: Sequence[SignatureRow]
    inputs: Sequence[InputRow]
    counts: Sequence[CountRow]
    basis_changes: Sequence[str]
    answers: Sequence[Decision]  # the later decisions that have answered them
    since_proposed: Sequence[str]  # what changed while it waits for signatures
    replay: str
    may_sign: bool
    may_withdraw: bool
    protocol: int
    rules: str  # version of the rules from event to count


def decision_page(view: View, d: Decision) -> DecisionPage:
    ending = getattr(d, "ending", None)
    signed = view.record.signatures.get(d.pk, ())
    row = decision_row(view, d)
    labels = view.record.ladders.get(d.protocol_id, view.labels)
    waiting = ending is None
    since = [view.said(line) for line in changes(d.inputs, view.here.inputs)] if waiting else []
    mine = any(s.user_id == view.scope.user.pk for s in signed)
    right = view.scope.may(May.SIGN_DECISION)
    state, tone = _state(d, row)
    changed = [change for change in view.here.basis_changes if change.decision_id == d.pk]
    answers = {a.number: a for change in changed if (a := answered_by(change, view.here.in_force))}
    unreadable = view.here.unreadable(d.number)
    return DecisionPage(
        decision=d,
        row=row,
        state=state,
        tone=tone,
        because="" if unreadable else queries.with_labels(d.recommendation["because"], labels),
        unreadable=unreadable,
        signatures=[signature_row(s) for s in signed],
        inputs=_inputs(view, d, labels),
        counts=[] if unreadable else _counts(d, labels),
        basis_changes=[view.said(_change(c)) for c in changed],
        answers=[answers[number] for number in sorted(answers)],
        since_proposed=since,
        replay=_replay(d),
        may_sign=waiting and right and not mine and not since and not unreadable,
        may_withdraw=waiting and right,
        protocol=d.protocol.number,
        rules=rules.of_stored(d.rules_version),
    )


def _change(c: BasisChanged) -> str:
    if c.restored:
        return f"Patient {c.patient.code} counts as before again: {c.now}."
    return f"Patient {c.patient.code} was {c.was}, is now {c.now}."


def _state(d: Decision, row: DecisionRow) -> tuple[str, str]:
    ending = getattr(d, "ending", None)
    if ending is None:
        left = row.needed - row.signed
        return f"Waits for {words.count(left, 'more signature')}; nothing is opened before", "amber"
    if ending.in_force:
        return f"In force since {ending.on:%-d %b %Y}", "green"
    return f"Withdrawn on {ending.on:%-d %b %Y}: {ending.reason}", ""


def signature_row(s: Signature) -> SignatureRow:
    return SignatureRow(s.name, s.get_role_display(), s.signed_at, s.meaning, s.proved)


def _inputs(view: View, d: Decision, labels: Sequence[str]) -> list[InputRow]:
    known = {f.patient.number: f for f in view.here.facts}
    now = {p["patient"]: p for p in view.here.inputs["patients"]}
    rows = []
    for was in stored_inputs.patients(d.inputs):
        facts, is_now = known.get(was["patient"]), now.get(was["patient"])
        name = view.patient(facts) if facts else f"{was['patient']:03d}"
        later = ""
        if is_now is None:
            later = "no longer counted"
        elif (is_now["outcome"], is_now["dose_level"]) != (was["outcome"], was["dose_level"]):
            later = words.OUTCOMES[is_now["outcome"]]
            if is_now["dose_level"] != was["dose_level"]:
                later += f", {view.level(is_now['level'])}"
        rows.append(
            InputRow(
                patient=name,
                url=view.patient_url(facts.patient) if facts and name != ELSEWHERE else "",
                level=words.level(labels, was["level"]).removeprefix("level "),
                outcome=words.OUTCOMES.get(was["outcome"], was["outcome"]),
                now=later,
                paper=facts is not None and facts.patient.from_paper,
            )
        )
    return rows


def _counts(d: Decision, labels: Sequence[str]) -> list[CountRow]:
    return [
        CountRow(labels[t["level"] - 1], t["evaluable"], t["dlts"], t["pending"], t["replaced"])
        for t in reversed(d.recommendation["tallies"])
        if t["level"] <= len(labels)
    ]


def _replay(d: Decision) -> str:
    if wrong := stored_inputs.fault(d.inputs):
        return f"the stored inputs cannot be read: {wrong}"
    if wrong := stored_answer.fault(d.recommendation):
        return f"the stored answer cannot be read: {wrong}"
    match replays(d):
        case None:
            return f"made with engine {d.engine_version}, which is not kept here; this is engine {engine.VERSION}"
        case True:
            return f"engine {d.engine_version} gives the same answer to the stored inputs"
        case _:
            return f"engine {d.engine_version} does not give this answer to the stored inputs"

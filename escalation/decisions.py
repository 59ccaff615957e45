"""Signed decisions: proposed with the first signature, in force with the last, then obeyed mechanically."""

import hashlib
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from patients import services as patients
from patients.models import Cohort
from trial import ledger, notices, services
from trial.ledger import Act
from trial.models import AuditEvent, DoseLevel, Signature, User
from trial.refusals import Refused
from trial.roles import May, Role
from trial.services import next_number

from . import engine, queries
from .models import Decision, Ending, Hold
from .queries import RANK, Outcome, Situation

Proof = Literal["password", "simulated"]
MEANING = "I have read the data behind this decision and approve it."
KINDS = {Outcome.MTD: Decision.Kind.MTD, Outcome.STOP: Decision.Kind.MTD, Outcome.RP2D: Decision.Kind.RP2D}
OPENS = {Outcome.STAY, Outcome.ESCALATE, Outcome.DE_ESCALATE}


@dataclass(frozen=True, slots=True)
class Choice:
    """One outcome that may be decided now, at one level of the ladder (None: no level)."""

    outcome: Outcome
    position: int | None
    label: str
    recommended: bool  # False: more cautious, needs a reason

    @property
    def value(self) -> str:
        return f"{self.outcome}:{self.position or ''}"


def choices(here: Situation) -> list[Choice]:
    """What the committee may decide now: the recommendation first, then everything more cautious.

    Bolder outcomes are not offered; `decide` refuses them (docs/domain.md, section 3, "Who decides").
    """
    if here.conclusion:
        return _rp2d_choices(here)
    advised = here.recommended
    found = [_choice(here, advised, here.advice.level or None, recommended=True)]
    if not here.in_force:
        return found  # decision 0: the start level or nothing
    if advised == Outcome.MTD:
        found = [c for c in found if not _mtd_blocked(here, c.position)]
    below = range(here.advice.level - 1, 0, -1)
    closed = here.advice.closed_from or len(here.protocol.levels) + 1
    at = here.position
    if advised in (Outcome.STAY, Outcome.DE_ESCALATE):
        found += [_choice(here, advised, p) for p in below if p < closed]
    if RANK[advised] >= RANK[Outcome.MTD]:
        found += [_choice(here, Outcome.MTD, p) for p in below if not _mtd_blocked(here, p)]
    if RANK[advised] > RANK[Outcome.STAY] and at and at < closed:
        found.append(_choice(here, Outcome.STAY, at))
    if RANK[advised] > RANK[Outcome.DE_ESCALATE] and at:
        found += [_choice(here, Outcome.DE_ESCALATE, p) for p in range(at - 1, 0, -1) if p < closed]
    if RANK[advised] > RANK[Outcome.HOLD]:
        found.append(_choice(here, Outcome.HOLD, None))
    if advised != Outcome.STOP:
        found.append(_choice(here, Outcome.STOP, None))
    return list({choice.value: choice for choice in reversed(found)}.values())[::-1]


def _choice(here: Situation, outcome: Outcome, position: int | None, *, recommended: bool = False) -> Choice:
    name = f"level {here.protocol.level(position).label}" if position else ""
    words = {
        Outcome.STOP: "Stop: no dose is tolerated" if recommended else "Stop the escalation",
        Outcome.HOLD: "Hold enrolment" if not recommended else "Wait: hold enrolment",
        Outcome.DE_ESCALATE: f"De-escalate to {name}",
        Outcome.STAY: f"Open the trial at {name}" if not here.in_force else f"Stay at {name} and fill it",
        Outcome.MTD: f"{name.capitalize()} is the MTD",
        Outcome.ESCALATE: f"Escalate to {name}",
        Outcome.RP2D: f"{name.capitalize()} is the recommended phase 2 dose",
    }
    if outcome == Outcome.MTD and position == len(here.protocol.levels):
        words[Outcome.MTD] = f"Top {name} is tolerated; the MTD is not reached"
    if outcome == Outcome.STAY and here.advice.action is engine.Action.EXPAND and recommended:
        words[Outcome.STAY] = f"Expand {name} to {here.protocol.settings.a + here.protocol.settings.b}"
    return Choice(
        outcome, position if outcome not in (Outcome.HOLD, Outcome.STOP) else None, words[outcome], recommended
    )


def _rp2d_choices(here: Situation) -> list[Choice]:
    end = here.conclusion
    if end is None or end.outcome != Outcome.MTD or here.rp2d or not end.dose_level_id:
        return []
    top = here.protocol.position(end.dose_level_id) or 0
    open_below = [p for p in range(top, 0, -1) if p < (here.advice.closed_from or top + 1) and not _unsettled(here, p)]
    return [_choice(here, Outcome.RP2D, p, recommended=True) for p in open_below]


def _unsettled(here: Situation, position: int) -> str:
    """Who at or below the level is pending or suspected; MTD and RP2D cannot be signed over them."""
    waiting = [
        f.patient.code
        for p in range(1, position + 1)
        for f in here.facts_at(p)
        if f.outcome in ("pending", "suspected")
    ]
    return f"Patient {', '.join(waiting)} at or below this level is still pending." if waiting else ""


def _mtd_blocked(here: Situation, position: int | None) -> str:
    """Why the level cannot be named the MTD (or top tolerated) now; "" when it can."""
    assert position is not None
    tally, s = here.tally(position), here.protocol.settings
    if unsettled := _unsettled(here, position):
        return unsettled
    if position == here.advice.level and here.recommended == Outcome.MTD:
        return ""
    rule = queries.rule_of(s)
    if tally.dlts > s.e or not engine.enough(engine.Count(tally.evaluable, tally.dlts), rule):
        return f"The MTD needs {s.a + s.b} evaluable patients with at most {s.e} DLT."
    return ""


def decide(
    *,
    trial: UUID,
    outcome: str,
    position: int | None,
    basis: str,
    reason: str = "",
    proof: Proof,
    by: User,
    key: UUID | None = None,
) -> Decision:
    """Propose a decision and sign it. It takes effect with the last signature that the protocol asks for.

    basis: the basis token of the signer's screen (`Situation.basis`).
    Raises Refused when the facts behind `basis` have changed, when the outcome is bolder than the
    recommendation, or when a more cautious one has no reason.
    """
    asked = (outcome, position, basis, reason)
    with ledger.action(
        trial, by=by, may=May.SIGN_DECISION, verb="decision.sign", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return Decision.objects.get(pk=act.earlier)
        here = queries.under(act)
        _same_basis(here, basis)
        if here.proposed:
            if queries.inputs_hash(here.proposed.inputs) == here.inputs_hash:
                raise Refused(
                    f"Decision {here.proposed.number} waits for its signatures. Sign it, or withdraw it with a reason."
                )
            _end(act, here.proposed, in_force=False, reason="The facts behind it changed.")
        choice = _choose(here, Outcome(outcome), position)
        if not choice.recommended and not reason.strip():
            raise Refused("Reason: a decision more cautious than the recommendation needs one.", field="reason")
        if choice.outcome == Outcome.RP2D and not reason.strip():
            raise Refused("Reason: the recommended phase 2 dose is a human decision; say why.", field="reason")
        decision = _store(act, here, choice, reason, basis)
        _sign(act, here, decision, proof)
        act.result(decision.pk)
        return decision


def countersign(
    *, trial: UUID, decision: UUID, basis: str, proof: Proof, by: User, key: UUID | None = None
) -> Decision:
    """Add a signature to a proposed decision; with the last one it is in force and obeyed at once."""
    asked = (decision, basis)
    with ledger.action(trial, by=by, may=May.SIGN_DECISION, verb="decision.sign", key=key, asked=asked) as act:
        row = Decision.objects.select_related("dose_level").get(pk=decision, trial=trial)
        if act.earlier:
            return row
        here = queries.under(act)
        if here.proposed is None or here.proposed.pk != row.pk:
            raise Refused(f"Decision {row.number} no longer waits for signatures.")
        _same_basis(here, basis)
        if changed := changes(row.inputs, here.inputs):
            raise Refused(
                f"Since decision {row.number} was proposed: {'; '.join(changed)}. Withdraw it and decide again."
            )
        _sign(act, here, row, proof)
        act.result(row.pk)
        return row


def withdraw(*, trial: UUID, decision: UUID, reason: str, by: User, key: UUID | None = None) -> Decision:
    """Take a proposed decision back, with a reason, before it is in force."""
    with ledger.action(
        trial, by=by, may=May.SIGN_DECISION, verb="decision.withdraw", reason=reason, key=key, asked=(decision, reason)
    ) as act:
        row = Decision.objects.get(pk=decision, trial=trial)
        if act.earlier:
            return row
        if not reason.strip():
            raise Refused("Reason: withdrawing a decision needs one.", field="reason")
        if Ending.objects.filter(decision=row).exists():
            raise Refused(f"Decision {row.number} has ended already.")
        _end(act, row, in_force=False, reason=reason)
        act.result(row.pk)
        return row


def hold(*, trial: UUID, reason: str, by: User, key: UUID | None = None) -> Hold:
    """Hold all enrolment at once: a principal investigator or the medical monitor, in one step, with a reason."""
    with ledger.action(trial, by=by, may=May.HOLD, verb="trial.hold", reason=reason, key=key, asked=(reason,)) as act:
        if act.earlier:
            return Hold.objects.get(pk=act.earlier)
        if act.membership and act.membership.role == Role.INVESTIGATOR and not act.membership.principal:
            raise Refused("Hold: only a principal investigator or the medical monitor can hold enrolment.")
        if not reason.strip():
            raise Refused("Reason: a hold needs one.", field="reason")
        row = Hold.objects.create(trial_id=trial, reason=reason, by=by, since=act.now)
        act.result(row.pk)
        return row


def changes(was: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What differs between two engine inputs, in words, a patient or setting each."""
    before = {p["patient"]: p for p in was["patients"]}
    after = {p["patient"]: p for p in now["patients"]}
    found = []
    for number in sorted(before.keys() | after.keys()):
        old, new = before.get(number), after.get(number)
        if old == new:
            continue
        if new is None:
            found.append(f"patient {number:03d} left the count")
        elif old is None:
            found.append(f"patient {number:03d} was dosed ({_words(new['outcome'])})")
        elif old["outcome"] != new["outcome"]:
            found.append(f"patient {number:03d} was {_words(old['outcome'])}, is now {_words(new['outcome'])}")
        else:
            found.append(f"patient {number:03d} counts at another level")
    return found + [
        f"the protocol's {k} changed"
        for k in ("variant", "levels", "start", "settings", "closed_by_committee")
        if was[k] != now[k]
    ]


WORDS = {
    "dlt": "DLT",
    "no_dlt": "no DLT",
    "pending": "pending",
    "suspected": "suspected DLT",
    "not_evaluable": "not evaluable",
}


def _words(outcome: str) -> str:
    return WORDS[outcome]


def _same_basis(here: Situation, basis: str) -> None:
    """Refuse another inputs hash, engine or settings version than the signer read; say what came in since."""
    try:
        number, _, engine_version, settings_version, inputs = basis.split(".")
        seen = int(number)
    except ValueError:
        raise Refused("Basis: this form is not one of ours; open the page again.", field="basis") from None
    if (engine_version, settings_version, inputs) == (
        engine.VERSION,
        str(here.protocol.version.number),
        here.inputs_hash,
    ):
        return
    came = [_came(event) for event in queries.since(here.trial.pk, seen)]
    what = f" Since then: {'; '.join(came)}." if came else ""
    raise Refused(f"The facts changed after you opened this page.{what} {here.because} Read it and sign again.")


def _came(event: AuditEvent) -> str:
    """What happened and by whom; not who read a DLT: another reader may be among the signers."""
    what = EVENTS.get(event.verb, event.verb)
    if event.verb == "verdict.give":
        return what
    return f"{what} ({event.by.name if event.by else 'system'})"


EVENTS = {
    "event.report": "an adverse event was reported",
    "event.correct": "an adverse event was corrected",
    "verdict.give": "a DLT verdict was given",
    "evaluability.confirm": "an evaluability was confirmed",
    "treatment.start": "a patient had the first dose",
    "treatment.stop": "a treatment was stopped",
    "treatment.correct": "a treatment was corrected",
    "dosing.record": "doses were recorded",
    "patient.enrol": "a patient was enrolled",
    "slot.request": "a slot was requested",
    "slot.grant": "a slot was granted",
    "slot.cancel": "a slot was given back",
    "protocol.write": "the protocol was amended",
    "decision.sign": "a decision was signed",
    "decision.withdraw": "a decision was withdrawn",
    "trial.hold": "enrolment was held",
}


def _choose(here: Situation, outcome: Outcome, position: int | None) -> Choice:
    """The offered choice that was asked for; anything else is refused with its rule."""
    offered = choices(here)
    for choice in offered:
        if (choice.outcome, choice.position) == (outcome, position):
            return choice
    if position is not None and not 1 <= position <= len(here.protocol.levels):
        raise Refused(f"Level: {position} is not on the ladder.", field="choice")
    if outcome in (Outcome.MTD, Outcome.RP2D) and position and (unsettled := _unsettled(here, position)):
        raise Refused(f"{unsettled} Decide when the outcome is known.", field="choice")
    if outcome == Outcome.RP2D:
        raise Refused("RP2D: at or below a signed MTD (or top tolerated level), once.", field="choice")
    if here.conclusion:
        raise Refused(f"Escalation has ended with decision {here.conclusion.number}.", field="choice")
    if RANK[outcome] > RANK[here.recommended] or (
        outcome == here.recommended and position and position > here.advice.level
    ):
        raise Refused(
            f"This is bolder than the recommendation. {here.because} "
            "The committee may be more cautious, never bolder; to go on, amend the protocol first.",
            field="choice",
        )
    raise Refused("This cannot be decided now: the level is closed or does not have the patients.", field="choice")


def _store(act: Act, here: Situation, choice: Choice, reason: str, basis: str) -> Decision:
    level = here.protocol.level(choice.position) if choice.position else None
    kind = KINDS.get(choice.outcome, Decision.Kind.COHORT if here.in_force else Decision.Kind.OPEN)
    recommendation = engine.as_json(here.advice)
    closes = _closes(here, choice)
    content = ledger.canonical(
        [
            str(here.trial.pk),
            kind,
            choice.outcome,
            str(level.pk) if level else None,
            reason,
            basis,
            here.inputs,
            recommendation,
        ]
    )
    assert act.by is not None
    return Decision.objects.create(
        trial_id=here.trial.pk,
        number=next_number(Decision, here.trial.pk, first=0),
        kind=kind,
        outcome=choice.outcome,
        dose_level=level,
        position=choice.position,
        closes=closes,
        protocol=here.protocol.version,
        basis=basis,
        inputs=here.inputs,
        recommendation=recommendation,
        engine_version=engine.VERSION,
        reason=reason,
        proposed_by=act.by,
        proposed_at=act.now,
        content=hashlib.sha256(content.encode()).hexdigest(),
    )


def _closes(here: Situation, choice: Choice) -> DoseLevel | None:
    """The level that a cautious committee leaves downward is closed for good, as if it had failed."""
    if choice.outcome != Outcome.DE_ESCALATE or here.position is None or choice.position is None:
        return None
    if here.advice.closed_from and here.advice.closed_from <= choice.position + 1:
        return None
    return here.protocol.level(choice.position + 1)


def _sign(act: Act, here: Situation, decision: Decision, proof: Proof) -> None:
    assert act.by is not None and act.trial is not None
    if proof == "simulated" and not act.trial.simulated:
        raise Refused("Password: a signature needs it; only a simulated trial is signed without.", field="password")
    before = list(Signature.objects.filter(subject=decision.pk))
    if any(signature.user_id == act.by.pk for signature in before):
        raise Refused(f"You have signed decision {decision.number} already; another person must sign.")
    wanted = here.protocol.settings.signatures
    last = len(before) + 1 >= wanted
    if last and not any(role == Role.DSMB for role in [*(s.role for s in before), act.acting_as]):
        raise Refused("One of the signatures must be a safety committee member's.")
    Signature.objects.create(
        trial_id=act.trial.pk,
        user=act.by,
        name=act.by.name,
        role=act.acting_as,
        meaning=MEANING,
        signed_at=act.now,
        subject=decision.pk,
        content=decision.content,
        proof=proof,
    )
    if last:
        _obey(act, here, decision)
    else:
        notices.post(
            trial=act.trial,
            to=services.people_with(act.trial.pk, May.SIGN_DECISION),
            key=f"sign-{decision.pk}",
            subject=f"{act.trial.code}: decision {decision.number} waits for a signature",
        )


def _obey(act: Act, here: Situation, decision: Decision) -> None:
    """What a decision in force does, mechanically: open or close the cohort, hold, lift what it answers."""
    cohort = None
    if decision.outcome in OPENS:
        assert decision.dose_level is not None and decision.position is not None
        places = queries.rule_of(here.protocol.settings).places(here.tally(decision.position).evaluable)
        cohort = patients.open_cohort(act, dose_level=decision.dose_level, places=places)
    elif decision.outcome in (Outcome.MTD, Outcome.STOP):
        patients.close_cohort(act)
    _end(act, decision, in_force=True, cohort=cohort)
    if decision.outcome == Outcome.HOLD:
        Hold.objects.create(
            trial_id=here.trial.pk, reason=f"decision {decision.number}: {decision.reason}", by=act.by, since=act.now
        )
    elif decision.outcome != Outcome.RP2D:
        for held in Hold.objects.filter(trial=here.trial, lifted_by=None):
            held.lifted_by = decision
            held.save()
    assert act.trial is not None
    notices.post(
        trial=act.trial,
        to=services.people_with(act.trial.pk, May.SIGN_DECISION, May.REQUEST_SLOT, May.REPORT_EVENT),
        key=f"decision-{decision.pk}",
        subject=f"{act.trial.code}: decision {decision.number} is in force: {decision.get_outcome_display()}",
        text=here.because,
    )


def _end(act: Act, decision: Decision, *, in_force: bool, cohort: Cohort | None = None, reason: str = "") -> None:
    Ending.objects.create(
        trial_id=decision.trial_id,
        decision=decision,
        in_force=in_force,
        cohort=cohort,
        reason=reason,
        at=act.now,
        on=act.clinical_date,
    )

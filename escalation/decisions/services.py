"""Signed decisions: proposed with the first signature, in force with the last, then obeyed mechanically."""

from uuid import UUID

from assessments.dlt import version as rules
from patients import services as patients
from patients.models import Cohort
from trial import notices
from trial.models import NoticeKind, User
from trial.people import services
from trial.people.proof import Proof
from trial.record import ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May
from trial.services import next_number

from ..display.rows import decided
from ..engine import reading as engine_reading
from ..engine import terms
from ..meetings import binding
from ..meetings.models import DataCut
from ..models import Decision, Ending, Hold
from ..signing import services as signing
from ..signing.basis import same_basis
from ..situation import queries
from ..situation import situation as standing
from ..situation.basis import changes
from ..situation.choices import Choice, choose, closes
from ..situation.situation import Outcome, Situation

KINDS = {Outcome.MTD: Decision.Kind.MTD, Outcome.STOP: Decision.Kind.MTD, Outcome.RP2D: Decision.Kind.RP2D}
OPENS = {Outcome.STAY, Outcome.ESCALATE, Outcome.DE_ESCALATE}


def decide(
    *,
    trial: UUID,
    outcome: str,
    position: int | None,
    basis: str,
    reason: str = "",
    later_toxicity: str = "",
    cut: UUID | None = None,
    proof: Proof,
    by: User,
    key: UUID | None = None,
) -> Decision:
    """Propose a decision and sign it. It takes effect with the last signature that the protocol asks for.

    basis: the basis token of the signer's screen (`Situation.basis`).
    later_toxicity: of an RP2D, how toxicity beyond the DLT window counted.
    cut: the data cut of the meeting that decides; None beside any meeting.
    Raises Refused when the facts behind `basis` or the cut have changed, when the outcome is bolder than the
    recommendation or than the meeting's votes, or when a more cautious one has no reason.
    """
    later = later_toxicity.strip()
    asked = (outcome, position, basis, reason, *([cut] if cut else []), *([later] if later else []))
    with ledger.action(
        trial, by=by, may=May.SIGN_DECISION, verb="decision.sign", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return Decision.objects.get(pk=act.earlier)
        here = queries.under(act)
        frozen = binding.cut_of(here, cut)
        same_basis(here, basis)
        if here.proposed:
            if standing.inputs_hash(here.proposed.inputs) == here.inputs_hash:
                raise Refused(
                    f"Decision {here.proposed.number} waits for its signatures. Sign it, or withdraw it with a reason."
                )
            _end(act, here.proposed, in_force=False, reason="The facts behind it changed.")
        choice = choose(here, Outcome(outcome), position)
        if not choice.recommended and not reason.strip():
            raise Refused("Reason: a decision more cautious than the recommendation needs one.", field="reason")
        if choice.outcome == Outcome.RP2D and not reason.strip():
            raise Refused("Reason: the recommended phase 2 dose is a human decision; say why.", field="reason")
        if choice.outcome == Outcome.RP2D and not later:
            raise Refused(
                "How later toxicity counted: a recommended phase 2 dose is signed on what happened beyond the DLT "
                "window too; say how it counted.",
                field="later_toxicity",
            )
        if frozen:
            binding.check_outcome(frozen, choice, reason)
        decision = _store(act, here, choice, reason, later, basis, frozen)
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
        same_basis(here, basis)
        if unreadable := here.unreadable(row.number):
            raise Refused(f"{unreadable} It cannot be signed.")
        if row.cut_id:
            binding.on_last_cut(here, row.cut_id)
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
        ended = Ending.objects.filter(decision=row).exists()
        signing.check_withdrawal(f"Decision {row.number}", reason, ended=ended)
        _end(act, row, in_force=False, reason=reason)
        act.result(row.pk)
        return row


def _store(
    act: Act, here: Situation, choice: Choice, reason: str, later_toxicity: str, basis: str, cut: DataCut | None
) -> Decision:
    assert act.by is not None
    row = Decision(
        trial_id=here.trial.pk,
        number=next_number(Decision, here.trial.pk, first=1 if here.paper else 0),
        kind=KINDS.get(choice.outcome, Decision.Kind.COHORT if here.in_force or here.paper else Decision.Kind.OPEN),
        outcome=choice.outcome,
        dose_level=here.protocol.level(choice.position) if choice.position else None,
        position=choice.position,
        closes=closes(here, choice),
        protocol=here.protocol.version,
        cut=cut,
        basis=basis,
        inputs=here.inputs,
        recommendation=engine_reading.as_json(here.advice),
        engine_version=terms.VERSION,
        rules_version=rules.VERSION,
        reason=reason,
        later_toxicity=later_toxicity if choice.outcome == Outcome.RP2D else None,
        proposed_by=act.by,
        proposed_at=act.now,
    )
    row.content = content_hash(row)
    row.save()
    return row


def content_hash(row: Decision) -> str:
    """SHA-256 of what is signed."""
    return signing.content_hash(
        [
            str(row.trial_id),
            row.kind,
            row.outcome,
            str(row.dose_level_id) if row.dose_level_id else None,
            row.reason,
            row.basis,
            row.inputs,
            row.recommendation,
            *([str(row.cut.pk), row.cut.hash] if row.cut else []),
            *([{"rules": row.rules_version}] if row.rules_version else []),
            *([{"later_toxicity": row.later_toxicity}] if row.later_toxicity else []),
        ]
    )


def _sign(act: Act, here: Situation, decision: Decision, proof: Proof) -> None:
    name, page = f"decision {decision.number}", f"decisions/{decision.number}/"
    if signing.sign(act, here, subject=decision.pk, content=decision.content, name=name, page=page, proof=proof):
        _obey(act, here, decision)


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
    binding.close_with(act, decision)
    assert act.trial is not None
    what = decided(decision, [level.label for level in here.protocol.levels])
    notices.post(
        trial=act.trial,
        to=services.people_with(act.trial.pk, May.SIGN_DECISION, May.REQUEST_SLOT, May.REPORT_EVENT),
        key=f"decision-{decision.pk}",
        kind=NoticeKind.DECISION,
        page=f"decisions/{decision.number}/",
        subject=f"{act.trial.code}: decision {decision.number} is in force: {what}",
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

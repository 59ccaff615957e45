"""Deciding about patients outside the count: proposed with the first signature, in force with the last."""

from collections import Counter
from itertools import islice
from uuid import UUID

from assessments.dlt import version as rules
from patients import services as patients
from patients.models import Cohort
from trial import notices
from trial.models import NoticeKind, User
from trial.people import services
from trial.people.proof import Proof
from trial.record import ledger
from trial.record.ledger import Act as LedgerAct
from trial.refusals import Refused
from trial.roles import May
from trial.services import next_number

from ..signing import basis as signed_basis
from ..signing import services as signing
from ..situation import queries as escalation
from ..situation import situation as standing
from ..situation import turns
from ..situation.situation import Situation
from . import choices, queries
from .models import OutsideDecision, OutsideEnding
from .queries import Act


def propose(
    *,
    trial: UUID,
    act: str,
    role: str,
    position: int,
    places: int | None = None,
    reason: str,
    basis: str,
    proof: Proof,
    by: User,
    key: UUID | None = None,
) -> OutsideDecision:
    """Propose to open, continue or close a cohort outside the count, and sign it.

    basis: the basis token of the signer's screen (`Situation.basis`).
    Raises Refused when the facts behind it changed, and for a level where such patients may not be treated.
    """
    asked = (act, role, position, places, reason, basis)
    with ledger.action(
        trial, by=by, may=May.SIGN_DECISION, verb="outside.sign", reason=reason, key=key, asked=asked
    ) as done:
        if done.earlier:
            return OutsideDecision.objects.get(pk=done.earlier)
        here = escalation.under(done)
        _same_basis(here, basis)
        every = queries.decisions(trial)
        if waits := queries.proposed(every):
            raise Refused(f"Decision {waits.code} waits for its signatures. Sign it, or withdraw it with a reason.")
        choices.check(here, queries.places(here), queries.rates(here, every), act, role, position)
        choices.check_places(act, places)
        if not reason.strip():
            raise Refused("Reason: say why; it stands under the decision.", field="reason")
        assert done.by is not None
        row = OutsideDecision(
            trial_id=trial,
            number=next_number(OutsideDecision, trial),
            act=act,
            role=role,
            dose_level=here.protocol.level(position),
            places=places,
            protocol=here.protocol.version,
            basis=basis,
            inputs=here.inputs,
            rules_version=rules.VERSION,
            reason=reason,
            proposed_by=done.by,
            proposed_at=done.now,
        )
        row.content = content_hash(row)
        row.save()
        _sign(done, here, row, proof)
        done.result(row.pk)
        return row


def countersign(
    *, trial: UUID, decision: UUID, basis: str, proof: Proof, by: User, key: UUID | None = None
) -> OutsideDecision:
    """Add a signature; with the last one the cohort opens, goes on or closes at once."""
    asked = (decision, basis)
    with ledger.action(trial, by=by, may=May.SIGN_DECISION, verb="outside.sign", key=key, asked=asked) as done:
        row = OutsideDecision.objects.select_related("dose_level", "ending").get(pk=decision, trial=trial)
        if done.earlier:
            return row
        if getattr(row, "ending", None):
            raise Refused(f"Decision {row.code} no longer waits for signatures.")
        here = escalation.under(done)
        _same_basis(here, basis)
        if standing.inputs_hash(row.inputs) != here.inputs_hash:
            raise Refused(f"The facts changed since decision {row.code} was proposed. Withdraw it and decide again.")
        position = here.protocol.position(row.dose_level_id) or 0
        every = queries.decisions(trial)
        choices.check(here, queries.places(here), queries.rates(here, every), row.act, row.role, position)
        _sign(done, here, row, proof)
        done.result(row.pk)
        return row


def withdraw(*, trial: UUID, decision: UUID, reason: str, by: User, key: UUID | None = None) -> OutsideDecision:
    """Take a proposed decision back, with a reason, before it is in force."""
    asked = (decision, reason)
    with ledger.action(
        trial, by=by, may=May.SIGN_DECISION, verb="outside.withdraw", reason=reason, key=key, asked=asked
    ) as done:
        row = OutsideDecision.objects.select_related("ending").get(pk=decision, trial=trial)
        if done.earlier:
            return row
        ended = getattr(row, "ending", None) is not None
        signing.check_withdrawal(f"Decision {row.code}", reason, ended=ended)
        _end(done, row, in_force=False, reason=reason)
        done.result(row.pk)
        return row


def content_hash(row: OutsideDecision) -> str:
    """SHA-256 of what is signed."""
    return signing.content_hash(
        [
            str(row.trial_id),
            row.act,
            row.role,
            str(row.dose_level_id),
            row.places,
            row.reason,
            row.basis,
            row.inputs,
            *([{"rules": row.rules_version}] if row.rules_version else []),
        ]
    )


def _same_basis(here: Situation, basis: str) -> None:
    if signed_basis.read(here, basis) is not None:
        raise Refused("The facts changed after you opened this page. Read them and sign again.")


def _sign(done: LedgerAct, here: Situation, row: OutsideDecision, proof: Proof) -> None:
    name = f"decision {row.code}"
    if signing.sign(done, here, subject=row.pk, content=row.content, name=name, page="expansion/", proof=proof):
        _obey(done, row)


def _obey(done: LedgerAct, row: OutsideDecision) -> None:
    cohort = Cohort.objects.filter(
        trial=row.trial_id, role=row.role, dose_level=row.dose_level_id, closed_at=None, voided=False
    ).first()
    if row.act == Act.OPEN:
        assert row.places is not None
        cohort = patients.open_outside(done, role=row.role, dose_level=row.dose_level, places=row.places)
    elif row.act == Act.CLOSE and cohort is not None:
        patients.close(done, cohort)
    _end(done, row, in_force=True, cohort=cohort)
    assert done.trial is not None
    notices.post(
        trial=done.trial,
        to=services.people_with(done.trial.pk, May.SIGN_DECISION, May.REQUEST_SLOT, May.REPORT_EVENT),
        key=f"outside-{row.pk}",
        kind=NoticeKind.DECISION,
        page="expansion/",
        subject=f"{done.trial.code}: decision {row.code} is in force: {row.get_act_display()}, "
        f"{row.get_role_display()} at level {row.dose_level.label}",
        text=row.reason,
    )


def _end(
    done: LedgerAct, row: OutsideDecision, *, in_force: bool, cohort: Cohort | None = None, reason: str = ""
) -> None:
    OutsideEnding.objects.create(
        trial_id=row.trial_id,
        decision=row,
        in_force=in_force,
        cohort=cohort,
        reason=reason,
        at=done.now,
        on=done.clinical_date,
    )


def settle(act: LedgerAct, here: Situation) -> None:
    """What follows from every action: reviews asked by notice, once for each count; the waiting lists."""
    assert act.trial is not None
    open_now = queries.places(here)
    if not open_now and all(f.counted for f in here.facts):
        return
    for rate in queries.reviews(here, queries.decisions(here.trial.pk)):
        notices.post(
            trial=act.trial,
            to=services.people_with(act.trial.pk, May.SIGN_DECISION),
            key=f"monitor-{rate.level.pk}-{rate.whole.x}",
            kind=NoticeKind.SAFETY,
            page="expansion/",
            subject=f"{act.trial.code}: review asked at level {rate.level.label}",
            text=queries.asked(rate, here),
        )
    if here.protocol.settings.slot_approval == "automatic":
        for place in open_now:
            waiting = patients.waiting(place.cohort) if place.free else []
            has = turns.held(here, place.cohort.pk) if waiting else Counter()
            for slot in islice(turns.turns(waiting, has, here.protocol.settings), place.free):
                patients.grant(act, slot, cohort=place.cohort, hold_days=here.protocol.settings.slot_hold_days)
                notices.post(
                    trial=act.trial,
                    to=[slot.requested_by],
                    key=f"granted-{slot.pk}",
                    kind=NoticeKind.ENROLMENT,
                    page=f"enrolment/slots/{slot.number}/",
                    subject=f"{act.trial.code}: slot {slot.number} is granted until {slot.held_until}",
                )

"""One signature under one decision: who may still sign it, when it is the last, and taking it back before that.

Decisions of the escalation and those outside its count are signed alike; what a decision in force does stays with it.
"""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from trial import notices
from trial.models import NoticeKind, Signature
from trial.people import proof as proofs
from trial.people import suspensions
from trial.people.proof import Proof
from trial.people.services import people_with
from trial.record import ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May, Role

from ..situation.situation import Situation
from .proof import MEANING


def content_hash(content: Sequence[Any]) -> str:
    """SHA-256 of what is signed (its canonical JSON)."""
    return hashlib.sha256(ledger.canonical(list(content)).encode()).hexdigest()


def sign(act: Act, here: Situation, *, subject: UUID, content: str, name: str, page: str, proof: Proof) -> bool:
    """Sign `subject` as the acting person. True with the last signature that the protocol asks for: it is in force.

    content: hash of what is signed. name: what people call it, "decision 3"; page: below the trial's. Until the last
    the others are asked for theirs. Refuses a second signature of one person, and a last one while no safety committee
    member has signed.
    """
    assert act.by is not None and act.trial is not None
    if proof == "simulated" and not act.trial.simulated:
        raise Refused("Password: a signature needs it; only a simulated trial is signed without.", field="password")
    proofs.check(act.by, proof)
    before = list(Signature.objects.filter(subject=subject))
    if any(signature.user_id == act.by.pk for signature in before):
        raise Refused(f"You have signed {name} already; another person must sign.")
    last = len(before) + 1 >= here.protocol.settings.signatures
    if last and Role.DSMB not in [*(signature.role for signature in before), act.acting_as]:
        raise Refused("One of the signatures must be a safety committee member's.")
    Signature.objects.create(
        trial_id=act.trial.pk,
        user=act.by,
        name=act.by.name,
        role=act.acting_as,
        meaning=MEANING,
        signed_at=act.now,
        subject=subject,
        content=content,
        proof=proof,
        suspended=suspensions.to_name(act.by),
    )
    if not last:
        notices.post(
            trial=act.trial,
            to=people_with(act.trial.pk, May.SIGN_DECISION),
            key=f"sign-{subject}",
            kind=NoticeKind.DECISION,
            page=page,
            subject=f"{act.trial.code}: {name} waits for a signature",
        )
    return last


def check_withdrawal(name: str, reason: str, *, ended: bool) -> None:
    """Refuse to take back without a reason, and what is in force or taken back already. name: "Decision 3"."""
    if not reason.strip():
        raise Refused("Reason: withdrawing a decision needs one.", field="reason")
    if ended:
        raise Refused(f"{name} has ended already.")

"""What every verb that corrects or voids a row asks of it first: nobody undoes unseen what another wrote meanwhile.

row = AdverseEvent.objects.get(pk=event, trial=trial)  # a voided one too: it is refused by name
if act.earlier:
    return row
corrections.check(act, row, row.code, seen=rev, reason_for="a correction")
"""

from typing import TypeVar

from ..models import Audited, AuditEvent
from ..refusals import Refused, Stale
from ..verbs import CORRECTS
from .ledger import Act

Row = TypeVar("Row", bound=Audited)


def check(act: Act, row: Audited, what: str, *, seen: int | None, besides: str = "", reason_for: str = "") -> None:
    """Refuse what was typed before somebody else changed the row, naming him; a row that is voided; no reason.

    what: the row, as a sentence begins. seen: its `rev` on the person's screen, 0 when there was none yet; None when
    nobody looked, as in a replay. besides: what is recorded now, after a colon. reason_for: what needs a reason, if it
    does.
    """
    late = seen is not None and row.rev > seen  # a row's number only rises
    if row.voided:
        since = f" {_author(act, row)} did so since you opened the form." if late else ""
        raise Refused(f"{what} is voided.{since}")
    if late:
        raise Stale(
            f"{what} was changed by {_author(act, row)} since you opened the form{besides}. "
            "What you typed is kept: compare and save again."
        )
    if reason_for:
        needs_reason(act, reason_for)


def needs_reason(act: Act, what: str, *, label: str = "Reason") -> None:
    """From here on the action is a correction, and is called one.

    label: what the form calls the reason, where it asks for another one too.
    """
    if not act.reason.strip():
        raise Refused(f"{label}: {what} needs one.", field="reason")
    act.verb = CORRECTS.get(act.verb, act.verb)


def void(act: Act, row: Row, what: str, *, seen: int | None, reason_for: str) -> Row:
    """Take the row back with the action's reason; it stays in the record. Sent twice, the same form is answered."""
    if not act.earlier:
        check(act, row, what, seen=seen, reason_for=reason_for)
        row.voided = True
        row.save()
        act.result(row.pk)
    return row


def _author(act: Act, row: Audited) -> str:
    """Who changed the row last."""
    change = AuditEvent.objects.filter(ledger=act.ledger, number=row.rev).select_related("by").first()
    return change.by.name if change and change.by else "somebody"

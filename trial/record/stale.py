"""The refusal that keeps one person's form from silently undoing what another wrote meanwhile."""

from .. import queries
from ..refusals import Refused
from .ledger import Act


def check(act: Act, what: str, *, now: int, seen: int | None, besides: str = "") -> None:
    """Refuse what was typed before somebody else changed the row, naming him.

    what: the row, as its sentence begins. now: the row's `rev`, 0 when there is none yet. seen: the one on the person's
    screen; None when nobody looked, as in a replay. besides: what is recorded now, after a colon.
    """
    if seen is None or now <= seen:  # a row's number only rises
        return
    change = queries.events(act.trial_id).filter(number=now).first()
    who = change.by.name if change and change.by else "somebody"
    raise Refused(
        f"{what} was changed by {who} since you opened the form{besides}. "
        "What you typed is kept: compare and save again."
    )

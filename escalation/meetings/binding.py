"""What binds a decision to the meeting that it is signed in: the last cut, the votes on it, the meeting's end."""

from uuid import UUID

from trial.record.ledger import Act
from trial.refusals import Refused

from ..models import Decision
from ..situation.choices import Choice
from ..situation.situation import Situation
from . import queries
from .models import DataCut


def on_last_cut(here: Situation, cut: UUID) -> DataCut:
    """The cut, when it is the last of an open meeting and still shows the facts; otherwise Refused says why not."""
    row = DataCut.objects.select_related("meeting").filter(pk=cut, trial=here.trial).first()
    if row is None:
        raise Refused("Cut: this trial has no such data cut.", field="cut")
    name = f"Cut {row.number} of meeting {row.meeting.number}"
    if row.meeting.closed_at:
        raise Refused(f"Meeting {row.meeting.number} is closed.")
    last = queries.last_cut(row.meeting)
    if last is not None and last.pk != row.pk:
        raise Refused(f"{name} is no longer the last: cut {last.number} was frozen since. Read it first.", field="cut")
    if changed := queries.differences(row, here):
        raise Refused(
            f"{name} no longer shows the facts: {'; '.join(changed)}. Freeze a fresh cut in this meeting.", field="cut"
        )
    return row


def cut_of(here: Situation, cut: UUID | None) -> DataCut | None:
    """The cut that a decision names. Without one no meeting may be under way: its votes would be passed over."""
    if cut is not None:
        return on_last_cut(here, cut)
    if meeting := queries.under_way(here.trial.pk):
        raise Refused(f"Meeting {meeting.number} is under way: sign in it, or close it with a reason.")
    return None


def check_outcome(cut: DataCut, choice: Choice, reason: str) -> None:
    """Refuse an outcome without a vote, one bolder than the votes carry, and another than theirs without a reason."""
    carried = queries.carried(queries.in_force(cut))
    if carried is None:
        raise Refused("No member has voted for an outcome on this cut yet.", field="choice")
    asked = queries.boldness(choice.outcome, choice.position)
    voted = queries.boldness(carried.outcome, carried.position)
    if asked > voted:
        raise Refused("This is bolder than the votes carry: more than half must accept it.", field="choice")
    if asked != voted and not reason.strip():
        raise Refused("Reason: an outcome more cautious than the votes carry needs one.", field="reason")


def close_with(act: Act, decision: Decision) -> None:
    """The meeting ends with its decision in force."""
    if decision.cut is not None:
        meeting = decision.cut.meeting
        meeting.closed_at = act.now
        meeting.save()

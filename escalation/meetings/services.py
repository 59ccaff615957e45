"""Calling a meeting, freezing its data cut, voting, and closing it without a decision.

Its outcome is signed by `escalation.decisions.services` on the cut; the last signature closes the meeting.
"""

from datetime import date
from uuid import UUID

from assessments.dlt import version as rules
from trial import notices
from trial.models import NoticeKind, User
from trial.people import services as ground
from trial.record import cuts, ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May
from trial.services import next_number

from ..engine import reading as engine
from ..outstanding import blocked
from ..situation import queries as escalation
from ..situation.choices import choose
from ..situation.situation import Outcome, Situation
from . import binding, queries
from .models import DataCut, Meeting, Vote

NAMED = 3  # blocking items that a refusal names


def call(*, trial: UUID, cut_off: date, meets_on: date, by: User, key: UUID | None = None) -> Meeting:
    """Call a meeting: until the cut-off the data are entered and adjudicated.

    Raises Refused for a cut-off in the past, a meeting before its cut-off, and while another meeting is open.
    """
    asked = (cut_off, meets_on)
    with ledger.action(trial, by=by, may=May.CALL_MEETING, verb="meeting.call", key=key, asked=asked) as act:
        if act.earlier:
            return Meeting.objects.get(pk=act.earlier)
        escalation.under(act)
        if cut_off < act.clinical_date:
            raise Refused("Cut-off: it is today or later.", field="cut_off")
        if meets_on < cut_off:
            raise Refused("Meeting: it is on the day of the cut-off or later.", field="meets_on")
        if other := queries.open_meeting(trial):
            raise Refused(f"Meeting {other.number} is still open. Close it first, or decide in it.")
        row = Meeting.objects.create(
            trial_id=trial,
            number=next_number(Meeting, trial),
            cut_off=cut_off,
            meets_on=meets_on,
            called_by=by,
            called_at=act.now,
        )
        _tell(
            act,
            row,
            f"is called for {meets_on:%-d %b %Y}; data are wanted until {cut_off:%-d %b %Y}",
            May.VOTE,
            May.FREEZE_CUT,
            May.REPORT_EVENT,
            May.RECORD_DOSING,
        )
        act.result(row.pk)
        return row


def freeze(*, trial: UUID, meeting: UUID, by: User, key: UUID | None = None) -> DataCut:
    """Freeze the record as it stands, as the cut that members read and vote on.

    A later cut takes the place of the earlier one; the votes on the earlier stay to be read and do not count.
    Raises Refused before the cut-off, while data are missing or unadjudicated, while a decision waits for signatures,
    and when nothing was written since the last cut.
    """
    with ledger.action(trial, by=by, may=May.FREEZE_CUT, verb="meeting.freeze", key=key, asked=(meeting,)) as act:
        if act.earlier:
            return DataCut.objects.get(pk=act.earlier)
        here = escalation.under(act)
        row = _open(act, meeting)
        if act.clinical_date < row.cut_off:
            raise Refused(f"Meeting {row.number}: its cut-off is {row.cut_off:%-d %b %Y}; nothing is frozen before.")
        _nothing_missing(here)
        if here.proposed:
            raise Refused(f"Decision {here.proposed.number} waits for its signatures. Sign it or withdraw it first.")
        last = queries.last_cut(row)
        if last and not queries.news(here, last):
            raise Refused(f"Nothing was written since cut {last.number}; it is the last.")
        taken = cuts.latest(here.trial, here.on)
        cut = DataCut.objects.create(
            trial_id=trial,
            meeting=row,
            number=last.number + 1 if last else 1,
            record=taken.number,
            hash=taken.hash,
            on=taken.on,
            at=act.now,
            frozen_by=by,
            basis=here.basis,
            inputs=here.inputs,
            recommendation=engine.as_json(here.advice),
            rules_version=rules.VERSION,
        )
        _tell(act, row, f"has frozen cut {cut.number}: read the packet and vote", May.VOTE)
        act.result(cut.pk)
        return cut


def vote(
    *,
    trial: UUID,
    cut: UUID,
    outcome: str,
    position: int | None = None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Vote:
    """Vote on a cut: for the recommendation, for something more cautious, or abstain (outcome "").

    A second vote of the same member voids the first, which stays with the reason of the change.
    Raises PermissionDenied for everybody but a member of the committee, and Refused for a cut that is not the last,
    for an outcome bolder than the recommendation, and once an outcome is proposed.
    """
    asked = (cut, outcome, position, reason)
    with ledger.action(trial, by=by, may=May.VOTE, verb="meeting.vote", reason=reason, key=key, asked=asked) as act:
        if act.earlier:
            return Vote.objects.get(pk=act.earlier)
        here = escalation.under(act)
        on = binding.on_last_cut(here, cut)
        if here.proposed:
            raise Refused(f"Decision {here.proposed.number} is proposed: votes are closed.")
        if not reason.strip():
            raise Refused("Reason: a vote needs one; it stays beside the outcome.", field="reason")
        if outcome and outcome not in Outcome.values:
            raise Refused("Vote: choose one of those offered.", field="choice")
        if outcome:
            choose(here, Outcome(outcome), position)
        before = Vote.objects.filter(cut=on, member=by, voided=False).first()
        if before:
            before.voided, before.voided_reason = True, reason
            before.save()
        row = Vote.objects.create(
            trial_id=trial,
            cut=on,
            member=by,
            outcome=outcome,
            position=position if outcome else None,
            reason=reason,
            at=act.now,
        )
        act.result(row.pk)
        return row


def close(*, trial: UUID, meeting: UUID, reason: str, by: User, key: UUID | None = None) -> Meeting:
    """Close a meeting without a decision, with a reason."""
    asked = (meeting, reason)
    with ledger.action(
        trial, by=by, may=May.CALL_MEETING, verb="meeting.close", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return Meeting.objects.get(pk=act.earlier)
        row = _open(act, meeting)
        if not reason.strip():
            raise Refused("Reason: closing a meeting without a decision needs one.", field="reason")
        decision = queries.decision_of(row)
        if decision is not None:
            raise Refused(f"Decision {decision.number} waits for its signatures. Withdraw it first.")
        row.closed_at, row.closed_reason = act.now, reason
        row.save()
        _tell(act, row, "is closed without a decision", May.VOTE)
        act.result(row.pk)
        return row


def _open(act: Act, meeting: UUID) -> Meeting:
    row = Meeting.objects.get(pk=meeting, trial=act.trial_id)
    if row.closed_at:
        raise Refused(f"Meeting {row.number} is closed.")
    return row


def _nothing_missing(here: Situation) -> None:
    """The blocked-by list is empty when a cut is frozen (docs/domain.md, section 10)."""
    missing = [f"patient {item.facts.patient.code}: {item.what}" for item in blocked.missing(here)]
    if missing:
        more = f"; and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        raise Refused(f"The cut is blocked by missing data: {'; '.join(missing[:NAMED])}{more}.")


def _tell(act: Act, row: Meeting, what: str, *rights: May) -> None:
    assert act.trial is not None
    notices.post(
        trial=act.trial,
        to=ground.people_with(act.trial.pk, *rights),
        key=f"meeting-{row.pk}-{act.number}",
        kind=NoticeKind.MEETING,
        page=f"meetings/{row.number}/",
        subject=f"{act.trial.code}: meeting {row.number} {what}",
    )

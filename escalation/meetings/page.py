"""What the meetings' pages and their endpoints show: where a meeting stands, its cuts, and the votes in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from assessments.events import sight
from trial.models import Signature
from trial.people.access import Scope
from trial.record import cuts
from trial.roles import May

from .. import words
from ..display.rows import decided
from ..display.types import BlockedRow
from ..models import Decision
from ..outstanding import blocked
from ..situation import queries as escalation
from ..situation.situation import Outcome, Situation
from . import queries
from .models import DataCut, Meeting, Vote
from .rules import Stage

STAGES: dict[Stage, tuple[str, str]] = {
    Stage.CALLED: ("Data are collected until the cut-off", ""),
    Stage.COLLECTING: ("Cut-off reached: the cut is to be frozen", "amber"),
    Stage.VOTING: ("Cut frozen: members vote", "amber"),
    Stage.STALE: ("The facts changed: a fresh cut is needed", "red"),
    Stage.SIGNING: ("Outcome proposed: signatures wanted", "amber"),
    Stage.DECIDED: ("Decided", "green"),
    Stage.CLOSED: ("Closed without a decision", ""),
}
ORDER = ("Cut-off", "Cut frozen", "Votes", "Outcome", "Signatures")  # of the steps on the page
REACHED = {  # how many of the steps are done at each stage
    Stage.CALLED: 0,
    Stage.COLLECTING: 1,
    Stage.STALE: 1,
    Stage.VOTING: 2,
    Stage.SIGNING: 4,
    Stage.DECIDED: 5,
}


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    state: str  # "done", "now", "to come", "not reached"


@dataclass(frozen=True, slots=True)
class VoteRow:
    member: str
    vote: str  # "Escalate to level 3", "Abstains"
    reason: str
    at: datetime
    changed: str = ""  # of a voided vote: why it changed
    dissents: bool = False  # from what was decided


@dataclass(frozen=True, slots=True)
class CutRow:
    cut: DataCut
    last: bool
    holds: bool  # the chain still has this hash at this number
    cast: int  # votes in force, abstentions too
    votes: Sequence[VoteRow]  # voided ones too; empty for who may not read them


@dataclass(frozen=True, slots=True)
class MeetingRow:
    meeting: Meeting
    stage: Stage
    state: str
    tone: str
    decision: Decision | None
    outcome: str  # "Escalate to level 3"
    dissents: int | None  # None for who may not read the votes


@dataclass(frozen=True, slots=True)
class MeetingPage:
    row: MeetingRow
    reason: str  # of the decision, or of closing without one
    steps: Sequence[Step]
    blocked: Sequence[BlockedRow]
    in_window: int  # patients whose DLT window still runs
    changed: Sequence[str]  # in the facts, since the last cut
    cuts: Sequence[CutRow]  # the last one first
    last: CutRow | None
    carried: str  # what the votes carry; "" without one, and for who may not read them
    signatures: Sequence[Signature]
    needed: int
    may_read_votes: bool


def said(outcome: str, position: int | None, labels: Sequence[str], *, opens: bool = False) -> str:
    """An outcome in words: "Escalate to level 3"; "" is an abstention. opens: of a trial that is not open yet."""
    level = words.level(labels, position)
    match outcome:
        case "":
            return "Abstains"
        case Outcome.STAY:
            return f"{'Open the trial' if opens else 'Stay'} at {level}"
        case Outcome.ESCALATE:
            return f"Escalate to {level}"
        case Outcome.DE_ESCALATE:
            return f"De-escalate to {level}"
        case Outcome.MTD:
            return f"{level.capitalize()} is the MTD, or tolerated at the top"
        case Outcome.RP2D:
            return f"RP2D: {level}"
        case Outcome.HOLD:
            return "Hold enrolment"
    return "Stop the escalation"


def meeting_row(scope: Scope, meeting: Meeting, here: Situation, ladders: Mapping[int, Sequence[str]]) -> MeetingRow:
    stage, decision = queries.stage(meeting, here), queries.decision_of(meeting)
    state, tone = STAGES[stage]
    reads = scope.may(May.READ_VOTES)
    outcome, dissents = "", 0 if reads else None
    if decision is not None:
        outcome = decided(decision, ladders.get(decision.protocol.number, ()))
        if reads:
            cut = next(c for c in meeting.cuts.all() if c.pk == decision.cut_id)
            dissents = len(queries.dissents(queries.in_force(cut), decision))
    return MeetingRow(meeting, stage, state, tone, decision, outcome, dissents)


def meeting_rows(scope: Scope, here: Situation) -> list[MeetingRow]:
    """All meetings, latest first: a flat number of queries."""
    ladders = queries.ladders(scope.trial.pk)
    return [meeting_row(scope, meeting, here, ladders) for meeting in queries.meetings(scope.trial.pk)]


def meeting_page(scope: Scope, meeting: Meeting, here: Situation) -> MeetingPage:
    ladders = queries.ladders(scope.trial.pk)
    row = meeting_row(scope, meeting, here, ladders)

    def veiled(sentence: str) -> str:
        return sight.veiled(sentence, scope, here.facts)

    reads = scope.may(May.READ_VOTES)
    last = queries.last_cut(meeting)
    opens = row.decision.kind == Decision.Kind.OPEN if row.decision else not (here.in_force or here.paper)
    shown = [
        _cut_row(cut, row, ladders, last=cut == last, reads=reads, opens=opens)
        for cut in sorted(meeting.cuts.all(), key=lambda cut: -cut.number)
    ]
    carried = queries.carried(queries.in_force(last)) if last else None
    ended = meeting.closed_at is not None
    signed = escalation.signatures(scope.trial.pk).get(row.decision.pk, []) if row.decision else []
    return MeetingPage(
        row=row,
        steps=_steps(row.stage),
        blocked=() if ended else blocked.missing_rows(scope, here, meeting.cut_off),
        in_window=blocked.in_window(here),
        changed=[veiled(line) for line in queries.differences(last, here)] if last and not ended else (),
        reason=veiled(row.decision.reason if row.decision else meeting.closed_reason),
        cuts=shown,
        last=next((cut for cut in shown if cut.last), None),
        carried=said(carried.outcome, carried.position, _labels(last, ladders), opens=opens)
        if carried and reads
        else "",
        signatures=signed,
        needed=here.protocol.settings.signatures,
        may_read_votes=reads,
    )


def _steps(stage: Stage) -> list[Step]:
    if stage == Stage.CLOSED:
        return [Step(name, "not reached") for name in ORDER]
    done = REACHED[stage]
    return [Step(name, "done" if k < done else "now" if k == done else "to come") for k, name in enumerate(ORDER)]


def _cut_row(
    cut: DataCut, row: MeetingRow, ladders: Mapping[int, Sequence[str]], *, last: bool, reads: bool, opens: bool
) -> CutRow:
    labels = _labels(cut, ladders)
    made = row.decision if row.decision and row.decision.cut_id == cut.pk else None
    against = {vote.pk for vote in queries.dissents(queries.in_force(cut), made)} if made else set()
    return CutRow(
        cut=cut,
        last=last,
        holds=cuts.holds(cuts.Cut(cut.trial_id, cut.record, cut.on, cut.hash)),
        cast=len(queries.in_force(cut)),
        votes=[_vote_row(vote, labels, against, opens=opens) for vote in cut.votes.all()] if reads else (),
    )


def _vote_row(vote: Vote, labels: Sequence[str], against: set[UUID], *, opens: bool) -> VoteRow:
    return VoteRow(
        member=vote.member.name,
        vote=said(vote.outcome, vote.position, labels, opens=opens),
        reason=vote.reason,
        at=vote.at,
        changed=vote.voided_reason,
        dissents=vote.pk in against,
    )


def _labels(cut: DataCut | None, ladders: Mapping[int, Sequence[str]]) -> Sequence[str]:
    """The ladder of the protocol version that the cut was read under."""
    return ladders.get(int(cut.basis.split(".")[3]), ()) if cut else ()

"""Reads of meetings: the open one, its last cut, the votes in force, and whether a cut still shows the facts."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from trial.dates import shown
from trial.models import LadderStep
from trial.people.access import Frozen

from ..engine import terms as engine
from ..models import Decision
from ..situation.basis import changes
from ..situation.queries import since
from ..situation.situation import RANK, Outcome, Situation
from . import rules
from .models import DataCut, Meeting, Vote
from .rules import Boldness, Stage

OWN = ("meeting.", "decision.")  # verbs after which a cut would show nothing new


def meetings(trial: UUID) -> QuerySet[Meeting]:
    """All of them, latest first, with their cuts, every vote, and the decisions proposed on each cut."""
    votes = Vote.objects.select_related("member").order_by("at")
    decisions = Decision.objects.select_related("ending", "protocol").order_by("number")
    cuts = (
        DataCut.objects.select_related("frozen_by")
        .prefetch_related(Prefetch("votes", votes), Prefetch("decisions", decisions))
        .order_by("number")
    )
    found = Meeting.objects.filter(trial=trial, voided=False).select_related("called_by")
    return found.prefetch_related(Prefetch("cuts", cuts)).order_by("-number")


def meeting(trial: UUID, number: int) -> Meeting | None:
    return meetings(trial).filter(number=number).first()


def open_meeting(trial: UUID) -> Meeting | None:
    return meetings(trial).filter(closed_at=None).first()


def ladders(trial: UUID) -> dict[int, list[str]]:
    """The labels of each protocol version's ladder, lowest first, by the version's number."""
    found: dict[int, list[str]] = {}
    steps = LadderStep.objects.filter(trial=trial).select_related("dose_level", "version").order_by("position")
    for step in steps:
        found.setdefault(step.version.number, []).append(step.dose_level.label)
    return found


def cut_before(meeting: Meeting) -> DataCut | None:
    """The last cut of the meetings before: what the members read the last time."""
    return DataCut.objects.filter(trial=meeting.trial_id, meeting__number__lt=meeting.number).order_by("record").last()


def under_way(trial: UUID) -> Meeting | None:
    """The open meeting, once it has frozen a cut: decisions are signed in it."""
    meeting = open_meeting(trial)
    return meeting if meeting and last_cut(meeting) else None


def last_cut(meeting: Meeting) -> DataCut | None:
    """The cut that counts: the last one that was frozen."""
    return max(meeting.cuts.all(), key=lambda cut: cut.number, default=None)


def decision_of(meeting: Meeting) -> Decision | None:
    """What was signed in the meeting: the decision in force, or the one that waits for signatures."""
    every = [d for cut in meeting.cuts.all() for d in cut.decisions.all()]
    in_force = (d for d in every if getattr(d, "ending", None) and d.ending.in_force)
    return next(in_force, None) or next((d for d in every if not getattr(d, "ending", None)), None)


def in_force(cut: DataCut) -> list[Vote]:
    return [vote for vote in cut.votes.all() if not vote.voided]


def differences(cut: DataCut, here: Situation) -> list[str]:
    """What has changed in the facts of a cut since it was frozen, in words; votes and signatures are no facts of it."""
    _, _, engine_version, settings_version, _ = cut.basis.split(".")
    found = changes(cut.inputs, here.inputs)
    if settings_version != str(here.protocol.version.number):
        found.append(f"protocol version {here.protocol.version.number} came in force")
    if engine_version != engine.VERSION:
        found.append(f"the engine is now version {engine.VERSION}")
    return found


def news(here: Situation, last: DataCut) -> bool:
    """Whether anything but the meeting's own acts was written since the cut, or its facts changed with the date."""
    if differences(last, here):
        return True
    return any(not event.verb.startswith(OWN) for event in since(here.trial.pk, last.record))


def boldness(outcome: str, position: int | None) -> Boldness:
    """The order of docs/domain.md, section 3; of RP2Ds, which have no rank there, the level alone."""
    return RANK.get(outcome, len(Outcome)), position or 0


def carried(votes: Sequence[Vote]) -> Vote | None:
    """One of the votes for the outcome that they carry; None when nobody voted for any."""
    cast = {boldness(vote.outcome, vote.position): vote for vote in votes if not vote.abstains}
    found = rules.carried([boldness(vote.outcome, vote.position) for vote in votes if not vote.abstains])
    return cast[found] if found else None


def dissents(votes: Sequence[Vote], decision: Decision) -> list[Vote]:
    """The votes for another outcome than the one that was decided."""
    decided = (decision.outcome, decision.position)
    return [vote for vote in votes if not vote.abstains and (vote.outcome, vote.position) != decided]


def stage(meeting: Meeting, here: Situation) -> Stage:
    cut, decision = last_cut(meeting), decision_of(meeting)
    ended = getattr(decision, "ending", None)
    return rules.stage(
        today=here.on,
        cut_off=meeting.cut_off,
        frozen=cut is not None,
        stands=cut is not None and not differences(cut, here),
        proposed=decision is not None and ended is None,
        decided=ended is not None,
        closed=meeting.closed_at is not None,
    )


def cuts(trial: UUID) -> list[DataCut]:
    """Every frozen cut, the latest first."""
    return list(DataCut.objects.filter(trial=trial, voided=False).select_related("meeting").order_by("-record"))


def moments(trial: UUID) -> list[Frozen]:
    """The cuts as moments of the record, named like "cut 1 of meeting 2, 3 Mar 2026"."""
    return [
        Frozen(
            record=cut.record,
            on=cut.on,
            at=cut.at,
            rules=cut.rules_version,
            words=f"cut {cut.number} of meeting {cut.meeting.number}, {shown(cut.on)}",
        )
        for cut in cuts(trial)
    ]


def data_cut(trial: UUID, record: int) -> DataCut | None:
    """The cut at that number of the record."""
    return next((cut for cut in cuts(trial) if cut.record == record), None)


def frozen(trial: UUID, record: int) -> Frozen | None:
    """The cut at that number of the record, for pages as of then (settings.PAST)."""
    return next((one for one in moments(trial) if one.record == record), None)

"""Verbs of a case at the sponsor: a report to the authority; and, of site and sponsor, why a clock was not kept."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from trial.models import User
from trial.record import corrections, ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May

from ..models import AdverseEvent
from . import queries
from .clocks import RULES, Kind
from .models import CaseLateness, CaseNews, CaseSubmission
from .services import after, of_event, of_sponsor, past


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A report to the authority. contains: the number of the last news in it."""

    at: datetime
    contains: int
    complete: bool = False
    reference: str = ""


def submit(
    *, trial: UUID, event: UUID, submission: UUID | None = None, said: Submitted, rev: int | None = None,
    reason: str = "", by: User, key: UUID | None = None,
) -> CaseSubmission:  # fmt: skip
    """The sponsor reported the case to the authority. submission: the one to correct."""
    asked = (event, submission, said.at, said.contains, said.complete, said.reference, rev, reason)
    with ledger.action(
        trial, by=by, may=May.HANDLE_CASE, verb="case.submit", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return CaseSubmission.objects.get(pk=act.earlier)
        case = of_event(act, event)
        if submission is None:
            row = CaseSubmission(
                trial_id=trial, event=case, number=CaseSubmission.objects.filter(event=case).count() + 1
            )
        else:
            row = CaseSubmission.objects.get(event=case, pk=submission)
            corrections.check(act, row, row.code, seen=rev, reason_for="a correction")
        _check(act, case, said)
        row.submitted_at, row.contains, row.complete = said.at, said.contains, said.complete
        row.reference, row.by = said.reference.strip(), by
        row.save()
        act.result(row.pk)
        return row


def void_submission(
    *, trial: UUID, event: UUID, submission: UUID, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> CaseSubmission:
    """Take back a submission that was recorded by mistake: its clocks run again."""
    with ledger.action(
        trial, by=by, may=May.HANDLE_CASE, verb="case.void_submission", reason=reason, key=key,
        asked=(event, submission, rev, reason),
    ) as act:  # fmt: skip
        row = CaseSubmission.objects.get(event=of_event(act, event), pk=submission)
        return corrections.void(act, row, row.code, seen=rev, reason_for="taking back a submission")


def explain(
    *, trial: UUID, event: UUID, kind: str, number: int, why: str, rev: int | None = None, reason: str = "", by: User,
    key: UUID | None = None,
) -> CaseLateness:  # fmt: skip
    """Why a clock was not kept: the site says it of its own, the sponsor of the others. rev: 0 for no reason yet."""
    may = May.REPORT_EVENT if kind == Kind.SITE else May.HANDLE_CASE
    asked = (event, kind, number, why, rev, reason)
    with ledger.action(trial, by=by, may=may, verb="case.explain", reason=reason, key=key, asked=asked) as act:
        if act.earlier:
            return CaseLateness.objects.get(pk=act.earlier)
        event_row = of_event(act, event)
        row = CaseLateness.objects.filter(event=event_row, kind=kind, number=number).first()
        if row is not None:
            corrections.check(act, row, "The reason for the delay", seen=rev, reason_for="changing what was recorded")
        else:
            _check_late(act, event_row, kind, number)
            row = CaseLateness(trial_id=trial, event=event_row, kind=kind, number=number)
        if not why.strip():
            raise Refused("Reason for the delay: say why the time was not kept.", field="why")
        row.why, row.by = why.strip(), by
        row.save()
        act.result(row.pk)
        return row


def _check(act: Act, event: AdverseEvent, said: Submitted) -> None:
    case = queries.read(event)
    if case.received_at is None:
        raise Refused(f"{event.code}: the site has not reported it to the sponsor yet.", field="at")
    zone = of_sponsor(act)
    past(act, zone, said.at, "Submitted at", "at")
    news = CaseNews.objects.filter(event=event, number=said.contains, voided=False).first()
    if news is None:
        raise Refused("Contains: choose the last news of this case that is in the report.", field="contains")
    after(zone, said.at, case.received_at, "Submitted at", "the sponsor was told", "at")
    if news.by_site and news.number > 1:
        after(zone, said.at, news.received_at or news.told_at, "Submitted at", f"{news.code.lower()} was told", "at")


def _check_late(act: Act, event: AdverseEvent, kind: str, number: int) -> None:
    if kind not in RULES:
        raise Refused("Clock: there is none of this kind.", field="kind")
    clock = next(
        (t.clock for t in queries.read(event).clocks if (t.clock.kind, t.clock.number) == (kind, number)), None
    )
    if clock is None or not clock.late(act.now):
        raise Refused(f"{RULES[Kind(kind)].what}: this time was kept, or runs still; it needs no reason.", field="why")

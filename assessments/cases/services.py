"""Verbs of a case at its site and between site and sponsor: reported, received, followed up, described.

Each enters a fact or, once it is recorded, corrects it with a reason.
"""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from uuid import UUID

from patients.services import mine
from trial import notices
from trial.instants import shown
from trial.models import NoticeKind, User
from trial.people.services import people_with
from trial.record import corrections, ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May

from ..models import AdverseEvent
from . import clocks, queries
from .models import CaseDetails, CaseNews, CaseSubmission


def report_case(
    *, trial: UUID, event: UUID, at: datetime, rev: int | None, reason: str = "", by: User, key: UUID | None = None
) -> AdverseEvent:
    """The site tells the sponsor of a serious event; `at` is when it did. rev: of the event on the person's screen."""
    asked = (event, at, rev, reason)
    with ledger.action(
        trial, by=by, may=May.REPORT_EVENT, verb="case.report", reason=reason, key=key, asked=asked
    ) as act:
        row = of_event(act, event)
        if act.earlier:
            return row
        corrections.check(act, row, row.code, seen=rev)
        if row.aware_on is None:
            raise Refused(f"Aware at: say on {row.code} first when the site became aware that it is serious.")
        zone = row.patient.site.time_zone
        past(act, zone, at, "Reported at", "at")
        aware = row.aware_at or clocks.began(row.aware_on, zone)
        after(zone, at, aware, "Reported at", "the site became aware", "at")
        before(zone, at, row.received_at, "Reported at", "the sponsor received it", "at")
        _correct(act, row.sent_at, at, "Reported at", "at", "the sponsor was told")
        row.sent_at = at
        row.save()
        _tell_sponsor(act, row, f"reported-{row.pk}", "is reported to the sponsor: record its receipt")
        act.result(row.pk)
        return row


def receive(
    *, trial: UUID, event: UUID, follow_up: UUID | None = None, at: datetime, rev: int | None, reason: str = "",
    by: User, key: UUID | None = None,
) -> AdverseEvent | CaseNews:  # fmt: skip
    """The sponsor received the first report, or a follow-up: day 0 of the clocks that it began.

    rev: of the event for its first report, of the follow-up for that.
    """
    asked = (event, follow_up, at, rev, reason)
    with ledger.action(
        trial, by=by, may=May.HANDLE_CASE, verb="case.receive", reason=reason, key=key, asked=asked
    ) as act:
        case = of_event(act, event)
        row: AdverseEvent | CaseNews = _follow_up(case, follow_up) if follow_up else case
        if act.earlier:
            return row
        corrections.check(act, row, row.code, seen=rev)
        told = case.sent_at if isinstance(row, AdverseEvent) else row.told_at
        if told is None:
            raise Refused(f"{case.code}: the site has not reported it to the sponsor yet.", field="at")
        zone = of_sponsor(act)
        past(act, zone, at, "Received at", "at")
        after(zone, at, told, "Received at", "it was reported", "at")
        before(zone, at, _submitted(case, row), "Received at", "the report to the authority that contains it", "at")
        _correct(act, row.received_at, at, "Received at", "at", "it was received")
        row.received_at = at
        row.save()
        act.result(row.pk)
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A further report of the site. reported_at: None is now, as it is recorded."""

    text: str
    aware_at: datetime
    reported_at: datetime | None = None


def follow_up(
    *, trial: UUID, event: UUID, follow_up: UUID | None = None, said: FollowUp, rev: int | None = None,
    reason: str = "", by: User, key: UUID | None = None,
) -> CaseNews:  # fmt: skip
    """What the site learned since. follow_up: what was noted when the event was changed, or one to correct."""
    asked = (event, follow_up, said.text, said.aware_at, said.reported_at, rev, reason)
    with ledger.action(
        trial, by=by, may=May.REPORT_EVENT, verb="case.follow_up", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return CaseNews.objects.get(pk=act.earlier)
        case = of_event(act, event)
        if case.sent_at is None:
            raise Refused(f"{case.code}: report it to the sponsor first; what is known by then goes with it.")
        row = _follow_up(case, follow_up) if follow_up else _new(act, case)
        if follow_up:
            corrections.check(act, row, row.code, seen=rev)
        if row.aware_at is not None:
            corrections.needs_reason(act, "changing what was recorded")
        _check(act, case, row, said)
        row.text, row.aware_at, row.reported_at = said.text.strip(), said.aware_at, said.reported_at
        row.save()
        _tell_sponsor(act, case, f"followed-up-{row.pk}", f"has a follow-up report ({row.code.lower()})")
        act.result(row.pk)
        return row


def void_follow_up(
    *, trial: UUID, event: UUID, follow_up: UUID, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> CaseNews:
    """Take back a follow-up that was recorded by mistake. One by which the case stands otherwise stays."""
    asked = (event, follow_up, rev, reason)
    with ledger.action(
        trial, by=by, may=May.REPORT_EVENT, verb="case.void_follow_up", reason=reason, key=key, asked=asked
    ) as act:
        case = of_event(act, event)
        row = _follow_up(case, follow_up)
        if not act.earlier and not row.voided and queries.is_news(row):
            raise Refused(f"{row.code}: {case.code} stands otherwise by it, so it stays; correct the event instead.")
        return corrections.void(act, row, row.code, seen=rev, reason_for="taking back a follow-up")


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What the case report asks beside the record. None and "" are not known."""

    age: int | None = None
    sex: str = ""
    tests: str = ""
    abated: str = ""
    reappeared: str = ""
    concomitant: str = ""
    medical_history: str = ""

    def items(self) -> list[tuple[str, object]]:
        found = [(field.name, getattr(self, field.name)) for field in fields(self)]
        return [(name, value.strip() if isinstance(value, str) else value) for name, value in found]


def describe(
    *, trial: UUID, event: UUID, said: Described, rev: int | None = None, reason: str = "", by: User,
    key: UUID | None = None,
) -> CaseDetails:  # fmt: skip
    """What the case report asks beside the record of the event. rev: 0 where there was none yet."""
    asked = (event, *said.items(), rev, reason)
    with ledger.action(
        trial, by=by, may=May.REPORT_EVENT, verb="case.describe", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return CaseDetails.objects.get(pk=act.earlier)
        case = of_event(act, event)
        row = CaseDetails.objects.filter(event=case).first() or CaseDetails(trial_id=trial, event=case)
        if not row._state.adding:
            changes = any(getattr(row, name) not in (None, "", value) for name, value in said.items())
            corrections.check(
                act, row, "What the case report says", seen=rev,
                reason_for="changing what was recorded" if changes else "",
            )  # fmt: skip
        _check_described(said)
        for name, value in said.items():
            setattr(row, name, value)
        row.save()
        act.result(row.pk)
        return row


# ---- what the verbs of a case share ----


def of_event(act: Act, event: UUID) -> AdverseEvent:
    """A serious event of the person's sites, or one that was. A voided one is refused by name."""
    row = queries.events(act.trial_id).select_related("patient__site").get(pk=event)
    mine(act, row.patient.site_id)
    if row.voided and not act.earlier:
        raise Refused(f"{row.code} is voided.")
    return row


def of_sponsor(act: Act) -> str:
    """The sponsor's calendar is the trial's. A refusal names a time by the clock by which it was typed."""
    assert act.trial is not None
    return act.trial.time_zone


def past(act: Act, zone: str, at: datetime, label: str, field: str) -> None:
    if at > act.now:
        raise Refused(f"{label}: {shown(at, zone)} is in the future.", field=field)


def after(zone: str, at: datetime, first: datetime, label: str, what: str, field: str) -> None:
    if at < first:
        raise Refused(f"{label}: {shown(at, zone)} is before {what} ({shown(first, zone)}).", field=field)


def before(zone: str, at: datetime, last: datetime | None, label: str, what: str, field: str) -> None:
    if last is not None and at > last:
        raise Refused(f"{label}: {shown(at, zone)} is after {what} ({shown(last, zone)}).", field=field)


def _tell_sponsor(act: Act, event: AdverseEvent, key: str, what: str) -> None:
    assert act.trial is not None
    notices.post(
        trial=act.trial,
        to=people_with(act.trial_id, May.HANDLE_CASE),
        key=key,
        kind=NoticeKind.SAFETY,
        page=f"serious/{event.number}/",
        subject=f"{act.trial.code}: serious event {event.code} {what}",
    )


def _correct(act: Act, was: datetime | None, now: datetime, label: str, field: str, what: str) -> None:
    if was is None:
        return
    if was == now:
        raise Refused(f"{label}: it is recorded already that {what} then.", field=field)
    corrections.needs_reason(act, "changing what was recorded")


def _submitted(case: AdverseEvent, row: AdverseEvent | CaseNews) -> datetime | None:
    """The first report to the authority that contains it."""
    number = row.number if isinstance(row, CaseNews) else 1
    sent = CaseSubmission.objects.filter(event=case, voided=False, contains__gte=number).order_by("submitted_at")
    return sent.values_list("submitted_at", flat=True).first()


def _follow_up(case: AdverseEvent, follow_up: UUID) -> CaseNews:
    return CaseNews.objects.get(event=case, pk=follow_up, number__gt=1, by_site=True)


def _new(act: Act, case: AdverseEvent) -> CaseNews:
    """The case as it stands, told once more."""
    last = CaseNews.objects.filter(event=case).order_by("-number").first()
    stands = queries.last_news(case.pk)
    assert last is not None and stands is not None
    return CaseNews(
        trial_id=act.trial_id,
        event=case,
        number=last.number + 1,
        since=act.now,
        by_site=True,
        **asdict(stands.standing),
    )


def _check(act: Act, case: AdverseEvent, row: CaseNews, said: FollowUp) -> None:
    if not said.text.strip():
        raise Refused("News: say what the site learned.", field="text")
    zone = case.patient.site.time_zone
    past(act, zone, said.aware_at, "Aware at", "aware_at")
    if case.aware_at:
        after(zone, said.aware_at, case.aware_at, "Aware at", "the site knew of the event", "aware_at")
    told = said.reported_at or row.since
    past(act, zone, told, "Reported at", "reported_at")
    after(zone, told, said.aware_at, "Reported at", "the site became aware", "reported_at")
    before(zone, told, row.received_at, "Reported at", "the sponsor received it", "reported_at")


def _check_described(said: Described) -> None:
    if said.age is not None and not 18 <= said.age <= 120:
        raise Refused("Age: must be from 18 to 120 years.", field="age")
    for field, label, choices in (
        ("sex", "Sex", CaseDetails.Sex),
        ("abated", "Abated", CaseDetails.Answer),
        ("reappeared", "Reappeared", CaseDetails.Answer),
    ):
        if getattr(said, field) not in ("", *choices.values):
            raise Refused(f"{label}: choose one of the answers.", field=field)

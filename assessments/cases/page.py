"""What the pages of cases show: rows in words, and what this reader can do next."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from trial import dates, instants
from trial.people.access import Scope
from trial.roles import May

from ..event_words import Criterion, Degree, Outcome
from ..models import AdverseEvent
from . import clock_words
from .case import Case, Timed
from .clocks import Kind
from .models import CaseNews

SITE, SPONSOR = "site", "sponsor"
FLAGS = {
    "serious": ("serious", "not serious any more"),
    "fatal": ("fatal", "not fatal"),
    "life_threatening": ("life-threatening", "not life-threatening"),
    "unexpected": ("not expected, or not assessed yet", "expected"),
    "related_by_site": ("related or not answered by the site", "not related in the view of the site"),
    "related_by_sponsor": ("related or not answered by the sponsor", "not related in the view of the sponsor"),
}


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock. due_at: the instant that the browser counts to, while it runs; in the past nothing is counted."""

    what: str
    within: str
    began: str
    due: str
    runs: bool
    due_at: datetime | None
    state: str  # "kept on …", "late by …", "stopped on …", "runs", "overdue"
    tone: str
    news: str  # which news began it, where there is more than one
    reason: str = ""
    reason_url: str = ""  # where it is given or corrected, by who may


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in the list."""

    code: str
    url: str
    patient: str
    patient_url: str
    title: str
    place: str  # "site 02, level 1"
    why: str
    tags: Sequence[tuple[str, str]]
    clocks: Sequence[ClockRow]  # that run, or were not kept and nobody said why
    others: str  # "3 kept, 1 stopped"
    next_step: str


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Step:
    """What this reader can do; the first one that is due is the page's primary button."""

    text: str
    url: str
    due: bool = False


@dataclass(frozen=True, slots=True)
class NewsRow:
    number: int
    who: str
    what: str
    text: str
    aware: str
    told: str
    received: str
    urls: Sequence[Link] = field(default=())


def why_serious(event: AdverseEvent) -> str:
    criteria = event.serious_criteria
    if criteria is None:
        return "not recorded: asked since" if event.serious else ""
    return ", ".join(Criterion(one).label.lower() for one in criteria)


def outcome(event: AdverseEvent) -> str:
    return Outcome(event.outcome).label.lower() if event.outcome else "not answered"


def tags(case: Case) -> list[tuple[str, str]]:
    found = []
    if case.event.voided:
        found.append(("voided", ""))
    if not case.event.serious:
        found.append(("not serious any more", ""))
    if case.stands.fatal:
        found.append(("fatal", "red"))
    elif case.stands.life_threatening:
        found.append(("life-threatening", "red"))
    return found


def clock_rows(scope: Scope, case: Case, now: datetime) -> list[ClockRow]:
    several = len({timed.clock.number for timed in case.clocks}) > 1
    return [_clock(scope, case, timed, now, several) for timed in case.clocks]


def _clock(scope: Scope, case: Case, timed: Timed, now: datetime, several: bool) -> ClockRow:
    clock, zone = timed.clock, clock_words.zone(case, timed.clock)
    state, tone = clock_words.state(clock, now, zone)
    may = May.REPORT_EVENT if clock.kind is Kind.SITE else May.HANDLE_CASE
    owed = case.reason_owed(timed, now)
    asks = scope.may(may) and not case.event.voided and (owed or timed.lateness is not None)
    return ClockRow(
        what=clock.rule.what,
        within=clock.rule.within,
        began=clock_words.began(case, clock, zone),
        due=clock_words.due(clock, zone),
        runs=clock.running,
        due_at=clock.due_at if clock.running and scope.past is None else None,
        state=state,
        tone=tone,
        news=("first report" if clock.number == 1 else f"news {clock.number}") if several else "",
        reason=timed.lateness.why if timed.lateness else "reason owed" if owed else "",
        reason_url=url(scope, case, "case_lateness", f"{clock.kind}-{clock.number}") if asks else "",
    )


def url(scope: Scope, case: Case, name: str, *more: object) -> str:
    return reverse(f"assessments:{name}", args=[scope.trial.code, case.event.number, *more])


def row(scope: Scope, case: Case, now: datetime) -> CaseRow:
    due = next((step for step in steps(scope, case) if step.due), None)
    open_ = [timed.clock.running or case.reason_owed(timed, now) for timed in case.clocks]
    rows = clock_rows(scope, case, now)
    return CaseRow(
        code=case.code,
        url=url(scope, case, "case"),
        patient=case.patient.code,
        patient_url=reverse("patients:patient", args=[scope.trial.code, case.patient.code]),
        title=f"{case.event.title}, {case.event.graded}",
        place=f"site {case.patient.site.code}{f', level {case.level}' if case.level else ''}",
        why=why_serious(case.event),
        tags=tags(case),
        clocks=[one for one, shown in zip(rows, open_, strict=True) if shown],
        others=_others(case, now),
        next_step=due.text if due else waits(case),
    )


def _others(case: Case, now: datetime) -> str:
    """The clocks that nobody need look at, counted."""
    counts = Counter(
        "stopped" if timed.clock.stopped_at else "late with its reason" if timed.clock.late(now) else "kept"
        for timed in case.clocks
        if not timed.clock.running and not case.reason_owed(timed, now)
    )
    return ", ".join(f"{count} {what}" for what, count in counts.items())


def waits(case: Case) -> str:
    """What is missing first, whoever owes it."""
    event = case.event
    if not event.serious:
        return ""
    if event.serious_criteria is None:
        return "site: why it is serious"
    if event.aware_on is None:
        return "site: when it became aware"
    if event.sent_at is None:
        return "site: report to the sponsor"
    if event.aware_at is None:
        return "site: at what time it became aware"
    if (unaware := case.unaware) is not None:
        return f"site: when it learned of {unaware.code.lower()}"
    if event.received_at is None:
        return "sponsor: receipt"
    if case.sponsor is None:
        return "sponsor: assessment"
    if any(timed.clock.running for timed in case.clocks):
        return "sponsor: report to the authority"
    return ""


def steps(scope: Scope, case: Case) -> list[Step]:
    event, found = case.event, []
    if event.voided:
        return []
    if scope.may(May.REPORT_EVENT):
        correct = reverse("assessments:correct", args=[scope.trial.code, event.number])
        if event.serious and (event.serious_criteria is None or event.aware_on is None):
            found.append(Step("Complete the event", correct, due=True))
        elif event.serious or event.sent_at:
            due = event.sent_at is None
            found.append(
                Step("Report to the sponsor" if due else "Correct the report", url(scope, case, "case_report_it"), due)
            )
            if event.aware_at is None:
                found.append(Step("Say at what time the site became aware", correct, due=not due))
            if event.serious and (unaware := case.unaware) is not None and not due:
                of = url(scope, case, "case_follow_up_of", unaware.pk)
                found.append(Step(f"Say when the site learned of {unaware.code.lower()}", of, due=True))
        if event.sent_at is not None:
            found.append(Step("Follow-up report", url(scope, case, "case_follow_up")))
        found.append(Step("Details of the case report", url(scope, case, "case_details")))
    if scope.may(May.HANDLE_CASE) and event.sent_at is not None:
        unseen = event.received_at is None
        found.append(
            Step("Record the receipt" if unseen else "Correct the receipt", url(scope, case, "case_receipt"), unseen)
        )
        assess = reverse("assessments:sponsor", args=[scope.trial.code, event.number])
        if case.sponsor is None:
            found.append(Step("Assess for the sponsor", assess, due=True))
        else:
            found.append(Step("Correct the assessment", f"{assess}?correct=1"))
        owed = any(timed.clock.running and timed.clock.kind is not Kind.SITE for timed in case.clocks)
        found.append(Step("Record a submission", url(scope, case, "case_submit"), owed))
    return found


def waiting(scope: Scope, case: Case, now: datetime) -> Iterator[tuple[str, date | None, bool]]:
    """What waits for this reader, with the last day of the clock that waits for it, and whether it is over."""
    due = next((step for step in steps(scope, case) if step.due), None)
    mine = {May.REPORT_EVENT: (Kind.SITE,), May.HANDLE_CASE: tuple(kind for kind in Kind if kind is not Kind.SITE)}
    for right, kinds in mine.items():
        if not scope.may(right):
            continue
        times = [timed.clock for timed in case.clocks if timed.clock.kind in kinds]
        first = min((clock for clock in times if clock.running), key=lambda clock: clock.due_at, default=None)
        if due:
            day = clock_words.last_day(first, clock_words.zone(case, first)) if first else None
            yield due.text, day, bool(first and first.over(now))
        for timed in case.clocks:
            if timed.clock.kind in kinds and case.reason_owed(timed, now) and not timed.clock.running:
                yield f"Reason for the delay, {timed.clock.rule.what.lower()}", None, False


def news_rows(scope: Scope, case: Case) -> list[NewsRow]:
    zone, found, before = case.patient.site.time_zone, [], None
    for one in case.news:
        found.append(_news(scope, case, one, before, zone))
        before = one
    return found


def _news(scope: Scope, case: Case, one: CaseNews, before: CaseNews | None, zone: str) -> NewsRow:
    event = case.event
    first = one.number == 1
    told = event.sent_at if first else one.told_at
    when = instants.shown(told, zone) if told else "not yet"
    received = event.received_at if first else one.received_at
    aware = event.aware_at if first else one.aware_at
    links = []
    if one.by_site and not first and not event.voided:
        if scope.may(May.REPORT_EVENT):
            links.append(Link("Correct" if one.aware_at else "Complete", url(scope, case, "case_follow_up_of", one.pk)))
            if before is not None and before.standing == one.standing:
                links.append(Link("Take back", url(scope, case, "case_follow_up_void", one.pk)))
        if scope.may(May.HANDLE_CASE):
            links.append(Link("Receipt", url(scope, case, "case_follow_up_receipt", one.pk)))
    return NewsRow(
        number=one.number,
        who=SITE if one.by_site else SPONSOR,
        what=said(one, before),
        text=one.text,
        aware=_aware(case, one, aware, zone),
        told=when if one.by_site else f"assessed on {when}",
        received=_received(one, told, received, zone),
        urls=links,
    )


def _aware(case: Case, one: CaseNews, at: datetime | None, zone: str) -> str:
    if at is None and one.number == 1 and case.event.aware_on is not None:
        return f"{dates.shown(case.event.aware_on)}, time not recorded"
    return instants.shown(at, zone) if at else "not said yet" if one.by_site else "–"


def _received(one: CaseNews, told: datetime | None, received: datetime | None, zone: str) -> str:
    if not one.by_site:
        return "–"
    if received is not None:
        return instants.shown(received, zone)
    return "not recorded: counted as it was told" if told else "–"


def said(one: CaseNews, before: CaseNews | None) -> str:
    """What is new, in words: of the first news how the case stood."""
    if before is None:
        return "; ".join(yes for name, (yes, _) in FLAGS.items() if getattr(one, name))
    changed = [FLAGS[name][not getattr(one, name)] for name in FLAGS if getattr(one, name) != getattr(before, name)]
    return "; ".join(changed) or "follow-up"


def contents(case: Case) -> list[tuple[int, str]]:
    """The news of a case, as a submission names the last that is in it."""
    found, before = [], None
    for one in case.news:
        day = dates.shown(one.since.date())
        found.append((one.number, f"{one.number}, {day}: {said(one, before) if before else 'first report'}"))
        before = one
    return found


def relations(case: Case) -> list[tuple[str, str, str, bool]]:
    """Of each drug: the investigator's word, the sponsor's, and whether they differ."""
    site = {one.drug.name: one.degree for one in case.event.relations.all() if not one.voided}
    sponsor = {one.drug.name: one.degree for one in case.event.sponsor_relations.all() if not one.voided}
    return [
        (
            drug,
            _degree(site.get(drug)),
            _degree(sponsor.get(drug)),
            bool(sponsor) and site.get(drug) != sponsor.get(drug),
        )
        for drug in case.drugs
    ]


def _degree(degree: str | None) -> str:
    return Degree(degree).label.lower() if degree else "not answered"


def expectedness(case: Case) -> str:
    """In a sentence, with who or which list says so."""
    found = case.expected
    words = {True: "Expected", False: "Not expected", None: "Cannot be said yet"}[found.expected]
    until = "" if case.sponsor else " It counts as not expected until the sponsor has assessed it."
    return f"{words}. {found.because}{until}"


def whole(scope: Scope, case: Case, now: datetime) -> Mapping[str, Any]:
    """The page of one case."""
    every = steps(scope, case)
    primary = next((step for step in every if step.due), None)
    return {
        "case": case,
        "event": case.event,
        "tags": tags(case),
        "clocks": clock_rows(scope, case, now),
        "why": why_serious(case.event),
        "outcome": outcome(case.event),
        "relations": relations(case),
        "expectedness": expectedness(case),
        "news": news_rows(scope, case),
        "submissions": [
            {
                "row": one,
                "at": instants.shown(one.submitted_at, case.zone),
                "correct_url": url(scope, case, "case_submission", one.pk),
                "void_url": url(scope, case, "case_submission_void", one.pk),
            }
            for one in case.submissions
        ],
        "may_handle": scope.may(May.HANDLE_CASE) and not case.event.voided,
        "primary": primary,
        "others": [step for step in every if step is not primary],
        "waits": waits(case),
    }

"""Pages of serious events: the list with its clocks, a case, its report in the form of CIOMS I, and what is done."""

from collections.abc import Callable, Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from assessments.cases import forms, page, queries, report, services, sponsor
from assessments.cases.case import Case
from assessments.cases.clocks import RULES, Kind
from assessments.cases.list_forms import CaseFilter
from assessments.cases.listed import ORDERS
from assessments.cases.models import CaseNews, CaseSubmission
from escalation import common as escalation
from escalation.situation import queries as situation
from patients.common import BOTH, Changed, act, since
from trial import numbers
from trial.forms import ServiceForm, VoidForm
from trial.instants import shown
from trial.models import Audited
from trial.people.access import Scope
from trial.roles import May
from trial.sheets.paging import page_of
from trial.sorting import sort

from ..events.common import enter


def now(scope: Scope) -> datetime:
    """Of the page; the end of its day in the past of a simulated trial, where the hour is none."""
    end = datetime.combine(scope.today, time.max, ZoneInfo(scope.trial.time_zone))
    return escalation.now(scope) or end


@require_GET
def case_list(request: HttpRequest, trial: str) -> HttpResponse:
    """Filtered, searched and sorted; what is due first stands first where nothing else is asked."""
    scope, here = enter(request, trial)
    seen, at = situation.token(scope), now(scope)
    cases = queries.cases(scope.trial.pk, scope.site.pk if scope.site else None)
    ladder = [level.label for level in here.protocol.levels] if here else []
    asked = set(request.GET) & set(CaseFilter.base_fields)
    filtered = CaseFilter(request.GET if asked else None, cases=cases, ladder=ladder)
    shown = cases
    if filtered.is_bound:
        shown = [case for case in cases if filtered.fits(case, at)] if filtered.is_valid() else []
    order = sort(request, ORDERS, "due")
    shown = sorted(shown, key=ORDERS[order.name], reverse=order.down)
    part = page_of(request, shown, 50)
    context = {
        "rows": [page.row(scope, case, at) for case in part],
        "page": part,
        "filter": filtered,
        "total": len(cases),
        "fits": len(shown),
        "sorts": order.links,
        "running": sum(timed.clock.running for case in cases for timed in case.clocks),
        "late": sum(case.reason_owed(timed, at) for case in cases for timed in case.clocks),
        "seen": seen,
    }
    return render(request, "assessments/cases/cases.html", context, status=422 if filtered.errors else 200)


@require_GET
def case_page(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, case = _case(request, trial, number)
    context = {**page.whole(scope, case, now(scope)), "seen": situation.token(scope)}
    return render(request, "assessments/cases/case.html", context)


@require_GET
def case_report(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """The fields of CIOMS I, on screen and on paper."""
    scope, case = _case(request, trial, number)
    context = {"case": case, "form": report.cioms(scope.trial, case, now(scope))}
    return render(request, "assessments/cases/report.html", context)


@BOTH
def report_it(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, case = _case(request, trial, number, May.REPORT_EVENT)
    event, zone = case.event, case.patient.site.time_zone
    form = forms.MomentForm(
        request.POST or None, rev=event.rev, label="Reported at", hint="When the site told the sponsor.", zone=zone,
        now=event.sent_at,
    )  # fmt: skip
    if event.sent_at is None and not form.is_bound:
        form.initial = {"at": now(scope)}
    return _act(
        request, scope, case, form,
        lambda said: services.report_case(trial=scope.trial.pk, event=event.pk, by=scope.user, **said),
        done=f"{case.code} is reported to the sponsor.",
        title="Report to the sponsor",
        because="The medical monitor is told at once. What the record of the event says by then is the report; what is "
        "learned later is a follow-up.",
        submit="Report to the sponsor" if event.sent_at is None else "Save correction",
        row=event, columns={"sent_at": "Reported at"},
    )  # fmt: skip


@BOTH
def receipt(request: HttpRequest, trial: str, number: int, news: UUID | None = None) -> HttpResponse:
    scope, case = _case(request, trial, number, May.HANDLE_CASE)
    row: Any = _follow_up(case, news) if news else case.event
    told = row.told_at if news else row.sent_at
    if told is None:
        raise Http404("It was not reported yet.")
    form = forms.MomentForm(
        request.POST or None, rev=row.rev, label="Received at", hint="The day of it is day 0.", zone=case.zone,
        now=row.received_at,
    )  # fmt: skip
    if row.received_at is None and not form.is_bound:
        form.initial = {"at": told}
    return _act(
        request, scope, case, form,
        lambda said: services.receive(
            trial=scope.trial.pk, event=case.event.pk, follow_up=news, by=scope.user, **said
        ),
        done=f"The receipt of {case.code} is recorded.",
        title="Receipt by the sponsor" if news is None else f"Receipt of {row.code.lower()}",
        because=f"The site reported it on {shown(told, case.zone)}. The clocks of the sponsor count from the receipt.",
        submit="Record the receipt" if row.received_at is None else "Save correction",
        row=row, columns={"received_at": "Received at"},
    )  # fmt: skip


@BOTH
def follow_up(request: HttpRequest, trial: str, number: int, news: UUID | None = None) -> HttpResponse:
    scope, case = _case(request, trial, number, May.REPORT_EVENT)
    row = _follow_up(case, news) if news else None
    form = forms.FollowUpForm(request.POST or None, zone=case.patient.site.time_zone, row=row)

    def save(said: dict[str, Any]) -> None:
        services.follow_up(
            trial=scope.trial.pk, event=case.event.pk, follow_up=news, said=form.said, rev=said.get("rev"),
            reason=said.get("reason", ""), by=scope.user, key=said["key"],
        )  # fmt: skip

    return _act(
        request, scope, case, form, save,
        done=f"The follow-up of {case.code} is recorded.",
        title=row.code if row else "Follow-up report",
        because="What changes the event itself (its grade, outcome, why it is serious) is corrected there; here stands "
        "what the sponsor is told of it, and when.",
        submit="Save correction" if row is not None and row.aware_at else "Report follow-up",
        row=row, columns={"text": "What the site learned", "aware_at": "Aware at", "reported_at": "Reported at"},
    )  # fmt: skip


@BOTH
def void_follow_up(request: HttpRequest, trial: str, number: int, news: UUID) -> HttpResponse:
    scope, case = _case(request, trial, number, May.REPORT_EVENT)
    return _take_back(
        request, scope, case, _follow_up(case, news),
        lambda said: services.void_follow_up(
            trial=scope.trial.pk, event=case.event.pk, follow_up=news, by=scope.user, **said
        ),
        "It stays in the record with your reason.",
    )  # fmt: skip


@BOTH
def details(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, case = _case(request, trial, number, May.REPORT_EVENT)
    form = forms.DetailsForm(request.POST or None, row=case.details)

    def save(said: dict[str, Any]) -> None:
        services.describe(
            trial=scope.trial.pk, event=case.event.pk, said=form.said, rev=said["rev"], reason=said.get("reason", ""),
            by=scope.user, key=said["key"],
        )  # fmt: skip

    return _act(
        request, scope, case, form, save,
        done=f"The details of {case.code} are recorded.",
        title="Details of the case report",
        because="Everything else in the report is taken from the record. Never a name, a date of birth or initials.",
        submit="Save details",
        row=case.details, columns={name: str(form.fields[name].label) for name in forms.DETAILS},
    )  # fmt: skip


@BOTH
def submission(request: HttpRequest, trial: str, number: int, submission: UUID | None = None) -> HttpResponse:
    scope, case = _case(request, trial, number, May.HANDLE_CASE)
    row = _submission(case, submission) if submission else None
    form = forms.SubmissionForm(request.POST or None, zone=case.zone, news=page.contents(case), row=row)
    if row is None and not form.is_bound:
        form.initial["at"] = now(scope)

    def save(said: dict[str, Any]) -> None:
        sponsor.submit(
            trial=scope.trial.pk, event=case.event.pk, submission=submission, said=form.said, rev=said.get("rev"),
            reason=said.get("reason", ""), by=scope.user, key=said["key"],
        )  # fmt: skip

    return _act(
        request, scope, case, form, save,
        done=f"The submission of {case.code} is recorded.",
        title=row.code if row else "Submission to the authority",
        because="It keeps each clock whose news is in it. The complete report that follows a report within 7 days is "
        "kept by one that is marked as complete.",
        submit="Save correction" if row else "Record the submission",
        row=row,
        columns={
            "submitted_at": "Submitted at", "contains": "Contains", "complete": "Complete", "reference": "Reference",
        },
    )  # fmt: skip


@BOTH
def void_submission(request: HttpRequest, trial: str, number: int, submission: UUID) -> HttpResponse:
    scope, case = _case(request, trial, number, May.HANDLE_CASE)
    return _take_back(
        request, scope, case, _submission(case, submission),
        lambda said: sponsor.void_submission(
            trial=scope.trial.pk, event=case.event.pk, submission=submission, by=scope.user, **said
        ),
        "The clocks that it kept run again.",
    )  # fmt: skip


@BOTH
def lateness(request: HttpRequest, trial: str, number: int, clock: str) -> HttpResponse:
    """clock: its kind and the number of the news that began it, like seven-2."""
    kind, _, given = clock.partition("-")
    news = numbers.whole(given)
    if kind not in RULES or news is None:
        raise Http404("No such clock.")
    right = May.REPORT_EVENT if kind == Kind.SITE else May.HANDLE_CASE
    scope, case = _case(request, trial, number, right)
    timed = next((t for t in case.clocks if (t.clock.kind, t.clock.number) == (kind, news)), None)
    if timed is None:
        raise Http404("No such clock.")
    form = forms.LatenessForm(request.POST or None, row=timed.lateness)

    def save(said: dict[str, Any]) -> None:
        sponsor.explain(
            trial=scope.trial.pk, event=case.event.pk, kind=kind, number=news, why=said["why"], rev=said["rev"],
            reason=said.get("reason", ""), by=scope.user, key=said["key"],
        )  # fmt: skip

    return _act(
        request, scope, case, form, save,
        done="The reason for the delay is recorded.",
        title="Reason for the delay",
        because=f"{timed.clock.rule.what}: {timed.clock.rule.within}.",
        submit="Save correction" if timed.lateness else "Save the reason",
        row=timed.lateness, columns={"why": "Reason for the delay"},
    )  # fmt: skip


def _case(request: HttpRequest, trial: str, number: int, right: May = May.READ_PATIENTS) -> tuple[Scope, Case]:
    """A case of the person's sites; it is a page to write on only while the event stands."""
    scope, _ = enter(request, trial, right)
    case = queries.case(scope.trial.pk, number)
    if case is None or not scope.sees(case.patient.site_id):
        raise Http404("No such serious event.")
    if case.event.voided and right is not May.READ_PATIENTS and request.method == "GET":
        raise Http404("It is voided.")
    return scope, case


def _follow_up(case: Case, news: UUID) -> CaseNews:
    found = next((row for row in case.follow_ups if row.pk == news), None)
    if found is None:
        raise Http404("No such follow-up.")
    return found


def _submission(case: Case, submission: UUID) -> CaseSubmission:
    found = next((row for row in case.submissions if row.pk == submission), None)
    if found is None:
        raise Http404("No such submission.")
    return found


def _take_back(
    request: HttpRequest, scope: Scope, case: Case, row: CaseNews | CaseSubmission,
    void: Callable[[dict[str, Any]], object], then: str,
) -> HttpResponse:  # fmt: skip
    """then: what follows, in a sentence."""
    return _act(
        request, scope, case, VoidForm(request.POST or None, row=row), void,
        done=f"{row.code} is taken back.",
        title=f"Take back {row.code.lower()}",
        because=f"For one that was recorded by mistake. {then}",
        submit="Take back",
        danger=True,
    )  # fmt: skip


def _act(
    request: HttpRequest, scope: Scope, case: Case, form: ServiceForm, save: Callable[[dict[str, Any]], object], *,
    title: str, row: Audited | None = None, columns: Mapping[str, str] | None = None, **more: Any,
) -> HttpResponse:  # fmt: skip
    def changed() -> Changed:
        typed = {column: (label, _typed(form, column)) for column, label in (columns or {}).items()}
        return since(scope, row, form, typed) if row is not None else ()

    return act(
        request, scope, form, save,
        back=page.url(scope, case, "case"),
        template="assessments/cases/act.html",
        changed=changed,
        case=case,
        title=f"{title}, {case.code}",
        state=f"{case.event.title}, {case.event.graded} · patient {case.patient.code}",
        **more,
    )  # fmt: skip


def _typed(form: ServiceForm, column: str) -> Any:
    """What was typed for a column; a form of one moment calls it `at`."""
    return form.cleaned_data.get(column, form.cleaned_data.get("at"))

"""Pages of the meetings: the list with the call, one meeting with its forms, and the packet of a cut."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments.events import sight
from trial import posted
from trial.forms import ServiceForm
from trial.people import access
from trial.people.access import Scope
from trial.posted import afresh, sent
from trial.record import cuts, ledger
from trial.refusals import Refused
from trial.roles import May

from ..common import written
from ..decisions import services as decisions
from ..display.cards import recommendation
from ..display.reader import View
from ..models import Decision
from ..signing.forms import CountersignForm
from ..signing.proof import MEANING
from ..situation import history
from ..situation import queries as escalation
from ..situation.choices import Choice, choices
from ..situation.situation import Situation
from . import queries, services
from .forms import CallForm, CloseForm, FreezeForm, OutcomeForm, VoteForm
from .models import DataCut, Meeting, Vote
from .packet import packet, view_of
from .page import meeting_page, meeting_rows
from .rules import Stage


@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest, trial: str) -> HttpResponse:
    """All meetings; who may call one calls it here."""
    scope = access.enter(request, trial, May.READ if request.method == "GET" else May.CALL_MEETING)
    here = written(request, scope)
    form = CallForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                row = services.call(
                    trial=scope.trial.pk,
                    cut_off=said["cut_off"],
                    meets_on=said["meets_on"],
                    by=scope.user,
                    key=said["key"],
                )
            except Refused as refusal:
                form.refused(refusal)
                status = 409
            else:
                messages.success(request, f"Meeting {row.number} is called. Members and sites are told.")
                return redirect("escalation:meeting", scope.trial.code, row.number)
    rows = meeting_rows(scope, here)
    shown = {
        "scope": scope,
        "rows": rows,
        "form": form
        if scope.may(May.CALL_MEETING) and not any(row.meeting.closed_at is None for row in rows)
        else None,
        "open": next((row for row in rows if row.meeting.closed_at is None), None),
        "here": here,
    }
    return render(request, "escalation/meetings/meetings.html", shown, status=status)


@require_GET
def meeting(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """One meeting: where it stands, what blocks it, its cuts, votes, outcome and signatures."""
    scope = access.enter(request, trial)
    return _shown(request, scope, number)


@require_POST
def freeze(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """Freeze the record as the cut that members read."""
    scope = access.enter(request, trial, May.FREEZE_CUT)
    row = _meeting(scope, number)
    code = scope.trial.code
    return posted.take(
        request,
        FreezeForm(request.POST),
        act=lambda form: services.freeze(meeting=row.pk, **sent(scope, form)),
        said=lambda cut: f"Cut {cut.number} is frozen at record no. {cut.record}. Members are told.",
        to=lambda cut: redirect("escalation:meeting", code, number),
        shown=lambda form: _shown(request, scope, number, freezing=form, status=422),
        refused=lambda why: _refused(request, scope, number, FreezeForm(afresh(request)), why, "freezing"),
    )


@require_POST
def vote(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """A member's vote on the cut that he read."""
    scope = access.enter(request, trial, May.VOTE)
    _meeting(scope, number)
    offered, code = choices(written(request, scope)), scope.trial.code

    def act(form: VoteForm) -> Vote:
        outcome, position = form.voted
        return services.vote(outcome=outcome, position=position, **sent(scope, form))

    def refused(why: Refused) -> HttpResponse:
        again = VoteForm(afresh(request, **_last(scope, number)), offered=offered)
        return _refused(request, scope, number, again, why, "voting")

    return posted.take(
        request,
        VoteForm(request.POST, offered=offered),
        act=act,
        said=lambda made: "Your vote is recorded with its reason.",
        to=lambda made: redirect("escalation:meeting", code, number),
        shown=lambda form: _shown(request, scope, number, voting=form, status=422),
        refused=refused,
    )


@require_POST
def propose(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """Propose the outcome and sign it."""
    scope = access.enter(request, trial, May.SIGN_DECISION)
    row, here = _meeting(scope, number), written(request, scope)
    offered, code = _carried(row, here), scope.trial.code

    def act(form: OutcomeForm) -> Decision:
        outcome, position = form.decided
        return decisions.decide(outcome=outcome, position=position, **sent(scope, form))

    def refused(why: Refused) -> HttpResponse:
        now = written(request, scope)
        again = OutcomeForm(afresh(request, basis=now.basis, **_last(scope, number)), offered=offered)
        return _refused(request, scope, number, again, why, "proposing")

    return posted.take(
        request,
        OutcomeForm(request.POST, offered=offered),
        act=act,
        said=lambda made: _told(scope, made.number),
        to=lambda made: redirect("escalation:meeting", code, number),
        shown=lambda form: _shown(request, scope, number, proposing=form, status=422),
        refused=refused,
    )


@require_POST
def sign(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """Add a signature to the proposed outcome; the last one opens or closes the cohort."""
    scope = access.enter(request, trial, May.SIGN_DECISION)
    decision, code = queries.decision_of(_meeting(scope, number)), scope.trial.code
    if decision is None:
        raise Http404("Nothing is proposed in this meeting.")

    def refused(why: Refused) -> HttpResponse:
        again = CountersignForm(afresh(request, basis=written(request, scope).basis))
        return _refused(request, scope, number, again, why, "signing")

    return posted.take(
        request,
        CountersignForm(request.POST),
        act=lambda form: decisions.countersign(decision=decision.pk, **sent(scope, form)),
        said=lambda signed: _told(scope, signed.number),
        to=lambda signed: redirect("escalation:meeting", code, number),
        shown=lambda form: _shown(request, scope, number, signing=form, status=422),
        refused=refused,
    )


@require_POST
def close(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """End a meeting without a decision, with a reason."""
    scope = access.enter(request, trial, May.CALL_MEETING)
    row, code = _meeting(scope, number), scope.trial.code
    return posted.take(
        request,
        CloseForm(request.POST),
        act=lambda form: services.close(meeting=row.pk, **sent(scope, form)),
        said=lambda closed: f"Meeting {number} is closed without a decision.",
        to=lambda closed: redirect("escalation:meeting", code, number),
        shown=lambda form: _shown(request, scope, number, closing=form, status=422),
        refused=lambda why: _refused(request, scope, number, CloseForm(afresh(request)), why, "closing"),
    )


@require_GET
def packet_page(request: HttpRequest, trial: str, number: int, cut: int) -> HttpResponse:
    """What members read: everything as it was at the frozen cut."""
    scope = access.enter(request, trial)
    row = _meeting(scope, number)
    found = next((c for c in row.cuts.all() if c.number == cut), None)
    if found is None:
        raise Http404("No such cut.")
    before, today = queries.cut_before(row), written(request, scope)
    with ledger.as_of(scope.trial.pk, found.record):
        shown = packet(view_of(scope, found, today), found, before)
    last = queries.last_cut(row)
    about = {
        "packet": shown,
        "page": shown.page,
        "cut": found,
        "meeting": row,
        "holds": cuts.holds(cuts.Cut(scope.trial.pk, found.record, found.on, found.hash)),
        "later": last if last and last.pk != found.pk else None,
        "scope": scope,
    }
    return render(request, "escalation/meetings/packet.html", about)


# What the pages are made from


def _meeting(scope: Scope, number: int) -> Meeting:
    row = queries.meeting(scope.trial.pk, number)
    if row is None:
        raise Http404("No such meeting.")
    return row


def _last(scope: Scope, number: int) -> dict[str, str]:
    """The cut that a form sent again is about: the last one, which the page shows beside it."""
    cut = queries.last_cut(_meeting(scope, number))
    return {"cut": str(cut.pk)} if cut else {}


def _carried(row: Meeting, here: Situation) -> list[Choice]:
    """What may be proposed: what the votes carry, and everything more cautious."""
    cut = queries.last_cut(row)
    voted = queries.carried(queries.in_force(cut)) if cut else None
    if voted is None:
        return []
    most = queries.boldness(voted.outcome, voted.position)
    return [c for c in choices(here) if queries.boldness(c.outcome, c.position) <= most]


def _may_freeze(here: Situation, stage: Stage, last: DataCut | None) -> bool:
    """Whether a cut would show something new and nothing is proposed."""
    if stage == Stage.VOTING:
        return last is not None and queries.news(here, last)
    return stage in (Stage.COLLECTING, Stage.STALE) and here.proposed is None


def _refused(
    request: HttpRequest, scope: Scope, number: int, form: ServiceForm, refusal: Refused, name: str
) -> HttpResponse:
    """The page as it is now, with the service's sentence beside what was typed."""
    here = written(request, scope)
    veiled = Refused(sight.veiled(str(refusal), scope, here.facts), field=refusal.field)
    return _shown(request, scope, number, status=409, **{name: posted.answered(form, veiled)})


def _shown(
    request: HttpRequest,
    scope: Scope,
    number: int,
    *,
    freezing: forms.Form | None = None,
    voting: forms.Form | None = None,
    proposing: forms.Form | None = None,
    signing: forms.Form | None = None,
    closing: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    seen = escalation.token(scope)
    row, here = _meeting(scope, number), written(request, scope)
    page = meeting_page(scope, row, here)
    stage = page.row.stage
    offered, carried = choices(here), _carried(row, here)
    last = queries.last_cut(row)
    about = {"cut": last.pk, "basis": here.basis} if last else {}
    mine = next((v for v in queries.in_force(last) if v.member_id == scope.user.pk), None) if last else None
    signed = any(s.user_id == scope.user.pk for s in page.signatures)
    can = {
        "freeze": scope.may(May.FREEZE_CUT) and _may_freeze(here, stage, last),
        "vote": scope.may(May.VOTE) and stage == Stage.VOTING,
        "propose": scope.may(May.SIGN_DECISION) and stage == Stage.VOTING and bool(carried),
        "sign": scope.may(May.SIGN_DECISION) and stage == Stage.SIGNING and not signed,
        "close": scope.may(May.CALL_MEETING) and row.closed_at is None and page.row.decision is None,
    }
    first = next((c.value for c in carried), "")
    shown = {
        "scope": scope,
        "page": page,
        "meeting": row,
        "here": here,
        "stage": stage,
        "mine": mine,
        "card": recommendation(View(scope, here, history.record(here), here.number)),
        "freezing": (freezing or FreezeForm()) if can["freeze"] or freezing else None,
        "voting": (voting or VoteForm(offered=offered, initial=about)) if can["vote"] or voting else None,
        "proposing": (proposing or OutcomeForm(offered=carried, initial=about | {"choice": first}))
        if can["propose"] or proposing
        else None,
        "signing": (signing or CountersignForm(initial={"basis": here.basis})) if can["sign"] or signing else None,
        "closing": (closing or CloseForm()) if can["close"] or closing else None,
        "meaning": MEANING,
        "seen": seen,
    }
    return render(request, "escalation/meetings/meeting.html", shown, status=status)


def _told(scope: Scope, number: int) -> str:
    """After a signature: whether the outcome is in force now or waits."""
    made = escalation.decision(scope.trial.pk, number)
    if made is not None and getattr(made, "ending", None):
        return f"Signed. Decision {number} is in force; the meeting is closed."
    return f"Signed. Decision {number} waits for the other signatures."

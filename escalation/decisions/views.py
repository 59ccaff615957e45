"""Pages of decisions: deciding, signing, withdrawing, holding."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from trial import numbers, posted
from trial import verbs as words
from trial.done import Done, last
from trial.people import access
from trial.people.access import Scope
from trial.posted import afresh, sent
from trial.refusals import Refused
from trial.roles import May

from ..common import view_of
from ..display.cards import recommendation
from ..display.reader import View
from ..display.trial_page import headline, may_conclude, next_change
from ..late.page import reason
from ..meetings import queries as meetings
from ..models import Decision
from ..outstanding import blocked
from ..signing import proof
from ..signing.forms import CountersignForm, WithdrawForm
from ..situation import choices, queries
from ..situation.situation import Situation
from . import holding
from . import services as decisions
from .forms import DecideForm, HoldForm
from .page import decision_page, signature_row


@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest, trial: str) -> HttpResponse:
    """Hold all enrolment in one step, with a reason. Sent while it is held, it stands beside the other hold."""
    scope = access.enter(request, trial, May.HOLD)

    def shown(form: HoldForm, status: int = 200, over: Done | None = None) -> HttpResponse:
        context = {"form": form, "scope": scope, "over": over}
        return render(request, "escalation/decisions/hold.html", context, status=status)

    if request.method == "GET":
        row = holding.standing(scope.trial.pk)
        over = Done(f"Enrolment is held: {row.reason} A signed decision lifts it.", last(row.pk)) if row else None
        return shown(HoldForm(), over=over)
    form = HoldForm(request.POST)
    return posted.take(
        request,
        form,
        act=lambda form: holding.hold(**sent(scope, form)),
        said=lambda made: "Enrolment is held until the committee decides.",
        to=lambda made: redirect("escalation:escalation", scope.trial.code),
        shown=lambda form: shown(form, 422),
        refused=lambda why: shown(posted.answered(form, why), 409),
    )


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, trial: str) -> HttpResponse:
    """Read the recommendation with its basis, choose, sign with the password."""
    scope = access.enter(request, trial, May.SIGN_DECISION)
    seen = queries.token(scope)
    view = view_of(request, scope)
    if view is None:
        return redirect("escalation:trial", scope.trial.code)
    offered = choices.choices(view.here)
    if request.method == "GET" and (meeting := meetings.under_way(scope.trial.pk)):
        messages.info(request, f"Meeting {meeting.number} is under way: its votes come first, and it is signed here.")
        return redirect("escalation:meeting", scope.trial.code, meeting.number)
    if request.method == "GET" and (waits := view.here.proposed):
        messages.info(request, f"Decision {waits.number} is proposed and waits for its signatures: it is signed here.")
        return redirect("escalation:decision", scope.trial.code, waits.number)
    if request.method == "GET":
        form = DecideForm(offered=offered, initial=_choose_first(view.here, offered))
        return _decide_page(request, view, form, seen)

    def act(form: DecideForm) -> Decision:
        outcome, position = form.decided
        return decisions.decide(outcome=outcome, position=position, **sent(scope, form))

    def refused(why: Refused) -> HttpResponse:
        seen = queries.token(scope)
        now = view_of(request, scope) or view  # what refused may have come in since the page was read above
        again = DecideForm(afresh(request, basis=now.here.basis), offered=choices.choices(now.here))
        again.read_basis = request.POST["basis"]
        return _decide_page(request, now, posted.answered(again, why), seen, status=409)

    return posted.take(
        request,
        DecideForm(request.POST, offered=offered),
        act=act,
        said=lambda made: _told(scope, made.number),
        to=lambda made: redirect("escalation:decision", scope.trial.code, made.number),
        shown=lambda form: _decide_page(request, view, form, seen, status=422),
        refused=refused,
    )


@require_GET
def decision(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """One decision: recommended and decided, signatures, inputs, what became of it."""
    scope = access.enter(request, trial)
    return _decision_page(request, scope, number)


@require_POST
def sign(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """Countersign a decision that waits."""
    scope = access.enter(request, trial, May.SIGN_DECISION)
    row = _decision(scope, number)
    return posted.take(
        request,
        CountersignForm(request.POST),
        act=lambda form: decisions.countersign(decision=row.pk, **sent(scope, form)),
        said=lambda signed: _told(scope, number),
        to=lambda signed: redirect("escalation:decision", scope.trial.code, number),
        shown=lambda form: _decision_page(request, scope, number, signing=form, status=422),
        refused=lambda why: _decision_page(request, scope, number, refused=why, status=409),
    )


@require_POST
def withdraw(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """Take a decision back that waits for signatures."""
    scope = access.enter(request, trial, May.SIGN_DECISION)
    row, form = _decision(scope, number), WithdrawForm(request.POST)
    return posted.take(
        request,
        form,
        act=lambda form: decisions.withdraw(decision=row.pk, **sent(scope, form)),
        said=lambda ended: f"Decision {number} is withdrawn.",
        to=lambda ended: redirect("escalation:decision", scope.trial.code, number),
        shown=lambda form: _decision_page(request, scope, number, withdrawing=form, status=422),
        refused=lambda why: _decision_page(request, scope, number, withdrawing=posted.answered(form, why), status=409),
    )


def _choose_first(here: Situation, offered: list[choices.Choice]) -> dict[str, Any]:
    """The recommendation is chosen beforehand, except for an RP2D, which is the committee's own.

    An amending decision's reason names what it answers.
    """
    first = next((c.value for c in offered if c.recommended), "") if not here.conclusion else ""
    return {"basis": here.basis, "choice": first, "reason": reason(here)}


def _decide_page(request: HttpRequest, view: View, form: DecideForm, seen: str, status: int = 200) -> HttpResponse:
    here, code = view.here, view.scope.trial.code
    wanted = here.protocol.settings.signatures
    signed = view.record.signatures.get(here.proposed.pk, ()) if here.proposed else ()
    shown = {
        "page_title": _decide_title(here),
        "subject": headline(view),
        "back_url": reverse("escalation:escalation", args=[code]),
        "stale_url": reverse("escalation:escalation", args=[code]),
        "pulse_url": reverse("escalation:pulse", args=[code]),
        "seen": seen,
        "form": form,
        "basis": here.basis,
        "changed": _came_in(view, form),
        "late": [late.sentence for late in here.late],
        "card": recommendation(view),
        "nothing": next_change(view),
        "meaning": proof.MEANING,
        "needed": f"in force with {wanted} signatures of different people" if wanted > 1 else "in force at once",
        "signatures": [signature_row(s) for s in signed],
        "blocked": blocked.rows(view.scope, here=here, signatures=view.record.signatures),
    }
    return render(request, "escalation/decisions/decide.html", shown, status=status)


def _decide_title(here: Situation) -> str:
    if here.changes:
        return "Amending decision"
    if may_conclude(here):
        return "Decide the recommended phase 2 dose"
    return "Decide what follows" if here.in_force or here.paper else "Open the trial: decision 0"


def _came_in(view: View, form: DecideForm) -> list[str]:
    """What was written since the signer opened the form, when the basis that he read no longer holds."""
    read = getattr(form, "read_basis", "").split(".")
    number = numbers.whole(read[0])
    if len(read) != 5 or number is None or read[4] == view.here.inputs_hash:
        return []
    came = queries.since(view.here.trial.pk, number)
    return [words.verb(e.verb) for e in came]


def _decision(scope: Scope, number: int) -> Decision:
    row = queries.decision(scope.trial.pk, number)
    if row is None:
        raise Http404("No such decision.")
    return row


def _decision_page(
    request: HttpRequest,
    scope: Scope,
    number: int,
    *,
    signing: CountersignForm | None = None,
    withdrawing: WithdrawForm | None = None,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    view = view_of(request, scope)
    row = next((d for d in view.record.decisions if d.number == number), None) if view else None
    if view is None or row is None:
        raise Http404("No such decision.")
    if refused is not None:
        signing = posted.answered(CountersignForm(afresh(request, basis=view.here.basis)), refused)
    shown = {
        "page": decision_page(view, row),
        "signing": signing or CountersignForm(initial={"basis": view.here.basis}),
        "withdrawing": withdrawing or WithdrawForm(auto_id="withdraw_%s"),
        "refused": refused,
        "meaning": proof.MEANING,
        "code": scope.trial.code,
        "on_paper": scope.site is None,
    }
    return render(request, "escalation/decisions/decision.html", shown, status=status)


def _told(scope: Scope, number: int) -> str:
    """After a signature: whether the decision is in force now or waits."""
    if getattr(_decision(scope, number), "ending", None):
        return f"Signed. Decision {number} is in force."
    return f"Signed. Decision {number} waits for the other signatures."

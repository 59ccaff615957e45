"""Expansion and backfill: the running rate, the open cohorts, the decisions; and deciding and signing."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from assessments.events import sight
from trial import posted
from trial.people import access
from trial.people.access import Scope
from trial.posted import afresh, sent
from trial.refusals import Refused
from trial.roles import May

from ..common import written
from ..signing.forms import CountersignForm, WithdrawForm
from ..signing.proof import MEANING
from ..situation.situation import Situation
from . import choices, queries, services
from .forms import OutsideForm
from .models import OutsideDecision


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, trial: str) -> HttpResponse:
    """Read the running rates, decide and sign. Everybody reads; members who sign decisions decide."""
    scope = access.enter(request, trial, May.READ if request.method == "GET" else May.SIGN_DECISION)
    here = written(request, scope)
    form = OutsideForm(request.POST if request.method == "POST" else None, offered=_offered(here), initial=_basis(here))
    if request.method == "GET":
        return _shown(request, scope, here, form=form)

    def act(form: OutsideForm) -> OutsideDecision:
        act, role, position = form.decided
        return services.propose(act=act, role=role, position=position, **sent(scope, form))

    def refused(why: Refused) -> HttpResponse:
        here = written(request, scope)
        again = OutsideForm(afresh(request, **_basis(here)), offered=_offered(here))
        veiled = Refused(sight.veiled(str(why), scope, here.facts), field=why.field)
        return _shown(request, scope, here, form=posted.answered(again, veiled), status=409)

    return posted.take(
        request,
        form,
        act=act,
        said=lambda row: f"Signed. Decision {row.code} {_state(scope, row.number)}.",
        to=lambda row: redirect("escalation:outside", scope.trial.code),
        shown=lambda form: _shown(request, scope, here, form=form, status=422),
        refused=refused,
    )


@require_POST
def sign(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """Countersign the decision that waits."""
    scope = access.enter(request, trial, May.SIGN_DECISION)
    here, row = written(request, scope), _row(scope, number)

    def refused(why: Refused) -> HttpResponse:
        here = written(request, scope)
        again = CountersignForm(afresh(request, **_basis(here)))
        return _shown(request, scope, here, signing=posted.answered(again, why), status=409)

    return posted.take(
        request,
        CountersignForm(request.POST),
        act=lambda form: services.countersign(decision=row.pk, **sent(scope, form)),
        said=lambda signed: f"Signed. Decision {row.code} {_state(scope, number)}.",
        to=lambda signed: redirect("escalation:outside", scope.trial.code),
        shown=lambda form: _shown(request, scope, here, signing=form, status=422),
        refused=refused,
    )


@require_POST
def withdraw(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """Take back the decision that waits."""
    scope = access.enter(request, trial, May.SIGN_DECISION)
    here, row = written(request, scope), _row(scope, number)
    form = WithdrawForm(request.POST, auto_id="withdraw_%s")
    return posted.take(
        request,
        form,
        act=lambda form: services.withdraw(decision=row.pk, **sent(scope, form)),
        said=lambda ended: f"Decision {row.code} is withdrawn.",
        to=lambda ended: redirect("escalation:outside", scope.trial.code),
        shown=lambda form: _shown(request, scope, here, withdrawing=form, status=422),
        refused=lambda why: _shown(request, scope, here, withdrawing=posted.answered(form, why), status=409),
    )


def _offered(here: Situation) -> list[choices.Choice]:
    every = queries.decisions(here.trial.pk)
    return choices.choices(here, queries.places(here), queries.rates(here, every))


def _basis(here: Situation) -> dict[str, str]:
    return {"basis": here.basis}


def _row(scope: Scope, number: int) -> OutsideDecision:
    found = next((d for d in queries.decisions(scope.trial.pk) if d.number == number), None)
    if found is None:
        raise Http404("No such decision.")
    return found


def _state(scope: Scope, number: int) -> str:
    return "is in force" if getattr(_row(scope, number), "ending", None) else "waits for the other signatures"


def _shown(
    request: HttpRequest,
    scope: Scope,
    here: Situation,
    *,
    form: OutsideForm | None = None,
    signing: CountersignForm | None = None,
    withdrawing: WithdrawForm | None = None,
    status: int = 200,
) -> HttpResponse:
    every = queries.decisions(scope.trial.pk)
    rates = queries.rates(here, every)
    waits = queries.proposed(every)
    signed = queries.signed(waits.pk) if waits else []
    may_sign = scope.may(May.SIGN_DECISION)
    mine = any(signature.user_id == scope.user.pk for signature in signed)
    settings = here.protocol.settings
    shown = {
        "scope": scope,
        "here": here,
        "rates": list(reversed(rates)),
        "limit": {"rate": settings.monitor_rate * 100, "n": settings.monitor_from},
        "reviews": [queries.asked(rate, here) for rate in rates if rate.asks],
        "places": [
            {"place": place, "why": sight.veiled(place.why, scope, here.facts)} for place in queries.places(here)
        ],
        "decisions": [(row, sight.veiled(row.reason, scope, here.facts)) for row in reversed(every)],
        "waits": waits,
        "waits_because": sight.veiled(waits.reason, scope, here.facts) if waits else "",
        "signed": signed,
        "needed": settings.signatures,
        "form": (form or OutsideForm(offered=_offered(here), initial=_basis(here))) if may_sign and not waits else None,
        "signing": (signing or CountersignForm(initial=_basis(here))) if may_sign and waits and not mine else None,
        "withdrawing": (withdrawing or WithdrawForm(auto_id="withdraw_%s")) if may_sign and waits else None,
        "may_request": scope.may(May.REQUEST_SLOT),
        "meaning": MEANING,
        "on": here.on,
    }
    return render(request, "escalation/outside/outside.html", shown, status=status)

"""Home, across trials, and the page that begins one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from escalation.dashboard import waiting
from escalation.engine.terms import Action
from escalation.situation import queries
from escalation.situation.situation import Held, Situation

from . import services
from .models import Trial
from .people import access
from .people.access import Scope
from .people.forms import NewTrialForm
from .refusals import Refused
from .roles import May

TRIALS_A_PAGE = 12
TONES = {
    Action.WAIT: "amber",
    Action.ENROL: "green",
    Action.EXPAND: "green",
    Action.ESCALATE: "green",
    Action.DE_ESCALATE: "red",
    Action.NONE_TOLERATED: "red",
}


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My trials as cards and what waits for me; an administrator sees names, no clinical data."""
    person = access.person(request)
    page = Paginator(access.trials(person), TRIALS_A_PAGE).get_page(request.GET.get("page"))
    cards, todo = [], []
    for trial in page:
        scope = access.scope_in(trial, person)
        if scope is None or not scope.may(May.READ):
            cards.append(_name_only(trial))
            continue
        here = queries.here(scope)
        cards.append(_card(scope, here))
        if here:
            todo += [_row(trial, item) for item in waiting.things(scope, here)]
    may_create = access.installation_may(person, May.CREATE_TRIAL)
    shown = {
        "trials": cards,
        "page": page,
        "waiting": todo,
        "may_create": may_create,
        "create_url": reverse("trial:new"),
        "accounts_url": reverse("trial:accounts") if access.installation_may(person, May.MANAGE_PEOPLE) else "",
    }
    return render(request, "trial/home.html", shown)


def _name_only(trial: Trial) -> dict[str, Any]:
    url = reverse("trial:people", args=[trial.code])
    return {"code": trial.code, "title": trial.title, "url": url, "label": trial.label, "people_only": True}


def _card(scope: Scope, here: Situation | None) -> dict[str, Any]:
    trial = scope.trial
    card: dict[str, Any] = {
        "code": trial.code,
        "title": trial.title,
        "label": trial.label or ("Illustrative" if trial.illustrative else ""),
        "url": reverse("escalation:trial", args=[trial.code]),
        "role": scope.role_label,
    }
    if here is None:
        return card | {
            "state": "protocol not written",
            "tone": "amber",
            "next": "The medical monitor writes the protocol.",
            "url": reverse("escalation:protocol", args=[trial.code]),
        }
    pending = sum(f.outcome in ("pending", "suspected") for f in here.facts)
    if here.cohort and here.position:
        tally = here.tally(here.position)
        filled = tally.evaluable + tally.pending + here.taken
        card["level"] = here.protocol.level(here.position).label
        card["slots"] = f"{filled}/{here.cohort.places}"
    state, tone = _state(here)
    return card | {"pending": pending, "state": state, "tone": tone, "next": here.because}


def _state(here: Situation) -> tuple[str, str]:
    damaged = next((hold.decision for hold in here.holds if hold.kind is Held.Kind.UNREADABLE), None)
    if damaged is not None:
        return f"stored answer of decision {damaged} cannot be read, held", "red"
    if here.changes:
        return "basis changed, held", "red"
    if here.rp2d:
        return "RP2D signed", "green"
    if end := here.conclusion:
        return ("stopped", "red") if end.outcome == "stop" else ("escalation ended", "green")
    if here.position and here.held_at(here.position):
        return "held", "red"
    if here.proposed:
        return f"decision {here.proposed.number} waits for signatures", "amber"
    if not here.in_force:
        return "not opened", "amber"
    if here.decision_due:
        return "decision due", "amber"
    return here.advice.action.replace("_", " "), TONES.get(here.advice.action, "")


def _row(trial: Trial, item: waiting.Waiting) -> dict[str, Any]:
    where = [trial.code] if item.number is None else [trial.code, item.number]
    return {
        "text": item.text,
        "url": reverse(item.view, args=where),
        "trial": f"{trial.title} ({trial.code})",
        "due": item.due,
        "overdue": item.overdue,
    }


@require_http_methods(["GET", "POST"])
def new_trial(request: HttpRequest) -> HttpResponse:
    person = access.person(request)
    if not access.installation_may(person, May.CREATE_TRIAL):
        raise PermissionDenied("Only an administrator may create a trial.")
    form = NewTrialForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            asked = {name: value for name, value in form.cleaned_data.items() if name != "key"}
            try:
                trial = services.create_trial(**asked, by=person)
            except Refused as refusal:
                form.refused(refusal)
                status = 409
            else:
                messages.success(request, f"Trial {trial.code} exists. Now its sites and people.")
                return redirect("trial:people", trial.code)
    return render(request, "trial/new.html", {"form": form}, status=status)

"""Pages of the papers: what was built and is being built, asking for one, one of them, and its file."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from trial.models import Artifact
from trial.paper import artifacts, handing
from trial.people import access
from trial.people.access import Scope
from trial.polled import polled
from trial.refusals import Refused
from trial.sheets.asked import aside

from . import page, services
from .common import listed
from .forms import AskForm

A_PAGE = 25


@require_http_methods(["GET", "POST"])
def papers(request: HttpRequest, trial: str) -> HttpResponse:
    """The list, and the form that asks; `?kind=casebook&of=003` fills it."""
    scope = access.enter(request, trial)
    offers = {"offered": page.offered(scope), "cuts": page.cuts(scope.trial.pk)}
    if request.method == "GET":
        asked = {name: value for name in ("kind", "cut", "of") if (value := aside(request, name))}
        return _papers(request, scope, AskForm(initial={"kind": offers["offered"][0][0]} | asked, **offers))
    form = AskForm(request.POST, **offers)
    if not form.is_valid():
        return _papers(request, scope, form, status=422)
    said = form.cleaned_data
    cut = int(said["cut"]) if said.get("cut") else None
    try:
        made = services.ask(trial=trial, kind=said["kind"], of=said["of"], cut=cut, by=scope.user, http=request)
    except Http404 as none:  # what was typed stays
        form.add_error(None, str(none))
        return _papers(request, scope, form, status=404)
    except Refused as refusal:
        form.add_error(refusal.field, str(refusal))
        return _papers(request, scope, form, status=409)
    return redirect("escalation:paper", scope.trial.code, made.pk)


def _papers(request: HttpRequest, scope: Scope, form: AskForm, status: int = 200) -> HttpResponse:
    shown = listed(request, scope, form, page.rows(scope), at_once=A_PAGE, pulse="escalation:papers_pulse")
    return render(request, "escalation/reports/papers.html", shown, status=status)


@polled
def pulse(request: HttpRequest, trial: str) -> str:
    """Whether the list still holds."""
    return page.token(page.rows(access.enter(request, trial)))


@require_GET
def paper(request: HttpRequest, trial: str, paper: UUID) -> HttpResponse:
    """One: of which cut, who asked for it, how far it is, its hash, and the way to its file."""
    scope = access.enter(request, trial)
    [row] = page.shown_rows(scope, [_found(request, scope, paper)])
    shown = {
        "scope": scope,
        "row": row,
        "full_url": request.get_full_path(),
        "seen": page.token([row]),
        "pulse_url": reverse("escalation:paper_pulse", args=[trial, paper]),
    }
    return render(request, "escalation/reports/paper.html", shown)


@polled
def paper_pulse(request: HttpRequest, trial: str, paper: UUID) -> str:
    """The same of one."""
    scope = access.enter(request, trial)
    return page.token(page.shown_rows(scope, [_found(request, scope, paper)]))


@require_GET
def file(request: HttpRequest, trial: str, paper: UUID) -> HttpResponseBase:
    """The file; that it was taken is recorded."""
    scope = access.enter(request, trial)
    found = _found(request, scope, paper)
    try:
        return handing.file(scope, found, request)
    except Refused as refusal:
        [row] = page.shown_rows(scope, [found])
        status = handing.GONE if isinstance(refusal, handing.Gone) else 409
        shown = {"row": row, "why": str(refusal)}
        return render(request, "escalation/reports/refused.html", shown, status=status)


def _found(request: HttpRequest, scope: Scope, pk: UUID) -> Artifact:
    """Raises Http404 for one of another trial, PermissionDenied, recorded, for who may not have it."""
    found = artifacts.find(scope.trial.pk, pk)
    if found is None:
        raise Http404("No such paper.")
    artifacts.need(scope, found, request)
    return found

"""Pages of the replay of a decision, of the escalation and outside its count."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from trial.people import access
from trial.people.access import Scope

from ..common import here_of
from ..display.reader import View
from ..models import Decision, OutsideDecision
from ..outside import queries as outside
from ..situation import history, queries
from . import decision as decision_replay
from .decision import Replay
from .page import replay_page


@require_GET
def decision(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """The record as of the decision's own number, the protocol and the engine then, beside what was stored."""
    scope = access.enter(request, trial)
    row = queries.decision(scope.trial.pk, number)
    if row is None:
        raise Http404("No such decision.")
    back = (f"Decision {number}", reverse("escalation:decision", args=[trial, number]))
    return _shown(request, scope, row, decision_replay.replay(row), [("Escalation", _escalation(trial)), back])


@require_GET
def outside_decision(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """The same for a decision about expansion or backfill, as far as it can be replayed."""
    scope = access.enter(request, trial)
    row = next((d for d in outside.decisions(scope.trial.pk) if d.number == number), None)
    if row is None:
        raise Http404("No such decision.")
    back = ("Expansion and backfill", reverse("escalation:outside", args=[trial]))
    return _shown(request, scope, row, decision_replay.replay_outside(row), [("Escalation", _escalation(trial)), back])


def _escalation(trial: str) -> str:
    return reverse("escalation:escalation", args=[trial])


def _shown(
    request: HttpRequest,
    scope: Scope,
    row: Decision | OutsideDecision,
    found: Replay,
    crumbs: Sequence[tuple[str, str]],
) -> HttpResponse:
    here = here_of(request, scope)
    if here is None:
        raise Http404("No such decision.")
    view = View(scope, here, history.record(here), here.number)
    labels = view.record.ladders.get(row.protocol_id, view.labels)
    shown = {"page": replay_page(view, found, labels), "crumbs": crumbs, "code": scope.trial.code}
    return render(request, "escalation/replay/decision_replay.html", shown)

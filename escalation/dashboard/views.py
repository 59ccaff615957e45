"""Where the trial stands: the Trial page, the committee's dashboard and page, and the pulse of live pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from assessments.tables.common import record
from trial.kept_page import kept_page
from trial.people import access, visits
from trial.people.access import Scope
from trial.people.entry import Stamp
from trial.polled import polled
from trial.record import ledger
from trial.roles import May, Role

from ..common import here_of, now, view_of, viewed
from ..display.reader import View
from ..display.rows import decision_rows, since_last
from ..display.trial_page import may_conclude, trial_page, unwritten_page
from ..display.types import TrialPage
from ..outstanding import blocked
from ..situation import queries
from ..situation import situation as standing
from ..situation.situation import Situation
from .board import board


@require_GET
def trial(request: HttpRequest, trial: str) -> HttpResponse:
    """The Trial page."""
    scope = access.enter(request, trial)
    seen, here, visited = queries.token(scope), here_of(request, scope), _visited(request, scope)
    return kept_page(
        request,
        scope,
        "escalation/dashboard/trial.html",
        lambda: {"page": _page(scope, here, seen, visited), "here": here},
        besides=visited,
    )


@require_GET
def dashboard(request: HttpRequest, trial: str) -> HttpResponse:
    """The committee's landing page: one screen."""
    scope = access.enter(request, trial)
    seen, here, visited = queries.token(scope), here_of(request, scope), _visited(request, scope)
    if here is None:
        return render(request, "escalation/dashboard/trial.html", {"page": _unwritten(scope, seen)})

    def shown() -> dict[str, object]:
        found = record(scope, here, table=())
        page = board(viewed(scope, here), found.safety, found.outcomes, seen=seen, as_of=now(scope), visited=visited)
        return {"page": page, "scope": scope, "may_call": scope.may(May.CALL_MEETING)}

    return kept_page(request, scope, "escalation/dashboard/dashboard.html", shown, besides=visited)


@polled
def pulse(request: HttpRequest, trial: str) -> str:
    """Whether what a page shows still holds."""
    return queries.token(access.enter(request, trial))


@require_GET
def escalation(request: HttpRequest, trial: str) -> HttpResponse:
    """The committee's page."""
    scope = access.enter(request, trial)
    seen = queries.token(scope)
    view = view_of(request, scope)
    if view is None:
        return render(request, "escalation/dashboard/trial.html", {"page": _unwritten(scope, seen)})
    last, changed = since_last(view)
    shown = {
        "page": _now(view, seen, _visited(request, scope)),
        "rows": decision_rows(view, signers=True),
        "last": last,
        "changed": changed,
        "here": view.here,
        "first_intolerable": _first_intolerable(view),
        "may_hold": _may_hold(scope),
        "may_decide": _may_decide(scope, view.here),
        "due": view.here.decision_due or may_conclude(view.here),
        "rp2d_next": may_conclude(view.here),
        "late": bool(view.here.changes),
    }
    return render(request, "escalation/dashboard/escalation.html", shown)


def _visited(request: HttpRequest, scope: Scope) -> int:
    entered: Stamp | None = request.entered  # type: ignore[attr-defined]
    return visits.seen(scope, entered.number if entered else 0)


def _page(scope: Scope, here: Situation | None, seen: str, visited: int) -> TrialPage:
    return _now(viewed(scope, here), seen, visited) if here else _unwritten(scope, seen)


def _now(view: View, seen: str, visited: int) -> TrialPage:
    """The page with what is missing beside it."""
    return trial_page(
        view,
        seen=seen,
        as_of=now(view.scope),
        blocked=blocked.rows(view.scope, here=view.here, signatures=view.record.signatures),
        besides=blocked.besides(view.scope, view.here),
        in_window=blocked.in_window(view.here),
        visited=visited,
    )


def _unwritten(scope: Scope, seen: str) -> TrialPage:
    number = ledger.number_of(scope.trial.pk)
    return unwritten_page(scope, seen=seen, as_of=now(scope), number=number)


def _first_intolerable(view: View) -> str:
    level = view.here.advice.first_intolerable_level
    return view.level(level) if level else ""


def _may_hold(scope: Scope) -> bool:
    principal = scope.membership is not None and scope.membership.principal
    return scope.may(May.HOLD) and (scope.role != Role.INVESTIGATOR or principal)


def _may_decide(scope: Scope, here: Situation) -> bool:
    waits = here.proposed and standing.inputs_hash(here.proposed.inputs) == here.inputs_hash
    return scope.may(May.SIGN_DECISION) and not waits and (not here.conclusion or may_conclude(here))

"""What the pages of the decision share: the situation with its reader, and the time that pages are of."""

from datetime import datetime

from django.http import HttpRequest

from trial import clock
from trial.people.access import Scope

from .display.reader import View
from .situation import history, queries


def now(scope: Scope) -> datetime:
    return clock.now(simulated=scope.trial.simulated)


def view_of(request: HttpRequest, scope: Scope) -> View | None:
    """Where the trial stands before this reader, computed once for page and frame; None before the protocol."""
    here = queries.here(scope)
    if here is None:
        return None
    request.situation = here  # type: ignore[attr-defined]
    return View(scope, here, history.record(here), here.number)

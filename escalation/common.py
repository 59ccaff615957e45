"""What the pages of the decision share: the situation with its reader, and the time that pages are of."""

from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from trial.done import Done, Gone
from trial.people import access
from trial.people.access import Scope
from trial.roles import May

from .display.reader import View
from .situation import history, queries
from .situation.situation import Situation


def now(scope: Scope) -> datetime | None:
    """When a page of this reader is made; None for the past of a simulated trial."""
    return scope.days.moment


def enter(request: HttpRequest, trial: str, right: May = May.READ) -> tuple[Scope, Situation | None]:
    """The person's scope and where the trial stands, computed once for page and frame; None before the protocol."""
    scope = access.enter(request, trial, right)
    return scope, here_of(request, scope)


def here_of(request: HttpRequest, scope: Scope) -> Situation | None:
    """Read by what the door saw the first time, and anew after that: something may have been written in between."""
    here = queries.here(scope, request.__dict__.pop("stamp", None))
    request.situation = here  # type: ignore[attr-defined]
    return here


def written(request: HttpRequest, scope: Scope) -> Situation:
    """The same for a page that there is only once the protocol is written."""
    here = here_of(request, scope)
    if here is None:
        who = "" if scope.may(May.WRITE_PROTOCOL) else " The medical monitor writes it."
        protocol = reverse("escalation:protocol", args=[scope.trial.code])
        first = Done(f"The protocol is not written yet: dose levels, settings and eligibility criteria.{who}")
        raise Gone(first, protocol, heading="The protocol comes first", named="Open the protocol")
    return here


def view_of(request: HttpRequest, scope: Scope) -> View | None:
    """Where the trial stands before this reader."""
    here = here_of(request, scope)
    return viewed(scope, here) if here else None


def viewed(scope: Scope, here: Situation) -> View:
    return View(scope, here, history.record(here), here.number)

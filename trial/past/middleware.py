"""One door to the past: `?as_of=` on a page of a trial, in front of every view.

Who reads, and what he may see, is decided by the rights of today, before anything is read of then. Then the page is
made as it always is, in a transaction whose tables, record and day are those of then, and its links carry the moment
on.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, get_resolver, resolve
from django.utils.module_loading import import_string

from .. import clock, queries
from ..models import Site, Trial
from ..people import access, entry
from ..people.access import Scope, Then
from ..people.entry import Entry
from ..record import ledger
from . import asked, links, pages

Handler = Callable[[HttpRequest], HttpResponse]


class Past:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if pages.AS_OF not in request.GET or request.path.startswith("/api/"):
            return None  # REST says itself which parameters an address takes
        of_trial = request.path.startswith("/trials/")
        if request.method != "GET":
            return _refused(request, pages.WRITES)
        assert request.resolver_match is not None
        if why := pages.why_not(request.resolver_match.view_name, of_trial=of_trial):
            return _refused(request, why)
        found = entry.by_person(access.person(request), kwargs["trial"])
        today = access.entered(found)  # a stranger learns here that there is no such trial
        assert found.stamp is not None
        rest = request.GET.copy()
        said = rest.pop(pages.AS_OF)
        request.GET = rest  # type: ignore[assignment]  # the view is asked as always
        if rest.get(pages.CUT):
            return _refused(request, pages.TWO_MOMENTS)
        try:
            number = asked.number(today.trial, found.stamp.number, today.today, said)
        except ValueError as fault:
            return _refused(request, str(fault))
        return _shown(request, found, today, number, lambda: view(request, *args, **kwargs))


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    """With the way back to the page as it is now, where it has one."""
    query = request.GET.copy()
    query.pop(pages.AS_OF, None)
    now = f"{request.path}?{query.urlencode()}" if query else request.path
    shown = {"why": why, "now": now if request.method == "GET" else ""}
    return render(request, "trial/past/refused.html", shown, status=400)


def _shown(
    request: HttpRequest, found: Entry, today: Scope, number: int, answer: Callable[[], HttpResponse]
) -> HttpResponse:
    recent, hidden = access.recent(request, today.user), _hidden(today)
    today = replace(today, withheld=import_string(settings.PAST["withheld"])(today))
    with ledger.as_of(today.trial.pk, number, without=hidden):
        request.then = _then(found, today, number, recent, hidden)  # type: ignore[attr-defined]
        try:
            response = answer()
        except (Http404, PermissionDenied) as error:
            told: Any = get_resolver().resolve_error_handler(404 if isinstance(error, Http404) else 403)
            response = told(request, error)
        except Exception:
            request.then = request.scope = None  # type: ignore[attr-defined]  # the page that says so is of today
            raise
    assert not response.streaming, "what is streamed is read when the past is left again"
    shown = response.content.decode()
    led = links.carry(shown, code=today.trial.code, number=number, here=request.path, why_not=_why_not)
    response.content = led.encode()
    return response


def _hidden(today: Scope) -> frozenset[UUID]:
    """What this person may not read today: then he sees it neither."""
    shut: frozenset[UUID] = import_string(settings.SHUT)(today.trial.pk, today.user)
    hidden: frozenset[UUID] = import_string(settings.PAST["hidden"])(today.trial.pk)
    return shut | hidden


def _then(found: Entry, today: Scope, number: int, recent: list[Trial], hidden: frozenset[UUID]) -> Then:
    """Read in the past: the reader as he is today, before the trial, its day and his site as they were."""
    trial = Trial.objects.get(pk=today.trial.pk)
    event = queries.events(trial.pk).get(number=number)
    on = import_string(settings.PAST["day_of"])(trial, event)
    at = None if trial.simulated else event.at  # a simulated trial's actions happened at no real hour
    member = today.membership
    if member is not None and member.site is not None:
        member.site = Site.objects.filter(pk=member.site.pk).first() or member.site
    scope = replace(today, trial=trial, membership=member, days=clock.Today(on, at), past=number)
    return Then(scope, [trial if one.pk == trial.pk else one for one in recent], hides=bool(hidden))


def _why_not(path: str) -> str:
    try:
        return pages.why_not(resolve(path).view_name, of_trial=True)
    except Resolver404:
        return pages.OF_NO_TRIAL

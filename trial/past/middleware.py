"""One door to the past: `?as_of=` or a meeting's `?cut=` on a page of a trial, in front of every view.

Who reads, and what he may see, is decided by the rights of today, before anything is read of then. Then the page is
made as it always is, in a transaction whose tables, record and day are those of then, and its links carry the moment
on.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, get_resolver, resolve

from ..people import access, entry
from ..people.access import Frozen, Scope, Then
from . import asked, links, pages, then

Handler = Callable[[HttpRequest], HttpResponse]


class Past:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not _moments(request) or request.path.startswith("/api/"):
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
        said = {name: rest.pop(name) for name in _moments(request)}
        request.GET = rest  # type: ignore[assignment]  # the view is asked as always
        if len(said) > 1:
            return _refused(request, pages.TWO_MOMENTS)
        moment: int | Frozen
        try:
            if pages.CUT in said:
                moment = asked.cut(today.trial, said[pages.CUT])
            else:
                moment = asked.number(today.trial, found.stamp.number, today.today, said[pages.AS_OF])
        except ValueError as fault:
            return _refused(request, str(fault))
        return _shown(request, today, moment, lambda: view(request, *args, **kwargs))


def _moments(request: HttpRequest) -> list[str]:
    """The parts of the address that name a moment. A form that chooses no cut sends an empty one: it asks of today."""
    return [name for name in pages.MOMENTS if name in request.GET and (name != pages.CUT or request.GET[name])]


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    """With the way back to the page as it is now, where it has one."""
    query = request.GET.copy()
    for name in pages.MOMENTS:
        query.pop(name, None)
    now = f"{request.path}?{query.urlencode()}" if query else request.path
    shown = {"why": why, "now": now if request.method == "GET" else ""}
    return render(request, "trial/past/refused.html", shown, status=400)


def _shown(
    request: HttpRequest, today: Scope, moment: int | Frozen, answer: Callable[[], HttpResponse]
) -> HttpResponse:
    recent, hidden = access.recent(request, today.user), then.hidden(today)
    with then.read(today, moment, without=hidden) as scope:
        trial = scope.trial
        known = [trial if one.pk == trial.pk else one for one in recent]
        request.then = Then(scope, known, hides=bool(hidden))  # type: ignore[attr-defined]
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
    named = (pages.CUT, moment.record) if isinstance(moment, Frozen) else (pages.AS_OF, moment)
    led = links.carry(shown, code=today.trial.code, moment=named, here=request.path, why_not=_why_not)
    response.content = led.encode()
    return response


def _why_not(path: str) -> str:
    try:
        return pages.why_not(resolve(path).view_name, of_trial=True)
    except Resolver404:
        return pages.OF_NO_TRIAL

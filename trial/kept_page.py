"""The middle of a page, kept for its reader in this process until the record or the minute is another.

The frame around it, alarms and messages are made anew each time.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from . import clock
from .people.access import Scope
from .record.kept import Kept
from .sheets import asked

_kept: Kept[dict[str, str]] = Kept(most=200)


def kept_page(
    request: HttpRequest,
    scope: Scope,
    template: str,
    context: Callable[[], Mapping[str, Any]],
    *,
    besides: object = None,
    status: Callable[[Mapping[str, Any]], int] = lambda shown: 200,
) -> HttpResponse:
    """`render`, without asking for the context again while nothing that the page follows from has changed.

    besides: what it shows that is in no audited table.
    status: of an answer with that context; one that is no success is not kept.
    """
    under, key = _under(request, scope, besides), (scope.trial.pk, scope.user.pk, request.get_full_path())
    if under and (pieces := _kept.get(key, under)):
        return render(request, template, {"pieces": pieces})
    pieces, shown = {}, context()
    answer = render(request, template, {**shown, "pieces": pieces}, status=status(shown))
    if under and answer.status_code == 200:
        _kept.put(key, under, pieces)
    return answer


def _under(request: HttpRequest, scope: Scope, besides: object) -> str:
    """Stands for all that the middle of a page follows from; "" where the trial has no record yet.

    As it was at the door, before anything was read: what is written in between shows under the next head. The minute is
    for what pages say of the time, at the trial and at its sites.
    """
    entered = getattr(request, "entered", None)
    if entered is None or asked.of(request):  # a file says which filters its page looked at
        return ""
    now = clock.now(simulated=scope.trial.simulated)
    secret = request.META.get("CSRF_COOKIE")  # forms carry a token of it
    reader = (scope.role, scope.membership and scope.membership.pk, secret)
    return repr((entered, f"{now:%Y-%m-%d %H:%M}", scope.today, settings.RELEASE, reader, besides))

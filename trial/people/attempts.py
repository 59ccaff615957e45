"""Failures at the log-in, of a password or of a code of the second factor: both count, lock, and are logged alike.

axes locks an account for one address, `throttle` makes the next answer wait over all addresses; both answer 429.
"""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from .. import client, queries
from ..models import User
from ..record import access_events
from . import throttle
from .throttle import Try

FACTOR = "factor"  # in the credentials of a failure: it was the code that was wrong


def at_log_in(request: HttpRequest, name: str) -> Try:
    """A try for the account of that e-mail address. Who must wait is told so at once, whatever the view makes."""
    attempt = throttle.at_log_in(name, client.address(request))
    if attempt.wait:
        access_events.record(access_events.TOLD_TO_WAIT, user=queries.account(name), request=request)
        raise ImmediateHttpResponse(_too_many(request, attempt.wait))
    return attempt


def locked(request: HttpRequest, user: User) -> bool:
    """Whether the log-in of this account is locked for who asks; the answer then says so, whatever the view makes."""
    if AxesProxyHandler.is_allowed(request, _names(user)):
        return False
    request.axes_locked_out = True  # type: ignore[attr-defined]
    request.axes_credentials = _names(user)  # type: ignore[attr-defined]
    return True


def failed(request: HttpRequest, user: User) -> None:
    """A wrong code at the log-in."""
    user_login_failed.send(sender=__name__, credentials=_names(user) | {FACTOR: "code"}, request=request)


def answer(request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None) -> HttpResponse:
    """What axes answers for an account and an address that are locked."""
    (attempts,) = AxesProxyHandler.get_implementation().get_user_attempts(request, credentials)
    last = attempts.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    left = last + settings.AXES_COOLOFF_TIME - timezone.now()
    return _too_many(request, max(1, round(left.total_seconds())), lock=True)


def _too_many(request: HttpRequest, wait: int, *, lock: bool = False) -> HttpResponse:
    """wait: seconds until the next answer."""
    shown = {"wait": wait, "minutes": throttle.minutes(wait), "lock": lock}
    response = render(request, "account/lockout.html", shown, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


def _names(user: User) -> dict[str, str]:
    return {"email": user.email}

"""Failures of a second factor count, lock and are logged as those of a password do."""

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest

from ..models import User

FACTOR = "factor"  # in the credentials of a failure: it was the code that was wrong


def locked(request: HttpRequest, user: User) -> bool:
    """Whether the log-in of this account is locked for who asks; the answer then says so, whatever the view makes."""
    if AxesProxyHandler.is_allowed(request, _names(user)):
        return False
    request.axes_locked_out = True  # type: ignore[attr-defined]
    request.axes_credentials = _names(user)  # type: ignore[attr-defined]
    return True


def failed(request: HttpRequest, user: User) -> None:
    """A wrong code, at the log-in or under a signature."""
    user_login_failed.send(sender=__name__, credentials=_names(user) | {FACTOR: "code"}, request=request)


def _names(user: User) -> dict[str, str]:
    return {"email": user.email}

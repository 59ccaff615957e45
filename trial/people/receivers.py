"""The only listeners to signals: what happens at the log-in and to a password becomes access events."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from axes.signals import user_locked_out
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.utils.html import format_html

from .. import queries
from ..models import User
from ..record import access_events
from . import typed
from .log_in import attempted_name


def listen() -> None:
    """Called once, when the application starts."""
    for signal, receiver in (
        (user_logged_in, logged_in),
        (user_logged_out, logged_out),
        (user_login_failed, failed),
        (user_locked_out, locked_out),
        (password_changed, chose_password),
        (password_set, chose_password),
        (password_reset, chose_password),
    ):
        signal.connect(receiver, dispatch_uid=f"trial.{receiver.__name__}")


def logged_in(sender: object, request: HttpRequest, user: User, **more: Any) -> None:
    access_events.record(access_events.LOG_IN, user=user, request=request)
    kept = typed.waiting(user)
    if kept:
        request.session[typed.NOTE] = True
        for one in kept:
            if one.path != request.POST.get("next"):
                words = "What you typed before your session ended is kept: {}."
                messages.info(request, format_html(words, format_html('<a href="{}">open the form</a>', one.path)))


def logged_out(sender: object, request: HttpRequest, user: User | None, **more: Any) -> None:
    if user is not None:  # a log-out of nobody is nothing
        kind = access_events.IDLE_OUT if getattr(request, "idle", False) else access_events.LOG_OUT
        access_events.record(kind, user=user, request=request)


def chose_password(sender: object, request: HttpRequest, user: User, **more: Any) -> None:
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    access_events.record(access_events.PASSWORD_CHANGED, user=user, request=request)


def failed(sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **more: Any) -> None:
    signed_in = getattr(request, "user", None)
    if isinstance(signed_in, User):  # the password asked again, for a signature
        access_events.record(access_events.PASSWORD_FAILED, user=signed_in, request=request)
        return
    _record(access_events.LOG_IN_FAILED, attempted_name(request, credentials) if request else None, request)


def locked_out(sender: object, request: HttpRequest | None = None, username: str | None = None, **more: Any) -> None:
    _record(access_events.LOCKED_OUT, username, request)


def _record(kind: str, name: str | None, request: HttpRequest | None) -> None:
    # what was typed is not kept when no account has it: people type passwords into the wrong field
    account = queries.account(name) if name else None
    detail = "" if account else "no such account"
    access_events.record(kind, user=account, request=request, detail=detail)

"""The only listeners to signals: what happens at the log-in and to a password becomes access events."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset, authenticator_used
from axes.signals import user_locked_out
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from .. import notices, queries
from ..models import NoticeKind, User
from ..record import access_events
from . import accounts, attempts, factor, sessions, tokens, typed
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
        (authenticator_added, factor_added),
        (authenticator_removed, factor_removed),
        (authenticator_reset, recovery_made),
        (authenticator_used, factor_used),
    ):
        signal.connect(receiver, dispatch_uid=f"trial.{receiver.__name__}")


def logged_in(sender: object, request: HttpRequest, user: User, **more: Any) -> None:
    access_events.record(access_events.LOG_IN, user=user, request=request, detail=_proved(request, user))
    sessions.begin(request.session)
    kept = typed.waiting(user)
    if kept:
        request.session[typed.NOTE] = True
        for one in kept:
            if one.path != request.POST.get("next"):
                words = "What you typed before your session ended is kept: {}."
                messages.info(request, format_html(words, format_html('<a href="{}">open the form</a>', one.path)))


def logged_out(sender: object, request: HttpRequest, user: User | None, **more: Any) -> None:
    if user is not None:  # a log-out of nobody is nothing
        kind = getattr(request, "ended", access_events.LOG_OUT)
        access_events.record(kind, user=user, request=request)


def chose_password(sender: object, request: HttpRequest, user: User, **more: Any) -> None:
    """Another password ends the sessions that were opened with the one before, by itself; the tokens end here."""
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    tokens.revoke_all(user.pk)
    access_events.record(access_events.PASSWORD_CHANGED, user=user, request=request)


def failed(sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **more: Any) -> None:
    kind = access_events.FACTOR_FAILED if attempts.FACTOR in credentials else access_events.LOG_IN_FAILED
    _record(kind, attempted_name(request, credentials) if request else None, request)


def locked_out(sender: object, request: HttpRequest | None = None, username: str | None = None, **more: Any) -> None:
    _record(access_events.LOCKED_OUT, username, request)


def factor_added(sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **more: Any) -> None:
    if authenticator.type == factor.RECOVERY:  # made with the factor: the same mail tells of both
        access_events.record(access_events.RECOVERY_MADE, user=user, request=request)
        return
    factor.check(user, request.POST.get("code", ""))  # the code that proved it is used with it
    record_authentication(request, user, "mfa", type=factor.TOTP.value, reauthenticated=True)  # the codes may be shown
    _tell(access_events.FACTOR_ON, user, request, "is on: its codes are asked for at the log-in and under signatures")


def factor_removed(sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **more: Any) -> None:
    if authenticator.type == factor.TOTP:
        accounts.factor_was_turned_off(by=user)
        _tell(access_events.FACTOR_OFF, user, request, "is off: the account is protected by its password alone")


def recovery_made(sender: object, request: HttpRequest, user: User, **more: Any) -> None:
    _tell(access_events.RECOVERY_MADE, user, request, "has new recovery codes; the ones before open nothing any more")


def factor_used(sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **more: Any) -> None:
    if authenticator.type == factor.RECOVERY:
        _tell(access_events.RECOVERY_USED, user, request, "was passed with a recovery code, which is used up by that")


def _tell(kind: str, user: User, request: HttpRequest, what: str) -> None:
    """The event, and a mail to the person: it may not have been he."""
    event = access_events.record(kind, user=user, request=request)
    notices.post(
        trial=None,
        to=[user],
        key=f"access-{event.pk}",
        kind=NoticeKind.ACCOUNT,
        path=reverse("mfa_index"),
        subject=f"Your second factor {what}",
        text=f"Your second factor {what}.\n\n{event.at:%-d %b %Y %H:%M} UTC, from {event.address or 'no address'}.\n"
        "If that was not you, tell an administrator at once.",
    )


def _proved(request: HttpRequest, user: User) -> str:
    """With what besides the password."""
    used = {record.get("type") for record in get_authentication_records(request, user)}
    return "with a recovery code" if factor.RECOVERY in used else "with a code" if factor.TOTP in used else ""


def _record(kind: str, name: str | None, request: HttpRequest | None) -> None:
    # what was typed is not kept when no account has it: people type passwords into the wrong field
    account = queries.account(name) if name else None
    detail = "" if account else "no such account"
    access_events.record(kind, user=account, request=request, detail=detail)

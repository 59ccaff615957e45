"""Log-in: nobody signs up; accounts are opened by an administrator."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse

from .. import client, mail, notices
from ..models import User
from ..record import access_events
from ..roles import Role
from . import access, attempts, factor, proof

LONGEST = 255  # of a name that the lock-out counts by; no address has more than 254 characters


class AccountAdapter(DefaultAccountAdapter):
    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        name = attempted_name(request, credentials)
        if name is None or not AxesProxyHandler.is_allowed(request, credentials):  # locked: axes says so
            return self._checked(request, credentials)
        attempt = attempts.at_log_in(request, name)
        user = self._checked(request, credentials)
        if user is not None:
            attempt.right()
        return user

    def _checked(self, request: HttpRequest, credentials: dict[str, Any]) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        return user

    def reauthenticate(self, user: User, password: str) -> bool:
        if fault := proof.fault(context.request, password):
            raise ValidationError(fault)
        return True

    def send_password_reset_mail(self, user: User, email: str, context_: dict[str, Any]) -> None:
        """A mail like every other: a notice. Whoever asks is answered the same, whatever became of it."""
        if not mail.is_set_up() or notices.too_many_resets(user):
            access_events.record(access_events.RESET_REFUSED, user=user, request=context.request)
            return
        event = access_events.record(access_events.RESET_ASKED, user=user, request=context.request)
        notices.post_one_time(
            user,
            key=f"access-{event.pk}",
            subject="Set a new password",
            text=f"A new password was asked for your account, from {event.address or 'no address'}. If that was you, "
            "open the link within a day; it works once. If it was not, do nothing: the password stays as it is.",
        )

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return str(reverse("trial:home"))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """A committee member of one trial lands on its dashboard; everybody else on what waits for him."""
        mine = list(access.memberships(access.person(request))[:2])
        if [member.role for member in mine] == [Role.DSMB]:
            return str(reverse("escalation:dashboard", args=[mine[0].trial.code]))
        return str(reverse("trial:home"))

    def get_client_ip(self, request: HttpRequest) -> str:
        return client.address(request) or "0.0.0.0"  # over a socket of the machine there is none

    def clean_password(self, password: str, user: User | None = None) -> str:
        cleaned: str = super().clean_password(password, user)
        if user is not None and user.must_change_password and user.check_password(cleaned):
            raise ValidationError("New password: choose another one than you were given.")
        return cleaned

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """By the password; of whoever has a second factor by a code of it, or a recovery code, and not without."""
        every: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        coded = [method for method in every if method["id"] == "mfa_reauthenticate"]
        return coded or every

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """A log-in of the last minutes is proof enough to set up the first factor, not to change one."""
        request = context.request
        if isinstance(request.user, User) and not factor.enrolled(request.user):
            proofs = get_authentication_records(request, request.user)
            return not any(time.time() - one["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT for one in proofs)
        needed: bool = super().is_reauthentication_required(app=app, **more)
        return needed


def attempted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str | None:
    """The account that a log-in names, for the lock-out: one spelling for every way in."""
    name = (credentials or {}).get("email") or request.POST.get("login")
    return str(name).lower()[:LONGEST] if name else None

"""Log-in: nobody signs up; accounts are opened by an administrator."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from ..models import User


class AccountAdapter(DefaultAccountAdapter):
    def clean_password(self, password: str, user: User | None = None) -> str:
        cleaned: str = super().clean_password(password, user)
        if user is not None and user.must_change_password and user.check_password(cleaned):
            raise ValidationError("New password: choose another one than you were given.")
        return cleaned


def attempted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str | None:
    """The account that a log-in names, for the lock-out: one spelling for every way in."""
    name = (credentials or {}).get("email") or request.POST.get("login")
    return str(name).lower() if name else None

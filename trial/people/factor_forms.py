"""The code of a second factor: at the log-in, and before a step that needs a fresh proof."""

from collections.abc import Callable
from typing import Any

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms

from ..record import access_events
from . import attempts, factor, throttle
from .throttle import Try

LOCKED = "Code: too many attempts; the log-in is locked for a while."
TYPED = {"autocomplete": "one-time-code", "inputmode": "numeric"}


def code_field(**kwargs: Any) -> forms.CharField:
    """Six digits of the app; a recovery code has eight."""
    kwargs.setdefault("label", "Code")
    field = forms.CharField(max_length=12, widget=forms.TextInput(attrs=TYPED), **kwargs)
    field.error_messages["required"] = f"{field.label}: an answer is needed."
    return field


class _Counted:
    """A form of the library's whose wrong codes count, lock and are logged as wrong passwords are."""

    user: Any
    cleaned_data: dict[str, Any]
    attempt: Callable[[], Try]  # counted before the code is looked at
    failed: Callable[[], None]

    def clean_code(self) -> str:
        code, attempt = self.cleaned_data["code"], self.attempt()
        answer = factor.check(self.user, code)
        kind = factor.TOTP
        if answer is factor.Answer.WRONG and factor.recover(self.user, code):
            answer, kind = factor.Answer.RIGHT, factor.RECOVERY
        if answer is factor.Answer.WRONG:
            self.failed()
        else:
            attempt.right()
        if answer is not factor.Answer.RIGHT:
            raise forms.ValidationError(answer.sentence)
        self.authenticator = factor.row(self.user, kind)
        return str(code)


class LogInCode(_Counted, AuthenticateForm):
    code = code_field(label="Code")

    def attempt(self) -> Try:
        if attempts.locked(context.request, self.user):
            raise forms.ValidationError(LOCKED)
        return attempts.at_log_in(context.request, self.user.email)

    def failed(self) -> None:
        attempts.failed(context.request, self.user)


class ConfirmCode(_Counted, ReauthenticateForm):
    """Of who is signed in: counted by session."""

    code = code_field(label="Code")

    def attempt(self) -> Try:
        found = throttle.in_session(context.request.session)
        if found.wait:
            raise forms.ValidationError(f"Code: {found.sentence}")
        return found

    def failed(self) -> None:
        access_events.record(access_events.FACTOR_FAILED, user=self.user, request=context.request)


class SetUpForm(ActivateTOTPForm):
    code = code_field(label="Code that the app shows")

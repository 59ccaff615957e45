"""Forms of signing: countersign, withdraw, and the password as proof."""

from typing import Any

from django import forms

from trial.forms import ReasonForm, ServiceForm


class Password(forms.CharField):
    """The password again, as the signature's proof. Never shown back."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Your password")
        widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        super().__init__(widget=widget, strip=False, max_length=4096, **kwargs)


class CountersignForm(ServiceForm):
    basis = forms.CharField(widget=forms.HiddenInput, max_length=250)
    password = Password()


class WithdrawForm(ReasonForm):
    """Why a proposed decision is taken back."""

"""Forms of the decision: decide and sign, countersign, withdraw, hold."""

from collections.abc import Sequence
from typing import Any

from django import forms

from trial.forms import ReasonForm, ServiceForm

from .choices import Choice
from .standing import Outcome


class Password(forms.CharField):
    """The password again, as the signature's proof. Never shown back."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Your password")
        widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        super().__init__(widget=widget, strip=False, max_length=4096, **kwargs)


class Offered(forms.ChoiceField):
    """One of the offered choices. What is well formed but not offered goes to the service, which says why not."""

    def valid_value(self, value: str) -> bool:
        outcome, _, position = value.partition(":")
        return outcome in Outcome.values and (not position or (position.isascii() and position.isdigit()))


class DecideForm(ServiceForm):
    read_basis = ""  # the basis that was read, when the one shown is fresher

    basis = forms.CharField(widget=forms.HiddenInput, max_length=250)
    choice = Offered(label="Decision", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Needed for anything but the recommendation, and for an RP2D.",
    )
    password = Password()

    def __init__(self, *args: Any, offered: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["choice"]
        assert isinstance(field, Offered)
        field.choices = [(choice.value, _words(choice)) for choice in offered]
        self.fields["reason"].required = any(choice.outcome == Outcome.RP2D for choice in offered)

    @property
    def decided(self) -> tuple[str, int | None]:
        outcome, _, position = self.cleaned_data["choice"].partition(":")
        return outcome, int(position) if position else None


def _words(choice: Choice) -> str:
    if choice.outcome == Outcome.RP2D:
        return choice.label
    return f"{choice.label} (recommended)" if choice.recommended else f"{choice.label} (more cautious: needs a reason)"


class CountersignForm(ServiceForm):
    basis = forms.CharField(widget=forms.HiddenInput, max_length=250)
    password = Password()


class WithdrawForm(ReasonForm):
    """Why a proposed decision is taken back."""


class HoldForm(ReasonForm):
    """Why all enrolment stops."""

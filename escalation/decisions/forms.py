"""Forms of the decision: decide and sign, hold."""

from collections.abc import Sequence
from typing import Any

from django import forms

from trial import numbers
from trial.forms import ReasonForm
from trial.people.proof_forms import SignedForm

from ..situation.choices import Choice
from ..situation.situation import Outcome


class Offered(forms.ChoiceField):
    """One of the offered choices. What is well formed but not offered goes to the service, which says why not."""

    def valid_value(self, value: str) -> bool:
        outcome, _, position = value.partition(":")
        return outcome in Outcome.values and (not position or numbers.whole(position) is not None)


class DecideForm(SignedForm):
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

    later_toxicity = forms.CharField(
        label="How later toxicity counted",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Of an RP2D: DLT-like events, reductions, interruptions and stops beyond the DLT window, which the "
        "counts do not hold. The page Beyond the window has them by level and cycle.",
    )

    def __init__(self, *args: Any, offered: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["choice"]
        assert isinstance(field, Offered)
        field.choices = [(choice.value, _words(choice)) for choice in offered]
        rp2d = any(choice.outcome == Outcome.RP2D for choice in offered)
        self.fields["reason"].required = rp2d
        if not rp2d:
            del self.fields["later_toxicity"]

    @property
    def decided(self) -> tuple[str, int | None]:
        outcome, _, position = self.cleaned_data["choice"].partition(":")
        return outcome, int(position) if position else None


def _words(choice: Choice) -> str:
    if choice.outcome == Outcome.RP2D:
        return choice.label
    return f"{choice.label} (recommended)" if choice.recommended else f"{choice.label} (more cautious: needs a reason)"


class HoldForm(ReasonForm):
    """Why all enrolment stops."""

"""The form of a decision about patients outside the count."""

from collections.abc import Sequence
from typing import Any

from django import forms

from trial import numbers
from trial.forms import WholeField
from trial.people.proof_forms import SignedForm

from .choices import MOST_PLACES, Choice


class Offered(forms.ChoiceField):
    """One of the offered choices; what is well formed but not offered goes to the service, which says why not."""

    def valid_value(self, value: str) -> bool:
        act, _, rest = value.partition(":")
        role, _, position = rest.partition(":")
        return bool(act and role) and numbers.whole(position) is not None


class OutsideForm(SignedForm):
    basis = forms.CharField(widget=forms.HiddenInput, max_length=250)
    choice = Offered(label="Decision", widget=forms.RadioSelect)
    places = WholeField(
        label="Places",
        required=False,
        min_value=1,
        max_value=MOST_PLACES,
        help_text="Patients wanted, when a cohort is opened. Empty otherwise.",
    )
    reason = forms.CharField(label="Reason", max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, offered: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["choice"]
        assert isinstance(field, Offered)
        field.choices = [(choice.value, choice.label) for choice in offered]

    @property
    def decided(self) -> tuple[str, str, int]:
        act, role, position = self.cleaned_data["choice"].split(":")
        return act, role, int(position)

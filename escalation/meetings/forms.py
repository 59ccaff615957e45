"""Forms of a meeting: call, freeze, vote, propose the outcome, close."""

from collections.abc import Sequence
from typing import Any

from django import forms

from trial.forms import ReasonForm, ServiceForm, Typed
from trial.people.access import Frozen

from ..decisions.forms import DecideForm, Offered
from ..situation.choices import Choice
from ..situation.situation import Outcome

ABSTAIN = "abstain"


class CallForm(ServiceForm):
    cut_off = Typed(label="Cut-off", help_text="Data are to be entered and adjudicated until this day.")
    meets_on = Typed(label="Meeting on", help_text="The day of the cut-off or later.")


class FreezeForm(ServiceForm):
    """Nothing to type: the record is frozen as it stands."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="freeze_%s", **kwargs)


class OfferedVote(Offered):
    def valid_value(self, value: str) -> bool:
        return value == ABSTAIN or super().valid_value(value)


class VoteForm(ServiceForm):
    cut = forms.UUIDField(widget=forms.HiddenInput)
    choice = OfferedVote(label="Vote", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Reason",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept beside the outcome; of a changed vote, why it changed.",
    )

    def __init__(self, *args: Any, offered: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="vote_%s", **kwargs)  # it stands on one page with the outcome's form
        field = self.fields["choice"]
        assert isinstance(field, OfferedVote)
        field.choices = [*((c.value, _words(c)) for c in offered), (ABSTAIN, "Abstain")]

    @property
    def voted(self) -> tuple[str, int | None]:
        """The outcome, "" for an abstention, and the position of its level."""
        if self.cleaned_data["choice"] == ABSTAIN:
            return "", None
        outcome, _, position = self.cleaned_data["choice"].partition(":")
        return outcome, int(position) if position else None


def _words(choice: Choice) -> str:
    if choice.outcome == Outcome.RP2D:
        return choice.label
    return f"{choice.label} (recommended)" if choice.recommended else f"{choice.label} (more cautious)"


class OutcomeForm(DecideForm):
    cut = forms.UUIDField(widget=forms.HiddenInput)


class CloseForm(ReasonForm):
    """Why a meeting ends without a decision."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="close_%s", **kwargs)


class CompareForm(forms.Form):
    """Two moments; comes with GET. The names of its fields are words of the language."""

    def __init__(self, *args: Any, cuts: Sequence[Frozen], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [*((str(cut.record), cut.words) for cut in cuts), ("", "now")]
        self.fields["from"] = forms.ChoiceField(label="One moment", choices=offered, required=False)
        self.fields["to"] = forms.ChoiceField(label="The other", choices=offered, required=False)

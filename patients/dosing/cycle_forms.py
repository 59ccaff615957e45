"""Forms of the doses of a cycle. Shape is checked here; what the protocol and the record allow, by the services."""

from collections.abc import Sequence
from typing import Any

from django import forms

from trial.forms import NumberField, ServiceForm, Typed, WholeField, WhyField

from .models import DoseDay

AS_PLANNED = "planned"


class AsPlannedForm(ServiceForm):
    """The cycle went as planned; what is recorded of it otherwise stays."""


class ChangeForm(ServiceForm):
    """Days of one drug in a cycle that did not go as planned, or that did after all."""

    drug = forms.ChoiceField(label="Drug")
    day = WholeField(label="From day of the cycle")
    until = WholeField(label="To day", required=False, help_text="Empty: that day alone.")
    state = forms.ChoiceField(
        label="What happened",
        choices=[*DoseDay.State.choices, (AS_PLANNED, "as planned")],
        widget=forms.RadioSelect,
        error_messages={"required": "What happened: choose one."},
    )
    taken = NumberField(
        label="Taken on each of these days",
        required=False,
        max_digits=12,
        decimal_places=4,
    )
    because = forms.ChoiceField(label="Because of", required=False, choices=[("", "–"), *DoseDay.Because.choices])
    event = forms.ChoiceField(label="Adverse event behind it", required=False)
    note = forms.CharField(
        label="In words", required=False, max_length=200,
        help_text="Needed for another reason, and for an amount that is no step of the drug. Never a name.",
    )  # fmt: skip
    last_day = WholeField(label="Recorded to day", required=False)
    reason = forms.CharField(
        label="Reason, if it changes what was recorded",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )

    def __init__(
        self,
        *args: Any,
        drugs: Sequence[tuple[str, str]],
        events: Sequence[tuple[str, str]],
        steps: str,
        first_day: str,
        reach: int,
        **kwargs: Any,
    ) -> None:
        """steps, first_day: in words. reach: the last day of which anything can be said now."""
        super().__init__(*args, **kwargs)
        for name, choices in (("drug", drugs), ("event", [("", "–"), *events])):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        self.fields["day"].help_text = first_day
        self.fields["taken"].help_text = f"Over the day, in the unit of the dose; empty: nothing. {steps}"
        self.fields[
            "last_day"
        ].help_text = f"Every other planned day to it counts as taken as planned. Empty: to day {reach}."

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("day") and said.get("until") and said["until"] < said["day"]:
            self.add_error("until", "To day: it is before the first of these days.")
        return said


class StartForm(ServiceForm):
    on = Typed(label="First day")

    def __init__(self, *args: Any, cycle: int, despite: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].label = f"First day of cycle {cycle}"
        if despite:
            self.fields["reason"] = WhyField(self, label="Reason, for it is after the withdrawal")

"""What the list of the response shows."""

from collections.abc import Sequence
from typing import Any

from django import forms

DIFFERENCES = {
    "open": "Differ, without a reason",
    "resolved": "Differ, resolved",
    "agree": "Agree",
    "waiting": "Waiting for the investigator",
}


class ResponseFilter(forms.Form):
    level = forms.ChoiceField(label="Level received", required=False)
    difference = forms.ChoiceField(
        label="Derived and investigator's", required=False, choices=[("", "All"), *DIFFERENCES.items()]
    )

    def __init__(self, *args: Any, levels: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["level"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "All"), *((label, f"Level {label}") for label in levels)]
        field.error_messages["invalid_choice"] = "Level: nobody here received %(value)s."

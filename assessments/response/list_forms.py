"""What the list of the response shows."""

from collections.abc import Sequence
from typing import Any

from django import forms

from trial.forms import LevelField

DIFFERENCES = {
    "open": "Differ, without a reason",
    "resolved": "Differ, resolved",
    "agree": "Agree",
    "waiting": "Waiting for the investigator",
}


class ResponseFilter(forms.Form):
    level = LevelField()
    difference = forms.ChoiceField(
        label="Derived and investigator's", required=False, choices=[("", "All"), *DIFFERENCES.items()]
    )

    def __init__(self, *args: Any, levels: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        LevelField.offer(self, levels)

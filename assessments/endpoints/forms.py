"""Which of a run's patients are shown: what the numbers of the Efficacy page link to."""

from collections.abc import Mapping
from typing import Any

from django import forms

from ..imwg.terms import BENEFIT, OBJECTIVE
from . import settings_sets
from .present import COLUMNS, ENDPOINTS, SETS

RATES = {
    "orr": "Objective response (confirmed PR or better)",
    "cbr": "Clinical benefit (confirmed MR or better)",
}
IN_RATE = {"orr": OBJECTIVE, "cbr": BENEFIT}


class RunPatients(forms.Form):
    settings = forms.ChoiceField(required=False, choices=list(settings_sets.NAMES.items()), label="Settings")
    level = forms.ChoiceField(required=False, label="Level received")
    which = forms.ChoiceField(required=False, choices=[("", "Any"), *SETS.items()], label="Analysis set")
    best = forms.ChoiceField(required=False, choices=[("", "Any"), *COLUMNS.items()], label="Best confirmed response")
    rate = forms.ChoiceField(required=False, choices=[("", "Any"), *RATES.items()], label="Counts as")
    time = forms.ChoiceField(
        required=False, choices=[("", "Any"), *((key, named.name) for key, named in ENDPOINTS.items())], label="Has a"
    )
    event = forms.ChoiceField(
        required=False, choices=[("", "Any"), ("1", "with the event"), ("0", "censored")], label="Which ended"
    )

    def __init__(self, *args: Any, levels: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, str]] = [("", "Any"), *((label, label) for label in levels)]
        self.fields["level"].choices = choices  # type: ignore[attr-defined]

    def fits(self, patient: Mapping[str, Any]) -> bool:
        """Whether a patient of the result is asked for."""
        asked = self.cleaned_data
        if asked["level"] and patient["level"] != asked["level"]:
            return False
        if asked["which"] in ("dlt_evaluable", "response_evaluable") and not patient[asked["which"]]:
            return False
        best = "CR" if patient["best_confirmed"] == "sCR" else patient["best_confirmed"]
        if asked["best"] and best != asked["best"]:
            return False
        if asked["rate"] and patient["best_confirmed"] not in IN_RATE[asked["rate"]]:
            return False
        if asked["time"]:
            time = patient["times"][asked["time"]]
            return time is not None and asked["event"] in ("", str(time["event"]))
        return True

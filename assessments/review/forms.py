"""The form of a reader's verdict."""

from collections.abc import Mapping
from typing import Any

from django import forms

from trial.forms import ServiceForm

from ..dlt.criteria import CRITERIA, words


class VerdictForm(ServiceForm):
    """One reader's answer on one event."""

    is_dlt = forms.ChoiceField(label="Verdict", choices=[("yes", "DLT"), ("no", "Not a DLT")], widget=forms.RadioSelect)
    criterion = forms.ChoiceField(label="Criterion", required=False, help_text="Which criterion makes it a DLT.")
    reason = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, criteria: Mapping[str, bool], ctcae: str = "5.0", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["criterion"]
        assert isinstance(field, forms.ChoiceField)
        on = [(code, f"{code} {words(code, ctcae)}") for code in CRITERIA if criteria.get(code, True)]
        field.choices = [("", "None"), *on]

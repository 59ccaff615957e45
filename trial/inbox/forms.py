"""Which kinds of notices a person also gets by mail."""

from typing import Any

from django import forms


class KindsForm(forms.Form):
    mailed = forms.MultipleChoiceField(
        label="Also by mail", required=False, widget=forms.CheckboxSelectMultiple, help_text="All of them stand here."
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mailed"].choices = choices  # type: ignore[attr-defined]

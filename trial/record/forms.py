"""The filter of the audit page; it comes with GET and changes nothing."""

from typing import Any

from django import forms

from ..forms import Typed
from ..people.forms import offer


class AuditFilter(forms.Form):
    by = forms.ChoiceField(label="Person", required=False)
    verb = forms.ChoiceField(label="What", required=False)
    since = Typed(label="From", required=False, help_text="")
    until = Typed(label="To", required=False, help_text="")
    row = forms.CharField(
        label="Patient or row",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "003, AE 14, decision 2"}),
    )

    def __init__(self, *args: Any, people: list[tuple[str, str]], verbs: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "by", [("", "Anybody"), *people])
        offer(self, "verb", [("", "Anything"), *verbs])

    def asked(self) -> dict[str, Any]:
        """What is asked, without what is empty or unreadable."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}

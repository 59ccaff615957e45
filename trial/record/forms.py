"""The filters of the pages of the record; they come with GET and change nothing."""

from typing import Any

from django import forms

from ..forms import Typed
from ..people.forms import offer


class _Filter(forms.Form):
    by = forms.ChoiceField(label="Person", required=False)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "by", [("", "Anybody"), *people])

    def asked(self) -> dict[str, Any]:
        """What is asked, without what is empty or unreadable."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}


class AuditFilter(_Filter):
    verb = forms.ChoiceField(label="What", required=False)
    since = Typed(label="From", required=False, help_text="")
    until = Typed(label="To", required=False, help_text="")
    row = forms.CharField(
        label="Patient, record or number",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "004, AE 3, DA 4, no. 275"}),
    )
    table = forms.ChoiceField(label="Table", required=False)
    field = forms.CharField(
        label="Field",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "grade, date of death"}),
    )

    def __init__(self, *args: Any, verbs: list[tuple[str, str]], tables: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "verb", [("", "Anything"), *verbs])
        offer(self, "table", [("", "Any table"), *tables])


class AccessFilter(_Filter):
    kind = forms.ChoiceField(label="What", required=False)
    since = Typed(label="From", required=False, help_text="")
    until = Typed(label="To", required=False, help_text="")

    def __init__(self, *args: Any, kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", [("", "Anything"), *((kind, kind.capitalize()) for kind in kinds)])

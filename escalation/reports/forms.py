"""What is asked for: a kind, and of which cut, patient, decision or protocol version."""

from collections.abc import Sequence
from typing import Any

from django import forms

from . import kinds

OF = {
    kinds.CASEBOOK: "A casebook is of a patient: give the number.",
    kinds.SIGNATURE_PAGE: "A signature page is of a decision: give its number.",
}
Choices = Sequence[tuple[str, str]]


class Kind(forms.ChoiceField):
    """Offers what this person may have; another kind that there is goes on to the service, which refuses it."""

    def valid_value(self, value: Any) -> bool:
        return value in kinds.PAPERS


class Cut(forms.ChoiceField):
    """Offers the cuts of the trial; of another number the service says that there is none."""

    def valid_value(self, value: Any) -> bool:
        return str(value).isascii() and str(value).isdigit() and len(str(value)) < 10


class AskForm(forms.Form):
    """Sent twice it asks once: the same file of the same cut is built once."""

    kind = Kind(
        label="What",
        widget=forms.RadioSelect,
        error_messages={"required": "What: choose one.", "invalid_choice": "What: choose one of these."},
    )
    cut = Cut(
        label="Data cut, of a report",
        required=False,
        error_messages={"invalid_choice": "Data cut: choose one of these."},
    )
    of = forms.CharField(
        label="Number",
        required=False,
        max_length=9,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text="Of a casebook's patient, a signature page's decision, a table's protocol version (empty: in force).",
    )

    def __init__(self, *args: Any, offered: Choices, cuts: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = list(offered)  # type: ignore[attr-defined]
        self.fields["cut"].choices = list(cuts)  # type: ignore[attr-defined]
        self.offers_reports = any(kind in kinds.REPORTS for kind, _ in offered)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        kind = said.get("kind", "")
        if kind in OF and not said.get("of"):
            self.add_error("of", OF[kind])
        if kind in kinds.REPORTS and not said.get("cut") and "cut" not in self.errors:
            self.add_error("cut", "A report is of a data cut: a meeting freezes one.")
        return said

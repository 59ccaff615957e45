"""What is asked for: a format, and of which record."""

from collections.abc import Sequence
from typing import Any

from django import forms

from .package import FORMATS


class Format(forms.ChoiceField):
    """Of another format than those offered the service says that there is none."""

    def valid_value(self, value: Any) -> bool:
        return True


class Record(forms.ChoiceField):
    """Offers the cuts of the trial; of another number the service says that there is none."""

    def valid_value(self, value: Any) -> bool:
        return value.isascii() and value.isdigit() and len(value) < 10


class ExportForm(forms.Form):
    """Sent twice it asks once: the same file of the same record is built once."""

    format = Format(
        label="Format",
        choices=[(one.code, one.label) for one in FORMATS.values()],
        initial="json",
        widget=forms.RadioSelect,
        error_messages={"required": "Format: choose one."},
    )
    cut = Record(
        label="Data cut",
        required=False,
        error_messages={"invalid_choice": "Data cut: choose one, or the record as it stands."},
        help_text="What is recorded later is not in it.",
    )

    def __init__(self, *args: Any, cuts: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cut"].choices = [("", "The record as it stands now"), *cuts]  # type: ignore[attr-defined]

    @property
    def number(self) -> int | None:
        """Of the record that is asked for; None: as it stands."""
        return int(self.cleaned_data["cut"]) if self.cleaned_data["cut"] else None

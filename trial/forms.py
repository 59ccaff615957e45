"""What all forms share: the idempotency key, dates and numbers as people type them, and where a refusal is shown."""

import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms

from . import dates, instants, numbers
from .dates import shown as shown
from .models import Audited
from .refusals import Implausible, Refused, Stale

DATE_HINT = f"Like {dates.TWO_FORMS}."


class Typed(forms.DateField):
    """A date that is typed in one of two forms and is shown like 14 Mar 2026."""

    read: Any = staticmethod(dates.read)

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%d %b %Y", attrs={"autocomplete": "off"}))
        kwargs.setdefault("help_text", DATE_HINT)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values or isinstance(value, date):
            return value or None
        try:
            return self.read(str(value).strip())
        except ValueError as fault:
            raise forms.ValidationError(f"{self.label or 'This date'}: {fault}", code="invalid") from None


class NumberField(forms.DecimalField):
    """A number typed with a point or a decimal comma. `unit` stands in the field."""

    def __init__(self, *, unit: str = "", like: str = "160 or 37.5", **kwargs: Any) -> None:
        if unit:
            self.unit = unit
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        said = {"invalid": f"{kwargs.get('label') or 'This number'}: write a number like {like}."}
        kwargs["error_messages"] = said | (kwargs.get("error_messages") or {})
        super().__init__(**kwargs)

    read: Any = staticmethod(numbers.number)

    def to_python(self, value: Any) -> Any:
        return super().to_python(_typed(self, value, self.read))


class ShareField(NumberField):
    """A part of one, from 0 to 1; typed in percent with its sign too."""

    read = staticmethod(numbers.share)


class WholeField(forms.IntegerField):
    """A whole number."""

    def __init__(self, *, unit: str = "", **kwargs: Any) -> None:
        if unit:
            self.unit = unit
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        said = {"invalid": f"{kwargs.get('label') or 'This number'}: write a whole number."}
        kwargs["error_messages"] = said | (kwargs.get("error_messages") or {})
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        found = _typed(self, value)
        if isinstance(found, Decimal) and found != found.to_integral_value():
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(int(found) if isinstance(found, Decimal) else found)


class LevelField(forms.ChoiceField):
    """The dose level that the patients received whom a list shows; its form offers those that somebody did."""

    def __init__(self) -> None:
        said = {"invalid_choice": "Level: nobody here received %(value)s."}
        super().__init__(label="Level received", required=False, error_messages=said)

    @staticmethod
    def offer(form: forms.Form, levels: Sequence[str]) -> None:
        """In the field `level` of a form; levels by their labels."""
        field = form.fields["level"]
        assert isinstance(field, LevelField)
        field.choices = [("", "All"), *((label, f"Level {label}") for label in levels)]


def _typed(field: forms.Field, value: Any, read: Callable[[str], Decimal] = numbers.number) -> Any:
    """What was typed, as `read` takes it for a number; what is empty, or none of a person's typing, as it is."""
    if not isinstance(value, str) or not value.strip():
        return value
    try:
        return read(value)
    except numbers.NotANumber as wrong:
        said = field.error_messages["invalid"] if wrong.plain else f"{field.label or 'This number'}: {wrong}"
        raise forms.ValidationError(said, code="invalid") from None


class TypedPartial(Typed):
    """A date that may be known to the month or the year only; its value is a `dates.Partial`."""

    read = staticmethod(dates.read_partial)

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", f"{DATE_HINT} Where the day is not known, Mar 2026 or 2026: it is asked for.")
        super().__init__(**kwargs)


class TypedInstant(forms.Field):
    """Day and time at a place, typed and shown by its clock; its value is an instant. `zone`: of the place."""

    zone = "UTC"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
        super().__init__(**kwargs)

    def at(self, zone: str) -> None:
        """By the clock of a place."""
        self.zone = zone
        self.help_text = f"{self.help_text} By the clock in {zone}, like {instants.LIKE}.".strip()

    def prepare_value(self, value: Any) -> Any:
        return instants.typed(value, self.zone) if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values or isinstance(value, datetime):
            return value or None
        try:
            return instants.read(str(value), self.zone)
        except ValueError as fault:
            raise forms.ValidationError(f"{self.label or 'This time'}: {fault}", code="invalid") from None


class ServiceForm(forms.Form):
    """A form whose answer goes to one service. It carries the key that makes sending it twice harmless.

    rev: of the row that it corrects or voids, as the page shows it, 0 for none yet; carried too, so that nobody undoes
    unseen what another wrote meanwhile.
    """

    key = forms.UUIDField(widget=forms.HiddenInput, required=True)

    def __init__(self, *args: Any, rev: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rev = rev
        if rev is not None:
            self.fields["rev"] = forms.IntegerField(widget=forms.HiddenInput, initial=rev)
        self.fields["key"].initial = self.fields["key"].initial or uuid.uuid4
        for field in self.fields.values():
            if not isinstance(field, forms.DateField) and not field.widget.is_hidden:
                field.widget.attrs.setdefault("autocomplete", "off")
            required = field.error_messages.get("required")
            if field.label and required == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = f"{field.label}: an answer is needed."

    @property
    def late(self) -> bool:
        """Whether the row was written since this form was opened: by somebody else, or by this form, sent before."""
        return self.rev is not None and self.is_bound and self.data.get("rev") != str(self.rev)

    @property
    def sent(self) -> set[str]:
        """The fields that came with the form: a page opened before one of them was shown leaves it as it is."""
        return {name for name in self.fields if name in self.data}

    def refused(self, refusal: Refused) -> None:
        """Put the service's sentence beside the field that it names, or at the top; what was typed stays."""
        if isinstance(refusal, Implausible):
            for name, sentence in refusal.sentences.items():
                self.add_error(name if name in self.fields else None, sentence)
            if isinstance(why := self.fields.get("unusual"), UnusualField):
                why.ask()
            return
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, str(refusal))
        if isinstance(refusal, Stale):
            typed: Any = self.data
            self.data = typed = typed.copy()
            typed["rev"] = str(self.rev)  # of the row as the page shows it now; sending again is a new decision


class WhyField(forms.CharField):
    """Why what is recorded is changed. Sent late without one, the service says first what was changed meanwhile."""

    def __init__(self, form: ServiceForm, **kwargs: Any) -> None:
        self.form = form
        label = kwargs.setdefault("label", "Reason for the correction")
        super().__init__(
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 2}),
            error_messages={"required": f"{label}: an answer is needed."},
            **kwargs,
        )

    def validate(self, value: Any) -> None:
        if not self.form.late:
            super().validate(value)


class UnusualField(forms.CharField):
    """Why an unlikely number stands. It is asked once a service has refused one, and kept from then on."""

    def __init__(self, form: ServiceForm) -> None:
        super().__init__(
            label="Why the unlikely number stands",
            required=False,
            max_length=300,
            widget=forms.HiddenInput,
            help_text="Stored with each number that is marked above, and shown beside it. Never a name.",
        )
        if form.is_bound and form.data.get("unusual", "").strip():
            self.ask()

    def ask(self) -> None:
        self.required = True
        self.widget = forms.Textarea(attrs={"rows": 2, "maxlength": self.max_length, "autocomplete": "off"})


class StandsField(forms.CharField):
    """Why a number stands that is stored as unlikely, to be corrected while the number itself stays."""

    def __init__(self, of: str, why: str) -> None:
        super().__init__(
            label=f"{of}: why it stands",
            required=False,
            max_length=300,
            initial=why,
            help_text="As it was said of this number; another number is asked about anew. Never a name.",
        )


class ReasonForm(ServiceForm):
    """One reason: to withdraw, cancel or end something."""

    reason = forms.CharField(label="Reason", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


class VoidForm(ReasonForm):
    """Why a row is voided, and which one the person saw."""

    def __init__(self, *args: Any, row: Audited, **kwargs: Any) -> None:
        super().__init__(*args, rev=row.rev, **kwargs)

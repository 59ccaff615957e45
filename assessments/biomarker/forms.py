"""Forms of the sBCMA sub-study."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from patients.queries import plain
from trial.forms import NumberField, ServiceForm, StandsField, Typed, UnusualField, WholeField, WhyField
from trial.numbers import NotANumber, number

from .models import Assay, CutOff, Sample
from .services import ControlReading, Reading

BELOW = "below"


class Concentration(NumberField):
    """A concentration in ng/mL."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(unit="ng/mL", like="82.59", max_digits=12, decimal_places=4, **kwargs)


class AssayForm(ServiceForm):
    name = forms.CharField(label="Name", max_length=120, help_text="Maker and kind, as on the kit.")
    lower_limit = Concentration(label="Lower limit", help_text="What is less is stored as below the limit.")
    normal_below = Concentration(label="Normal below", required=False, help_text="Published for this assay.")
    source = forms.CharField(label="Source", required=False, max_length=300, help_text="Of the published range.")


class CorrectAssayForm(AssayForm):
    """An assay as it should stand."""

    def __init__(self, *args: Any, row: Assay, **kwargs: Any) -> None:
        super().__init__(*args, rev=row.rev, **kwargs)
        limit, normal = plain(row.lower_limit), plain(row.normal_below)
        self.initial = {"name": row.name, "lower_limit": limit, "normal_below": normal, "source": row.source}
        self.fields["reason"] = WhyField(self)


class CutOffForm(ServiceForm):
    purpose = forms.ChoiceField(label="Purpose", choices=CutOff.Purpose.choices, widget=forms.RadioSelect)
    value = Concentration(label="Cut-off", help_text="At or above it a value is high.")
    source = forms.CharField(label="Source", max_length=300, help_text="The paper, or how it was chosen beforehand.")


class SampleForm(ServiceForm):
    """One sample. With a sample it is a correction and asks for its reason."""

    assay = forms.ChoiceField(label="Assay")
    taken_on = Typed(label="Taken on")
    taken_at = forms.TimeField(
        label="Taken at", help_text="On the site's clock, like 08:30.", widget=forms.TimeInput(format="%H:%M"),
        error_messages={"invalid": "Taken at: write a time like 08:30."},
    )  # fmt: skip
    kit_lot = forms.CharField(label="Kit lot", max_length=60)
    dilution = WholeField(label="Dilution 1 to", initial=1, help_text="1 is undiluted, 100 is 1:100.")
    result = forms.ChoiceField(
        label="Result",
        choices=[("value", "A value"), (BELOW, "Below the lower limit")],
        widget=forms.RadioSelect,
        initial="value",
    )
    value = Concentration(label="Value", required=False, help_text="The dilution is taken into account already.")

    def __init__(self, *args: Any, assays: Sequence[Assay], sample: Sample | None = None, **kwargs: Any) -> None:
        super().__init__(*args, rev=sample.rev if sample else None, **kwargs)
        field = self.fields["assay"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(a.pk), a.name) for a in assays]
        self.fields["unusual"] = UnusualField(self)
        if sample is None:
            return
        self.initial = {
            "assay": str(sample.assay_id),
            "taken_on": sample.taken_on,
            "taken_at": sample.taken_at,
            "kit_lot": sample.kit_lot,
            "dilution": sample.dilution,
            "result": BELOW if sample.below_limit else "value",
            "value": None if sample.value is None else plain(sample.value),
        }
        if sample.unusual:
            self.fields["stands"] = StandsField("sBCMA", sample.unusual)
        self.fields["reason"] = WhyField(self)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("result") == "value" and said.get("value") is None and "value" not in self.errors:
            self.add_error("value", "Value: write the number, or say that it is below the lower limit.")
        if said.get("result") == BELOW and said.get("value") is not None:
            self.add_error("value", "Value: leave it empty when the result is below the lower limit.")
        return said

    @property
    def reading(self) -> Reading:
        said = self.cleaned_data
        value = None if said["result"] == BELOW else said["value"]
        return Reading(
            UUID(said["assay"]),
            said["kit_lot"],
            value,
            said["dilution"],
            said["unusual"],
            said["stands"] if "stands" in self.sent else None,
        )


class ControlsForm(ServiceForm):
    """Many controls at once, a line each."""

    kit_lot = forms.CharField(label="Kit lot", max_length=60)
    dilution = WholeField(label="Dilution 1 to", initial=1, help_text="1 is undiluted, 100 is 1:100.")
    source = forms.CharField(label="Source", max_length=300, help_text="Who measured them, and where it stands.")
    controls = forms.CharField(
        label="Controls",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="One a line: code; value in ng/mL, or the word below. Never a name. Like: C 01; 34.2",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unusual"] = UnusualField(self)

    def clean_controls(self) -> list[ControlReading]:
        found = []
        for place, line in enumerate(self.cleaned_data["controls"].splitlines(), 1):
            if not line.strip():
                continue
            code, _, text = (part.strip() for part in line.replace("\t", ";").partition(";"))
            if not code or len(code) > 40:
                raise forms.ValidationError(f"Controls: line {place} needs a code of up to 40 characters before the ;")
            found.append(ControlReading(code, None if text.lower() == BELOW else _decimal(text, place)))
        return found


def _decimal(text: str, place: int) -> Decimal:
    try:
        value = number(text)
    except NotANumber as wrong:
        if not wrong.plain:
            raise forms.ValidationError(f"Controls: line {place}: {wrong}") from None
    else:
        if 0 < value < 10**8 and value == round(value, 4):
            return value
    raise forms.ValidationError(
        f"Controls: line {place} needs a value above 0 ng/mL with at most 4 decimals, or the word below, after the ;"
    )

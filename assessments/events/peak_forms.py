"""The fields of a report for the peak of a liver test; a value left from another term is dropped."""

from typing import Any

from django import forms

from trial.forms import NumberField, ServiceForm, UnusualField

from .. import terms
from . import liver


def _amount(label: str) -> NumberField:
    return NumberField(label=label, like="120", required=False, min_value=0, max_digits=12, decimal_places=4)


class PeakForm(ServiceForm):
    ctcae = "5.0"
    peak_value = _amount("Peak value")
    peak_unit = forms.ChoiceField(
        label="Unit of both",
        required=False,
        choices=[("", "–"), *((unit, unit) for unit in liver.EVERY_UNIT)],
        error_messages={"invalid_choice": "Unit: %(value)s is none of the units."},
    )
    peak_uln = _amount("Upper limit of normal")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unusual"] = UnusualField(self)

    @property
    def peak_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in liver.PARTS]

    @property
    def peak_when(self) -> str:
        """The terms of liver tests, as the form's script takes them."""
        return "term=" + "|".join(term for term in terms.all_terms(self.ctcae) if liver.units(term))

    def peak(self) -> dict[str, Any]:
        """What a report says of it."""
        said: dict[str, Any] = getattr(self, "cleaned_data", {})
        if not liver.units(said.get("term", "")):
            return {}
        value, unit, uln = (said.get(name) for name in liver.PARTS)
        return {"peak_value": value, "peak_unit": unit or "", "peak_uln": uln, "unusual": said.get("unusual", "")}

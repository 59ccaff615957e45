"""Forms of screening: a row, how it ended, and their correction."""

from collections.abc import Sequence
from typing import Any

from django import forms

from trial.forms import ServiceForm, Typed, WhyField
from trial.models import EligibilityCriterion

from .models import Screening

Outcome = Screening.Outcome
ENDS = [(o.value, o.label.capitalize()) for o in (Outcome.FAILURE, Outcome.DECLINED, Outcome.NO_SLOT)]


class _Numbered(ServiceForm):
    number = forms.CharField(label="Screening number", max_length=40, help_text="Yours, used once. Never a name.")
    on = Typed(label="Screened on")
    again_of = forms.CharField(
        label="Screened before as",
        max_length=40,
        required=False,
        help_text="The number of the same person's screening before, which ended without enrolment.",
    )


def _ends(criteria: Sequence[EligibilityCriterion], *, also: Sequence[tuple[str, str]] = ()) -> dict[str, forms.Field]:
    return {
        "outcome": forms.ChoiceField(
            label="Outcome",
            choices=[*also, *ENDS],
            widget=forms.RadioSelect,
            required=not also,
            error_messages={"required": "Outcome: say how the screening ended."},
        ),
        "criterion": forms.TypedChoiceField(
            label="Failed criterion",
            choices=[("", "None"), *((str(c.pk), f"{c.number}. {c.text}") for c in criteria)],
            coerce=lambda pk: next(c.pk for c in criteria if str(c.pk) == pk),
            empty_value=None,
            required=False,
            help_text="Of a screen failure; the first that failed.",
        ),
    }


class ScreeningForm(_Numbered):
    """Somebody is screened."""


class EndForm(ServiceForm):
    """How a screening ended."""

    def __init__(self, *args: Any, criteria: Sequence[EligibilityCriterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= _ends(criteria)


class CorrectScreeningForm(_Numbered):
    """A screening as it should stand. That a patient is enrolled is said by the enrolment itself."""

    def __init__(self, *args: Any, row: Screening, criteria: Sequence[EligibilityCriterion], **kwargs: Any) -> None:
        super().__init__(*args, rev=row.rev, **kwargs)
        self.initial = {
            "number": row.number,
            "on": row.on,
            "again_of": row.again_of.number if row.again_of else "",
            "outcome": row.outcome,
            "criterion": str(row.criterion_id or ""),
        }
        self.enrolled = row.outcome == Outcome.ENROLLED
        if not self.enrolled:
            self.fields |= _ends(criteria, also=[("", "Still open")])
        self.fields["reason"] = WhyField(self)

    @property
    def ended(self) -> dict[str, Any]:
        """The outcome that the service is given."""
        if self.enrolled:
            return {"outcome": Outcome.ENROLLED, "criterion": None}
        return {name: self.cleaned_data[name] for name in ("outcome", "criterion")}

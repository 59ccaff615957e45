"""The filter of the list of patients, and the confirmation of evaluability."""

from collections.abc import Callable
from typing import Any

from django import forms

from assessments.count.queries import PatientFacts
from assessments.models import Evaluability
from trial.forms import ServiceForm
from trial.queries import Protocol

from ..models import Cohort

COUNTS = {
    "not_dosed": "Not dosed yet",
    "treated": "Treated",
    "evaluable": "Evaluable",
    "dlt": "DLT",
    "pending": "Pending",
    "suspected": "DLT suspected",
    "replaced": "Not evaluable, replaced",
}


COUNTED: dict[str, Callable[[PatientFacts], bool]] = {
    "not_dosed": lambda f: not f.dosed,
    "treated": lambda f: f.dosed,
    "evaluable": lambda f: f.outcome in ("dlt", "no_dlt"),
    "dlt": lambda f: f.outcome == "dlt",
    "pending": lambda f: f.outcome in ("pending", "suspected"),
    "suspected": lambda f: f.outcome == "suspected",
    "replaced": lambda f: f.outcome == "not_evaluable",
}


class PatientFilter(forms.Form):
    """What the list shows; the tally of the trial page links here."""

    level = forms.TypedChoiceField(label="Level", required=False, coerce=int, empty_value=None)
    count = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "All"), *COUNTS.items()],
        error_messages={"invalid_choice": "State: %(value)s is none of the states of this list."},
    )
    group = forms.ChoiceField(
        label="Group",
        required=False,
        choices=[
            ("", "All"),
            ("escalation", "Escalation, in the count"),
            *((role, label.capitalize()) for role, label in Cohort.Role.choices),
        ],
        error_messages={"invalid_choice": "Group: %(value)s is none of the groups of this list."},
    )

    def __init__(self, *args: Any, protocol: Protocol | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.protocol = protocol
        levels = enumerate(protocol.levels, 1) if protocol else ()
        field = self.fields["level"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "All"), *((str(k), f"Level {level.label}") for k, level in levels)]
        field.error_messages["invalid_choice"] = "Level: %(value)s is not a level of this ladder."

    def fits(self, f: PatientFacts) -> bool:
        """Of a valid filter: whether the list shows this patient."""
        asked = self.cleaned_data
        if asked["level"] and (self.protocol is None or self.protocol.position(f.level.pk) != asked["level"]):
            return False
        if asked["group"] and f.patient.role != asked["group"]:
            return False
        return not asked["count"] or COUNTED[asked["count"]](f)


class EvaluabilityForm(ServiceForm):
    """Confirms what the record derives; the state is not chosen, only seen and confirmed."""

    state = forms.CharField(widget=forms.HiddenInput)
    missed_because = forms.ChoiceField(
        label="Why were doses missed?",
        choices=Evaluability.Missed.choices,
        widget=forms.RadioSelect,
        help_text="Missed for related toxicity is DLT criterion N4, while that is on: its adverse event says so first.",
        error_messages={"required": "Why were doses missed?: an answer is needed."},
    )
    reason = forms.CharField(
        label="Reason", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed when you change an earlier confirmation.",
    )  # fmt: skip

    def __init__(self, *args: Any, short: bool, **kwargs: Any) -> None:
        """short: a drug was taken under the fraction, so the cause is asked."""
        super().__init__(*args, **kwargs)
        if not short:
            del self.fields["missed_because"]

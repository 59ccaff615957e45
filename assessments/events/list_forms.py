"""The form that filters the list of events; its page and its endpoint read it alike."""

from collections.abc import Sequence
from typing import Any

from django import forms

from assessments.count.queries import PatientFacts
from assessments.event_words import Outcome
from assessments.events.facts import EventFacts

STATES = {"suspected": "Suspected", "dlt": "DLT", "not_dlt": "Not a DLT", "open": "Still open", "none": "None"}


class EventFilter(forms.Form):
    """What the list of events shows."""

    patient = forms.TypedChoiceField(label="Patient", required=False, coerce=int, empty_value=None)
    level = forms.TypedChoiceField(label="Level", required=False, coerce=int, empty_value=None)
    grade = forms.TypedChoiceField(
        label="Grade",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "All"), *((k, f"{k} or higher" if k < 5 else "5") for k in range(1, 6))],
        error_messages={"invalid_choice": "Grade: %(value)s is not a CTCAE grade; it goes from 1 to 5."},
    )
    serious = forms.ChoiceField(
        label="Serious", required=False, choices=[("", "All"), ("yes", "Serious"), ("no", "Not serious")]
    )
    related = forms.ChoiceField(
        label="Related", required=False, choices=[("", "All"), ("yes", "To a drug"), ("no", "To none")]
    )
    outcome = forms.ChoiceField(label="Outcome", required=False, choices=[("", "All"), *Outcome.choices])
    waits = forms.ChoiceField(
        label="Grade given", required=False, choices=[("", "All"), ("yes", "Waits for it"), ("no", "Given")]
    )
    state = forms.ChoiceField(label="DLT", required=False, choices=[("", "All"), *STATES.items()])
    window = forms.ChoiceField(
        label="Onset", required=False, choices=[("", "All"), ("in", "In the DLT window"), ("out", "Outside it")]
    )

    def __init__(self, *args: Any, patients: Sequence[str], levels: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("patient", [(int(code), code) for code in patients], "Patient: %(value)s is not in this list.")
        at = [(k, f"Level {label}") for k, label in enumerate(levels, 1)]
        self._offer("level", at, "Level: %(value)s is not a level of this ladder.")

    def _offer(self, name: str, choices: Sequence[tuple[int, str]], sentence: str) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "All"), *choices]
        field.error_messages["invalid_choice"] = sentence

    def fits(self, f: PatientFacts, e: EventFacts, position: int | None) -> bool:
        """Of a valid filter: whether the list shows it. position: of the patient's level on the ladder in force."""
        asked = self.cleaned_data
        in_window = f.window_days is not None and e.inside(f.window_days)
        return all(
            (
                not asked["patient"] or f.patient.number == asked["patient"],
                not asked["level"] or position == asked["level"],
                not asked["grade"] or (e.event.grade or 0) >= asked["grade"],
                not asked["serious"] or e.event.serious == (asked["serious"] == "yes"),
                not asked["related"] or e.related == (asked["related"] == "yes"),
                not asked["outcome"] or e.event.outcome == asked["outcome"],
                not asked["waits"] or e.event.ungraded == (asked["waits"] == "yes"),
                not asked["state"] or e.state == asked["state"],
                not asked["window"] or in_window == (asked["window"] == "in"),
            )
        )

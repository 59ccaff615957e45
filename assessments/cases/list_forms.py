"""The form that filters the list of serious events; its page and its endpoint read it alike."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django import forms

from trial.forms import LevelField

from ..event_words import Criterion
from .case import Case
from .listed import SORTS, STATES, found, levels


class CaseFilter(forms.Form):
    """What the list shows. It offers what is among the cases that the reader may see."""

    q = forms.CharField(
        label="Search", required=False, max_length=200, widget=forms.SearchInput(attrs={"autocomplete": "off"})
    )
    level = LevelField()
    patient = forms.ChoiceField(
        label="Patient", required=False, error_messages={"invalid_choice": "Patient: %(value)s is not in this list."}
    )
    site = forms.ChoiceField(
        label="Site", required=False, error_messages={"invalid_choice": "Site: %(value)s is not in this list."}
    )
    state = forms.ChoiceField(
        label="State", required=False, choices=[("", "All"), *((name, words) for name, (words, _) in STATES.items())]
    )
    criterion = forms.ChoiceField(label="Serious because of", required=False, choices=[("", "All"), *Criterion.choices])

    def __init__(self, *args: Any, cases: Sequence[Case], ladder: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        LevelField.offer(self, levels(cases, ladder))
        self._offer("patient", {case.patient.code for case in cases})
        self._offer("site", {case.patient.site.code for case in cases})

    def _offer(self, name: str, codes: Collection[str]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "All"), *((code, code) for code in sorted(codes))]

    def fits(self, case: Case, now: datetime) -> bool:
        """Of a valid filter: whether the list shows it."""
        asked = self.cleaned_data
        return all(
            (
                asked["level"] in ("", case.level),
                asked["patient"] in ("", case.patient.code),
                asked["site"] in ("", case.patient.site.code),
                not asked["state"] or STATES[asked["state"]][1](case, now),
                not asked["criterion"] or asked["criterion"] in (case.event.serious_criteria or ()),
                found(case, asked["q"]),
            )
        )


class SortedCases(CaseFilter):
    """Of the endpoint, whose order is asked for like a filter."""

    sort = forms.ChoiceField(required=False, choices=[(name, name) for name in SORTS])

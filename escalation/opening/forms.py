"""Forms of a running trial that is brought in: the decisions on paper, and each of its patients."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from patients.models import Cohort
from trial.forms import ServiceForm, Typed
from trial.models import DoseLevel, Site
from trial.people.proof_forms import SignedForm

from .paper import OnPaper

MOST = 12  # decisions on paper that one opening names
FORGOTTEN = 3  # that one correction adds


class OpeningForm(SignedForm):
    """The decisions that opened a level on paper, in order; rows that are left empty are none."""

    reason = forms.CharField(
        label="Reason", max_length=5000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Why the trial is brought in; it stands under the opening.",
    )  # fmt: skip

    most = MOST

    def __init__(self, *args: Any, levels: Sequence[DoseLevel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "None"), *((str(level.pk), f"Level {level.label}") for level in levels)]
        for k in range(1, self.most + 1):
            self.fields[f"level_{k}"] = forms.ChoiceField(label=f"{k}. Level", required=False, choices=choices)
            self.fields[f"on_{k}"] = Typed(label=f"{k}. Decided on", required=False, help_text="")
            self.fields[f"reference_{k}"] = forms.CharField(
                label=f"{k}. Stands on", required=False, max_length=200,
            )  # fmt: skip
        for name, field in self.fields.items():
            if name.startswith("reference_"):
                field.widget.attrs["autocomplete"] = "off"

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The fields of each decision, for the page."""
        return [(self[f"level_{k}"], self[f"on_{k}"], self[f"reference_{k}"]) for k in range(1, self.most + 1)]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for k in range(1, self.most + 1):
            level, on, reference = (said.get(f"{name}_{k}") for name in ("level", "on", "reference"))
            if (on or reference) and not level:
                self.add_error(f"level_{k}", f"Decision {k}: choose the level that it opened.")
            if level and not on and f"on_{k}" not in self.errors:
                self.add_error(f"on_{k}", f"Decision {k}: say on which day it was decided.")
        return said

    @property
    def levels(self) -> list[OnPaper]:
        said = self.cleaned_data
        return [
            OnPaper(UUID(said[f"level_{k}"]), said[f"on_{k}"], said[f"reference_{k}"])
            for k in range(1, self.most + 1)
            if said[f"level_{k}"]
        ]


class CorrectOpeningForm(OpeningForm):
    """The decisions on paper as they should stand: those in force first, then rows for what was forgotten."""

    def __init__(
        self, *args: Any, paper: Sequence[Cohort], levels: Sequence[DoseLevel], seen: int, **kwargs: Any
    ) -> None:
        self.paper, self.most = paper, len(paper) + FORGOTTEN
        super().__init__(*args, levels=levels, rev=seen, **kwargs)
        for k, cohort in enumerate(paper, 1):
            self.fields[f"cohort_{k}"] = forms.IntegerField(widget=forms.HiddenInput, initial=cohort.number)
            self.fields[f"level_{k}"].initial = str(cohort.dose_level_id)
            self.fields[f"on_{k}"].initial = cohort.paper_on
            self.fields[f"reference_{k}"].initial = cohort.paper_reference
        self.fields["reason"].label = "Reason for the correction"
        self.fields["reason"].help_text = "It stands under the correction."

    @property
    def levels(self) -> list[OnPaper]:
        said = self.cleaned_data
        return [
            OnPaper(UUID(said[f"level_{k}"]), said[f"on_{k}"], said[f"reference_{k}"], said.get(f"cohort_{k}"))
            for k in range(1, self.most + 1)
            if said[f"level_{k}"]
        ]

    @property
    def taken_back(self) -> list[int]:
        """The decisions in force whose row was emptied."""
        said = self.cleaned_data
        return [said[f"cohort_{k}"] for k in range(1, len(self.paper) + 1) if not said[f"level_{k}"]]


class SignForm(SignedForm):
    """The proof alone: nothing else is asked of who countersigns."""


class PaperPatientForm(ServiceForm):
    """One patient of the paper record."""

    cohort = forms.TypedChoiceField(label="Opened by", coerce=int)
    site = forms.ChoiceField(label="Site", required=False)
    screening = forms.CharField(
        label="Screening number",
        required=False,
        max_length=40,
        help_text="As on paper, once in the trial. Never a name.",
    )
    consent_version = forms.CharField(label="Version of the consent form", max_length=40)
    consented_on = Typed(label="Consent signed on")
    enrolled_on = Typed(label="Enrolled on")
    first_dose_on = Typed(label="First dose on", help_text="Of any study drug: day 1 of the DLT window.")
    received_level = forms.ChoiceField(
        label="Dose given", required=False, help_text="Empty: the level that was opened. The patient counts at it."
    )
    source = forms.CharField(
        label="Source", max_length=200, help_text="Where it stands on paper, like binder 3, page 12. Never a name."
    )
    reason = forms.CharField(
        label="Reason", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed for another dose than the one opened, and out of the order of first doses.",
    )  # fmt: skip

    def __init__(
        self, *args: Any, paper: Sequence[Cohort], levels: Sequence[DoseLevel], sites: Sequence[Site], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        cohort, received, site = self.fields["cohort"], self.fields["received_level"], self.fields["site"]
        assert isinstance(cohort, forms.ChoiceField) and isinstance(received, forms.ChoiceField)
        assert isinstance(site, forms.ChoiceField)
        cohort.choices = [(str(one.number), said(one)) for one in paper]
        received.choices = [("", "As opened"), *((str(level.pk), f"Level {level.label}") for level in levels)]
        site.choices = [(str(one.pk), str(one)) for one in sites]
        if len(sites) == 1:
            del self.fields["site"]


def said(cohort: Cohort) -> str:
    """A decision on paper as people read it."""
    on: date | None = cohort.paper_on
    return f"Level {cohort.dose_level.label}, decided {on:%-d %b %Y} ({cohort.paper_reference})"

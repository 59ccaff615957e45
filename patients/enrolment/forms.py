"""Forms of enrolment. Shape is checked here; what the trial allows, by the services."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from trial.forms import ServiceForm, Typed, WhyField
from trial.models import EligibilityCriterion

from ..dosing.forms import CorrectDayForm
from ..models import EligibilityAnswer

YES_NO = [("yes", "Yes"), ("no", "No")]


class RequestSlotForm(ServiceForm):
    """A slot is asked for at the open level; the level and its dose are shown, never typed."""

    screening = forms.CharField(
        label="Screening number", max_length=40, help_text="Yours, used once in the trial. Never a name."
    )
    again_of = forms.CharField(
        label="Screened before as",
        required=False,
        max_length=40,
        help_text="The number of the same person's screening before, which ended without enrolment.",
    )
    cohort = forms.IntegerField(widget=forms.HiddenInput, required=False)
    wait = forms.BooleanField(widget=forms.HiddenInput, required=False)


class EligibilityForm(ServiceForm):
    """Each criterion of one protocol version, answered yes or no. `version` keeps answers to their questions."""

    version = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        version: UUID,
        criteria: Sequence[EligibilityCriterion],
        given: dict[UUID, bool],
        today: date,
        **kwargs: Any,
    ) -> None:
        self.protocol_version, self.criteria = version, criteria
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = version
        for criterion in criteria:
            self.fields[f"criterion_{criterion.number}"] = forms.ChoiceField(
                label=f"{criterion.number}. {criterion.text}",
                choices=YES_NO,
                widget=forms.RadioSelect,
                initial={True: "yes", False: "no"}.get(given.get(criterion.pk)),  # type: ignore[arg-type]
                error_messages={"required": f"Criterion {criterion.number}: answer yes or no."},
            )
        self.fields["on"] = Typed(
            label="Answered on",
            required=False,
            initial=today,
            help_text="The day on which it was done; empty is today.",
        )

    def clean_version(self) -> UUID:
        if self.cleaned_data["version"] != self.protocol_version:
            raise forms.ValidationError("The protocol was amended since you opened the form. Answer its criteria anew.")
        return self.protocol_version

    @property
    def answers(self) -> dict[UUID, bool]:
        return {c.pk: self.cleaned_data[f"criterion_{c.number}"] == "yes" for c in self.criteria}


class EnrolForm(ServiceForm):
    """The day of the enrolment. given: nobody may be enrolled now, and it was done."""

    on = Typed(label="Enrolled on", required=False, help_text="The day on which it was done; empty is today.")
    given = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, today: date, given: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial, self.fields["given"].initial = None if given else today, given
        if given:
            self.fields["on"].required, self.fields["on"].help_text = True, "The day on which it was done."
            self.fields["reason"] = forms.CharField(
                label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
                help_text="Why it is entered now.", error_messages={"required": "Reason: an answer is needed."},
            )  # fmt: skip


class CorrectEligibilityForm(ServiceForm):
    """The answers that an investigator gave, as they should stand."""

    def __init__(self, *args: Any, given: Sequence[EligibilityAnswer], **kwargs: Any) -> None:
        super().__init__(*args, rev=max(answer.rev for answer in given), **kwargs)
        self.given = given
        for answer in given:
            self.fields[f"criterion_{answer.criterion.number}"] = forms.ChoiceField(
                label=f"{answer.criterion.number}. {answer.criterion.text}",
                choices=YES_NO,
                widget=forms.RadioSelect,
                initial="yes" if answer.met else "no",
                error_messages={"required": f"Criterion {answer.criterion.number}: answer yes or no."},
            )
        day = max((answer.on for answer in given if answer.on), default=None)
        self.fields["on"] = Typed(
            label="Answered on",
            required=False,
            initial=day,
            help_text="Not after the enrolment; empty leaves it as it is.",
        )
        self.fields["reason"] = WhyField(self)

    @property
    def answers(self) -> dict[UUID, bool]:
        return {a.criterion_id: self.cleaned_data[f"criterion_{a.criterion.number}"] == "yes" for a in self.given}


class CorrectEnrolmentForm(CorrectDayForm):
    given = forms.BooleanField(
        label="It was done all the same",
        required=False,
        widget=forms.HiddenInput,
        help_text="An enrolment before the slot was granted is a deviation, which the committee is told of.",
    )

    def ask_given(self) -> None:
        """The day lies before the slot was granted: ask whether it was done all the same."""
        self.fields["given"].widget = forms.CheckboxInput()

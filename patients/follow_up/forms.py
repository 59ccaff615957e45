"""Forms of follow-up and of leaving the study."""

from typing import Any

from django import forms

from trial.forms import ServiceForm, Typed, WhyField

from ..models import Treatment
from .models import FollowUp
from .services import Followed

FOLLOWED = ("last_contact_on", "new_therapy_on", "new_therapy", "died_on", "death_cause")
LEAVE_REASONS = ("Lost to follow-up", "Withdrawal from the study", "Death", "End of the study")


class FollowUpForm(ServiceForm):
    """What is known of a patient now; what is emptied is taken back."""

    last_contact_on = Typed(label="Last known alive", required=False, help_text="The last visit, call or letter.")
    new_therapy_on = Typed(
        label="New therapy begun", required=False, help_text="First day of another anti-myeloma therapy."
    )
    new_therapy = forms.CharField(
        label="New therapy", required=False, max_length=200, help_text="Which one, like carfilzomib and dexamethasone."
    )
    died_on = Typed(label="Died on", required=False, help_text="Leave it empty while the patient is alive.")
    death_cause = forms.ChoiceField(
        label="Cause of death",
        required=False,
        choices=[("", "Not died"), *FollowUp.Cause.choices],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, row: FollowUp | None, **kwargs: Any) -> None:
        super().__init__(*args, rev=row.rev if row else 0, **kwargs)
        self.initial = {name: getattr(row, name) for name in FOLLOWED} if row else {"death_cause": ""}
        if row:
            self.fields["reason"] = WhyField(
                self,
                required=False,
                help_text="Needed when you change or empty what was recorded; a later contact needs none.",
            )

    @property
    def followed(self) -> Followed:
        return Followed(**{name: self.cleaned_data[name] for name in FOLLOWED})


class LeaveForm(ServiceForm):
    """The end of a patient's part in the study. Once recorded, it is corrected or taken back with a reason."""

    on = Typed(label="Left on", help_text="The day from which the patient is no longer followed.")
    why = forms.CharField(
        label="Reason",
        max_length=200,
        widget=forms.TextInput(attrs={"list": "stop-reasons"}),
        help_text="Lost to follow-up, withdrawal from the study … Never a name.",
    )

    def __init__(self, *args: Any, treatment: Treatment, **kwargs: Any) -> None:
        super().__init__(*args, rev=treatment.rev, **kwargs)
        self.initial = {"on": treatment.left_study_on, "why": treatment.left_study_reason}
        if treatment.left_study_on or self.late:
            for name in ("on", "why"):
                self.fields[name].required = False
            self.fields["on"].help_text = "Empty it when the patient did not leave, or came back."
            self.fields["reason"] = WhyField(self)

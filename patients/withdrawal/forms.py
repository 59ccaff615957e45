"""The form of a withdrawal: of what, from when, survival from public records, and how treatment ended."""

from collections.abc import Sequence
from typing import Any

from django import forms

from trial.forms import ServiceForm, Typed, WhyField

from ..consent.models import Covers, Deviation, Withdrawal
from ..dosing.forms import StopForm, check_stop

COVERS = [
    (Covers.TREATMENT, "Study treatment; study visits and follow-up go on"),
    (Covers.VISITS, "Treatment, study visits and samples; contact and follow-up for survival go on"),
    (Covers.CONTACT, "Treatment, visits, samples and all contact"),
]
YES_NO = [("yes", "Yes"), ("no", "No")]


class _Covered(ServiceForm):
    covers = forms.ChoiceField(
        label="Withdrawn from",
        choices=COVERS,
        widget=forms.RadioSelect,
        error_messages={"required": "Withdrawn from: say what the patient withdrew from."},
    )
    on = Typed(label="Withdrawn on", help_text="From that day on nothing that it covers is planned or done.")
    public_records = forms.ChoiceField(
        label="Survival may be read from public records",
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": "Survival may be read from public records: say yes or no."},
    )

    def clean_public_records(self) -> bool:
        return bool(self.cleaned_data["public_records"] == "yes")


class WithdrawalForm(_Covered):
    """drugs: of the trial, for a patient on treatment, whose end of treatment is asked; None for any other."""

    def __init__(self, *args: Any, drugs: Sequence[str] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if drugs is not None:
            stop = StopForm(drugs=drugs).fields
            self.fields["stopped_on"] = Typed(
                label="Last day of study treatment",
                help_text="As it was, also where drug was taken after the withdrawal.",
            )
            self.fields["related"] = stop["related"]
            self.fields["drugs"] = stop["drugs"]
        self.fields["reason"] = forms.CharField(
            label="Reason",
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text="As the patient gave it, or that none was given. Never a name.",
            error_messages={"required": "Reason: an answer is needed."},
        )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        check_stop(self, said)
        return said

    @property
    def asked(self) -> dict[str, Any]:
        """What the service is given."""
        said = self.cleaned_data
        found = {name: said[name] for name in ("covers", "on", "public_records", "reason", "key")}
        if "stopped_on" in self.fields:
            found |= {
                "stopped_on": said["stopped_on"], "related": said["related"] == "yes", "drugs": said["drugs"] or None,
            }  # fmt: skip
        return found


class CorrectWithdrawalForm(_Covered):
    def __init__(self, *args: Any, row: Withdrawal, **kwargs: Any) -> None:
        super().__init__(*args, rev=row.rev, **kwargs)
        self.initial = {"covers": row.covers, "on": row.on, "public_records": "yes" if row.public_records else "no"}
        self.fields["reason"] = WhyField(self)


class DeviationForm(ServiceForm):
    """Why something was done in spite of a withdrawal; once it is said, a change of it has a reason of its own."""

    def __init__(self, *args: Any, row: Deviation, **kwargs: Any) -> None:
        super().__init__(*args, rev=row.rev, **kwargs)
        self.fields["why"] = forms.CharField(
            label="Reason for the deviation",
            max_length=2000,
            initial=row.reason,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="Why it was done although the patient had withdrawn from it. Never a name.",
            error_messages={"required": "Reason for the deviation: an answer is needed."},
        )
        if not row.owed:
            self.fields["reason"] = WhyField(self)

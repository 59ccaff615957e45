"""Forms of a case. Times are those of the site's clock; of what the sponsor does, of the trial's."""

from collections.abc import Sequence
from typing import Any

from django import forms

from trial.forms import ServiceForm, TypedInstant, WholeField, WhyField

from .models import CaseDetails, CaseLateness, CaseNews, CaseSubmission
from .services import Described, FollowUp
from .sponsor import Submitted


def _text(label: str, hint: str = "", *, rows: int = 3, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=8000, required=required, help_text=hint, widget=forms.Textarea(attrs={"rows": rows})
    )


class MomentForm(ServiceForm):
    """One moment, which is corrected with a reason once it is recorded."""

    at = TypedInstant()

    def __init__(self, *args: Any, label: str, hint: str, zone: str, now: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["at"]
        field.label, field.help_text, field.initial = label, hint, now
        field.error_messages["required"] = f"{label}: an answer is needed."
        field.at(zone)
        if now is not None or self.late:
            self.fields["reason"] = WhyField(self)

    @property
    def asked(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class FollowUpForm(ServiceForm):
    text = _text("What the site learned", "Tests, course, outcome. Never a name.")
    aware_at = TypedInstant(label="Aware at", help_text="When the site learned it.")
    reported_at = TypedInstant(
        label="Reported at", required=False, help_text="When the sponsor was told, where that was before now."
    )

    def __init__(self, *args: Any, zone: str, row: CaseNews | None, **kwargs: Any) -> None:
        super().__init__(*args, rev=row.rev if row else None, **kwargs)
        for name in ("aware_at", "reported_at"):
            field: Any = self.fields[name]
            field.at(zone)
        if row is not None:
            self.initial = {name: getattr(row, name) for name in ("text", "aware_at", "reported_at")}
        if (row is not None and row.aware_at) or self.late:
            self.fields["reason"] = WhyField(self)

    @property
    def said(self) -> FollowUp:
        return FollowUp(**{name: self.cleaned_data[name] for name in ("text", "aware_at", "reported_at")})


class SubmissionForm(ServiceForm):
    at = TypedInstant(label="Submitted at", help_text="When the report was sent.")
    contains = forms.TypedChoiceField(
        label="Contains", coerce=int, help_text="The last news of the case that is in it."
    )
    complete = forms.BooleanField(
        label="It is as complete as it can be: no other report need follow it", required=False
    )
    reference = forms.CharField(
        label="Reference", required=False, max_length=120, help_text="Of the authority, or of the message."
    )

    def __init__(
        self, *args: Any, zone: str, news: Sequence[tuple[int, str]], row: CaseSubmission | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, rev=row.rev if row else None, **kwargs)
        at: Any = self.fields["at"]
        contains: Any = self.fields["contains"]
        at.at(zone)
        contains.choices = news
        self.initial = {"contains": news[-1][0]} if news else {}
        if row is not None:
            self.initial = {
                "at": row.submitted_at, "contains": row.contains, "complete": row.complete, "reference": row.reference,
            }  # fmt: skip
            self.fields["reason"] = WhyField(self)

    @property
    def said(self) -> Submitted:
        return Submitted(**{name: self.cleaned_data[name] for name in ("at", "contains", "complete", "reference")})


class LatenessForm(ServiceForm):
    why = _text("Reason for the delay", "Why the time was not kept, and what keeps it from happening again.")

    def __init__(self, *args: Any, row: CaseLateness | None, **kwargs: Any) -> None:
        super().__init__(*args, rev=row.rev if row else 0, **kwargs)
        if row is not None:
            self.initial = {"why": row.why}
        if row is not None or self.late:
            self.fields["reason"] = WhyField(self)


UNSAID = ("", "Not known")
DETAILS = ("age", "sex", "tests", "abated", "reappeared", "concomitant", "medical_history")


class DetailsForm(ServiceForm):
    """What the case report asks beside the record of the event; the numbers are those of CIOMS I."""

    age = WholeField(label="2a. Age at the onset", unit="years", required=False)
    sex = forms.ChoiceField(
        label="3. Sex", required=False, widget=forms.RadioSelect, choices=[UNSAID, *CaseDetails.Sex.choices]
    )
    tests = _text("13. Relevant tests and laboratory data", rows=3, required=False)
    abated = forms.ChoiceField(
        label="20. Did the reaction abate after the drug was stopped?", required=False, widget=forms.RadioSelect,
        choices=[UNSAID, *CaseDetails.Answer.choices],
    )  # fmt: skip
    reappeared = forms.ChoiceField(
        label="21. Did it reappear when the drug was given again?", required=False, widget=forms.RadioSelect,
        choices=[UNSAID, *CaseDetails.Answer.choices],
    )  # fmt: skip
    concomitant = _text(
        "22. Other drugs and their dates", "Without those that treated the event.", rows=3, required=False
    )
    medical_history = _text("23. Other relevant history", rows=3, required=False)

    def __init__(self, *args: Any, row: CaseDetails | None, **kwargs: Any) -> None:
        super().__init__(*args, rev=row.rev if row else 0, **kwargs)
        if row is not None:
            self.initial = {name: getattr(row, name) for name in DETAILS}
            self.fields["reason"] = WhyField(
                self, required=False, help_text="Needed when you change or empty what was recorded."
            )

    @property
    def said(self) -> Described:
        return Described(**{name: self.cleaned_data[name] for name in DETAILS})

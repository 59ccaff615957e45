"""Forms of enrolment and treatment. Shape is checked here; what the trial allows, by the services."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from assessments.models import Evaluability
from trial.forms import ServiceForm, Typed
from trial.models import Dose, DoseLevel, EligibilityCriterion
from trial.queries import Protocol

from .follow_up.models import FollowUp
from .follow_up.services import Followed
from .models import Cohort, Consent, DoseTaken, Treatment
from .queries import plain

YES_NO = [("yes", "Yes"), ("no", "No")]
COUNTS = {
    "not_dosed": "Not dosed yet",
    "treated": "Treated",
    "evaluable": "Evaluable",
    "dlt": "DLT",
    "pending": "Pending",
    "suspected": "DLT suspected",
    "replaced": "Not evaluable, replaced",
}
FOLLOWED = ("last_contact_on", "new_therapy_on", "new_therapy", "died_on", "death_cause")
LEAVE_REASONS = ("Lost to follow-up", "Withdrawal from the study", "Death", "End of the study")
STOP_REASONS = ("Progression", "Toxicity", "Patient's decision", "Investigator's decision", "Death")


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
        levels = enumerate(protocol.levels, 1) if protocol else ()
        field = self.fields["level"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "All"), *((str(k), f"Level {level.label}") for k, level in levels)]
        field.error_messages["invalid_choice"] = "Level: %(value)s is not a level of this ladder."


class RequestSlotForm(ServiceForm):
    """A slot is asked for at the open level; the level and its dose are shown, never typed."""

    note = forms.CharField(
        label="Screening number", required=False, max_length=40, help_text="Yours, to tell slots apart. Never a name."
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

    def clean_version(self) -> UUID:
        if self.cleaned_data["version"] != self.protocol_version:
            raise forms.ValidationError("The protocol was amended since you opened the form. Answer its criteria anew.")
        return self.protocol_version

    @property
    def answers(self) -> dict[UUID, bool]:
        return {c.pk: self.cleaned_data[f"criterion_{c.number}"] == "yes" for c in self.criteria}


class ConsentForm(ServiceForm):
    kind = forms.ChoiceField(label="Consent to", widget=forms.RadioSelect, choices=Consent.Kind.choices)
    version = forms.CharField(label="Version of the form", max_length=40, help_text="As printed on it, like 2.1.")
    given_on = Typed(label="Signed on")

    def __init__(self, *args: Any, kinds: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (k, label if label[1].isupper() else label.capitalize()) for k, label in Consent.Kind.choices if k in kinds
        ]
        field.initial = kinds[0] if kinds else None


class WithdrawForm(ServiceForm):
    on = Typed(label="Withdrawn on", help_text="The day from which the consent no longer holds.")
    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="As the patient gave it, or that none was given. Never a name.",
    )


class CorrectLevelForm(ServiceForm):
    """The level whose dose was really given. `rev` is what the person saw."""

    rev = forms.IntegerField(widget=forms.HiddenInput)
    received_level = forms.ChoiceField(label="Dose given", help_text="The patient counts at the level received.")
    reason = forms.CharField(
        label="Reason for the correction", max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, protocol: Protocol, recorded: DoseLevel, rev: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rev"].initial = rev
        field = self.fields["received_level"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (str(level.pk), f"Level {level.label}" + (", as recorded" if level.pk == recorded.pk else ""))
            for level in protocol.levels
        ]
        field.initial = str(recorded.pk)
        field.error_messages["invalid_choice"] = "Dose given: this level is not on the ladder."


class FirstDoseForm(ServiceForm):
    on = Typed(label="First dose on", help_text="Of any study drug: day 1 of the DLT window.")
    received_level = forms.ChoiceField(
        label="Dose given", help_text="Another level's dose than the cohort's is a deviation and needs a reason."
    )
    reason = forms.CharField(
        label="Reason for another dose", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, protocol: Protocol, cohort_level: DoseLevel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["received_level"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (str(level.pk), f"Level {level.label}" + (", as assigned" if level.pk == cohort_level.pk else ""))
            for level in protocol.levels
        ]
        field.initial = str(cohort_level.pk)
        field.error_messages["invalid_choice"] = "Dose given: this level is not on the ladder."


class Amount(forms.DecimalField):
    """A total amount of one drug; `unit` stands in the field."""

    def __init__(self, *, unit: str, **kwargs: Any) -> None:
        self.unit = unit
        label = kwargs["label"]
        super().__init__(
            max_digits=12,
            decimal_places=4,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            error_messages={
                "invalid": f"{label}: write a number like 160 or 37.5.",
                "required": f"{label}: an answer is needed.",
            },
            **kwargs,
        )


class DosingForm(ServiceForm):
    """Planned and taken amount of each drug over the DLT window. `rev` is what the person saw."""

    rev = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, doses: Sequence[Dose], taken: Sequence[DoseTaken], days: int, cycle: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.doses, stored = doses, {row.drug_id: row for row in taken}
        self.fields["rev"].initial = max((row.rev for row in taken), default=0)
        for dose in doses:
            name, row, position = dose.drug.name, stored.get(dose.drug_id), dose.drug.position
            unit, planned = dose.unit or "mg", row.planned if row else None
            if row is None and dose.amount and dose.per_cycle and days == cycle:
                planned = dose.amount * dose.per_cycle
            self.fields[f"planned_{position}"] = Amount(
                label=f"{name[0].upper()}{name[1:]}, planned",
                unit=unit,
                initial=plain(planned),
            )
            self.fields[f"taken_{position}"] = Amount(
                label=f"{name[0].upper()}{name[1:]}, taken", unit=unit, initial=plain(row.taken) if row else None
            )
        if taken:
            self.fields["reason"] = forms.CharField(
                label="Reason for the correction",
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"required": "Reason for the correction: an answer is needed."},
            )

    @property
    def amounts(self) -> dict[UUID, tuple[Decimal, Decimal]]:
        said = self.cleaned_data
        return {d.drug_id: (said[f"planned_{d.drug.position}"], said[f"taken_{d.drug.position}"]) for d in self.doses}


class StopForm(ServiceForm):
    on = Typed(label="Last day of study treatment")
    stop_reason = forms.CharField(
        label="Reason",
        max_length=200,
        widget=forms.TextInput(attrs={"list": "stop-reasons"}),
        help_text="Progression, toxicity, the patient's decision … Follow-up goes on.",
    )


class FollowUpForm(ServiceForm):
    """What is known of a patient now. `rev` is what the person saw, 0 for nothing; what is emptied is taken back."""

    rev = forms.IntegerField(widget=forms.HiddenInput)
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
        super().__init__(*args, **kwargs)
        self.initial = {name: getattr(row, name) for name in FOLLOWED} if row else {"death_cause": ""}
        self.initial["rev"] = row.rev if row else 0
        if row:
            self.fields["reason"] = forms.CharField(
                label="Reason for the correction",
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
                help_text="Needed when you change or empty what was recorded; a later contact needs none.",
            )

    @property
    def followed(self) -> Followed:
        return Followed(**{name: self.cleaned_data[name] for name in FOLLOWED})


class LeaveForm(ServiceForm):
    """The end of a patient's part in the study. Once recorded, it is corrected or taken back with a reason."""

    rev = forms.IntegerField(widget=forms.HiddenInput)
    on = Typed(label="Left on", help_text="The day from which the patient is no longer followed.")
    why = forms.CharField(
        label="Reason",
        max_length=200,
        widget=forms.TextInput(attrs={"list": "stop-reasons"}),
        help_text="Lost to follow-up, withdrawal from the study … Never a name.",
    )

    def __init__(self, *args: Any, treatment: Treatment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {
            "rev": treatment.rev, "on": treatment.left_study_on, "why": treatment.left_study_reason
        }  # fmt: skip
        if treatment.left_study_on:
            for name in ("on", "why"):
                self.fields[name].required = False
            self.fields["on"].help_text = "Empty it when the patient did not leave, or came back."
            self.fields["reason"] = forms.CharField(
                label="Reason for the correction", max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
            )
            self.fields["reason"].error_messages["required"] = "Reason for the correction: an answer is needed."


class Cycle2Form(ServiceForm):
    on = Typed(label="First dose of cycle 2 on")


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

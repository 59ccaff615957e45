"""Forms of treatment. Shape is checked here; what the trial allows, by the services."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from trial.forms import NumberField, ServiceForm, StandsField, Typed, UnusualField, WhyField
from trial.models import Dose, DoseLevel
from trial.queries import Protocol

from ..models import DoseTaken, Treatment
from ..queries import plain
from .models import ClosedLevelAnswer

STOP_REASONS = ("Progression", "Toxicity", "Patient's decision", "Investigator's decision", "Death")


def _despite() -> forms.CharField:
    """Why drug was taken although the patient had withdrawn from treatment."""
    return forms.CharField(
        label="Reason, if after the withdrawal",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
        help_text="Drug taken after the withdrawal is recorded by the investigator, as an important deviation.",
    )


class CorrectLevelForm(ServiceForm):
    """The level whose dose was really given."""

    received_level = forms.ChoiceField(label="Dose given", help_text="The patient counts at the level received.")

    def __init__(self, *args: Any, protocol: Protocol, recorded: DoseLevel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = WhyField(self)
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
    given = forms.BooleanField(
        label="It was given all the same",
        required=False,
        help_text="A dose that was given is recorded, with the reason, and the patient counts. Given in spite of the "
        "hold it is a deviation, which the committee is told of; given before it, it is none.",
    )
    reason = forms.CharField(
        label="Reason", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed for another dose than the cohort's, and for one given while starting is refused.",
    )  # fmt: skip

    def __init__(
        self, *args: Any, protocol: Protocol, cohort_level: DoseLevel, despite: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["given"].widget = forms.HiddenInput()
        if despite:
            self.fields["reason"].help_text += " So does one after the withdrawal, which the investigator records."
        field = self.fields["received_level"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (str(level.pk), f"Level {level.label}" + (", as assigned" if level.pk == cohort_level.pk else ""))
            for level in protocol.levels
        ]
        field.initial = str(cohort_level.pk)
        field.error_messages["invalid_choice"] = "Dose given: this level is not on the ladder."

    def ask_given(self) -> None:
        """Starting is refused: ask whether the dose was given all the same."""
        self.fields["given"].widget = forms.CheckboxInput()


class DosingForm(ServiceForm):
    """Planned and taken amount of each drug over the DLT window."""

    def __init__(
        self, *args: Any, doses: Sequence[Dose], taken: Sequence[DoseTaken], days: int, cycle: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, rev=max((row.rev for row in taken), default=0), **kwargs)
        self.doses, stored = doses, {row.drug_id: row for row in taken}
        for dose in doses:
            name, row, position = dose.drug.name, stored.get(dose.drug_id), dose.drug.position
            unit, planned = dose.unit or "mg", row.planned if row else None
            if row is None and dose.amount and dose.per_cycle and days == cycle:
                planned = dose.amount * dose.per_cycle
            for part, amount in (("planned", planned), ("taken", row.taken if row else None)):
                self.fields[f"{part}_{position}"] = NumberField(
                    label=f"{name[0].upper()}{name[1:]}, {part}",
                    unit=unit,
                    initial=plain(amount),
                    max_digits=12,
                    decimal_places=4,
                )
            if row and row.unusual:
                self.fields[f"stands_{position}"] = StandsField(f"{name[0].upper()}{name[1:]}", row.unusual)
        self.fields["unusual"] = UnusualField(self)
        if taken:
            self.fields["reason"] = WhyField(self)

    @property
    def amounts(self) -> dict[UUID, tuple[Decimal, Decimal]]:
        said = self.cleaned_data
        return {d.drug_id: (said[f"planned_{d.drug.position}"], said[f"taken_{d.drug.position}"]) for d in self.doses}

    @property
    def stands(self) -> dict[UUID, str]:
        said = self.cleaned_data
        named = {d.drug_id: f"stands_{d.drug.position}" for d in self.doses}
        return {drug: said[name] for drug, name in named.items() if name in self.sent}


class CorrectDayForm(ServiceForm):
    """A day as it should stand; `may_be_empty` says what an emptied one means."""

    on = Typed(label="")

    def __init__(self, *args: Any, label: str, now: date, rev: int, may_be_empty: str = "", **kwargs: Any) -> None:
        super().__init__(*args, rev=rev, **kwargs)
        field = self.fields["on"]
        field.label, field.initial = label, now
        field.error_messages["required"] = f"{label}: an answer is needed."
        if may_be_empty:
            field.required, field.help_text = False, may_be_empty
        self.fields["reason"] = WhyField(self)


def check_stop(form: ServiceForm, said: Mapping[str, Any]) -> None:
    """Drugs are named of a stop for related toxicity, and of no other."""
    if said.get("related") == "yes" and not said.get("drugs"):
        form.add_error("drugs", "Drugs: say which were stopped for it.")
    if said.get("related") == "no" and said.get("drugs"):
        form.add_error("drugs", "Drugs: none, when it is not for related toxicity.")


class StopForm(ServiceForm):
    """How treatment ended. drugs: of the trial; a person names those that were stopped for related toxicity."""

    on = Typed(label="Last day of study treatment")
    stop_reason = forms.CharField(
        label="Reason",
        max_length=200,
        widget=forms.TextInput(attrs={"list": "stop-reasons"}),
        help_text="Progression, toxicity, the patient's decision … Follow-up goes on.",
    )
    related = forms.ChoiceField(
        label="For toxicity related to a study drug",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
        help_text="Then the doses that the window had left count as missed for it (criterion N4).",
        error_messages={"required": "For toxicity related to a study drug: say yes or no."},
    )
    drugs = forms.MultipleChoiceField(
        label="Drugs stopped for it",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Only of a stop for related toxicity.",
        error_messages={"invalid_choice": "Drugs: %(value)s is no drug of this trial."},
    )

    def __init__(self, *args: Any, drugs: Sequence[str], despite: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.named = drugs
        if despite:
            self.fields["reason"] = _despite()
        field = self.fields["drugs"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(name, f"{name[0].upper()}{name[1:]}") for name in drugs]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        check_stop(self, said)
        return said


class CorrectStopForm(StopForm):
    """How treatment ended, as it should stand; an emptied day says that it goes on."""

    def __init__(self, *args: Any, treatment: Treatment, **kwargs: Any) -> None:
        super().__init__(*args, rev=treatment.rev, **kwargs)
        related = treatment.stop_related
        self.initial = {
            "on": treatment.stopped_on,
            "stop_reason": treatment.stop_reason,
            "related": "" if related is None else "yes" if related else "no",
            "drugs": treatment.stopped_drugs or (list(self.named) if related else []),
        }
        self.fields["on"].help_text = "Empty it when treatment was not stopped, or goes on."
        for name in ("on", "stop_reason", "related"):
            self.fields[name].required = False
        self.fields["reason"] = WhyField(self)

    @property
    def columns(self) -> dict[str, Any]:
        """Whether it was for related toxicity and of which drugs, as the row holds it."""
        said = self.cleaned_data
        related = {"yes": True, "no": False}.get(said.get("related", ""))
        return {"stop_related": related, "stopped_drugs": sorted(said.get("drugs") or ()) or None}

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("on") and not said.get("related") and "related" not in self.errors:
            self.add_error("related", "For toxicity related to a study drug: say yes or no.")
        return said


class Cycle2Form(ServiceForm):
    on = Typed(label="First dose of cycle 2 on")

    def __init__(self, *args: Any, despite: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if despite:
            self.fields["reason"] = _despite()


class HeldWhyForm(ServiceForm):
    """Why a first dose was given in spite of a hold, as it should stand."""

    why = forms.CharField(label="Why it was given", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, treatment: Treatment, **kwargs: Any) -> None:
        super().__init__(*args, rev=treatment.rev, **kwargs)
        self.fields["why"].initial = treatment.held_why
        self.fields["reason"] = WhyField(self)


class CheckedForm(ServiceForm):
    """How the facts that follow from a corrected date were checked."""

    note = forms.CharField(
        label="How it was checked", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), help_text="Never a name."
    )


class ClosedLevelForm(ServiceForm):
    """What becomes of a patient on a level that closed. With an earlier answer it is a correction."""

    answer = forms.ChoiceField(
        label="What becomes of the patient",
        choices=ClosedLevelAnswer.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "What becomes of the patient: choose reduce, continue or stop."},
    )
    on = Typed(label="Decided on")
    because = forms.CharField(
        label="Why", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Never a name."
    )

    def __init__(self, *args: Any, row: ClosedLevelAnswer | None, today: date, **kwargs: Any) -> None:
        super().__init__(*args, rev=row.rev if row else 0, **kwargs)
        self.initial = {"on": today}
        if row:
            self.initial = {"answer": row.answer, "on": row.on, "because": row.because}
        if row or self.late:
            self.fields["reason"] = WhyField(self)

"""The form of a protocol version: drugs, ladder, settings, eligibility criteria, reason. Rows without JavaScript."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField

from assessments.count.queries import PatientFacts
from trial.forms import NumberField, ServiceForm, UnusualField, WholeField
from trial.models import EligibilityCriterion
from trial.protocol_settings import CRITERIA, RANGES, ProtocolSettings
from trial.refusals import Implausible, Refused
from trial.services import DoseOf, Level

from .. import words
from .draft import DOSE_PARTS, Draft, days_of
from .services import NO_CRITERIA, settings_from
from .words import BY_NAME, GROUPS, PERCENT, Group, Setting, percent

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class DoseFields:
    drug: str
    amount: BoundField
    unit: BoundField
    schedule: BoundField
    days: BoundField
    times: BoundField
    per_cycle: BoundField


@dataclass(frozen=True, slots=True)
class LevelFields:
    index: int
    label: BoundField
    doses: Sequence[DoseFields]
    start: bool


class ProtocolForm(ServiceForm):
    """Fields for the draft's rows. `names` are drugs that the trial has already: they stay.

    waiting: the patients still in their DLT window; for each the writer says whether the amendment includes him.
    previewed: the reason and those answers may still be missing; they are wanted to put it in force.
    """

    drugs = forms.IntegerField(widget=forms.HiddenInput)
    levels = forms.IntegerField(widget=forms.HiddenInput)
    start = forms.CharField(label="Start level", error_messages={"required": "Start level: choose one."})
    eligibility = forms.CharField(
        label="Eligibility criteria",
        error_messages={"required": NO_CRITERIA},
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="One a line, each a sentence that must be answered yes. There are no waivers. Begin a line with * "
        "when its answer takes a study procedure: it is then answered after the consent only.",
    )
    reason = forms.CharField(
        label="Reason for the amendment",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text="Stands in the record, in the list of versions and under every decision made under it.",
    )

    def __init__(
        self,
        *args: Any,
        draft: Draft,
        names: Sequence[str] = (),
        waiting: Sequence[PatientFacts] = (),
        amending: bool,
        previewed: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.draft, self.names, self.waiting, self.previewed = draft, list(names), waiting, previewed
        self.fields["unusual"] = UnusualField(self)
        if not amending:
            del self.fields["reason"]
        self.fields["drugs"].initial = len(draft.drugs)
        self.fields["levels"].initial = len(draft.levels)
        for d, _ in enumerate(draft.drugs):
            known = d < len(self.names)
            self.fields[f"drug_{d}"] = _text(f"Drug {d + 1}", 120, readonly=known)
        for k, level in enumerate(draft.levels):
            name = level.label.strip() or f"row {k + 1}"
            self.fields[f"level_{k}"] = _text("Label", 80)
            for d, drug in enumerate(draft.drugs):
                what = f"level {name}, {drug.strip() or f'drug {d + 1}'}"
                self._dose_fields(f"level_{k}_{d}", what)
        for setting in BY_NAME.values():
            self.fields[setting.name] = _field(setting)
        for facts in waiting:
            self.fields[_asks(facts)] = _included(facts)
        for code in CRITERIA:
            self.fields[f"criterion_{code}"] = forms.BooleanField(label=code, required=False)

    def _dose_fields(self, prefix: str, what: str) -> None:
        wrong = {"invalid": f"{what}: write an amount like 60 or 37.5."}
        self.fields[f"{prefix}_amount"] = NumberField(
            label="Amount",
            required=False,
            min_value=0,
            max_digits=12,
            decimal_places=4,
            widget=forms.TextInput(
                attrs={"inputmode": "decimal", "aria-label": f"Amount, {what}", "autocomplete": "off"}
            ),
            error_messages=wrong,
        )
        self.fields[f"{prefix}_unit"] = _text("Unit", 30, said=f"Unit, {what}")
        self.fields[f"{prefix}_schedule"] = _text("Schedule", 120, said=f"Schedule, {what}")
        self.fields[f"{prefix}_days"] = _text("Days of a cycle", 200, said=f"Days of a cycle, {what}")
        self.fields[f"{prefix}_times"] = WholeField(
            label="Times a day",
            required=False,
            min_value=1,
            max_value=24,
            widget=forms.TextInput(
                attrs={"inputmode": "numeric", "aria-label": f"Times a day, {what}", "autocomplete": "off"}
            ),
            error_messages={"invalid": f"{what}: times a day must be a whole number."},
        )
        self.fields[f"{prefix}_per_cycle"] = WholeField(
            label="Doses per cycle",
            required=False,
            min_value=1,
            max_value=1000,
            widget=forms.TextInput(
                attrs={"inputmode": "numeric", "aria-label": f"Doses per cycle, {what}", "autocomplete": "off"}
            ),
            error_messages={"invalid": f"{what}: doses per cycle must be a whole number."},
        )

    def refused(self, refusal: Refused) -> None:
        """A refusal of the whole ladder stands at the top; one of a setting beside it, without its name once more."""
        if isinstance(refusal, Implausible):
            sentences = {"" if name == "levels" else name: said for name, said in refusal.sentences.items()}
            super().refused(Implausible(sentences))
            return
        said, name = str(refusal), refusal.field
        if name in ("levels", "drugs", "settings", "criteria"):  # hidden counts, no fields to go to
            name = None
        elif name in BY_NAME:
            said = said.partition(": ")[2]
        super().refused(Refused(said, field=name))

    # --- what the template walks over
    def drug_rows(self) -> list[BoundField]:
        return [self[f"drug_{d}"] for d in range(len(self.draft.drugs))]

    def level_rows(self) -> Iterator[LevelFields]:
        """The highest dose first, as on every ladder."""
        chosen = str(self["start"].value())
        for k in reversed(range(len(self.draft.levels))):
            doses = [
                DoseFields(drug.strip() or f"Drug {d + 1}", *(self[f"level_{k}_{d}_{part}"] for part in DOSE_PARTS))
                for d, drug in enumerate(self.draft.drugs)
            ]
            yield LevelFields(k, self[f"level_{k}"], doses, chosen == str(k))

    def setting_groups(self) -> list[tuple[Group, list[BoundField]]]:
        return [(group, [self[setting.name] for setting in group.settings]) for group in GROUPS]

    def criterion_rows(self) -> list[BoundField]:
        return [self[f"criterion_{code}"] for code in CRITERIA]

    def patient_rows(self) -> list[BoundField]:
        return [self[_asks(facts)] for facts in self.waiting]

    # --- what the service takes
    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        drugs = [said.get(f"drug_{d}", "").strip() for d in range(len(self.draft.drugs))]
        for d, name in enumerate(self.names):
            if d < len(drugs) and drugs[d] != name:
                self.add_error(f"drug_{d}", f"{name} is a drug of this trial and stays; add another one below.")
        named = [drug for drug in drugs if drug]
        if twice := next((drug for drug in named if named.count(drug) > 1), None):
            self.add_error(f"drug_{drugs.index(twice)}", f"{twice} stands twice.")
        if not named:
            self.add_error("drug_0", "Name at least one drug.")
        levels, start = [], None
        for k in range(len(self.draft.levels)):
            level = self._level(k, drugs, said)
            if level is None:
                continue
            levels.append(level)
            if said.get("start") == str(k):
                start = len(levels)
        if levels and start is None and said.get("start"):
            self.add_error("start", "Start level: choose one of the levels that have a label.")
        waiting = {_asks(facts) for facts in self.waiting}
        if self.previewed:
            for name in {"reason", *waiting} & self.errors.keys():
                if self.has_error(name, "required"):
                    del self.errors[name]
        if gone := next((name for name in self.data if name.startswith("patient_") and name not in waiting), None):
            code = gone.removeprefix("patient_").zfill(3)
            self.add_error(None, f"Patient {code} is not in the DLT window any more and cannot be included.")
        return said | {"named_drugs": named, "ladder": levels, "position": start or 1}

    def _level(self, k: int, drugs: Sequence[str], said: dict[str, Any]) -> Level | None:
        """The level of a row; a row without label and amounts is no level."""
        label = said.get(f"level_{k}", "").strip()
        doses = []
        for d, drug in enumerate(drugs):
            amount = said.get(f"level_{k}_{d}_amount")
            unit = said.get(f"level_{k}_{d}_unit", "")
            if not drug or amount is None:
                if amount is not None:
                    self.add_error(f"level_{k}_{d}_amount", f"Level {label or k + 1}: this amount has no drug.")
                continue
            if not unit:
                self.add_error(f"level_{k}_{d}_unit", f"Level {label or k + 1}, {drug}: the amount needs a unit.")
            schedule, per_cycle = said.get(f"level_{k}_{d}_schedule", ""), said.get(f"level_{k}_{d}_per_cycle")
            try:
                days = days_of(said.get(f"level_{k}_{d}_days", ""))
            except ValueError as wrong:
                self.add_error(f"level_{k}_{d}_days", f"Level {label or k + 1}, {drug}: {wrong}")
                continue
            times = said.get(f"level_{k}_{d}_times") or (1 if days else None)
            per_cycle = per_cycle or (len(days) * times if days and times else None)
            doses.append(DoseOf(drug, Decimal(amount), unit, schedule, per_cycle, days, times))
        if not label and doses:
            self.add_error(f"level_{k}", f"Row {k + 1}: a level with doses needs a label.")
        return Level(label, doses) if label else None

    def asked_settings(self) -> ProtocolSettings:
        """The settings as typed. Raises Refused under the setting's own name."""
        said = self.cleaned_data
        values: dict[str, object] = {name: _stored(setting, said[name]) for name, setting in BY_NAME.items()}
        values["criteria"] = {code: said[f"criterion_{code}"] for code in CRITERIA}
        values["start"] = said["position"]
        return settings_from(values)

    def asked_patients(self) -> dict[UUID, bool]:
        """Whether the amendment includes each patient still in the window; of a preview, those answered for."""
        answers = {f.patient.pk: self.cleaned_data.get(_asks(f)) for f in self.waiting}
        return {patient: answer == YES for patient, answer in answers.items() if answer}

    def unanswered(self) -> list[str]:
        """The patients still in the window about whom nothing is said yet, by their codes."""
        return [f.patient.code for f in self.waiting if not self.cleaned_data.get(_asks(f))]

    def asked_criteria(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["eligibility"].splitlines())
        mark = EligibilityCriterion.MARK
        typed = ((line.startswith(mark), line.removeprefix(mark).strip()) for line in lines)
        return [f"{mark} {text}" if procedure else text for procedure, text in typed if text]


def settings_initial(settings: ProtocolSettings) -> dict[str, object]:
    """The settings as the form's fields show them."""
    values: dict[str, object] = {}
    for name, setting in BY_NAME.items():
        value = getattr(settings, name)
        if isinstance(value, bool):
            value = YES if value else NO
        elif name in PERCENT:
            value = percent(value)
        elif setting.lines:
            value = "\n".join(value or ())
        elif isinstance(value, Decimal):
            value = setting.said(value).partition(" ")[0]
        values[name] = value
    return values | {f"criterion_{code}": on for code, on in settings.criteria.items()}


def _asks(facts: PatientFacts) -> str:
    return f"patient_{facts.patient.number}"


def _included(facts: PatientFacts) -> forms.ChoiceField:
    now = facts.patient.treatment.protocol.number
    return forms.ChoiceField(
        label=f"Patient {facts.patient.code}: level {facts.level.label}, {facts.window_said}, "
        f"{words.OUTCOMES[facts.outcome]}",
        choices=[(NO, f"Stays under version {now}"), (YES, "Is included")],
        widget=forms.RadioSelect,
        error_messages={"required": f"Patient {facts.patient.code}: say whether the amendment includes this patient."},
    )


def _stored(setting: Setting, value: Any) -> object:
    if set(setting.choices) == {True, False}:
        return value == YES
    if setting.choices:
        return next((choice for choice in setting.choices if str(choice) == value), value)
    if setting.lines:
        return [line.strip() for line in value.splitlines() if line.strip()] or None
    if setting.name in PERCENT:
        return str(value / 100)
    return str(value) if isinstance(value, Decimal) else value


def _text(label: str, length: int, said: str = "", readonly: bool = False) -> forms.CharField:
    attrs: dict[str, Any] = {"autocomplete": "off"} | ({"aria-label": said} if said else {})
    if readonly:
        attrs["readonly"] = True
    return forms.CharField(label=label, required=False, max_length=length, widget=forms.TextInput(attrs=attrs))


def _field(setting: Setting) -> forms.Field:
    default = getattr(ProtocolSettings(), setting.name)
    wanted = {"required": f"{setting.label}: an answer is needed."}
    if set(setting.choices) == {True, False}:
        return forms.ChoiceField(
            label=setting.label, choices=[(YES, "Yes"), (NO, "No")], widget=forms.RadioSelect, help_text=setting.meaning
        )
    if setting.choices:
        return forms.ChoiceField(label=setting.label, choices=list(setting.choices.items()), help_text=setting.meaning)
    if setting.lines:
        return forms.CharField(
            label=setting.label,
            required=False,
            max_length=10_000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=f"{setting.meaning} Empty: {setting.none}.",
        )
    number: forms.Field
    if isinstance(default, Decimal):
        number = NumberField(label=setting.label, unit=setting.unit, max_digits=10, error_messages=wanted)
    else:
        number = WholeField(label=setting.label, unit=setting.unit, required=not setting.none, error_messages=wanted)
    low_high = RANGES.get(setting.name)
    limits = f" From {low_high[0]} to {low_high[1]}." if low_high else ""
    empty = f" Empty: {setting.none}." if setting.none else ""
    number.help_text = f"{setting.meaning}{limits}{empty}"
    return number

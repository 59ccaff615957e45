"""Forms of disease assessments, of the investigator's category and of a difference between it and the derived one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms

from patients.queries import plain
from trial.forms import ServiceForm, StandsField, Typed, UnusualField, WhyField
from trial.numbers import NotANumber, number

from .entry import Answer, Besides
from .models import CATEGORIES, DiseaseAssessment, InvestigatorResponse, Measurement, QuestionAnswered
from .parameters import PARAMETERS, SAMPLES, Parameter

State = Measurement.State
CARE = "yes"
STATES = {State.VALUE: "Measured", State.BELOW: "Below the limit", State.NOT_DONE: "Not done"}
MOST_DIGITS = 8  # before the decimal mark
MEANING = {
    "sCR": "Stringent complete response",
    "CR": "Complete response",
    "VGPR": "Very good partial response",
    "PR": "Partial response",
    "MR": "Minimal response",
    "SD": "Stable disease",
    "PD": "Progressive disease",
    "NE": "Not evaluable",
}


class Reading(NamedTuple):
    """A number as typed. below: with a "<" before it, as laboratories print a value below their limit."""

    number: Decimal
    below: bool


class ReadingField(forms.CharField):
    """A number, with "<" before it for below the limit. Empty is None: left missing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs
        )

    def clean(self, value: Any) -> Reading | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            found = number(text.removeprefix("<"))
            if 0 <= found < 10**MOST_DIGITS:
                return Reading(found, text.startswith("<"))
        except NotANumber as wrong:
            if not wrong.plain:
                raise forms.ValidationError(f"{self.label}: {wrong}") from None
        raise forms.ValidationError(f"{self.label}: write a number like 3.2, without the unit.")


@dataclass(frozen=True, slots=True)
class Line:
    """One parameter on the form."""

    parameter: Parameter
    field: forms.BoundField
    unit: forms.BoundField | None
    state: forms.BoundField | None
    stands: forms.BoundField | None  # why it stands, of an unlikely value that is stored


@dataclass(frozen=True, slots=True)
class Group:
    """The parameters of one sample, with its date."""

    label: str
    date: forms.BoundField
    lines: Sequence[Line]


class AssessmentForm(ServiceForm):
    """Everything that may be measured around one visit. What is left empty is missing: no row is written for it.

    units: the unit that each parameter had last, by which the form opens. before: what stands of each in earlier
    assessments, in words. With `row` it corrects that assessment, and `rev` is what the person saw.
    """

    visit_on = Typed(label="Visit")
    standard_of_care = forms.ChoiceField(
        label="Samples from before the consent were taken",
        choices=[("no", "For the study"), (CARE, "As standard of care")],
        initial="no",
        required=False,
        widget=forms.RadioSelect,
        help_text="Samples for the study come after the consent. Standard of care may be baseline within the "
        "protocol's screening window.",
    )

    def __init__(
        self,
        *args: Any,
        units: Mapping[str, str],
        before: Mapping[str, str],
        row: DiseaseAssessment | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, rev=row.rev if row else None, **kwargs)
        for sample, label in SAMPLES.items():
            self.fields[f"{sample}_on"] = Typed(
                label=f"{label}: taken on", required=False, help_text="Empty: on the day of the visit."
            )
        for name, known in PARAMETERS.items():
            if known.units:
                self._number(name, known, units.get(name, known.unit))
            else:
                self._word(name, known)
            self.fields[name].help_text = before.get(name, "")
        self.fields["unusual"] = UnusualField(self)
        if row is not None:
            self.initial = _stored(row)
            for measured in row.measurements.all():
                if measured.unusual and not measured.voided:
                    label = PARAMETERS[measured.parameter].label
                    self.fields[f"stands_{measured.parameter}"] = StandsField(label, measured.unusual)
            self.fields["reason"] = WhyField(
                self,
                required=False,
                help_text="Needed when you change or empty what was entered; adding what was missing needs none.",
            )
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    def _number(self, name: str, known: Parameter, unit: str) -> None:
        self.fields[name] = ReadingField(label=known.label)
        if len(known.units) > 1:
            self.fields[f"{name}_unit"] = forms.ChoiceField(
                label=f"{known.label}: unit",
                choices=[(one, one) for one in known.units],
                initial=unit,
                error_messages={"invalid_choice": f"{known.label}: %(value)s is not one of its units."},
            )
        states = [(state, words) for state, words in STATES.items() if state != State.BELOW or not known.whole]
        self.fields[f"{name}_state"] = forms.ChoiceField(
            label=f"{known.label}: state",
            choices=[(str(state), words) for state, words in states],
            initial=State.VALUE,
            error_messages={"invalid_choice": f"{known.label}: %(value)s is none of the states."},
        )

    def _word(self, name: str, known: Parameter) -> None:
        self.fields[name] = forms.ChoiceField(
            label=known.label,
            required=False,
            choices=[("", "Missing"), *known.answers.items(), (str(State.NOT_DONE), "Not done")],
            initial="",
            widget=forms.RadioSelect,
            error_messages={"invalid_choice": f"{known.label}: %(value)s is none of the answers."},
        )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        for name, known in PARAMETERS.items():
            state = said.get(f"{name}_state")
            if known.units and state == State.BELOW and said.get(name) is None and name not in self.errors:
                self.add_error(name, f"{known.label}: write the limit that the value is below.")
        return said

    @property
    def groups(self) -> list[Group]:
        return [
            Group(label, self[f"{sample}_on"], [self._line(n) for n, p in PARAMETERS.items() if p.sample == sample])
            for sample, label in SAMPLES.items()
        ]

    def _line(self, name: str) -> Line:
        def field(part: str) -> forms.BoundField | None:
            return self[f"{name}_{part}"] if f"{name}_{part}" in self.fields else None

        stands = self[f"stands_{name}"] if f"stands_{name}" in self.fields else None
        return Line(PARAMETERS[name], self[name], field("unit"), field("state"), stands)

    @property
    def besides(self) -> Besides:
        said = self.cleaned_data
        return Besides(
            standard_of_care=said.get("standard_of_care") == CARE,
            unusual=said.get("unusual", ""),
            stands={name: said[f"stands_{name}"] for name in PARAMETERS if f"stands_{name}" in self.sent},
        )

    @property
    def answers(self) -> list[Answer]:
        """What was answered; what was left empty is not among it."""
        return [answer for name, known in PARAMETERS.items() if (answer := self._answer(name, known))]

    def _answer(self, name: str, known: Parameter) -> Answer | None:
        said = self.cleaned_data
        on: date = said.get(f"{known.sample}_on") or said["visit_on"]
        if not known.units:
            match said.get(name):
                case None | "":
                    return None
                case State.NOT_DONE:
                    return Answer(parameter=name, sampled_on=on, state=State.NOT_DONE)
                case answer:
                    return Answer(parameter=name, sampled_on=on, answer=answer)
        reading: Reading | None = said.get(name)
        state = said.get(f"{name}_state") or State.VALUE
        if reading and reading.below and state == State.VALUE:
            state = State.BELOW
        if reading is None and state != State.NOT_DONE:
            return None
        return Answer(
            parameter=name,
            sampled_on=on,
            state=state,
            entered=reading.number if reading else None,
            unit=said.get(f"{name}_unit") or known.unit,
        )


def _stored(row: DiseaseAssessment) -> dict[str, Any]:
    found: dict[str, Any] = {"visit_on": row.visit_on}
    for measured in row.measurements.all():
        if measured.voided:
            continue
        name, known = measured.parameter, PARAMETERS[measured.parameter]
        if measured.baseline_until:
            found["standard_of_care"] = CARE
        if measured.sampled_on != row.visit_on:
            found[f"{known.sample}_on"] = measured.sampled_on
        if known.units:
            found[name], found[f"{name}_state"] = plain(measured.entered), measured.state
            if measured.unit:
                found[f"{name}_unit"] = measured.unit
        else:
            found[name] = measured.answer or measured.state
    return found


class ResponseForm(ServiceForm):
    """The investigator's own category of one assessment. rev: of the assessment or of his category, the later."""

    category = forms.ChoiceField(
        label="Response at this visit",
        choices=[(name, f"{name}: {MEANING[name].lower()}") for name, _ in CATEGORIES],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Response at this visit: %(value)s is none of the categories."},
    )
    comment = forms.CharField(label="Comment", required=False, max_length=300, help_text="Never a name.")

    def __init__(self, *args: Any, rev: int, said: InvestigatorResponse | None = None, **kwargs: Any) -> None:
        super().__init__(*args, rev=rev, **kwargs)
        if said:
            self.initial = {"category": said.category, "comment": said.comment}
            self.fields["reason"] = WhyField(
                self, label="Reason for the change", required=False, help_text="Needed when the category changes."
            )


class ResolveForm(ServiceForm):
    """Why the two categories both stand. They are those on the person's screen, and refused when either has changed."""

    category = forms.CharField(widget=forms.HiddenInput)
    derived = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What the investigator knows that the values do not show. Never a name.",
    )  # fmt: skip


class CorrectAnswerForm(ServiceForm):
    """The answer to a question about values, as it should stand."""

    answer = forms.CharField(label="Answer", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, row: QuestionAnswered, **kwargs: Any) -> None:
        super().__init__(*args, rev=row.rev, **kwargs)
        self.fields["answer"].initial = row.answer
        self.fields["reason"] = WhyField(self)


class AnswerForm(ServiceForm):
    """Why values stand that leave something open. The question is the one on the person's screen."""

    question = forms.CharField(widget=forms.HiddenInput)
    answer = forms.CharField(
        label="Answer", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the laboratory or the examination says. Never a name.",
    )  # fmt: skip

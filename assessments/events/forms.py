"""Forms of adverse events. Shape is checked here; what the trial allows, by the services."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from assessments.count.queries import PatientFacts
from assessments.events.facts import EventFacts
from trial.forms import NumberField, ServiceForm, Typed, TypedPartial, WhyField
from trial.models import Drug

from .. import terms
from ..dlt import names
from ..models import AdverseEvent, Relation
from . import judging
from .questions import QUESTIONS
from .report import EventReport

ANSWERS = [("yes", "Yes"), ("no", "No"), ("", "Not known yet")]
STATES = {"suspected": "Suspected", "dlt": "DLT", "not_dlt": "Not a DLT", "open": "Still open", "none": "None"}


BY_VALUE = "What the DLT criteria ask of a blood count"


class EventForm(ServiceForm):
    """An adverse event as reported: term, grade, dates, and its relation to each drug."""

    term = forms.CharField(
        label="Event",
        max_length=150,
        widget=forms.TextInput(attrs={"list": "ctcae-terms"}),
        help_text="Type a word and choose the CTCAE term; the organ class follows.",
        error_messages={"required": "Event: choose a CTCAE term."},
    )
    specified = forms.CharField(
        label="In words", required=False, max_length=200, help_text='Needed for a term that ends in "Other, specify".'
    )
    grade = forms.TypedChoiceField(
        label="Grade",
        coerce=int,
        choices=[(k, str(k)) for k in range(1, 6)],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Grade: %(value)s is not a CTCAE grade; it goes from 1 to 5."},
    )
    onset_on = TypedPartial(label="Onset")
    ended_on = Typed(label="End", required=False, help_text="Leave it empty while the event is ongoing.")
    serious = forms.BooleanField(
        label="Serious",
        required=False,
        help_text="Death, life-threatening, hospital admission, disability, congenital anomaly, important event.",
    )
    aware_on = Typed(label="Aware on", required=False, help_text="The day on which the site learned of it.")
    delays_cycle_2 = forms.BooleanField(
        label="Cycle 2 is held for this event",
        required=False,
        help_text="Held more than 14 days for a related event of the window, it is a suspected DLT (criterion N4).",
    )
    doses_missed = forms.BooleanField(
        label="Doses were missed for this event",
        required=False,
        help_text="More than 25 % of a drug's planned amount missed in the window, for a related event, is a suspected "
        "DLT (criterion N4).",
    )
    suspected = forms.BooleanField(
        label="I suspect a DLT",
        required=False,
        help_text="Asks the readers for verdicts, also when no criterion is met by the answers above.",
    )

    def __init__(
        self,
        *args: Any,
        drugs: Sequence[Drug],
        ctcae: str = "",
        event: AdverseEvent | None = None,
        despite: bool = False,
        **kwargs: Any,
    ) -> None:
        self.drugs = drugs
        if event is not None:
            kwargs["initial"] = _stored(event) | kwargs.get("initial", {})
        super().__init__(*args, rev=event.rev if event else None, **kwargs)
        self.ctcae = ctcae or "5.0"
        if ctcae:
            self.fields["term"].label = f"Event (CTCAE v{ctcae})"
        if self.ctcae == "6.0":
            self.fields["lowest_value"] = NumberField(
                label="Lowest value",
                unit="× 10^9/L",
                like="0.3",
                required=False,
                min_value=0,
                max_digits=12,
                decimal_places=4,
                help_text="While it is missing, a grade that may hold such a value keeps the patient pending.",
            )
        for drug in drugs:
            self.fields[f"relation_{drug.position}"] = forms.ChoiceField(
                label=drug.name[0].upper() + drug.name[1:],
                required=False,
                choices=Relation.Degree.choices,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": f"Relation to {drug.name}: %(value)s is none of the answers."},
            )
        for name, question in QUESTIONS.items():
            self.fields[name] = forms.ChoiceField(
                label=question, required=False, choices=ANSWERS, widget=forms.RadioSelect
            )
            self.fields[name].initial = ""
        if event is not None:
            self.fields["reason"] = WhyField(self)
        elif despite:
            self.fields["reason"] = forms.CharField(
                label="Reason",
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
                help_text="Of a serious event that began after the patient withdrew: how the site learned of it. It is "
                "listed as an important deviation.",
            )

    @property
    def relation_fields(self) -> list[forms.BoundField]:
        return [self[f"relation_{drug.position}"] for drug in self.drugs]

    @property
    def asked_fields(self) -> list[tuple[str, str, list[tuple[forms.BoundField, str]]]]:
        """(legend, when, questions): the form's script shows a question only while `when` ("term=Nausea") holds."""

        def when(asked: Sequence[str]) -> str:
            return "term=" + "|".join(sorted(term for term, asks in names.ASKS.items() if set(asked) & set(asks)))

        of_terms = [name for name in QUESTIONS if name not in names.DEATH_ASKS]
        by_value = "term=" + "|".join(sorted(t for t in self.terms if judging.asks_value(t, self.ctcae)))
        counts = [(BY_VALUE, by_value, [(self["lowest_value"], by_value)])] if self.ctcae == "6.0" else []
        return [
            *counts,
            ("What the DLT criteria ask of this term", when(of_terms), [(self[n], when([n])) for n in of_terms]),
            ("What the DLT criteria ask of a death", "grade=5", [(self[n], "grade=5") for n in names.DEATH_ASKS]),
        ]

    def said(self) -> dict[str, Any]:
        """The answers that are readable, also while others are missing or wrong."""
        return getattr(self, "cleaned_data", {})

    def relations(self) -> dict[UUID, str]:
        said = self.said()
        return {d.pk: degree for d in self.drugs if (degree := said.get(f"relation_{d.position}"))}

    def relations_by_name(self) -> dict[str, str | None]:
        given = self.relations()
        return {drug.name: given.get(drug.pk) for drug in self.drugs}

    def qualifiers(self) -> dict[str, bool | None]:
        """Only the questions that the term and grade ask; an answer left from another term is dropped."""
        said = self.said()
        return {
            name: {"yes": True, "no": False}.get(said.get(name, ""))
            for name in judging.asked(said.get("term", ""), said.get("grade"))
        }

    def lowest_value(self) -> Decimal | None:
        """Of a term whose criteria go by it; a value left from another term is dropped."""
        said = self.said()
        return said.get("lowest_value") if judging.asks_value(said.get("term", ""), self.ctcae) else None

    @property
    def terms(self) -> list[str]:
        return list(terms.all_terms(self.ctcae))

    @property
    def report(self) -> EventReport:
        said = self.cleaned_data
        return EventReport(
            term=said["term"],
            specified=said["specified"],
            grade=said["grade"],
            onset_on=said["onset_on"].first,
            onset_known=said["onset_on"].known,
            ended_on=said["ended_on"],
            relations=self.relations(),
            qualifiers=self.qualifiers(),
            lowest_value=self.lowest_value(),
            suspected=said["suspected"],
            delays_cycle_2=said["delays_cycle_2"],
            doses_missed=said["doses_missed"],
            serious=said["serious"],
            aware_on=said["aware_on"],
        )


def _stored(event: AdverseEvent) -> dict[str, Any]:
    given: Mapping[str, bool | None] = event.qualifiers
    return {
        **{
            name: getattr(event, name)
            for name in (
                "term",
                "specified",
                "grade",
                "ended_on",
                "lowest_value",
                "serious",
                "aware_on",
                "suspected",
                "delays_cycle_2",
                "doses_missed",
            )
        },
        "onset_on": event.onset.shown,
        **{f"relation_{r.drug.position}": r.degree for r in event.relations.all() if not r.voided},
        **{name: {True: "yes", False: "no"}.get(given.get(name), "") for name in QUESTIONS},  # type: ignore[arg-type]
    }


class EventFilter(forms.Form):
    """What the list of events shows."""

    patient = forms.TypedChoiceField(label="Patient", required=False, coerce=int, empty_value=None)
    level = forms.TypedChoiceField(label="Level", required=False, coerce=int, empty_value=None)
    grade = forms.TypedChoiceField(
        label="Grade",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "All"), *((k, f"{k} or higher" if k < 5 else "5") for k in range(1, 6))],
        error_messages={"invalid_choice": "Grade: %(value)s is not a CTCAE grade; it goes from 1 to 5."},
    )
    serious = forms.ChoiceField(
        label="Serious", required=False, choices=[("", "All"), ("yes", "Serious"), ("no", "Not serious")]
    )
    state = forms.ChoiceField(label="DLT", required=False, choices=[("", "All"), *STATES.items()])
    window = forms.ChoiceField(
        label="Onset", required=False, choices=[("", "All"), ("in", "In the DLT window"), ("out", "Outside it")]
    )

    def __init__(self, *args: Any, patients: Sequence[str], levels: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("patient", [(int(code), code) for code in patients], "Patient: %(value)s is not in this list.")
        at = [(k, f"Level {label}") for k, label in enumerate(levels, 1)]
        self._offer("level", at, "Level: %(value)s is not a level of this ladder.")

    def _offer(self, name: str, choices: Sequence[tuple[int, str]], sentence: str) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "All"), *choices]
        field.error_messages["invalid_choice"] = sentence

    def fits(self, f: PatientFacts, e: EventFacts, position: int | None) -> bool:
        """Of a valid filter: whether the list shows it. position: of the patient's level on the ladder in force."""
        asked = self.cleaned_data
        in_window = f.window_days is not None and e.inside(f.window_days)
        return all(
            (
                not asked["patient"] or f.patient.number == asked["patient"],
                not asked["level"] or position == asked["level"],
                not asked["grade"] or (e.event.grade or 0) >= asked["grade"],
                not asked["serious"] or e.event.serious == (asked["serious"] == "yes"),
                not asked["state"] or e.state == asked["state"],
                not asked["window"] or in_window == (asked["window"] == "in"),
            )
        )


def offered_terms(ctcae: str) -> list[terms.Term]:
    """Every term of the trial's CTCAE version."""
    return list(terms.all_terms(ctcae).values())

"""Forms of adverse events. Shape is checked here; what the trial allows, by the services."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from trial import clock
from trial.forms import DATE_HINT, NumberField, Typed, TypedInstant, TypedPartial, WhyField, shown
from trial.models import Drug
from trial.refusals import Refused

from .. import terms
from ..dlt import names
from ..event_words import Action, Criterion, Graded, Outcome
from ..models import AdverseEvent, Relation
from . import judging, liver
from .peak_forms import PeakForm
from .questions import QUESTIONS
from .report import EventReport, stored, worst

ANSWERS = [("yes", "Yes"), ("no", "No"), ("", "Not known yet")]
BY_VALUE = "What the DLT criteria ask of a blood count"
BLANK = 2  # rows for grades to come
GRADES = [(k, str(k)) for k in range(1, 6)]
JUDGED = ("grade", "suspected", *QUESTIONS)  # the investigator's word


class EventForm(PeakForm):
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
        choices=GRADES,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Grade: %(value)s is not a CTCAE grade; it goes from 1 to 5."},
    )
    onset_on = TypedPartial(label="Onset")
    ended_on = Typed(label="End", required=False, help_text="Leave it empty while the event is ongoing.")
    outcome = forms.ChoiceField(
        label="Outcome",
        required=False,
        choices=[("", "Not said yet"), *Outcome.choices],
        error_messages={"invalid_choice": "Outcome: %(value)s is none of the answers."},
    )
    serious = forms.BooleanField(
        label="Serious",
        required=False,
        help_text="Death, life-threatening, hospital admission, disability, congenital anomaly, important event.",
    )
    serious_criteria = forms.MultipleChoiceField(
        label="Why serious",
        required=False,
        choices=Criterion.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Why serious: %(value)s is no criterion."},
    )
    narrative = forms.CharField(
        label="What happened",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Course, treatment, results. It goes into the case report. Never a name.",
    )
    aware_on = Typed(label="Aware on", required=False, help_text="The day on which the site learned of it.")
    aware_at = TypedInstant(label="Aware at", required=False, help_text="The moment: the clocks run from it.")
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
        follows: bool = False,
        judges: bool = True,
        zone: str = "UTC",
        despite: bool = False,
        **kwargs: Any,
    ) -> None:
        """follows: what is new is said, and needs no reason. judges: an investigator, who grades and relates."""
        self.drugs, self.judges, self.follows = drugs, judges, follows
        self.was = stored(event) if event else None
        if event is not None:
            kwargs["initial"] = _stored(event) | kwargs.get("initial", {})
        super().__init__(*args, rev=event.rev if event else None, **kwargs)
        self.ctcae = ctcae or "5.0"
        aware = self.fields["aware_at"]
        assert isinstance(aware, TypedInstant)
        aware.at(zone)
        self.zone = zone
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
        for drug in drugs:
            self.fields[f"action_{drug.position}"] = forms.ChoiceField(
                label=drug.name[0].upper() + drug.name[1:],
                required=False,
                choices=[("", "Not said yet"), *Action.choices],
                error_messages={"invalid_choice": f"Action on {drug.name}: %(value)s is none of the answers."},
            )
        self._steps()
        if not judges:
            for name in (*JUDGED, "lowest_value", *(f"relation_{drug.position}" for drug in drugs)):
                self.fields.pop(name, None)
        if event is not None and not follows:
            self.fields["reason"] = WhyField(self)
        elif event is not None:
            self.fields["reason"] = forms.CharField(
                label="Reason",
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
                help_text="Only where you change what was recorded.",
            )
        elif despite:
            self.fields["reason"] = forms.CharField(
                label="Reason",
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
                help_text="Of a serious event that began after the patient withdrew: how the site learned of it. It is "
                "listed as an important deviation.",
            )

    def _steps(self) -> None:
        """A row for each later grade, and some for those to come. A coordinator says from when it was worse."""
        stored_ = list(self.was.history[1:]) if self.was else []
        self.rows = range(1, len(stored_) + BLANK + 1) if self.judges else range(1, 2)
        for k in self.rows:
            named = f"Change {k}" if self.judges else "Worse from"
            self.fields[f"step_{k}_on"] = Typed(
                label=f"{named}: from" if self.judges else named, required=False, help_text=DATE_HINT if k == 1 else ""
            )
            if self.judges:
                self.fields[f"step_{k}_grade"] = forms.TypedChoiceField(
                    label=f"{named}: grade", required=False, coerce=int, empty_value=None,
                    choices=[("", "–"), *GRADES],
                    error_messages={"invalid_choice": f"{named}: %(value)s is not a CTCAE grade; it goes from 1 to 5."},
                )  # fmt: skip
            if self.judges and k <= len(stored_):
                self.fields[f"step_{k}_on"].initial = stored_[k - 1].on
                self.fields[f"step_{k}_grade"].initial = stored_[k - 1].grade
        if not self.judges:
            self.fields["step_1_on"].help_text = "If it got worse: from this day on. The investigator grades it."

    @property
    def step_fields(self) -> list[list[forms.BoundField]]:
        return [[self[name] for name in (f"step_{k}_on", f"step_{k}_grade") if name in self.fields] for k in self.rows]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("aware_at") and not said.get("aware_on"):
            said["aware_on"] = clock.clinical_date(said["aware_at"], self.zone)
        for k in self.rows if self.judges else ():
            on, grade = f"step_{k}_on", f"step_{k}_grade"
            if said.get(grade) and not said.get(on) and on not in self.errors:
                self.add_error(on, f"Grade {said[grade]}: say from which day on.")
            if said.get(on) and not said.get(grade) and not self._waits(said[on]) and grade not in self.errors:
                self.add_error(grade, f"Grade from {shown(said[on])}: choose one, from 1 to 5.")
        return said

    def _waits(self, on: date) -> bool:
        """Whether a stored grade from this day on waits for the investigator."""
        return bool(self.was) and any(step == Graded(on, None) for step in self.was.history)  # type: ignore[union-attr]

    def steps(self) -> list[Graded]:
        """The grades from the onset on, as they are typed, by day."""
        said = self.said()
        first = said["grade"] if self.judges else self.was.history[0].grade if self.was else None
        later = [Graded(on, said.get(f"step_{k}_grade")) for k in self.rows if (on := said.get(f"step_{k}_on"))]
        if not self.judges and self.was:
            later = [*self.was.history[1:], *(step for step in later if step not in self.was.history)]
        return [Graded(said["onset_on"].first, first), *sorted(later, key=lambda step: step.on)]

    @property
    def relation_fields(self) -> list[forms.BoundField]:
        return [self[f"relation_{drug.position}"] for drug in self.drugs] if self.judges else []

    @property
    def action_fields(self) -> list[forms.BoundField]:
        return [self[f"action_{drug.position}"] for drug in self.drugs]

    @property
    def asked_fields(self) -> list[tuple[str, str, list[tuple[forms.BoundField, str]]]]:
        """(legend, when, questions): the form's script shows a question only while `when` ("term=Nausea") holds."""
        if not self.judges:
            return []

        def when(asked: Sequence[str]) -> str:
            return "term=" + "|".join(sorted(term for term, asks in names.ASKS.items() if set(asked) & set(asks)))

        of_terms = [name for name in QUESTIONS if name not in names.DEATH_ASKS]
        by_value = "term=" + "|".join(sorted(t for t in self.terms if judging.asks_value(t, self.ctcae)))
        fatal = ";".join(["grade=5", *(f"step_{k}_grade=5" for k in self.rows)])
        counts = [(BY_VALUE, by_value, [(self["lowest_value"], by_value)])] if self.ctcae == "6.0" else []
        return [
            *counts,
            ("What the DLT criteria ask of this term", when(of_terms), [(self[n], when([n])) for n in of_terms]),
            ("What the DLT criteria ask of a death", fatal, [(self[n], fatal) for n in names.DEATH_ASKS]),
        ]

    def said(self) -> dict[str, Any]:
        """The answers that are readable, also while others are missing or wrong."""
        return getattr(self, "cleaned_data", {})

    def relations(self) -> dict[UUID, str]:
        said = self.said()
        if not self.judges:
            return dict(self.was.relations) if self.was else {}
        return {d.pk: degree for d in self.drugs if (degree := said.get(f"relation_{d.position}"))}

    def actions(self) -> dict[UUID, str]:
        said = self.said()
        return {d.pk: action for d in self.drugs if (action := said.get(f"action_{d.position}"))}

    def relations_by_name(self) -> dict[str, str | None]:
        given = self.relations()
        return {drug.name: given.get(drug.pk) for drug in self.drugs}

    def qualifiers(self) -> dict[str, bool | None]:
        """Only the questions that the term and grade ask; an answer left from another term is dropped."""
        said = self.said()
        if not self.judges:
            return dict(self.was.qualifiers) if self.was else {}
        grades = [said.get("grade"), *(said.get(f"step_{k}_grade") for k in self.rows)]
        return {
            name: {"yes": True, "no": False}.get(said.get(name, ""))
            for name in judging.asked(said.get("term", ""), max((g for g in grades if g), default=None))
        }

    def lowest_value(self) -> Decimal | None:
        """Of a term whose criteria go by it; a value left from another term is dropped."""
        said = self.said()
        if not self.judges:
            return self.was.lowest_value if self.was else None
        return said.get("lowest_value") if judging.asks_value(said.get("term", ""), self.ctcae) else None

    @property
    def terms(self) -> list[str]:
        return list(terms.all_terms(self.ctcae))

    @property
    def report(self) -> EventReport:
        said, steps = self.cleaned_data, self.steps()
        return EventReport(
            term=said["term"],
            specified=said["specified"],
            grade=worst(steps),
            steps=steps if len(steps) > 1 else (),
            onset_on=said["onset_on"].first,
            onset_known=said["onset_on"].known,
            ended_on=said["ended_on"],
            outcome=said["outcome"] or None,
            relations=self.relations(),
            actions=self.actions(),
            qualifiers=self.qualifiers(),
            lowest_value=self.lowest_value(),
            **self.peak(),
            suspected=said["suspected"] if self.judges else bool(self.was and self.was.suspected),
            delays_cycle_2=said["delays_cycle_2"],
            doses_missed=said["doses_missed"],
            serious=said["serious"],
            serious_criteria=said["serious_criteria"],
            narrative=said["narrative"],
            aware_on=said["aware_on"],
            aware_at=said["aware_at"],
            sent_at=self.was.sent_at if self.was else None,
        )

    def refused(self, refusal: Refused) -> None:
        """The service names what it read of a report; the form has one field a drug, and a row a grade."""
        field = refusal.field or ""
        first = self.drugs[0].position if self.drugs else 0
        said = self.said()
        typed = sorted((said[f"step_{k}_on"], k) for k in self.rows if said.get(f"step_{k}_on"))
        if field in ("relations", "actions"):
            refusal.field = f"{field[:-1]}_{first}"
        elif field.startswith("steps."):
            _, k, part = field.split(".")
            row = typed[int(k) - 1][1] if self.judges and int(k) <= len(typed) else 1
            refusal.field = f"step_{row}_{part}" if self.judges else "step_1_on"
        super().refused(refusal)


def _stored(event: AdverseEvent) -> dict[str, Any]:
    given: Mapping[str, bool | None] = event.qualifiers
    return {
        **{
            name: getattr(event, name)
            for name in (
                "term",
                "specified",
                "ended_on",
                "outcome",
                "lowest_value",
                *liver.PARTS,
                "serious",
                "serious_criteria",
                "narrative",
                "aware_on",
                "aware_at",
                "suspected",
                "delays_cycle_2",
                "doses_missed",
            )
        },
        "grade": event.history[0].grade,
        "onset_on": event.onset.shown,
        **{f"action_{row.drug.position}": row.action for row in event.actions.all() if not row.voided},
        **{f"relation_{r.drug.position}": r.degree for r in event.relations.all() if not r.voided},
        **{name: {True: "yes", False: "no"}.get(given.get(name), "") for name in QUESTIONS},  # type: ignore[arg-type]
    }


def offered_terms(ctcae: str) -> list[terms.Term]:
    """Every term of the trial's CTCAE version."""
    return list(terms.all_terms(ctcae).values())

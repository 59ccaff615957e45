"""Forms of the sponsor: the assessment of an event, and the list of expected terms."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from trial.forms import ServiceForm, Typed, WhyField
from trial.models import Drug

from ..event_words import Degree
from ..models import AdverseEvent
from .models import SafetyReference
from .sponsor import Assessed

_LINE = re.compile(r"(.+?)(?:,? grade ([1-5]))?", re.IGNORECASE)


class AssessForm(ServiceForm):
    """The relation to each drug in the sponsor's view, and whether the list of expected terms is overruled."""

    expected = forms.ChoiceField(
        label="Expected",
        required=False,
        choices=[("", "As the list has it"), ("yes", "Expected"), ("no", "Not expected")],
        widget=forms.RadioSelect,
    )
    because = forms.CharField(
        label="Why the list is overruled", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    comment = forms.CharField(
        label="Comment of the sponsor", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, drugs: Sequence[Drug], event: AdverseEvent, **kwargs: Any) -> None:
        self.drugs = drugs
        row = getattr(event, "sponsor", None)
        super().__init__(*args, rev=row.rev if row else 0, **kwargs)
        given = {relation.drug_id: relation.degree for relation in event.sponsor_relations.all() if not relation.voided}
        for drug in drugs:
            self.fields[f"relation_{drug.position}"] = forms.ChoiceField(
                label=f"Related to {drug.name}",
                required=False,
                choices=Degree.choices,
                widget=forms.RadioSelect,
                initial=given.get(drug.pk),
                error_messages={"invalid_choice": f"Relation to {drug.name}: %(value)s is none of the answers."},
            )
        self.order_fields(["key", "rev", *(f"relation_{drug.position}" for drug in drugs)])
        if row:
            self.fields["expected"].initial = {True: "yes", False: "no"}.get(row.expected, "")
            self.fields["because"].initial, self.fields["comment"].initial = row.because, row.comment
            self.fields["reason"] = WhyField(self)

    @property
    def said(self) -> Assessed:
        said = self.cleaned_data
        relations: dict[UUID, str] = {d.pk: degree for d in self.drugs if (degree := said[f"relation_{d.position}"])}
        expected = {"yes": True, "no": False}.get(said["expected"])
        return Assessed(relations=relations, expected=expected, because=said["because"], comment=said["comment"])


class ListForm(ServiceForm):
    """A version of the list of expected terms."""

    version = forms.CharField(label="Version", max_length=40, help_text="As the document has it, like IB 7.0.")
    in_force_on = Typed(label="In force from")
    terms = forms.CharField(
        label="Expected terms",
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="CTCAE terms, one a line. With a highest grade where the document has one: Nausea, grade 3.",
    )

    def __init__(self, *args: Any, row: SafetyReference | None = None, **kwargs: Any) -> None:
        super().__init__(*args, rev=row.rev if row else None, **kwargs)
        if row:
            for name in ("version", "in_force_on"):
                self.fields[name].initial = getattr(row, name)
            self.fields["terms"].initial = "\n".join(lines(row))
            self.fields["reason"] = WhyField(self)

    def clean_terms(self) -> dict[str, int | None]:
        found: dict[str, int | None] = {}
        for line in self.cleaned_data["terms"].splitlines():
            if read := _LINE.fullmatch(line.strip()):
                if read[1] in found:
                    raise forms.ValidationError(f"Expected terms: {read[1]} stands there twice.")
                found[read[1]] = int(read[2]) if read[2] else None
        return found


def lines(row: SafetyReference) -> list[str]:
    """The terms of a list as they are typed."""
    return [f"{term}, grade {grade}" if grade else term for term, grade in sorted(row.terms.items())]

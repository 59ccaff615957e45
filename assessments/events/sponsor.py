"""The sponsor's word on an event: the relation to each drug, and whether it was expected.

It stands beside the investigator's and never replaces it; a difference is shown (docs/domain.md, section 6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from trial.models import Drug, User
from trial.record import corrections, ledger
from trial.refusals import Refused
from trial.roles import May

from ..event_words import Degree
from ..models import AdverseEvent
from .models import SponsorAssessment, SponsorRelation


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """What the medical monitor says of an event. relations: by drug id; expected None: as the list has it."""

    relations: Mapping[UUID, str]
    expected: bool | None = None
    because: str = ""
    comment: str = ""


def of(event: UUID) -> SponsorAssessment | None:
    return SponsorAssessment.objects.filter(event=event, voided=False).select_related("by").first()


def assess_event(
    *, trial: UUID, event: UUID, said: Assessed, rev: int | None, reason: str = "", by: User, key: UUID | None = None
) -> SponsorAssessment:
    """Give the sponsor's assessment, or correct it with a reason.

    rev: of the assessment on the person's screen, 0 while there is none; None, of a program, is as it stands.
    """
    relations = sorted((str(drug), degree) for drug, degree in said.relations.items())
    with ledger.action(
        trial, by=by, may=May.ASSESS_EVENT, verb="event.assess", reason=reason, key=key,
        asked=(event, rev, reason, relations, said.expected, said.because, said.comment),
    ) as act:  # fmt: skip
        if act.earlier:
            return SponsorAssessment.objects.get(pk=act.earlier)
        about = AdverseEvent.objects.get(pk=event, trial=trial)
        if about.voided:
            raise Refused(f"{about.code} is voided.")
        _check(trial, said)
        row = SponsorAssessment.objects.filter(event=about).first()
        stored = {relation.drug_id: relation for relation in SponsorRelation.objects.filter(event=about)}
        if row is not None:
            was = {pk: relation.degree for pk, relation in stored.items() if not relation.voided}
            changed = was != dict(said.relations) or _words(row) != (said.expected, said.because, said.comment)
            why = "changing the assessment" if changed else ""
            corrections.check(act, row, f"The sponsor's assessment of {about.code}", seen=rev, reason_for=why)
        row = row or SponsorAssessment(trial_id=trial, event=about)
        row.expected, row.because, row.comment = said.expected, said.because.strip(), said.comment.strip()
        row.by, row.at = by, act.now
        row.save()
        for drug in dict.fromkeys([*said.relations, *stored]):
            relation = stored.get(drug) or SponsorRelation(trial_id=trial, event=about, drug_id=drug)
            degree = said.relations.get(drug)
            if drug in stored and (relation.degree, relation.voided) == (degree or relation.degree, degree is None):
                continue
            relation.degree, relation.voided = degree or relation.degree, degree is None
            relation.save()
        act.result(row.pk)
        return row


def _words(row: SponsorAssessment) -> tuple[bool | None, str, str]:
    return row.expected, row.because, row.comment


def _check(trial: UUID, said: Assessed) -> None:
    drugs = set(Drug.objects.filter(trial=trial).values_list("pk", flat=True))
    if not drugs or any(drug not in drugs or degree not in Degree.values for drug, degree in said.relations.items()):
        raise Refused("Relation: choose one of the answers for a drug of this trial.", field="relations")
    if said.expected is not None and not said.because.strip():
        raise Refused("Why: overruling the list of expected terms needs a reason.", field="because")
    if said.expected is None and said.because.strip():
        raise Refused("Expected: a reason is given, and nothing overrules the list.", field="expected")


def differing(investigator: Mapping[str, str | None], sponsor: Mapping[str, str | None]) -> Sequence[str]:
    """The drugs to which one of the two relates the event and the other does not; only where both have answered."""
    related = {Degree.POSSIBLE, Degree.PROBABLE, Degree.DEFINITE}
    return [
        drug
        for drug, degree in investigator.items()
        if degree and (other := sponsor.get(drug)) and (degree in related) != (other in related)
    ]

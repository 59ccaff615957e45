"""Verbs of disease assessments: entering, correcting, voiding, and the investigator's own word on the response."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from patients import days
from patients.models import Patient
from patients.services import mine
from trial.models import User
from trial.record import corrections, ledger
from trial.record.ledger import Act
from trial.refusals import Again, Refused
from trial.roles import May
from trial.services import next_number

from . import queries
from .entry import Answer, Besides, check, differs, write
from .models import (
    CATEGORIES,
    DifferenceResolved,
    DiseaseAssessment,
    InvestigatorResponse,
    Measurement,
    QuestionAnswered,
)

NOTHING = Besides()


def record_assessment(
    *,
    trial: UUID,
    patient: UUID,
    visit_on: date,
    answers: Sequence[Answer],
    said: Besides = NOTHING,
    by: User,
    key: UUID | None = None,
) -> DiseaseAssessment:
    """One visit with everything that was measured around it, each value dated by its own sample."""
    asked = (patient, visit_on, *_asked(answers, said))
    with ledger.action(trial, by=by, may=May.RECORD_RESPONSE, verb="response.record", key=key, asked=asked) as act:
        if act.earlier:
            return DiseaseAssessment.objects.get(pk=act.earlier)
        row = _patient(act, patient)
        checked = check(act, row, visit_on, answers, said, {})
        _only_one(row, visit_on)
        assessment = DiseaseAssessment.objects.create(
            trial_id=trial, number=next_number(DiseaseAssessment, trial), patient=row, visit_on=visit_on
        )
        write(assessment, answers, checked, {})
        act.result(assessment.pk)
        return assessment


def correct_assessment(
    *,
    trial: UUID,
    assessment: UUID,
    visit_on: date,
    answers: Sequence[Answer],
    said: Besides = NOTHING,
    rev: int,
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> DiseaseAssessment:
    """The visit as it should stand: answers that are not given any more are taken back.

    Adding what was missing needs no reason; changing or taking back an answer does. rev: the row's number on the
    person's screen.
    """
    asked = (assessment, rev, reason, visit_on, *_asked(answers, said))
    with ledger.action(
        trial, by=by, may=May.RECORD_RESPONSE, verb="response.correct", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return DiseaseAssessment.objects.get(pk=act.earlier)
        row = _assessment(act, assessment)
        corrections.check(act, row, row.code, seen=rev)
        stored = {one.parameter: one for one in Measurement.objects.filter(assessment=row)}
        checked = check(act, row.patient, visit_on, answers, said, stored, was=row.visit_on)
        if row.visit_on != visit_on or differs(answers, checked, stored):
            corrections.needs_reason(act, "changing or taking back what was entered")
        if row.visit_on != visit_on:
            _only_one(row.patient, visit_on)
        row.visit_on = visit_on
        row.save()  # also when only its measurements change: its number is what a form on it is stale by
        write(row, answers, checked, stored)
        act.result(row.pk)
        return row


def void_assessment(
    *, trial: UUID, assessment: UUID, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> DiseaseAssessment:
    """Take back an assessment entered by mistake; it stays in the record, voided, with the reason.

    rev: the row's number on the person's screen; None, of a program, is as it stands.
    """
    asked = (assessment, rev, reason)
    with ledger.action(
        trial, by=by, may=May.RECORD_RESPONSE, verb="response.void", reason=reason, key=key, asked=asked
    ) as act:
        row = _assessment(act, assessment)
        return corrections.void(act, row, row.code, seen=rev, reason_for="voiding an assessment")


def give_response(
    *,
    trial: UUID,
    assessment: UUID,
    category: str,
    rev: int | None,
    comment: str = "",
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> InvestigatorResponse:
    """The investigator's category for a visit; a change of it needs a reason.

    rev: on his screen, of the assessment or of the category before, whichever changed last; None, of a program, is as
    they stand.
    """
    asked = (assessment, rev, reason, category, comment)
    with ledger.action(
        trial, by=by, may=May.ASSESS_RESPONSE, verb="response.judge", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return InvestigatorResponse.objects.get(pk=act.earlier)
        row = _assessment(act, assessment)
        corrections.check(act, row, row.code, seen=rev)
        if category not in dict(CATEGORIES):
            raise Refused(f"Response: {category!r} is none of the categories.", field="category")
        _judged(act, row)
        said = InvestigatorResponse.objects.filter(assessment=row).first()
        if said and said.category == category and said.comment == comment.strip():
            raise Refused(f"Response: {category} is recorded already.", field="category")
        if said:
            what, now = f"The category of {row.code}", f": {said.category} is recorded now"
            why = "changing the category" if said.category != category else ""
            corrections.check(act, said, what, seen=rev, besides=now, reason_for=why)
        said = said or InvestigatorResponse(trial_id=trial, assessment=row)
        assert act.by is not None
        said.category, said.comment, said.by = category, comment.strip(), act.by
        said.given_on = days.at(act, row.patient.site_id).today
        said.save()
        act.result(said.pk)
        return said


def resolve_difference(
    *, trial: UUID, assessment: UUID, category: str, derived: str, reason: str, by: User, key: UUID | None = None
) -> DifferenceResolved:
    """The investigator says why his category and the derived one both stand.

    category, derived: the two on his screen; when either has changed meanwhile, there is something else to resolve.
    """
    asked = (assessment, category, derived, reason)
    with ledger.action(
        trial, by=by, may=May.ASSESS_RESPONSE, verb="response.resolve", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return DifferenceResolved.objects.get(pk=act.earlier)
        row = _assessment(act, assessment)
        corrections.check(act, row, row.code, seen=None)
        seen = _judged(act, row)
        if seen.said is None or seen.derived is None or not seen.differs:
            raise Refused(f"{row.code}: there is no difference to resolve.")
        if (seen.said.category, seen.derived.value) != (category, derived):
            raise Refused(
                f"{row.code}: the record now says {seen.derived} and the investigator {seen.said.category}. Look again."
            )
        if not seen.open:
            raise Refused(f"{row.code}: this difference is resolved already.")
        corrections.needs_reason(act, "resolving a difference")
        assert act.by is not None
        resolved = DifferenceResolved.objects.create(
            trial_id=trial, assessment=row, category=category, derived=derived, reason=reason.strip(), by=act.by,
            resolved_on=days.at(act, row.patient.site_id).today,
        )  # fmt: skip
        act.result(resolved.pk)
        return resolved


def answer_question(
    *, trial: UUID, assessment: UUID, question: str, answer: str, by: User, key: UUID | None = None
) -> QuestionAnswered:
    """The site answers what it is asked about an assessment; the values stay, and other values ask anew.

    question: the one on the person's screen.
    """
    asked = (assessment, question, answer)
    with ledger.action(
        trial, by=by, may=May.RECORD_RESPONSE, verb="response.answer", reason=answer, key=key, asked=asked
    ) as act:
        if act.earlier:
            return QuestionAnswered.objects.get(pk=act.earlier)
        row = _assessment(act, assessment)
        corrections.check(act, row, row.code, seen=None)
        seen = _seen(act, row)
        if seen is None or question not in seen.questions:
            raise Refused(f"{row.code}: this is not asked any more. Look again.")
        if not answer.strip():
            raise Refused("Answer: say why the values stand.", field="answer")
        assert act.by is not None
        said = QuestionAnswered.objects.create(
            trial_id=trial, assessment=row, question=question, answer=answer.strip(), by=act.by,
            answered_on=days.at(act, row.patient.site_id).today,
        )  # fmt: skip
        act.result(said.pk)
        return said


def correct_answer(
    *, trial: UUID, answer: UUID, said: str, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> QuestionAnswered:
    """What the site answered was wrong; the values stay, and so does the question. rev: of the answer on his screen."""
    asked = (answer, rev, reason, said)
    with ledger.action(
        trial, by=by, may=May.RECORD_RESPONSE, verb="answer.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = QuestionAnswered.objects.select_related("assessment__patient").get(pk=answer, trial=trial)
        if act.earlier:
            return row
        mine(act, row.assessment.patient.site_id)
        what, now = f"The answer about {row.assessment.code}", f": {row.answer!r} is recorded now"
        corrections.check(act, row, what, seen=rev, besides=now, reason_for="a correction")
        if not said.strip():
            raise Refused("Answer: say why the values stand.", field="answer")
        if said.strip() == row.answer:
            raise Refused("Answer: this is recorded already.", field="answer")
        assert act.by is not None
        row.answer, row.by = said.strip(), act.by
        row.save()
        act.result(row.pk)
        return row


def _asked(answers: Sequence[Answer], said: Besides) -> list[str]:
    return sorted(str(answer) for answer in answers) + ([] if said == NOTHING else [str(said)])


def _patient(act: Act, patient: UUID) -> Patient:
    row = Patient.objects.select_related("slot", "treatment_row__protocol", "follow_up").get(
        pk=patient, trial=act.trial_id, voided=False
    )
    mine(act, row.site_id)
    return row


def _assessment(act: Act, assessment: UUID) -> DiseaseAssessment:
    row = DiseaseAssessment.objects.select_related(
        "patient__slot", "patient__treatment_row__protocol", "patient__follow_up"
    ).get(pk=assessment, trial=act.trial_id)
    mine(act, row.patient.site_id)
    return row


def _only_one(patient: Patient, visit_on: date) -> None:
    there = DiseaseAssessment.objects.filter(patient=patient, visit_on=visit_on, voided=False).first()
    if there:
        raise Again(
            f"Visit: {there.code} of {visit_on:%-d %b %Y} is there already; open it to add or correct values.",
            code=there.code,
            row=there.pk,
            number=there.number,
            field="visit_on",
        )


def _seen(act: Act, row: DiseaseAssessment) -> queries.Seen | None:
    found = queries.course(act.trial_id, row.patient.number, act.today)
    return next((one for one in found.assessments if one.row.pk == row.pk), None) if found else None


def _judged(act: Act, row: DiseaseAssessment) -> queries.Seen:
    """The assessment with its derived category; refused before there is one."""
    seen = _seen(act, row)
    if seen and seen.belongs_to:
        raise Refused(f"{row.code}: its samples belong to {seen.belongs_to}, whose response is assessed.")
    if seen is None or seen.derived is None:
        raise Refused(f"{row.code}: the response is assessed after the first dose; this one belongs to the baseline.")
    return seen

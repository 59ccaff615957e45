"""Verbs that correct what is recorded of an enrolment: its day, and the answers about eligibility."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from trial.models import User
from trial.record import corrections, ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May

from .. import days
from ..consent import queries as consents
from ..consent import withdrawn
from ..consent.models import Covers
from ..models import EligibilityAnswer, Patient, Slot, Treatment
from ..queries import answered_last
from ..screening import services as screening
from ..services import mine
from .services import check_procedure, granted_on, tell_before_grant


def correct_enrolment(
    *,
    trial: UUID,
    patient: UUID,
    on: date,
    given: bool = False,
    rev: int | None = None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Patient:
    """The patient was enrolled on another day. rev: the row's number on the corrector's screen.

    given: it was done on that day though the slot was not granted yet, which is a fact and a deviation.
    """
    asked = (patient, rev, reason, on, *([given] if given else []))
    with ledger.action(
        trial, by=by, may=May.ENROL, verb="enrolment.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = Patient.objects.select_related("treatment_row", "slot__site").get(pk=patient, trial=trial)
        if act.earlier:
            return row
        mine(act, row.site_id)
        now = f": {row.enrolled_on:%-d %b %Y} is recorded now"
        corrections.check(act, row, "The enrolment", seen=rev, besides=now, reason_for="a correction")
        if on == row.enrolled_on:
            raise Refused(f"Enrolled on: {on:%-d %b %Y} is recorded already.", field="on")
        days.at(act, row.site_id).check(on, "Enrolled on", field="on")
        treatment = getattr(row, "treatment", None)
        if treatment and on > treatment.first_dose_on:
            raise Refused(
                f"Enrolled on: {on:%-d %b %Y} is after the first dose ({treatment.first_dose_on:%-d %b %Y}). "
                "Correct that first.",
                field="on",
            )
        check_consented(row.slot_id, on)
        check_answered(row.slot, on)
        row.enrolled_on = on
        row.granted_on = row.granted_on or (None if row.source else granted_on(row.slot))
        if row.before_grant and not given:
            raise Refused(
                f"Enrolled on: {on:%-d %b %Y} is before the slot was granted ({row.granted_on:%-d %b %Y}). Say whether "
                "it was done all the same.",
                field="given",
            )
        row.save()
        tell_before_grant(act, row)
        act.result(row.pk)
        return row


def check_consented(slot: UUID, on: date) -> None:
    """Nobody is enrolled before the consent to the trial was signed."""
    given = consents.given(slot)
    if given and on < given:
        raise Refused(f"Enrolled on: {on:%-d %b %Y} is before the consent ({given:%-d %b %Y}).", field="on")


def check_answered(slot: Slot, on: date) -> None:
    """Nobody is enrolled before eligibility was answered."""
    last = max((answer.on for answer in answered_last(slot) if answer.on), default=None)
    if last and on < last:
        raise Refused(
            f"Enrolled on: {on:%-d %b %Y} is before eligibility was answered ({last:%-d %b %Y}). "
            "Correct that day first.",
            field="on",
        )


def correct_eligibility(
    *,
    trial: UUID,
    slot: UUID,
    answers: Mapping[UUID, bool],
    on: date | None = None,
    rev: int | None = None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Slot:
    """What an investigator answered about eligibility was wrong: before and after enrolment, by criterion.

    answers: to criteria that were answered. on: the day on which they were, None to leave it. rev: of the answers on
    the corrector's screen the one that changed last.
    A patient of whom a criterion is answered no may not start; who has started stays in the record as treated.
    """
    asked = (slot, rev, reason, sorted((str(k), v) for k, v in answers.items()), *([on] if on else []))
    with ledger.action(
        trial, by=by, may=May.CONFIRM_ELIGIBILITY, verb="eligibility.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = Slot.objects.select_related("screening", "patient").get(pk=slot, trial=trial)
        if act.earlier:
            return row
        mine(act, row.site_id)
        stored = {
            answer.criterion_id: answer
            for answer in EligibilityAnswer.objects.filter(slot=row, voided=False)
            .select_related("criterion")
            .order_by("rev")
        }
        if answers.keys() - stored.keys():
            raise Refused("Eligibility: a criterion that is not answered yet is answered, not corrected.")
        for answer in stored.values():
            corrections.check(act, answer, f"Criterion {answer.criterion.number}", seen=rev)
        moved = [a for criterion in answers if on and (a := stored[criterion]).on != on]
        changed = [stored[criterion] for criterion, met in answers.items() if stored[criterion].met != met]
        changed += [answer for answer in moved if answer not in changed]
        if not changed:
            raise Refused("Eligibility: these answers are recorded already; change the one that was wrong.")
        corrections.needs_reason(act, "a correction", label="Reason for the correction")
        if on and moved:
            _check_day(act, row, on, moved)
        assert act.by is not None
        for answer in sorted(changed, key=lambda one: one.criterion.number):
            if answer.met != answers[answer.criterion_id]:
                answer.met, answer.by = answers[answer.criterion_id], act.by
            answer.on = on or answer.on
            answer.save()
        _follow(act, row, list(stored.values()))
        act.result(row.pk)
        return row


def _check_day(act: Act, slot: Slot, on: date, answers: Sequence[EligibilityAnswer]) -> None:
    days.at(act, slot.site_id).check(on, "Answered on", field="on")
    patient = getattr(slot, "patient", None)
    if patient and on > patient.enrolled_on:
        raise Refused(
            f"Answered on: {on:%-d %b %Y} is after the enrolment ({patient.enrolled_on:%-d %b %Y}). Correct "
            "that first.",
            field="on",
        )
    consented = consents.given(slot.pk)
    for answer in sorted(answers, key=lambda one: one.criterion.number):
        check_procedure(answer.criterion, on, consented)


def _follow(act: Act, slot: Slot, answers: Sequence[EligibilityAnswer]) -> None:
    """A criterion answered no ends the screening and frees the place of who has had no dose; all yes opens it again."""
    last = max(answer.criterion.version_id for answer in answers)
    unmet = min(
        (a.criterion for a in answers if not a.met and a.criterion.version_id == last),
        key=lambda criterion: criterion.number,
        default=None,
    )
    if unmet is not None:
        if not Treatment.objects.filter(patient__slot=slot, voided=False).exists():
            screening.failed(slot, unmet)
        return
    screening.eligible_again(slot)
    if slot.state == Slot.State.RELEASED and not withdrawn.of(slot.pk).over(
        Covers.TREATMENT, days.at(act, slot.site_id).today
    ):
        slot.state = Slot.State.ENROLLED
        slot.save()

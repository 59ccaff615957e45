"""Two people at one treatment: real PostgreSQL, real threads."""

import uuid
from datetime import date

import pytest

from assessments.count.first_dose import correct_first_dose, void_first_dose
from patients.dosing import corrections, services
from patients.enrolment.corrections import correct_eligibility, correct_enrolment
from patients.models import DoseTaken, EligibilityAnswer, Patient, Treatment
from tests import factories
from tests.escalation.decisions.test_races import at_once
from trial.models import AuditEvent
from trial.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study():
    """Dosed on 5 Jan 2026, cycle 2 on 2 Feb; two people have the treatment open."""
    made = factories.study().open()
    made.patient = made.enrol()
    made.dose(made.patient)
    made.later(40)
    with made.at():
        services.start_cycle_2(trial=made.trial.pk, patient=made.patient.pk, on=date(2026, 2, 2), by=made.coordinator)
    made.row = Treatment.objects.get(patient=made.patient)
    return made


def written(study, verb):
    return AuditEvent.objects.filter(ledger__trial=study.trial, verb=verb).count()


def cycle_2(study, day, by, key=None):
    return lambda: corrections.correct_cycle_2(
        trial=study.trial.pk, patient=study.patient.pk, on=date(2026, 2, day), rev=study.row.rev, reason="x", by=by,
        key=key,
    )  # fmt: skip


def first_dose(study, by, **more):
    return lambda: correct_first_dose(
        trial=study.trial.pk, patient=study.patient.pk, on=date(2026, 1, 6), rev=study.row.rev, reason="x", by=by,
        **more,
    )  # fmt: skip


def test_of_two_corrections_of_one_day_one_is_asked_to_look_again(study):
    found = at_once(study, cycle_2(study, 3, study.coordinator), cycle_2(study, 4, study.investigator))

    (refused,) = (one for one in found if isinstance(one, Refused))
    assert "was changed by" in str(refused)
    assert written(study, "cycle2.correct") == 1


def test_a_first_dose_and_a_cycle_2_corrected_at_once_never_both_pass_unseen(study):
    found = at_once(study, first_dose(study, study.coordinator), cycle_2(study, 4, study.investigator))

    assert sum(isinstance(one, Refused) for one in found) == 1


def test_one_form_sent_twice_at_once_is_one_correction(study):
    key = uuid.uuid4()

    found = at_once(study, *[first_dose(study, study.coordinator, key=key) for _ in range(2)])

    assert [one.pk for one in found] == [study.row.pk] * 2
    assert written(study, "firstdose.correct") == 1


def test_of_two_who_correct_one_enrolment_or_one_answer_one_is_asked_to_look_again(study):
    patient, enrolled = study.patient, Patient.objects.get(pk=study.patient.pk)
    answer = EligibilityAnswer.objects.filter(slot=study.patient.slot_id).order_by("rev").last()
    with study.at():
        moved = correct_first_dose(
            trial=study.trial.pk, patient=patient.pk, on=date(2026, 1, 8), reason="x", by=study.coordinator
        )
    assert moved.first_dose_on == date(2026, 1, 8)
    enrolments = [
        lambda on=on: correct_enrolment(
            trial=study.trial.pk, patient=patient.pk, on=on, rev=enrolled.rev, reason="x", by=study.coordinator
        )
        for on in (date(2026, 1, 6), date(2026, 1, 7))
    ]
    answers = [
        lambda by=by: correct_eligibility(
            trial=study.trial.pk, slot=patient.slot_id, answers={answer.criterion_id: False}, rev=answer.rev,
            reason="x", by=by,
        )
        for by in (study.investigator, study.colleague())
    ]  # fmt: skip

    for calls in (enrolments, answers):
        (refused,) = (one for one in at_once(study, *calls) if isinstance(one, Refused))
        assert "since you opened the form" in str(refused)


def take_back(study, by, rev=None):
    return lambda: void_first_dose(
        trial=study.trial.pk, treatment=study.row.pk, rev=rev or study.row.rev, reason="x", by=by
    )


def test_a_first_dose_taken_back_beside_cycle_2_leaves_no_cycle_2_without_it(study):
    with study.at():
        corrections.correct_cycle_2(
            trial=study.trial.pk, patient=study.patient.pk, on=None, rev=study.row.rev, reason="x", by=study.coordinator
        )
    study.row.refresh_from_db()

    def begin():
        return services.start_cycle_2(
            trial=study.trial.pk, patient=study.patient.pk, on=date(2026, 2, 2), by=study.investigator
        )

    found = at_once(study, take_back(study, study.coordinator), begin)

    assert sum(isinstance(one, Refused) for one in found) == 1
    row = Treatment.objects.get(patient=study.patient)
    assert row.voided == (row.cycle2_on is None)


def test_of_two_who_take_a_first_dose_back_one_is_told(study):
    with study.at():
        corrections.correct_cycle_2(
            trial=study.trial.pk, patient=study.patient.pk, on=None, rev=study.row.rev, reason="x", by=study.coordinator
        )
    study.row.refresh_from_db()

    found = at_once(study, take_back(study, study.coordinator), take_back(study, study.investigator))

    (refused,) = (one for one in found if isinstance(one, Refused))
    assert "The first dose is voided" in str(refused)
    assert written(study, "firstdose.void") == 1


def test_amounts_taken_back_and_corrected_at_once_never_both_pass_unseen(study):
    study.take_doses(study.patient)
    doses = {dose.drug_id: (dose.planned, dose.taken - 1) for dose in DoseTaken.objects.all()}
    seen = max(DoseTaken.objects.values_list("rev", flat=True))

    def void():
        return services.take_doses_back(
            trial=study.trial.pk, patient=study.patient.pk, rev=seen, reason="x", by=study.coordinator
        )

    def correct():
        return services.record_dosing(
            trial=study.trial.pk, patient=study.patient.pk, doses=doses, rev=seen, reason="x", unusual="x",
            by=study.investigator,
        )  # fmt: skip

    found = at_once(study, void, correct)

    assert sum(isinstance(one, Refused) for one in found) == 1
    assert DoseTaken.objects.filter(taken=99).count() in (0, 3)


def stop(study, day, by, rev):
    return lambda: corrections.correct_stop(
        trial=study.trial.pk, patient=study.patient.pk, on=date(2026, 2, day), stop_reason="Progression", related=False,
        rev=rev, reason="x", by=by,
    )  # fmt: skip


def test_of_two_who_correct_one_end_of_treatment_one_is_asked_to_look_again(study):
    def end(day, by):
        return lambda: services.stop_treatment(
            trial=study.trial.pk, patient=study.patient.pk, on=date(2026, 2, day), stop_reason="Progression",
            related=False, by=by,
        )  # fmt: skip

    first = at_once(study, end(10, study.coordinator), end(11, study.investigator))
    (refused,) = (one for one in first if isinstance(one, Refused))
    assert "already" in str(refused) and written(study, "treatment.stop") == 1

    rev = Treatment.objects.get(patient=study.patient).rev
    found = at_once(study, stop(study, 5, study.coordinator, rev), stop(study, 6, study.investigator, rev))

    (refused,) = (one for one in found if isinstance(one, Refused))
    assert "was changed by" in str(refused)
    assert written(study, "stop.correct") == 1

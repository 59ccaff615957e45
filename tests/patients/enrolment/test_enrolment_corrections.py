"""Correcting the day of an enrolment and the answers about eligibility."""

from datetime import date

import pytest
from django.urls import reverse

from escalation.enrolment import services as enrolment
from patients.models import EligibilityAnswer, Patient
from tests import factories
from tests.patients.test_pages import get, post, text
from trial.models import AuditEvent
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Consented and enrolled on 5 Jan 2026, not dosed yet; now 15 Jan."""
    made = factories.study().open()
    made.patient = made.enrol()
    return made.later(10)


def last_action(study):
    return AuditEvent.objects.filter(ledger__trial=study.trial).latest("number")


def enrolled(study, by=None, **said):
    rev = Patient.objects.get(pk=study.patient.pk).rev
    answers = {"rev": rev, "reason": "As the log has it."} | said
    return post(study, by or study.coordinator, "correct_enrolment", study.patient.number, **answers)


def answered(study, by=None, **said):
    rev = max(EligibilityAnswer.objects.filter(slot=study.patient.slot_id).values_list("rev", flat=True))
    answers = {"rev": rev, "reason": "Read again.", "criterion_1": "no", "criterion_2": "yes"} | said
    return post(study, by or study.investigator, "correct_eligibility", study.patient.slot.number, **answers)


def test_the_day_of_enrolment_is_corrected_with_a_reason(study):
    page = get(study, study.coordinator, "patient", study.patient.number).content.decode()
    assert reverse("patients:correct_enrolment", args=[study.trial.code, study.patient.code]) in page
    assert "Recorded: 5 Jan 2026" in text(get(study, study.coordinator, "correct_enrolment", study.patient.number))

    assert enrolled(study, on="7 Jan 2026").status_code == 302

    assert Patient.objects.get(pk=study.patient.pk).enrolled_on == date(2026, 1, 7)
    action = last_action(study)
    assert (action.verb, action.reason) == ("enrolment.correct", "As the log has it.")


@pytest.mark.parametrize(
    ("said", "status", "sentence"),
    [
        ({"on": "4 Jan 2026"}, 409, "Enrolled on: 4 Jan 2026 is before the consent (5 Jan 2026)."),
        ({"on": "16 Jan 2026"}, 409, "Enrolled on: 16 Jan 2026 is in the future."),
        ({"on": "13 Jan 2026"}, 409, "Enrolled on: 13 Jan 2026 is after the first dose (12 Jan 2026)."),
        ({"on": "5 Jan 2026"}, 409, "Enrolled on: 5 Jan 2026 is recorded already."),
        ({"on": "7 Jan 2026", "reason": ""}, 422, "Reason for the correction: an answer is needed."),
        ({"on": "7 Jan 2026", "rev": 1}, 409, "The enrolment was changed by Coordinator since you opened the form"),
    ],
)
def test_an_enrolment_that_cannot_be_is_refused_beside_its_field(study, said, status, sentence):
    with study.at():
        enrolment.first_dose(trial=study.trial.pk, patient=study.patient.pk, on=date(2026, 1, 12), by=study.coordinator)

    answer = enrolled(study, **said)

    assert answer.status_code == status
    assert sentence in text(answer)
    assert Patient.objects.get(pk=study.patient.pk).enrolled_on == date(2026, 1, 5)


def test_who_corrects_an_enrolment_and_who_eligibility(study):
    assert enrolled(study, study.investigator, on="7 Jan 2026").status_code == 403
    assert enrolled(study, study.other_coordinator, on="7 Jan 2026").status_code == 404
    assert answered(study, study.coordinator).status_code == 403
    assert answered(study, study.other_investigator).status_code == 404
    assert answered(study, study.medical_monitor).status_code == 403


def test_a_patient_whose_criterion_is_corrected_to_no_does_not_start(study):
    assert answered(study).status_code == 302

    assert "Eligibility criterion 1 not met" in text(get(study, study.investigator, "patient", study.patient.number))
    with pytest.raises(Refused, match="not eligible: criterion 1 is answered no"):
        study.dose(study.patient)
    assert last_action(study).verb == "eligibility.correct"

    assert answered(study, criterion_1="yes").status_code == 302
    study.dose(study.patient)


def test_an_answer_is_corrected_after_the_first_dose_too_and_the_patient_stays_treated(study):
    study.dose(study.patient)

    assert answered(study).status_code == 302

    assert study.situation().facts[0].dosed


@pytest.mark.parametrize(
    ("said", "status", "sentence"),
    [
        ({"criterion_1": "yes"}, 409, "these answers are recorded already"),
        ({"reason": ""}, 422, "Reason for the correction: an answer is needed."),
        ({"criterion_2": ""}, 422, "Criterion 2: answer yes or no."),
        ({"rev": 1}, 409, "Criterion 1 was changed by Investigator since you opened the form"),
    ],
)
def test_a_correction_of_eligibility_that_cannot_be_is_refused(study, said, status, sentence):
    answer = answered(study, **said)

    assert answer.status_code == status
    assert sentence in text(answer)
    assert set(EligibilityAnswer.objects.values_list("met", flat=True)) == {True}


def test_the_old_address_writes_no_answer_over():
    study = factories.study().open()
    slot = study.ready(study.slot())
    version = study.situation().protocol.version.pk

    answer = post(
        study, study.investigator, "eligibility", slot.number, version=version, criterion_1="no", criterion_2="yes"
    )

    assert answer.status_code == 409
    assert "Criterion 1: answered yes already; an answer is corrected on a page of its own" in text(answer)
    assert reverse("patients:correct_eligibility", args=[study.trial.code, slot.number]) in answer.content.decode()

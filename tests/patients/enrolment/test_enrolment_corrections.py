"""Correcting the day of an enrolment and the answers about eligibility."""

from datetime import date

import pytest
from django.urls import reverse

from escalation.enrolment import services as enrolment
from escalation.protocol import services as protocol
from patients.consent import services as consenting
from patients.enrolment import services as enrolments
from patients.enrolment.corrections import correct_eligibility
from patients.models import EligibilityAnswer, Patient
from tests import factories
from tests.patients.test_pages import get, post, text
from trial.models import AuditEvent, EligibilityCriterion
from trial.protocol_settings import ProtocolSettings
from trial.record import ledger
from trial.refusals import Refused
from trial.roles import May

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


def answer_on(study, slot, on=None, by=None):
    version = study.situation().protocol.version.pk
    answers = {c.pk: True for c in EligibilityCriterion.objects.filter(version=version)}
    with study.at():
        return enrolments.confirm_eligibility(
            trial=study.trial.pk, slot=slot.pk, version=version, answers=answers, on=on, by=by or study.investigator
        )


def days(slot):
    return set(EligibilityAnswer.objects.filter(slot=slot).values_list("on", flat=True))


def test_eligibility_is_answered_on_a_day_of_its_own_the_sites_today_unless_said():
    study = factories.study().open()
    study.later(3)
    one, other = study.slot(), study.slot()

    answer_on(study, one)
    answer_on(study, other, date(2026, 1, 6))

    assert days(one) == {date(2026, 1, 8)} and days(other) == {date(2026, 1, 6)}
    assert "Investigator, 6 Jan 2026" in text(get(study, study.coordinator, "slot", other.number))
    with pytest.raises(Refused, match="Answered on: 9 Jan 2026 is in the future"):
        answer_on(study, study.slot(), date(2026, 1, 9))


def test_the_day_of_the_answers_is_corrected_within_its_bounds(study):
    assert answered(study, criterion_1="yes", on="6 Jan 2026").status_code == 409  # enrolled on the 5th
    shown = answered(study, criterion_1="yes", on="6 Jan 2026")
    assert "Answered on: 6 Jan 2026 is after the enrolment (5 Jan 2026)." in text(shown)
    assert "Answered on: 16 Jan 2026 is in the future." in text(answered(study, criterion_1="yes", on="16 Jan 2026"))

    assert answered(study, criterion_1="yes", on="2 Jan 2026").status_code == 302

    assert days(study.patient.slot_id) == {date(2026, 1, 2)}
    assert set(EligibilityAnswer.objects.values_list("by__name", flat=True)) == {"Investigator"}
    assert "answered on 2 Jan 2026" in text(get(study, study.coordinator, "patient", study.patient.number))
    assert last_action(study).verb == "eligibility.correct"


def test_nobody_is_enrolled_before_eligibility_was_answered(study):
    assert answered(study, criterion_1="yes", on="5 Jan 2026").status_code == 409, "recorded already"
    assert enrolled(study, on="9 Jan 2026").status_code == 302
    assert answered(study, criterion_1="yes", on="8 Jan 2026").status_code == 302

    refused = enrolled(study, on="7 Jan 2026")

    assert "Enrolled on: 7 Jan 2026 is before eligibility was answered (8 Jan 2026)." in text(refused)


def test_an_answer_that_takes_a_study_procedure_is_not_dated_before_the_consent():
    study = factories.study()
    with study.at():
        protocol.write(
            trial=study.trial.pk, settings=ProtocolSettings(), levels=factories.ladder(3), drugs=factories.DRUGS,
            criteria=["18 years or older", "* Marrow of the study shows 10 % plasma cells"], reason="x",
            by=study.medical_monitor,
        )  # fmt: skip
    study.open()
    slot = study.slot()
    with study.at():
        consenting.record_consent(
            trial=study.trial.pk, slot=slot.pk, version="1", given_on=date(2026, 1, 5), by=study.coordinator
        )
    study.later(2)

    with pytest.raises(Refused, match="is before the consent .5 Jan 2026., and criterion 2 takes a study procedure"):
        answer_on(study, slot, date(2026, 1, 4))
    assert not EligibilityAnswer.objects.exists()
    answer_on(study, slot, date(2026, 1, 6))
    answers = dict(EligibilityAnswer.objects.values_list("criterion", "met"))
    with study.at(), pytest.raises(Refused, match="Answered on: 4 Jan 2026 is before the consent"):
        correct_eligibility(
            trial=study.trial.pk, slot=slot.pk, answers=answers, on=date(2026, 1, 4), reason="x", by=study.investigator
        )


def test_an_answer_from_before_its_day_was_asked_keeps_nobody_from_anything(study):
    """A stored row without a day: its enrolment is corrected as before, and the day may be said."""
    with (
        study.at(),
        ledger.action(study.trial.pk, by=study.investigator, may=May.CONFIRM_ELIGIBILITY, verb="eligibility.correct"),
    ):
        for row in EligibilityAnswer.objects.all():
            row.on = None
            row.save()

    assert enrolled(study, on="7 Jan 2026").status_code == 302
    assert answered(study, criterion_1="yes").status_code == 409, "nothing is changed"
    assert answered(study, criterion_1="yes", on="6 Jan 2026").status_code == 302
    assert days(study.patient.slot_id) == {date(2026, 1, 6)}

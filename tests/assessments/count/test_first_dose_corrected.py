"""What follows from a corrected first dose for the count: confirmations, decisions, the response."""

from datetime import date, timedelta

import pytest

from assessments.count.first_dose import correct_first_dose
from assessments.count.services import confirm_evaluability
from assessments.response.queries import course
from tests import factories
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


def correct(study, patient, on):
    with study.at():
        correct_first_dose(
            trial=study.trial.pk, patient=patient.pk, on=on, reason="The pharmacy's log.", by=study.investigator
        )


def facts(study, patient):
    return next(f for f in study.situation().facts if f.patient.pk == patient.pk)


@pytest.fixture
def study():
    """0/3 at level 1, all dosed on 5 Jan 2026 and confirmed on 2 Feb, day 29; decision 1 escalated."""
    made = factories.study().open()
    made.first = [made.dose() for _ in range(3)]
    made.complete(*made.first)
    made.sign()
    return made


def test_a_window_that_the_confirmation_does_not_reach_is_confirmed_anew(study):
    patient = study.first[0]

    correct(study, patient, date(2026, 1, 6))  # day 29 is tomorrow
    assert facts(study, patient).outcome == "pending"

    study.later(1)
    f = facts(study, patient)
    assert f.outcome == "pending" and "Not confirmed by the investigator yet" in f.because
    study.confirm(patient)
    assert facts(study, patient).outcome == "no_dlt"
    with study.at(), pytest.raises(Refused, match="is confirmed already"):
        confirm_evaluability(trial=study.trial.pk, patient=patient.pk, state="completed", by=study.investigator)


def test_a_confirmation_that_came_after_the_corrected_window_stands():
    study = factories.study().open()
    patient = study.enrol()
    study.later(2).dose(patient)
    study.complete(patient)

    correct(study, patient, date(2026, 1, 6))

    assert facts(study, patient).outcome == "no_dlt"


def test_the_decision_that_stood_on_the_patient_is_marked_and_enrolment_held(study):
    patient = study.first[0]

    correct(study, patient, date(2026, 1, 6))

    here = study.situation()
    (change,) = here.changes
    assert (change.patient.pk, change.decision.number) == (patient.pk, 1)
    assert (change.was, change.now) == ("no DLT at level 1", "pending at level 1")
    assert here.free == 0 and "The basis of decision 1 has changed" in here.holds[0].sentence

    study.later(1)
    study.confirm(patient)
    assert study.situation().late[0].restored, "as before again; the committee still answers it"


def test_the_baseline_of_the_response_and_its_days_follow():
    study = factories.study().open()
    patient = study.enrol()
    study.assess(patient, serum_m="3.0")
    study.dose(patient)
    study.later(10)
    study.assess(patient, serum_m="2.0")

    def derived():
        found = course(study.trial.pk, patient.number, study.today)
        return [(one.row.visit_on, one.derived is None) for one in found.assessments]

    assert derived() == [(date(2026, 1, 5), True), (date(2026, 1, 15), False)]
    correct(study, patient, study.today)
    assert derived() == [(date(2026, 1, 5), True), (date(2026, 1, 15), True)]
    correct(study, patient, study.today - timedelta(days=5))
    assert derived() == [(date(2026, 1, 5), True), (date(2026, 1, 15), False)]

"""An enrolled patient who is not going to start gives his place up; he starts later only where one is free."""

from datetime import timedelta

import pytest

from escalation.enrolment import services as enrolment
from patients import services
from patients.consent import services as consents
from patients.models import Patient, Slot, Treatment
from tests import factories
from tests.escalation.decisions.test_races import at_once
from tests.patients.test_pages import get, post, text
from tests.patients.withdrawal.test_withdrawal import withdraw
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Three places of level 1; patient 001 is enrolled and not dosed."""
    made = factories.study().open()
    made.patient = made.enrol()
    return made.later(1)


def state(study):
    return Slot.objects.get(pk=study.patient.slot_id).state


def release(study, by=None):
    with study.at():
        services.cancel_slot(
            trial=study.trial.pk, slot=study.patient.slot_id, reason="Not fit to start.", by=by or study.coordinator
        )


def first_dose(study, ago=0, **more):
    with study.at():
        return enrolment.first_dose(
            trial=study.trial.pk, patient=study.patient.pk, on=study.today - timedelta(days=ago), by=study.coordinator,
            **more,
        )  # fmt: skip


def test_the_place_of_an_enrolled_patient_without_a_dose_is_given_back_on_its_page(study):
    number = study.patient.slot.number
    assert "Release the place" in text(get(study, study.coordinator, "slot", number))
    assert post(study, study.other_coordinator, "cancel_slot", number, reason="Mine.").status_code == 404
    assert "Reason: an answer is needed." in text(post(study, study.coordinator, "cancel_slot", number))

    assert post(study, study.coordinator, "cancel_slot", number, reason="Not fit to start.").status_code == 302

    assert (state(study), study.situation().taken) == (Slot.State.RELEASED, 0)
    assert "Release the place" not in text(get(study, study.coordinator, "slot", number))


def test_who_was_dosed_keeps_it(study):
    study.dose(study.patient)

    with pytest.raises(Refused, match="is enrolled, and the patient was dosed; it can no longer be given back"):
        release(study)
    assert "Release the place" not in text(get(study, study.coordinator, "slot", study.patient.slot.number))


def test_he_starts_where_a_place_is_free_and_has_it(study):
    release(study)
    first_dose(study)

    assert state(study) == Slot.State.ENROLLED
    assert Treatment.objects.get().held_because is None


def test_who_consents_again_pushes_nobody_out_who_has_a_place(study):
    withdraw(study, "treatment")
    study.later(1)
    others = [study.enrol() for _ in range(3)]
    with study.at():
        consents.record_consent(
            trial=study.trial.pk,
            slot=study.patient.slot_id,
            version="2.0",
            given_on=study.today,
            resumes=True,
            by=study.coordinator,
        )

    with pytest.raises(Refused, match="place was released before the first dose, and no other") as refusal:
        first_dose(study)
    assert refusal.value.field == "given"
    for patient in others:
        study.dose(patient)
    assert not Treatment.objects.exclude(held_because=None).exists()


def test_a_dose_of_the_day_before_he_left_had_its_place(study):
    study.later(2)
    withdraw(study, "treatment", ago=1)
    for _ in range(3):
        study.enrol()

    first_dose(study, ago=2)

    assert Treatment.objects.get().in_spite_of == "" and state(study) == Slot.State.ENROLLED


@pytest.mark.django_db(transaction=True)
def test_a_first_dose_and_a_release_at_once_leave_a_dosed_patient_with_a_place(study):
    at_once(study, lambda: first_dose(study), lambda: release(study))

    assert state(study) == Slot.State.ENROLLED and Patient.objects.get().treatment

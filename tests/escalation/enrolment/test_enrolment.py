"""From the slot to the first dose: what the trial's state allows, and what it refuses in which words."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from escalation.decisions import holding
from escalation.enrolment import services as enrolment
from patients import services as patients
from patients.enrolment import services as enrolment_services
from patients.models import Slot
from tests import factories
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


def test_a_cohort_of_three_gives_three_slots_and_then_a_date():
    study = factories.study().open()
    for _ in range(3):
        study.dose()

    with pytest.raises(Refused, match="2 Feb 2026 at the earliest: patient 001 is on day 1 of 28"):
        study.slot()


def test_no_slot_before_the_trial_is_open():
    study = factories.study()

    with pytest.raises(Refused, match="decision 0"):
        study.slot()


def test_no_slot_at_a_level_with_a_suspected_dlt():
    study = factories.study().open()
    patient = study.dose()
    study.event(patient)

    with pytest.raises(Refused, match="suspected DLT"):
        study.slot()


def test_a_place_is_not_given_after_two_dlts_in_the_first_two():
    study = factories.study().open()
    for patient in [study.dose(), study.dose()]:
        study.dlt(patient)

    with pytest.raises(Refused):
        study.slot()


def test_a_first_dose_is_refused_while_enrolment_is_held():
    study = factories.study().open()
    enrolled, dosed = study.enrol(), study.dose()
    study.event(dosed)

    with pytest.raises(Refused, match="suspected DLT"):
        study.dose(enrolled)


def test_a_patient_who_does_not_meet_a_criterion_is_not_enrolled():
    study = factories.study().open()
    slot = study.slot()
    version = study.situation().protocol.version
    with study.at():
        answers = {c.pk: c.number != 1 for c in version.criteria.all()}
        enrolment_services.confirm_eligibility(
            trial=study.trial.pk, slot=slot.pk, version=version.pk, answers=answers, by=study.investigator
        )

        with pytest.raises(Refused, match="needs a granted one"):
            enrolment.enrol(trial=study.trial.pk, slot=slot.pk, by=study.coordinator)


def test_nobody_is_enrolled_without_consent():
    study = factories.study().open()
    slot = study.slot()
    version = study.situation().protocol.version
    with study.at():
        enrolment_services.confirm_eligibility(
            trial=study.trial.pk,
            slot=slot.pk,
            version=version.pk,
            answers={c.pk: True for c in version.criteria.all()},
            by=study.investigator,
        )

        with pytest.raises(Refused, match="consent"):
            enrolment.enrol(trial=study.trial.pk, slot=slot.pk, by=study.coordinator)


def test_with_approval_a_slot_waits_for_the_medical_monitor():
    study = factories.study(slot_approval="medical_monitor").open()
    slot = study.slot()
    assert slot.state == Slot.State.REQUESTED

    with study.at():
        granted = enrolment.grant_slot(trial=study.trial.pk, slot=slot.pk, by=study.medical_monitor)

    assert granted.state == Slot.State.GRANTED


def test_a_slot_is_held_for_its_days_and_then_free_again():
    study = factories.study(slot_hold_days=2).open()
    slots = [study.slot() for _ in range(3)]

    study.later(days=3)

    assert study.situation().free == 3
    study.slot()
    assert Slot.objects.get(pk=slots[0].pk).state == Slot.State.EXPIRED


def test_the_waiting_list_keeps_its_order():
    study = factories.study().open()
    taken = [study.slot() for _ in range(3)]
    with study.at():
        first, second = (
            enrolment.request_slot(trial=study.trial.pk, wait=True, by=study.coordinator) for _ in range(2)
        )
        patients.cancel_slot(trial=study.trial.pk, slot=taken[0].pk, reason="screen failure", by=study.coordinator)

    assert Slot.objects.get(pk=first.pk).state == Slot.State.GRANTED
    assert Slot.objects.get(pk=second.pk).state == Slot.State.WAITING


@pytest.mark.parametrize(("days", "sentence"), [(1, "in the future"), (-1, "before the enrolment")])
def test_a_first_dose_on_an_impossible_day_is_refused(days, sentence):
    study = factories.study().open()
    patient = study.enrol()

    with pytest.raises(Refused, match=sentence), study.at():
        enrolment.first_dose(
            trial=study.trial.pk, patient=patient.pk, on=study.today + timedelta(days=days), by=study.investigator
        )


def test_the_second_patient_of_a_level_waits_when_the_protocol_staggers():
    study = factories.study(stagger_days=7).open()
    study.dose()

    with pytest.raises(Refused, match="12 Jan 2026 at the earliest"):
        study.dose()
    study.later(days=7)
    study.dose()


def test_another_sites_slot_does_not_exist_for_this_coordinator():
    study = factories.study().open()
    slot = study.ready(study.slot())

    with pytest.raises(Exception, match="no such patient"), study.at():
        enrolment.enrol(trial=study.trial.pk, slot=slot.pk, by=study.other_coordinator)


@pytest.mark.parametrize("role", ["investigator", "dsmb", "statistician", "auditor", "medical_monitor"])
def test_only_coordinators_request_slots(role):
    study = factories.study().open()

    with pytest.raises(PermissionDenied):
        study.slot(by=getattr(study, role))


def test_a_hold_that_is_lifted_at_the_same_level_keeps_the_slots_and_lets_the_enrolled_start():
    study = factories.study().open()
    enrolled, granted = study.enrol(), study.slot()
    with study.at():
        holding.hold(trial=study.trial.pk, reason="Freezer failure.", by=study.medical_monitor)
    assert study.situation().free == 0

    study.sign()

    granted.refresh_from_db()
    assert granted.state == Slot.State.GRANTED
    assert granted.cohort == study.situation().cohort
    assert (study.situation().taken, study.situation().free) == (2, 1)
    study.dose(enrolled)
    assert (study.situation().taken, study.situation().free) == (1, 1)


def test_a_patient_enrolled_at_a_level_that_was_left_does_not_start_and_reads_why():
    study = factories.study().open()
    study.cohort(3)
    study.sign()
    enrolled, granted = study.enrol(), study.slot()
    study.dlt(study.dose())
    study.sign("de_escalate", 1, reason="The committee is cautious.")

    granted.refresh_from_db()
    assert granted.state == Slot.State.CANCELLED
    with pytest.raises(Refused, match="Cohort 2 at level 2 is closed"):
        study.dose(enrolled)

"""A withdrawal entered in error gave a place back: taken back, it brings the place with it, where one is free."""

from datetime import timedelta

import pytest

from escalation.enrolment import services as enrolment
from escalation.enrolment import withdrawals
from patients.consent.models import Withdrawal
from patients.models import Patient, Screening, Slot, Treatment
from patients.services import cancel_slot
from patients.withdrawal import services
from tests import factories
from tests.escalation.decisions.test_races import at_once
from tests.patients.test_pages import get, post, text
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Three places at level 1; the patient of slot 1 is ready to be enrolled."""
    made = factories.study().open()
    with made.at():
        slot = enrolment.request_slot(trial=made.trial.pk, screening="S-1", by=made.coordinator)
    made.mine = made.ready(slot)
    return made


def withdraw(study, slot=None, ago=0):
    with study.at():
        row = services.record_withdrawal(
            trial=study.trial.pk, slot=(slot or study.mine).pk, covers="treatment",
            on=study.today - timedelta(days=ago), public_records=False, reason="Wish.", by=study.coordinator,
        )  # fmt: skip
    row.refresh_from_db()
    return row


def take_back(study, row):
    with study.at():
        withdrawals.void_withdrawal(
            trial=study.trial.pk, withdrawal=row.pk, rev=row.rev, reason="Another's.", by=study.coordinator
        )


def slot(study):
    return Slot.objects.get(pk=study.mine.pk)


def test_the_page_gives_a_granted_slot_back_and_says_so(study):
    row = withdraw(study)
    assert slot(study).state == Slot.State.CANCELLED and Screening.objects.get().outcome == "declined"
    number = study.mine.number
    study.later(20)  # the hold of 14 days would be over
    page = text(get(study, study.coordinator, "slot", number))
    assert "from study treatment, on 5 Jan 2026 · Correct or take back" in page
    asked = text(get(study, study.coordinator, "void_withdrawal", number, row.pk))
    assert f"A place is free: slot {number} is granted again." in asked

    assert post(
        study, study.coordinator, "void_withdrawal", number, row.pk, rev=row.rev, reason="Another's."
    ).status_code == 302  # fmt: skip

    mine = slot(study)
    assert (mine.state, mine.held_until) == (Slot.State.GRANTED, study.today + timedelta(days=14))
    assert Screening.objects.get().outcome == ""
    assert "Everything is there: the patient can be enrolled." in text(get(study, study.coordinator, "slot", number))
    with study.at():
        enrolment.enrol(trial=study.trial.pk, slot=mine.pk, by=study.coordinator)


def test_without_a_free_place_it_goes_to_the_waiting_list_and_is_next(study):
    row = withdraw(study)
    others = [study.slot() for _ in range(3)]
    asked = text(get(study, study.coordinator, "void_withdrawal", study.mine.number, row.pk))
    assert f"Slot {study.mine.number} goes back to the waiting list: no place is free now." in asked

    take_back(study, row)

    assert slot(study).state == Slot.State.WAITING and study.situation().taken == 3
    with study.at():
        cancel_slot(trial=study.trial.pk, slot=others[0].pk, reason="x", by=study.coordinator)
    assert slot(study).state == Slot.State.GRANTED


def test_an_enrolled_patient_has_his_place_again_where_one_is_free_and_else_starts_once_one_is(study):
    with study.at():
        patient = enrolment.enrol(trial=study.trial.pk, slot=study.mine.pk, by=study.coordinator)
    row = withdraw(study)
    assert slot(study).state == Slot.State.RELEASED
    others = [study.enrol() for _ in range(3)]
    asked = text(get(study, study.coordinator, "void_withdrawal", study.mine.number, row.pk))
    assert "No place is free now: the patient starts once one is." in asked

    take_back(study, row)

    assert slot(study).state == Slot.State.RELEASED and study.situation().taken == 3
    with pytest.raises(Refused, match="no other place is free"):
        study.dose(patient)
    withdraw(study, others[0].slot)
    study.dose(patient)
    assert slot(study).state == Slot.State.ENROLLED

    again = withdraw(study, others[1].slot)
    take_back(study, again)
    assert Slot.objects.get(pk=others[1].slot_id).state == Slot.State.ENROLLED


def test_a_place_given_back_by_hand_before_does_not_come_with_it(study):
    with study.at():
        enrolment.enrol(trial=study.trial.pk, slot=study.mine.pk, by=study.coordinator)
        cancel_slot(trial=study.trial.pk, slot=study.mine.pk, reason="Will not start.", by=study.coordinator)
    row = withdraw(study)
    take_back(study, row)
    assert slot(study).state == Slot.State.RELEASED


def test_one_of_two_withdrawals_taken_back_leaves_the_place_given_back(study):
    first = withdraw(study, ago=0)
    study.later(2)
    with study.at():
        services.record_withdrawal(
            trial=study.trial.pk, slot=study.mine.pk, covers="contact", on=study.today, public_records=False,
            reason="More.", by=study.coordinator,
        )  # fmt: skip
    take_back(study, first)
    assert slot(study).state == Slot.State.CANCELLED


def test_an_enrolment_before_the_withdrawal_is_still_recorded_as_the_fact_it_is(study):
    study.later(4)
    withdraw(study)
    with study.at():
        said = {"trial": study.trial.pk, "slot": study.mine.pk, "by": study.coordinator}
        with pytest.raises(Refused, match="a patient needs a granted one"):
            enrolment.enrol(**said)
        with pytest.raises(Refused, match="^Reason: "):
            enrolment.enrol(**said, on=study.today - timedelta(days=1), given=True)
    assert "It was done already" in text(get(study, study.coordinator, "slot", study.mine.number))
    yesterday = f"{study.today - timedelta(days=1):%d %b %Y}"
    done = post(
        study, study.coordinator, "enrol", study.mine.number, on=yesterday, given="True", reason="Entered late."
    )

    assert done.status_code == 302
    patient = Patient.objects.get()
    assert patient.enrolled_on == study.today - timedelta(days=1)
    assert slot(study).state == Slot.State.RELEASED, "nobody waits for his place"
    with study.at():
        enrolment.first_dose(
            trial=study.trial.pk, patient=patient.pk, on=study.today - timedelta(days=1), by=study.coordinator
        )
    assert not Treatment.objects.get().in_spite_of and slot(study).state == Slot.State.ENROLLED


@pytest.mark.django_db(transaction=True)
def test_a_place_asked_for_while_it_comes_back_is_given_once(study):
    row = withdraw(study)
    for _ in range(2):
        study.slot()

    def take():
        withdrawals.void_withdrawal(
            trial=study.trial.pk, withdrawal=row.pk, rev=row.rev, reason="x", by=study.coordinator
        )

    def ask():
        return enrolment.request_slot(trial=study.trial.pk, screening="S-9", wait=True, by=study.coordinator)

    at_once(study, take, ask)

    assert Withdrawal.objects.get().voided
    states = sorted(Slot.objects.values_list("state", flat=True))
    assert states == ["granted", "granted", "granted", "waiting"] and study.situation().taken == 3

"""An enrolment entered later than it was done: its true day, in the order of consent, enrolment and first dose."""

from datetime import date

import pytest

from escalation.enrolment import services as enrolment
from patients.models import Patient, Slot
from tests import factories
from tests.escalation.decisions.test_races import at_once
from tests.patients.test_pages import get, post, text
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready():
    """A slot granted, eligible and consented on 5 Jan 2026; now 8 Jan."""
    made = factories.study().open()
    made.granted = made.ready(made.slot())
    return made.later(3)


@pytest.fixture
def held(ready):
    """The same, held on 8 Jan by another patient's suspected DLT; now 10 Jan."""
    ready.event(ready.dose())
    return ready.later(2)


def enrol(study, **said):
    with study.at():
        return enrolment.enrol(trial=study.trial.pk, slot=study.granted.pk, by=study.coordinator, **said)


def test_the_true_day_is_kept_and_the_first_dose_may_lie_on_it(ready):
    patient = enrol(ready, on=date(2026, 1, 6))

    assert patient.enrolled_on == date(2026, 1, 6)
    with ready.at():
        enrolment.first_dose(trial=ready.trial.pk, patient=patient.pk, on=date(2026, 1, 6), by=ready.coordinator)


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        (date(2026, 1, 4), "Enrolled on: 4 Jan 2026 is before the consent"),
        (date(2026, 1, 9), "Enrolled on: 9 Jan 2026 is in the future"),
    ],
)
def test_the_order_holds_by_date(ready, on, sentence):
    with pytest.raises(Refused, match=sentence):
        enrol(ready, on=on)


def test_an_enrolment_that_was_done_before_a_hold_is_entered_with_a_reason(held):
    with pytest.raises(Refused, match="has a suspected DLT"):
        enrol(held, on=date(2026, 1, 6))
    with pytest.raises(Refused, match="^Reason: an enrolment that was done"):
        enrol(held, on=date(2026, 1, 6), given=True)

    assert enrol(held, on=date(2026, 1, 6), given=True, reason="Entered late.").enrolled_on == date(2026, 1, 6)


def test_a_slot_that_has_expired_since_is_entered_while_it_was_held_on_that_day(ready):
    ready.later(20)
    with ready.at():
        enrolment.request_slot(trial=ready.trial.pk, by=ready.coordinator)  # any action expires what is over
    assert Slot.objects.get(pk=ready.granted.pk).state == Slot.State.EXPIRED

    with pytest.raises(Refused, match="was held until 19 Jan 2026"):
        enrol(ready, on=date(2026, 1, 20), given=True, reason="Entered late.")
    enrol(ready, on=date(2026, 1, 19), given=True, reason="Entered late.")

    assert Slot.objects.get(pk=ready.granted.pk).state == Slot.State.ENROLLED


def test_the_slots_page_asks_for_the_day_and_where_it_is_held_for_the_reason(held):
    page = get(held, held.coordinator, "slot", held.granted.number)
    assert "It was done already" in text(page)

    without = post(held, held.coordinator, "enrol", held.granted.number, on="6 Jan 2026", given="True", reason="")
    assert without.status_code == 422 and "Reason: an answer is needed." in text(without)
    today = post(held, held.coordinator, "enrol", held.granted.number, on="6 Jan 2026", given="False")
    assert today.status_code == 409 and "has a suspected DLT" in text(today) and "It was done already" in text(today)
    done = post(held, held.coordinator, "enrol", held.granted.number, on="6 Jan 2026", given="True", reason="Late.")

    assert done.status_code == 302
    assert Patient.objects.get(slot=held.granted).enrolled_on == date(2026, 1, 6)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_enter_it_at_once_one_enrols(held):
    found = at_once(held, *[lambda: enrol(held, on=date(2026, 1, 6), given=True, reason="Late.") for _ in range(2)])

    assert sum(isinstance(one, Patient) for one in found) == 1
    assert sum(isinstance(one, Refused) for one in found) == 1

"""An enrolment entered later than it was done: its true day, in the order of consent, enrolment and first dose."""

from datetime import date

import pytest

from assessments.count.first_dose import correct_first_dose
from escalation.enrolment import services as enrolment
from patients.consent import services as consent
from patients.models import Patient, Slot
from tests import factories
from tests.escalation.decisions.test_races import at_once
from tests.patients.test_pages import get, post, text
from tests.rest import ask
from trial.models import Notice
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


@pytest.fixture
def granted_late():
    """Open since 5 Jan 2026; the slot was granted on 15 Jan to a patient who had consented on 6 Jan."""
    made = factories.study().open()
    made.later(1)
    consented = made.today
    made.later(9)
    made.granted = made.ready(made.slot(), answered_on=consented)
    with made.at():
        row = made.granted.consents.get()
        consent.correct_consent(
            trial=made.trial.pk, consent=row.pk, version="1.0", given_on=consented, rev=row.rev, reason="Misread.",
            by=made.coordinator,
        )  # fmt: skip
    return made


def test_an_enrolment_and_a_first_dose_before_the_slot_was_granted_are_asked_about_and_marked(granted_late):
    on = date(2026, 1, 7)
    with pytest.raises(Refused, match="was granted on 15 Jan 2026; 7 Jan 2026 is before it"):
        enrol(granted_late, on=on)
    with pytest.raises(Refused, match="^Reason: an enrolment that was done"):
        enrol(granted_late, on=on, given=True)
    patient = enrol(granted_late, on=on, given=True, reason="The request was forgotten.")

    def first_dose(**more):
        with granted_late.at():
            return enrolment.first_dose(
                trial=granted_late.trial.pk, patient=patient.pk, on=on, by=granted_late.coordinator, **more
            )

    with pytest.raises(Refused, match="was granted on 15 Jan 2026") as refusal:
        first_dose()
    assert refusal.value.field == "given"
    assert "was granted on 15 Jan 2026" in first_dose(given=True, reason="Forgotten.").in_spite_of


def told():
    return Notice.objects.filter(subject__contains="was enrolled before the slot was granted")


def test_an_enrolment_before_the_grant_is_flagged_and_the_committee_told(granted_late):
    patient = enrol(granted_late, on=date(2026, 1, 7), given=True, reason="The request was forgotten.")

    page = text(get(granted_late, granted_late.investigator, "patient", 1))
    assert "Enrolled before the slot was granted A deviation. The slot was granted on 15 Jan 2026; 7 Jan 2026" in page
    assert told().exists()
    rest = ask(granted_late.coordinator, f"patients/{patient.pk}/", granted_late).json()["record"]
    assert rest["enrolled_before_grant"] is True


def test_one_on_the_day_of_the_grant_is_not(granted_late):
    patient = enrol(granted_late)
    assert "Enrolled before" not in text(get(granted_late, granted_late.investigator, "patient", 1))
    assert not told().exists()
    rest = ask(granted_late.coordinator, f"patients/{patient.pk}/", granted_late).json()["record"]
    assert rest["enrolled_before_grant"] is False


def test_a_correction_to_before_the_grant_asks_what_the_entry_asks_and_the_mark_goes_with_one_to_after_it(granted_late):
    enrol(granted_late)
    by = granted_late.coordinator

    def correct(on, **more):
        said = {"on": on, "reason": "Misread.", "rev": Patient.objects.get().rev} | more
        return post(granted_late, by, "correct_enrolment", 1, **said)

    assert 'type="checkbox"' not in get(granted_late, by, "correct_enrolment", 1).content.decode()
    asked = correct("7 Jan 2026")
    assert asked.status_code == 409 and 'type="checkbox"' in asked.content.decode()
    assert "7 Jan 2026 is before the slot was granted (15 Jan 2026). Say whether it was done all the same" in text(
        asked
    )
    assert Patient.objects.get().enrolled_on == date(2026, 1, 15)
    assert correct("7 Jan 2026", given="on").status_code == 302
    assert "Enrolled before the slot was granted" in text(get(granted_late, by, "patient", 1)) and told().exists()

    with granted_late.at():
        enrolment.first_dose(
            trial=granted_late.trial.pk, patient=Patient.objects.get().pk, on=date(2026, 1, 8), given=True,
            reason="Forgotten.", by=by,
        )  # fmt: skip
    assert "First dose given in spite of a hold" in text(get(granted_late, by, "patient", 1))
    with granted_late.at():
        correct_first_dose(
            trial=granted_late.trial.pk, patient=Patient.objects.get().pk, on=date(2026, 1, 15), reason="Misread.",
            by=by,
        )  # fmt: skip
    assert correct("15 Jan 2026").status_code == 302
    page = text(get(granted_late, by, "patient", 1))
    assert "in spite of a hold" not in page and "Enrolled before" not in page


def test_the_slots_page_asks_why_of_a_day_before_the_grant_and_keeps_it(granted_late):
    number = granted_late.granted.number
    assert "It was done already" not in text(get(granted_late, granted_late.coordinator, "slot", number))

    said = {"on": "7 Jan 2026", "given": "False"}
    refused = post(granted_late, granted_late.coordinator, "enrol", number, **said)
    assert refused.status_code == 409 and "7 Jan 2026 is before it" in text(refused)
    assert "It was done already" in text(refused) and refused.content.decode().count('value="7 Jan 2026"') == 2
    without = post(granted_late, granted_late.coordinator, "enrol", number, **said | {"given": "True", "reason": ""})
    assert without.status_code == 422 and text(without).count("Reason: an answer is needed.") > 0
    done = post(granted_late, granted_late.coordinator, "enrol", number, **said | {"given": "True", "reason": "Late."})
    assert done.status_code == 302


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

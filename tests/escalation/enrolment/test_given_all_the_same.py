"""A first dose that was given though starting is refused is a fact: recorded, counted, perhaps a deviation."""

from datetime import timedelta

import pytest

from assessments.count.first_dose import correct_first_dose
from escalation.decisions import holding
from escalation.enrolment import services as enrolment
from patients.dosing.corrections import correct_held_why
from patients.enrolment.corrections import correct_eligibility
from patients.models import Treatment
from tests import factories
from tests.escalation.decisions.test_races import at_once
from tests.patients.test_pages import day, get, post, text
from tests.patients.withdrawal.test_withdrawal import withdraw
from trial.models import AuditEvent, Notice
from trial.refusals import Refused, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Enrolled on 5 Jan 2026; on 10 Jan another patient's event of grade 4 is reported. Now 12 Jan."""
    made = factories.study().open()
    made.patient, other = made.enrol(), made.dose()
    made.later(5).event(other)
    return made.later(2)


def first_dose(study, days_ago=0, given=True, reason="Given at home.", **more):
    with study.at():
        return enrolment.first_dose(
            trial=study.trial.pk, patient=study.patient.pk, on=study.today - timedelta(days=days_ago), given=given,
            reason=reason, by=study.coordinator, **more,
        )  # fmt: skip


def test_starting_is_refused_and_what_was_given_is_recorded_with_a_reason(study):
    with pytest.raises(Refused, match="may not start now. Patient 002 has a suspected DLT") as refusal:
        first_dose(study, given=False)
    assert refusal.value.field == "given"
    with pytest.raises(Refused, match="^Reason: a first dose that was given while starting is refused needs one"):
        first_dose(study, reason=" ")

    first_dose(study)

    treatment = Treatment.objects.get(patient=study.patient)
    assert "Patient 002 has a suspected DLT" in treatment.in_spite_of
    assert AuditEvent.objects.filter(ledger__trial=study.trial).latest("number").reason == "Given at home."
    here = study.situation()
    assert here.tally(1).pending == 2, "he counts at the level received"
    told = Notice.objects.filter(subject__contains="the first dose of patient 001 was given in spite of a hold")
    assert told.exists()


def test_a_dose_of_the_day_before_the_hold_is_no_deviation(study):
    first_dose(study, days_ago=3)

    treatment = Treatment.objects.get(patient=study.patient)
    assert treatment.in_spite_of == "" and treatment.held_because
    assert not Notice.objects.filter(subject__contains="in spite of a hold").exists()


def test_a_corrected_day_says_anew_whether_it_was_a_deviation(study):
    first_dose(study, days_ago=3)
    with study.at():
        correct_first_dose(
            trial=study.trial.pk, patient=study.patient.pk, on=study.today, reason="Misread.", by=study.coordinator
        )

    assert Treatment.objects.get(patient=study.patient).in_spite_of


def told():
    return Notice.objects.filter(subject__contains="in spite of a hold")


def test_an_ordinary_first_dose_that_is_corrected_into_a_hold_is_one_in_spite_of_it(study):
    """Of two who were dosed on 5 Jan the other is suspected since 8 Jan."""
    study = factories.study().open()
    study.patient, other = (study.dose() for _ in range(2))
    study.later(3).event(other)
    study.later(2)

    def moved(days_ago):
        with study.at():
            correct_first_dose(
                trial=study.trial.pk, patient=study.patient.pk, on=study.today - timedelta(days=days_ago),
                reason="Misread.", by=study.coordinator,
            )  # fmt: skip
        return Treatment.objects.get(patient=study.patient).in_spite_of

    assert not moved(3) and not told(), "the day before the hold"
    assert "Patient 002 has a suspected DLT" in moved(1) and told()
    assert Treatment.objects.get(patient=study.patient).held_why == "Misread."
    assert not moved(4)


def test_a_dose_in_spite_of_a_withdrawal_is_in_spite_of_the_hold_too(study):
    withdraw(study, "treatment", ago=1)

    with study.at():
        enrolment.first_dose(
            trial=study.trial.pk, patient=study.patient.pk, on=study.today, reason="Tablets at home.",
            by=study.investigator,
        )  # fmt: skip

    assert "Patient 002 has a suspected DLT" in Treatment.objects.get(patient=study.patient).in_spite_of and told()


def test_who_is_not_eligible_starts_in_spite_of_it_whatever_else_holds_since_later(study):
    answer = study.patient.slot.eligibility.order_by("criterion__number").first()
    with study.at():
        correct_eligibility(
            trial=study.trial.pk, slot=study.patient.slot_id, answers={answer.criterion_id: False}, reason="Misread.",
            by=study.investigator,
        )  # fmt: skip

    first_dose(study, days_ago=5)

    assert "criterion 1 is answered no" in Treatment.objects.get(patient=study.patient).in_spite_of


def test_what_cannot_be_is_refused_all_the_same(study):
    with pytest.raises(Refused, match="is in the future"):
        first_dose(study, days_ago=-1)
    with pytest.raises(Refused, match="is before the enrolment"):
        first_dose(study, days_ago=8)


def test_without_a_hold_it_is_an_ordinary_first_dose():
    study = factories.study().open()
    study.patient = study.enrol()

    first_dose(study, reason="")

    assert Treatment.objects.get().held_because is None


def test_a_hold_by_a_person_counts_from_its_day():
    study = factories.study().open()
    study.patient = study.enrol()
    study.later(2)
    with study.at():
        holding.hold(trial=study.trial.pk, reason="A question of the pharmacy", by=study.medical_monitor)
    study.later(1)

    first_dose(study, days_ago=1)

    assert "A question of the pharmacy" in Treatment.objects.get().in_spite_of


def test_a_patient_of_a_level_that_was_left_is_entered_and_counts_there():
    study = factories.study().open()
    who = [study.enrol() for _ in range(3)]
    late = who.pop()
    for patient in who:
        study.dose(patient)
    for patient in who:
        study.dlt(patient)
    study.patient = late
    assert study.situation().free == 0

    first_dose(study)

    assert study.situation().tally(1).pending == 1


def test_the_form_asks_whether_it_was_given_and_the_patients_page_says_so(study):
    form = get(study, study.coordinator, "first_dose", study.patient.number)
    assert "Nobody may start now: Patient 002 has a suspected DLT" in text(form)
    assert 'type="checkbox" name="given"' in form.content.decode()
    said = {"on": day(study), "received_level": str(study.patient.cohort.dose_level_id)}

    refused = post(study, study.coordinator, "first_dose", study.patient.number, **said)
    assert refused.status_code == 409 and 'type="checkbox" name="given"' in refused.content.decode()
    without = post(study, study.coordinator, "first_dose", study.patient.number, given="on", **said)
    assert without.status_code == 409 and "Reason: a first dose that was given" in text(without)
    done = post(study, study.coordinator, "first_dose", study.patient.number, given="on", reason="At home.", **said)

    assert done.status_code == 302
    page = text(get(study, study.coordinator, "patient", study.patient.number))
    assert "First dose given in spite of a hold" in page and "Patient 002 has a suspected DLT" in page


def test_the_form_of_an_open_level_does_not_ask(study):
    fresh = factories.study().open()
    patient = fresh.enrol()

    form = get(fresh, fresh.coordinator, "first_dose", patient.number).content.decode()

    assert 'type="checkbox" name="given"' not in form


@pytest.mark.django_db(transaction=True)
def test_of_two_who_enter_it_at_once_one_is_told_that_it_is_recorded(study):
    found = at_once(study, lambda: first_dose(study, days_ago=3), lambda: first_dose(study, days_ago=4))

    (refused,) = (one for one in found if isinstance(one, Refused))
    assert "had the first dose on" in str(refused)
    assert Treatment.objects.filter(patient=study.patient).count() == 1


def correct_why(study, why="Tablets were at home already.", by=None, rev=None, reason="Misheard."):
    with study.at():
        return correct_held_why(
            trial=study.trial.pk, patient=study.patient.pk, why=why, rev=rev, reason=reason,
            by=by or study.coordinator,
        )  # fmt: skip


def test_why_it_was_given_stands_with_the_mark_and_is_corrected(study):
    first_dose(study)
    row = Treatment.objects.get(patient=study.patient)
    assert row.held_why == "Given at home."
    assert "Why it was given: Given at home." in text(get(study, study.coordinator, "patient", 1))

    said = {"why": "Tablets were at home already.", "rev": row.rev, "reason": "Misheard."}
    assert post(study, study.coordinator, "correct_held_why", 1, **said | {"reason": ""}).status_code == 422
    assert post(study, study.medical_monitor, "correct_held_why", 1, **said).status_code == 403
    assert post(study, study.coordinator, "correct_held_why", 1, **said).status_code == 302

    now = Treatment.objects.get(patient=study.patient)
    assert (now.held_why, now.held_because) == ("Tablets were at home already.", row.held_because)
    late = post(study, study.coordinator, "correct_held_why", 1, **said | {"why": "Another."})
    assert late.status_code == 409 and "was changed by Coordinator since you opened the form" in text(late)
    assert "Another." in text(late) and "Given at home." in text(late)


def test_a_reason_is_corrected_only_where_one_belongs(study):
    first_dose(study, days_ago=3)
    with pytest.raises(Refused, match="in spite of nothing"):
        correct_why(study)
    assert get(study, study.coordinator, "correct_held_why", 1).status_code == 404
    with study.at():
        correct_first_dose(
            trial=study.trial.pk, patient=study.patient.pk, on=study.today, reason="Diary.", by=study.coordinator
        )
    assert Treatment.objects.get(patient=study.patient).held_why == "Given at home.", "why it was given stays"
    with pytest.raises(Refused, match="needs it"):
        correct_why(study, why=" ")
    with pytest.raises(Refused, match="recorded already"):
        correct_why(study, why="Given at home.")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_correct_the_reason_at_once_one_is_asked_to_look_again(study):
    first_dose(study)
    rev = Treatment.objects.get(patient=study.patient).rev

    found = at_once(study, *[lambda why=why: correct_why(study, why=why, rev=rev) for why in ("A", "B")])

    assert sum(isinstance(one, Stale) for one in found) == 1
    assert Treatment.objects.get(patient=study.patient).held_why in "AB"

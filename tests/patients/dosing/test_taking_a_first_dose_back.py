"""A first dose that was entered for the wrong patient is taken back: he is before it again, and counts nowhere."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from assessments.count import first_dose as first_doses
from assessments.events import services as events
from assessments.models import Evaluability
from escalation.enrolment import services as enrolment
from escalation.models import BasisChanged
from patients.dosing import corrections
from patients.dosing import services as dosing
from patients.models import DoseTaken, Patient, Slot, Treatment
from tests import factories
from tests.patients.test_pages import browser, get, post, text
from tests.rest import ask
from trial.models import AuditEvent
from trial.refusals import Refused, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """First dose on 5 Jan 2026, ten days ago."""
    made = factories.study().open()
    made.patient = made.dose()
    return made.later(10)


def row(study, patient=None):
    return Treatment.objects.get(patient=patient or study.patient)


def last_amount(patient):
    return max(DoseTaken.objects.filter(patient=patient).values_list("rev", flat=True))


def take_back(study, by=None, patient=None, **more):
    patient = patient or study.patient
    said = {"rev": row(study, patient).rev, "reason": "It was patient 002."} | more
    with study.at():
        return first_doses.void_first_dose(
            trial=study.trial.pk, treatment=row(study, patient).pk, by=by or study.coordinator, **said
        )


def write(study, service, **said):
    with study.at():
        return service(trial=study.trial.pk, patient=study.patient.pk, by=study.investigator, **said)


def test_the_page_takes_it_back_and_the_patient_is_before_his_first_dose_again(study):
    correction = get(study, study.coordinator, "correct_first_dose", 1)
    assert "Take the first dose back" in text(correction)
    assert "entered for the wrong patient" in text(get(study, study.coordinator, "void_first_dose", 1))
    unsaid = post(study, study.coordinator, "void_first_dose", 1, rev=row(study).rev, reason="")
    assert "Reason: an answer is needed." in text(unsaid)

    done = post(study, study.coordinator, "void_first_dose", 1, rev=row(study).rev, reason="It was patient 002.")

    assert done.status_code == 302
    stored = row(study)
    assert stored.voided and f"{stored.first_dose_on}" == "2026-01-05", "nothing is overwritten"
    assert AuditEvent.objects.filter(verb="firstdose.void", reason="It was patient 002.").count() == 1
    here = study.situation()
    (facts,) = here.facts
    assert (facts.outcome, here.tally(1).pending, here.taken) == ("not_dosed", 0, 1)
    page = text(get(study, study.coordinator, "patient", 1))
    assert "First dose taken back" in page and "Record first dose" in page and "day 11" not in page
    assert ask(study.coordinator, f"patients/{study.patient.pk}/", study).json()["record"]["first_dose_on"] is None
    for name in ("correct_first_dose", "void_first_dose", "correct_level"):
        assert get(study, study.coordinator, name, 1).status_code == 404
    with pytest.raises(Refused, match="has not had a first dose"):
        write(study, dosing.stop_treatment, on=study.today, stop_reason="x")


def test_his_own_first_dose_is_then_recorded_as_any_other(study):
    take_back(study)
    for name in ("first_dose", "follow_up"):
        page = get(study, study.coordinator, name, 1)
        assert page.status_code == 200 and "Dose card" in text(page)
    assert Patient.objects.get().slot.state == Slot.State.ENROLLED
    with study.at():
        given = enrolment.first_dose(
            trial=study.trial.pk, patient=study.patient.pk, on=study.today, by=study.coordinator
        )

    assert Treatment.objects.count() == 1 and not given.voided
    (facts,) = study.situation().facts
    assert (facts.outcome, facts.window_day) == ("pending", 1)
    study.later(1)
    write(study, dosing.start_cycle_2, on=study.today)


def test_what_hangs_on_it_is_named_and_taken_back_first(study):
    study.take_doses(study.patient)
    event = study.event(study.patient, term="Fatigue", grade=1)
    write(study, dosing.start_cycle_2, on=study.today - timedelta(days=1))
    write(study, dosing.stop_treatment, on=study.today, stop_reason="Progression")

    with pytest.raises(Refused) as refused:
        take_back(study)
    named = "the first dose of cycle 2 (14 Jan 2026), the end of treatment (15 Jan 2026), the doses taken, AE 1"
    assert named in str(refused.value)
    page = get(study, study.coordinator, "void_first_dose", 1)
    assert f"Take back first what is recorded since then: {named}." in text(page)
    assert 'name="reason"' not in page.content.decode()

    write(study, corrections.correct_stop, on=None, reason="x", rev=row(study).rev)
    write(study, corrections.correct_cycle_2, on=None, reason="x", rev=row(study).rev)
    event.refresh_from_db()
    with study.at():
        events.void_event(trial=study.trial.pk, event=event.pk, rev=event.rev, reason="x", by=study.investigator)
    with pytest.raises(Refused, match="in the air: the doses taken. Take"):
        take_back(study)
    assert "Take the doses back" in text(get(study, study.coordinator, "dosing", 1))
    rev = last_amount(study.patient)
    assert post(study, study.coordinator, "void_dosing", 1, rev=rev, reason="Not his.").status_code == 302

    take_back(study)
    assert row(study).voided


def test_the_doses_are_taken_back_with_a_reason_not_unseen_and_entered_anew(study):
    study.take_doses(study.patient)
    seen = last_amount(study.patient)
    with pytest.raises(Refused, match="^Reason: "):
        write(study, dosing.take_doses_back, rev=seen, reason="")
    with study.at(), pytest.raises(PermissionDenied):
        dosing.take_doses_back(
            trial=study.trial.pk, patient=study.patient.pk, rev=seen, reason="x", by=study.medical_monitor
        )
    with study.at():
        first = DoseTaken.objects.order_by("drug__position").first()
        dosing.record_dosing(
            trial=study.trial.pk, patient=study.patient.pk, doses={first.drug_id: (Decimal(100), Decimal(90))},
            rev=seen, reason="Counted again.", unusual="As counted.", by=study.coordinator,
        )  # fmt: skip
    with pytest.raises(Stale, match="was changed by Coordinator"):
        write(study, dosing.take_doses_back, rev=seen, reason="x")
    write(study, dosing.take_doses_back, rev=last_amount(study.patient), reason="x")
    with pytest.raises(Refused, match="none are recorded"):
        write(study, dosing.take_doses_back, rev=None, reason="x")
    assert study.situation().facts[0].enough_drug is None

    study.take_doses(study.patient)
    assert DoseTaken.objects.filter(voided=False).count() == 3


def test_it_is_refused_to_who_may_not_without_a_reason_and_unseen(study):
    seen = row(study).rev
    with pytest.raises(PermissionDenied):
        take_back(study, by=study.medical_monitor)
    with pytest.raises(Patient.DoesNotExist):
        take_back(study, by=study.other_coordinator)
    with pytest.raises(Refused, match="^Reason: "):
        take_back(study, reason=" ")
    with study.at():
        first_doses.correct_first_dose(
            trial=study.trial.pk, patient=study.patient.pk, on=study.today, rev=seen, reason="x", by=study.investigator
        )
    with pytest.raises(Stale, match="was changed by Investigator"):
        take_back(study, rev=seen)

    key, now = uuid.uuid4(), row(study).rev
    assert take_back(study, key=key, rev=now).pk == take_back(study, key=key, rev=now).pk
    with pytest.raises(Refused, match="The first dose is voided"):
        take_back(study)


def test_a_decision_that_counted_him_is_marked_and_his_confirmation_goes_with_it():
    study = factories.study().open()
    first, *_ = study.cohort(3)
    study.sign()  # 0/3 at level 1: escalate
    study.patient = first
    write(study, dosing.take_doses_back, rev=last_amount(first), reason="Not his.")

    take_back(study)

    assert Evaluability.objects.get(patient=first).voided
    change = BasisChanged.objects.get(now="not dosed: the first dose was taken back")
    assert (change.patient, change.was, change.restored) == (first, "no DLT at level 1", False)
    here = study.situation()
    assert here.tally(1).evaluable == 2 and here.free == 0
    with study.at():
        late = browser(study.dsmb).get(reverse("escalation:late", args=[study.trial.code]))
    assert "the first dose was taken back" in text(late)


def test_a_pending_one_whom_a_decision_counted_is_marked_too_until_he_is_dosed_again():
    study = factories.study().open()
    one, two, third = (study.dose() for _ in range(3))
    study.later(1)
    for patient in (one, two):
        study.dlt(patient)
    study.sign()  # two DLTs close the start level with one pending
    first_day = row(study, third).first_dose_on

    take_back(study, patient=third)

    change = BasisChanged.objects.get(patient=third)
    assert (change.was, change.now) == ("pending at level 1", "not dosed: the first dose was taken back")

    with study.at():
        enrolment.first_dose(
            trial=study.trial.pk, patient=third.pk, on=first_day, given=True, reason="It was his after all.",
            by=study.coordinator,
        )  # fmt: skip
    last = BasisChanged.objects.filter(patient=third).order_by("rev").last()
    assert (last.now, last.restored) == ("pending at level 1", True)

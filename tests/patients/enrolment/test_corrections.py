"""Withdrawing a consent and correcting the level received: by whom, what is refused, what follows."""

import pytest
from django.urls import reverse

from patients.consent.services import record_consent
from patients.models import Consent, Treatment
from tests import factories
from tests.patients.test_pages import day, get, post, text
from trial.models import AuditEvent, DoseLevel

pytestmark = pytest.mark.django_db


@pytest.fixture
def started():
    study = factories.study().open()
    study.patient = study.dose()
    return study.later(3)


def consent(study, kind=Consent.Kind.TRIAL):
    return Consent.objects.get(slot__patient=study.patient, kind=kind)


def withdraw(study, by, row, **answers):
    return post(study, by, "withdraw_consent", study.patient.slot.number, row.pk, **answers)


def last_action(study):
    return AuditEvent.objects.filter(ledger__trial=study.trial).latest("number")


def test_a_coordinator_withdraws_a_consent_with_day_and_reason(started):
    row = consent(started)
    page = get(started, started.coordinator, "patient", started.patient.number)
    url = reverse("patients:withdraw_consent", args=[started.trial.code, started.patient.slot.number, row.pk])
    assert url in page.content.decode()

    answer = withdraw(started, started.coordinator, row, on=day(started), reason="The patient's wish.")

    assert answer.url == reverse("patients:patient", args=[started.trial.code, started.patient.code])
    row.refresh_from_db()
    assert row.withdrawn_on == started.today
    event = last_action(started)
    assert (event.verb, event.reason, event.by) == ("consent.withdraw", "The patient's wish.", started.coordinator)
    shown = get(started, started.coordinator, "patient", started.patient.number)
    assert "withdrawn 8 Jan 2026" in text(shown)
    assert url not in shown.content.decode(), "what is withdrawn is not withdrawn again"


def test_the_sub_studys_consent_is_withdrawn_on_its_own(started):
    with started.at():
        record_consent(
            trial=started.trial.pk, slot=started.patient.slot_id, kind=Consent.Kind.BIOMARKER, version="1.0",
            given_on=started.today, by=started.coordinator,
        )  # fmt: skip
    row = consent(started, Consent.Kind.BIOMARKER)
    asked = get(started, started.coordinator, "withdraw_consent", started.patient.slot.number, row.pk)
    assert "no new sBCMA value can be stored" in text(asked)

    withdraw(started, started.coordinator, row, on=day(started), reason="No more samples.")

    assert consent(started).withdrawn_on is None
    assert consent(started, Consent.Kind.BIOMARKER).withdrawn_on == started.today


@pytest.mark.parametrize(
    ("answers", "status", "sentence"),
    [
        ({"on": "4 Jan 2026", "reason": "x"}, 409, "Withdrawn on: must be from the day it was given to today."),
        ({"on": "9 Jan 2026", "reason": "x"}, 409, "Withdrawn on: must be from the day it was given to today."),
        ({"on": "8 Jan 2026", "reason": ""}, 422, "Reason: an answer is needed."),
        ({"on": "soon", "reason": "x"}, 422, "write a date like"),
    ],
)
def test_a_withdrawal_that_cannot_be_is_refused_beside_its_field(started, answers, status, sentence):
    answer = withdraw(started, started.coordinator, consent(started), **answers)

    assert answer.status_code == status
    assert sentence in text(answer)
    assert consent(started).withdrawn_on is None


def test_others_do_not_withdraw(started):
    row = consent(started)
    said = {"on": day(started), "reason": "x"}
    assert withdraw(started, started.investigator, row, **said).status_code == 403
    assert withdraw(started, started.statistician, row, **said).status_code == 403
    assert withdraw(started, started.other_coordinator, row, **said).status_code == 404
    assert consent(started).withdrawn_on is None


def test_without_consent_the_patient_of_a_slot_is_not_enrolled(started):
    slot = started.ready(started.slot())
    row = Consent.objects.get(slot=slot)
    answer = post(started, started.coordinator, "withdraw_consent", slot.number, row.pk, on=day(started), reason="No.")
    assert answer.url == reverse("patients:slot", args=[started.trial.code, slot.number])

    assert "Consent" in text(post(started, started.coordinator, "enrol", slot.number))
    assert not hasattr(type(slot).objects.get(pk=slot.pk), "patient")


def level(study, label):
    return str(DoseLevel.objects.get(trial=study.trial, label=label).pk)


def correct(study, by, label, reason="The pharmacy's log.", **more):
    said = {"received_level": level(study, label), "reason": reason, "rev": study.patient.treatment.rev} | more
    return post(study, by, "correct_level", study.patient.number, **said)


def test_the_patient_counts_at_the_level_received(started):
    started.patient.refresh_from_db()
    correct(started, started.investigator, "2")

    here = started.situation()
    assert (here.tally(1).pending, here.tally(2).pending) == (0, 1)
    event = last_action(started)
    assert (event.verb, event.reason) == ("treatment.correct", "The pharmacy's log.")
    page = text(get(started, started.investigator, "patient", started.patient.number))
    assert "Assigned level 1, received level 2." in page


def test_a_corrected_level_changes_the_basis_of_a_signed_decision():
    study = factories.study().open()
    study.patient = study.cohort()[0]
    study.sign()
    study.patient.refresh_from_db()

    correct(study, study.investigator, "3")

    (change,) = study.situation().changes
    assert change.patient == study.patient
    assert change.now == "no DLT at level 3"


def test_a_correction_that_says_nothing_new_or_stands_on_an_old_row_is_refused(started):
    started.patient.refresh_from_db()
    assert "level 1 is recorded already" in text(correct(started, started.investigator, "1"))
    assert "Reason for the correction: an answer is needed." in text(correct(started, started.investigator, "2", ""))
    stale = correct(started, started.investigator, "2", rev=1)
    assert stale.status_code == 409
    assert "was changed by Investigator since you opened the form: level" in text(stale)
    assert Treatment.objects.get(patient=started.patient).received_level.label == "1"


def test_who_may_correct_the_level(started):
    started.patient.refresh_from_db()
    assert correct(started, started.other_investigator, "2").status_code == 404
    assert correct(started, started.dsmb, "2").status_code == 403
    assert correct(started, started.coordinator, "2").status_code == 302

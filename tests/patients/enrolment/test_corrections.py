"""Correcting the level received: by whom, what is refused, what follows."""

import pytest

from patients.models import Treatment
from tests import factories
from tests.patients.test_pages import get, post, text
from trial.models import AuditEvent, DoseLevel

pytestmark = pytest.mark.django_db


@pytest.fixture
def started():
    study = factories.study().open()
    study.patient = study.dose()
    return study.later(3)


def last_action(study):
    return AuditEvent.objects.filter(ledger__trial=study.trial).latest("number")


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

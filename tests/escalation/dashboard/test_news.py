"""Deaths and serious events come first on the pages of the trial, in the packet and as notices; new ones are marked."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assessments.response.follow_up import record_follow_up
from escalation.meetings import services as meetings
from patients.follow_up.services import Followed
from tests import factories
from trial.models import Notice, Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Level 1 is passed and level 2 open."""
    study = factories.study().open()
    study.cohort(3)
    study.sign()
    return study


def died(study, patient, *, cause="progression", days=0, reason=""):
    with study.at():
        record_follow_up(
            trial=study.trial.pk,
            patient=patient.pk,
            said=Followed(died_on=study.today - timedelta(days=days), death_cause=cause),
            rev=None,
            reason=reason,
            by=study.investigator,
        )


def page(study, user, path=""):
    client = Client()
    client.force_login(user)
    with study.at():
        return client.get(f"/trials/{study.trial.code}/{path}").content.decode()


def first(study):
    return study.situation().facts[0].patient


@pytest.mark.parametrize("path", ["", "escalation/"])
def test_a_death_stands_first_with_cause_day_and_level(study, path):
    died(study, first(study))

    shown = page(study, study.dsmb, path)

    told = (
        f"Patient 001 died: progression of myeloma, {study.today:%-d %b %Y}, day 29, treatment had not ended, level 1"
    )
    assert told in shown
    assert shown.index(told) < shown.index("Dose ladder")


def test_a_serious_event_stands_there_until_the_next_decision(study):
    patient = study.dose()
    study.event(patient, term="Nausea", grade=2, serious=True)

    assert "AE 1, nausea grade 2, patient 004, day 1, level 2" in page(study, study.dsmb, "escalation/")

    study.complete(patient, study.dose(), study.dose())
    study.sign()
    assert "AE 1, nausea grade 2, patient 004" not in page(study, study.dsmb, "escalation/")


def test_a_death_known_before_is_no_news_and_a_corrected_one_is(study):
    patient = first(study)
    died(study, patient)
    study.cohort(3)
    study.sign()
    assert "Patient 001 died" not in page(study, study.dsmb, "escalation/")

    died(study, patient, cause="other", days=28, reason="As the certificate says.")

    shown = page(study, study.dsmb, "escalation/")
    assert "Patient 001 died: another cause" in shown
    assert "(corrected since)" in shown


def test_who_decides_is_told_once(study):
    patient = first(study)
    died(study, patient)
    study.event(study.dose(), term="Nausea", grade=3, serious=True)

    told = Notice.objects.filter(kind="safety", to=study.dsmb).order_by("pk")
    assert [(n.subject, n.path) for n in told] == [
        (f"{study.trial.code}: patient 001 died", f"/trials/{study.trial.code}/patients/1/"),
        (f"{study.trial.code}: patient 004 has a serious event (AE 1)", f"/trials/{study.trial.code}/events/1/"),
    ]
    assert not Notice.objects.filter(kind="safety", to=study.coordinator).exists()


def test_site_staff_read_of_their_own_patients_only(study):
    died(study, first(study))

    assert "Patient 001 died" in page(study, study.investigator)
    assert "died" not in page(study, study.other_investigator)


def test_what_came_since_the_last_visit_is_marked_as_new_until_the_next_one(study):
    assert "new to you" not in page(study, study.dsmb, "escalation/")
    died(study, first(study))
    assert "new to you" in page(study, study.dsmb, "escalation/")
    assert "new to you" in page(study, study.dsmb), "the visit goes on"
    assert "new to you" not in page(study, study.dsmb2, "escalation/"), "the first visit: nothing was seen before"

    Visit.objects.update(at=timezone.now() - timedelta(minutes=31))

    assert "new to you" not in page(study, study.dsmb, "escalation/")


@pytest.mark.django_db(transaction=True)
def test_the_packet_of_a_meeting_begins_with_it(study):
    died(study, first(study))
    with study.at():
        meeting = meetings.call(trial=study.trial.pk, cut_off=study.today, meets_on=study.today, by=study.dsmb)
        meetings.freeze(trial=study.trial.pk, meeting=meeting.pk, by=study.statistician)

    shown = page(study, study.dsmb, f"meetings/{meeting.number}/cuts/1/")

    assert "Patient 001 died: progression of myeloma" in shown
    assert shown.index("Patient 001 died") < shown.index("Dose ladder")

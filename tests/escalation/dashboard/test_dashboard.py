"""The dashboard: what changed for this reader, in the order in which a board asks, and who lands on it."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.response.follow_up import record_follow_up
from escalation.decisions import services as decisions
from escalation.meetings import services as meetings
from patients.follow_up.services import Followed
from tests import factories
from trial.models import Visit

pytestmark = pytest.mark.django_db


def get(study, user):
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    with study.at():
        return client.get(reverse("escalation:dashboard", args=[study.trial.code])).content.decode()


def lines(page):
    """What changed, tag and text of each line."""
    part = page[page.index('id="changed"') : page.index('id="ladder"')]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)).strip() for line in re.findall(r"<li.*?</li>", part)]


@pytest.fixture
def study():
    """Level 1 is passed and level 2 open."""
    study = factories.study().open()
    study.cohort(3)
    study.sign()
    return study


def test_what_a_board_hears_first_stands_first_and_only_what_came_since_the_last_decision(study):
    get(study, study.dsmb)
    dead = study.situation().facts[0].patient
    started = [study.dose() for _ in range(3)]
    study.later(4)
    study.dlt(started[0])
    study.event(started[1], term="Nausea", grade=2, serious=True)
    with study.at():
        said = Followed(died_on=study.today, death_cause="progression")
        record_follow_up(
            trial=study.trial.pk, patient=dead.pk, said=said, rev=None, reason="", by=study.investigator
        )  # fmt: skip

    told = lines(get(study, study.dsmb))

    assert [line.split(" new to you ")[0] for line in told] == ["death", "serious event", "DLT", "new patient"]
    assert told[2].endswith("Adjudicated, level 2, patient 004: AE 1, platelet count decreased grade 4")
    assert told[3].endswith("Patients 004, 005, 006 came in at level 2")
    assert not any("new to you" in line for line in lines(get(study, study.dsmb2))), "his first visit"

    Visit.objects.update(at=timezone.now() - timedelta(minutes=31))

    again = get(study, study.dsmb)
    assert "nothing new to you" in again and len(lines(again)) == 4


def test_who_counts_otherwise_is_told_and_a_decision_that_is_proposed(study):
    started = [study.dose() for _ in range(3)]
    study.sign("hold", None, "Wait.")
    get(study, study.dsmb)
    study.complete(*started)
    with study.at():
        decisions.decide(
            trial=study.trial.pk, outcome="hold", position=None, basis=study.situation().basis, reason="Wait.",
            proof="simulated", by=study.dsmb2,
        )  # fmt: skip

    assert lines(get(study, study.dsmb)) == [
        "decision new to you Decision 3, Hold enrolment: 1 of 2 signatures",
        "count new to you Patients 004, 005, 006 were pending, now no DLT",
    ]


def test_the_last_decision_itself_is_new_to_whoever_was_away_when_it_was_signed(study):
    get(study, study.dsmb)
    study.cohort(3)
    study.sign()

    page = get(study, study.dsmb)

    assert any(line.startswith("decision new to you Decision 2, Escalate to level 3: in force") for line in lines(page))
    assert lines(get(study, study.dsmb2)) == []


def test_an_empty_trial_reads_well():
    study = factories.study(levels=12)

    page = get(study, study.dsmb)

    assert "Nobody is treated yet." in page and "None is called." in page and "Nothing yet. Deaths" in page


def test_rates_and_grades_are_those_of_the_safety_tables_and_the_meeting_is_named(study):
    first = study.dose()
    study.later(3)
    study.dlt(first)
    with study.at():
        meetings.call(
            trial=study.trial.pk, cut_off=study.today, meets_on=study.today + timedelta(days=2), by=study.dsmb
        )

    page = get(study, study.dsmb)
    rows = re.findall(r"<tr[^>]*data-glow=\"level-.*?</tr>", page, re.S)

    assert [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).split() for row in rows] == [
        # 1 of 1: 2.5 to 100, 0 of 3: up to 70.8, as Clopper and Pearson have it
        ["2", "1", "0", "0", "1/1", "·", "100.0", "%", "(2.5–100.0)", "0", "0", "1", "0"],
        ["1", "3", "0", "0", "0/3", "·", "0.0", "%", "(0.0–70.8)", "3", "0", "0", "0"],
    ]
    assert f"{study.today + timedelta(days=2):%-d %b %Y}" in page[page.index('id="meeting"') :]
    assert "Cut-off reached: the cut is to be frozen" in page


def test_its_queries_do_not_grow_with_the_patients(study):
    def asked():
        with CaptureQueriesContext(connection) as found:
            get(study, study.dsmb)
        return len(found)

    get(study, study.dsmb)
    study.event(study.dose(), term="Nausea", grade=2, serious=True)
    few = asked()
    for patient in (study.dose(), study.dose()):
        study.event(patient, term="Nausea", grade=2, serious=True)

    assert asked() == few


@pytest.mark.parametrize(("name", "lands"), [("dsmb", "dashboard/"), ("coordinator", None)])
def test_a_committee_member_lands_on_it_and_site_staff_on_their_list(study, name, lands):
    person, client = getattr(study, name), Client()
    here = f"/trials/{study.trial.code}/"

    answer = client.post(reverse("account_login"), {"login": person.email, "password": factories.PASSWORD})

    assert answer.url == (f"{here}{lands}" if lands else "/")
    with study.at():
        assert f'href="{here}{lands or ""}">{study.trial.title}</a></h2>' in client.get("/").content.decode()

"""Pages that are kept: answered from what was made before, and never with anything that has changed since."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from trial.models import AuditEvent, Membership
from trial.people import services as people

pytestmark = pytest.mark.django_db
PAGES = ("", "patients/001/", "response/", "audit/")


@pytest.fixture
def study():
    opened = factories.study().open()
    opened.assess(opened.dose(), visit_on=opened.today, serum_m="3.0")
    return opened


def browser(user):
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    return client


def read(study, client, page):
    with study.at():
        answer = client.get(f"/trials/{study.trial.code}/{page}")
    assert answer.status_code == 200, page
    return answer.content.decode()


def queries_of(study, client, page):
    with CaptureQueriesContext(connection) as asked:
        read(study, client, page)
    return len(asked)


@pytest.fixture
def auditor(study):
    found = factories.person("auditor")
    with study.at():
        people.add_member(trial=study.trial.pk, user=found.pk, role="auditor", by=study.administrator)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_the_same_page_again_is_not_read_again(study, auditor, page):
    client = browser(auditor)
    read(study, client, "patients/")
    first = queries_of(study, client, page)

    assert queries_of(study, client, page) < first


def test_what_is_written_shows_on_each_page_at_once(study, auditor):
    client = browser(auditor)
    study.later(1)
    before = {page: read(study, client, page) for page in PAGES}
    patient = study.situation().facts[0].patient
    study.event(patient, term="Fatigue", grade=2)
    study.assess(patient, visit_on=study.today, serum_m="1.0")
    latest = AuditEvent.objects.filter(ledger__trial=study.trial).order_by("number").last()

    after = {page: read(study, client, page) for page in PAGES}
    assert "Fatigue" in after["patients/001/"] and "Fatigue" not in before["patients/001/"]
    assert f'id="event-{latest.number}"' in after["audit/"] and f'id="event-{latest.number}"' not in before["audit/"]
    assert all(after[page] != before[page] for page in PAGES)


def test_a_day_later_the_page_says_so_without_a_write(study, auditor):
    client = browser(auditor)
    assert "day 1 of the 28-day DLT window" in read(study, client, "patients/001/")

    study.later(1)

    assert "day 2 of the 28-day DLT window" in read(study, client, "patients/001/")


def test_nobody_is_answered_with_what_was_made_for_another(study, auditor):
    of_all = read(study, browser(auditor), "response/")
    of_the_other_site = read(study, browser(study.other_coordinator), "response/")

    assert "response/patients/001/" in of_all
    assert "response/patients/001/" not in of_the_other_site
    assert "response/patients/001/" in read(study, browser(auditor), "response/")


def test_a_role_that_ended_ends_what_was_kept_for_it(study, auditor):
    client = browser(auditor)
    read(study, client, "audit/")
    with study.at():
        mine = Membership.objects.get(user=auditor, until=None)
        people.end_membership(trial=study.trial.pk, membership=mine.pk, reason="left", by=study.administrator)
        assert client.get(f"/trials/{study.trial.code}/audit/").status_code == 404


def test_a_form_on_a_kept_page_can_be_sent(study, auditor):
    client = Client(enforce_csrf_checks=True)
    client.force_login(auditor, settings.AUTHENTICATION_BACKENDS[-1])
    read(study, client, "audit/")
    page = read(study, client, "audit/")
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]

    with study.at():
        answer = client.post(f"/trials/{study.trial.code}/audit/verify/", {"csrfmiddlewaretoken": token})

    assert answer.status_code == 200
    assert "Everything agrees" in answer.content.decode()

"""What is recorded about access: all of it for administrators, of one trial and its members for its auditors."""

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from trial.models import AccessEvent
from trial.record import access_events
from trial.roles import Role

pytestmark = pytest.mark.django_db


def as_(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def study():
    """Its dsmb member is in another trial, too; somebody else is in neither."""
    made = factories.study()
    made.other_trial, made.stranger = factories.study().trial, factories.person("=SUM(A1)")
    for kind, user, trial, detail in (
        ("export", made.statistician, made.trial, "this trial's file"),
        ("export", made.dsmb, made.other_trial, "another trial's file"),
        (access_events.FACTOR_ON, made.dsmb, None, "of a member"),
        (access_events.LOG_IN_FAILED, made.stranger, None, "of a stranger"),
        (access_events.LOG_IN_FAILED, None, None, "no such account"),
    ):
        access_events.record(kind, user=user, trial=trial, detail=detail)
    return made


def shown(page):
    return {event.detail for event in page.context["page"]} - {""}


def rows(answer):
    return list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))


def test_an_auditor_reads_what_concerns_his_trial_and_its_members(study):
    page = as_(study.auditor).get(reverse("trial:trial_access", args=[study.trial.code]))

    assert shown(page) == {"this trial's file", "of a member"}
    assert "another trial" not in page.content.decode()


def test_an_administrator_reads_all_by_filter(study):
    client, url = as_(study.administrator), reverse("trial:access")
    everything = {"this trial's file", "another trial's file", "of a member", "of a stranger", "no such account"}

    assert shown(client.get(url)) == everything
    assert shown(client.get(url, {"kind": "log-in failed"})) == {"of a stranger", "no such account"}
    assert shown(client.get(url, {"by": str(study.dsmb.pk)})) == {"another trial's file", "of a member"}
    assert shown(client.get(url, {"until": "1 Jan 2020"})) == set()
    unread = client.get(url, {"until": "soon"})
    assert (unread.status_code, shown(unread)) == (422, set())
    assert client.get(reverse("trial:access_export"), {"until": "soon"}).status_code == 422


def test_a_file_of_it_is_an_event_itself(study):
    client, url = as_(study.administrator), reverse("trial:access_export")

    taken = rows(client.get(url, {"kind": "log-in failed"}))

    assert [(row["who"], row["detail"]) for row in taken] == [("'=sum(a1)", "of a stranger"), ("", "no such account")]
    last = AccessEvent.objects.filter(kind="export").latest("at")
    assert (last.user, last.trial, last.detail) == (
        study.administrator,
        None,
        "access events, kind: log-in failed, as CSV",
    )
    trials = as_(study.auditor).get(reverse("trial:trial_access_export", args=[study.trial.code]))
    assert {row["detail"] for row in rows(trials)} >= {"this trial's file", "of a member"}
    assert AccessEvent.objects.filter(kind="export", user=study.auditor, trial=study.trial).count() == 1


def test_the_page_asks_as_often_whatever_is_on_it(study):
    client, url = as_(study.administrator), reverse("trial:access")
    counts = []
    client.get(url)
    for more in (0, 30):
        for _ in range(more):
            access_events.record("export", user=study.dsmb, trial=study.trial)
        with CaptureQueriesContext(connection) as found:
            client.get(url)
        counts.append(len(found))

    assert counts[0] == counts[1]


def test_the_record_of_the_installation_is_read_verified_and_taken_out(study):
    client = as_(study.administrator)
    page = client.get(reverse("trial:installation")).content.decode()
    assert "Account opened" in page
    assert "account of Auditor" in page.replace("Account of", "account of")

    checked = client.post(reverse("trial:installation_verify"))
    assert "Everything agrees" in checked.content.decode()
    taken = rows(client.get(reverse("trial:installation_export")))
    assert {row["verb"] for row in taken} == {"account.open"}
    numbers = list(dict.fromkeys(int(row["number"]) for row in taken))
    assert numbers == list(range(1, len(numbers) + 1))


def test_nobody_else_reads_them(study):
    second = factories.person("second", Role.ADMINISTRATOR)
    for name in ("access", "access_export", "access_rights", "installation", "installation_export"):
        assert as_(study.auditor).get(reverse(f"trial:{name}")).status_code == 403, name
        assert as_(second).get(reverse(f"trial:{name}")).status_code == 200, name
    assert as_(study.monitor).get(reverse("trial:trial_access", args=[study.trial.code])).status_code == 403

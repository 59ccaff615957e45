"""Who had which right when: read off the record, signed each quarter by administrators."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.urls import reverse

from tests import factories
from trial.models import AuditEvent, Ledger, Membership, RightsReview, Suspension
from trial.people import rights, rights_review, services
from trial.people.rights import Quarter
from trial.record import ledger, verification
from trial.refusals import Refused
from trial.roles import May, Role

pytestmark = pytest.mark.django_db
URL = "/access/rights/"


def now():
    return Quarter.of(datetime.now(UTC).date())


def next_quarter():
    return time_machine.travel(now().ends + timedelta(days=3))


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def end(study, user):
    row = Membership.objects.get(trial=study.trial, user=user, until=None)
    services.end_membership(trial=study.trial.pk, membership=row.pk, reason="Moved away", by=study.administrator)


def sign(client, quarter, **more):
    form = client.get(URL, {"quarter": quarter.slug}).context["form"]
    hidden = {"key": form["key"].value(), "content": form["content"].value()} if form else {"content": "x"}
    if callable(hidden.get("key")):
        hidden["key"] = hidden["key"]()
    sent = hidden | {"remark": "Two readers too many.", "password": factories.PASSWORD} | more
    return client.post(f"{URL}?quarter={quarter.slug}", sent)


def test_each_role_has_a_line_with_its_begin_and_its_end():
    study, stranger = factories.study(), factories.person("stranger")
    end(study, study.statistician)
    services.close_account(user=study.monitor.pk, reason="Left", by=study.administrator)
    with ledger.action(None, by=study.administrator, may=May.MANAGE_PEOPLE, verb="account.close", reason="Lost phone"):
        Suspension.objects.create(user=study.dsmb, cause="factor", by=study.administrator, at=datetime.now(UTC))

    lines = rights.everything(study.trial.pk)

    said = {(one.person, one.role_label, one.where): one for one in lines}
    gone = said["Statistician", "Statistician", "all sites"]
    assert (gone.until.by, gone.until.reason) == (study.administrator.name, "Moved away")
    assert said["Coordinator", "Coordinator", "site 01"].until is None
    assert "principal investigator" in said["Investigator", "Investigator", "site 01"].named
    closed = said["Monitor", "Account", ""]
    assert (closed.until.reason, closed.since.by) == ("Left", "the system")
    assert said["Dsmb", "Signing suspended", ""].since.reason == "Lost phone"
    assert stranger.pk not in {one.user for one in lines}
    assert stranger.pk in {one.user for one in rights.everything()}


def test_a_quarter_is_signed_once_it_is_over_and_can_be_read_again():
    study, quarter = factories.study(), now()
    early = as_(study.administrator).get(URL, {"quarter": quarter.slug})
    assert early.context["form"] is None
    assert "It is signed once the quarter is over." in early.content.decode()

    with next_quarter():
        client = as_(study.administrator)
        assert "Not signed yet" in client.get(URL).content.decode()  # the last quarter that is over
        assert sign(client, quarter, password="wrong").status_code == 422
        asks = f"Sign who had which right in {quarter.name}"
        assert asks in client.get("/").content.decode()
        assert sign(client, quarter).status_code == 302
        assert asks not in client.get("/").content.decode()
        end(study, study.statistician)  # in the next quarter: what was signed stays as it was
        page = client.get(URL, {"quarter": quarter.slug})
        text = page.content.decode()
        assert page.context["form"] is None
        assert "as shown" in text
        assert "Two readers too many." in text
        assert "password entered again" in text
        assert "Moved away" not in text
        assert "Moved away" in client.get(URL, {"quarter": quarter.next.slug}).content.decode()
        trials = as_(study.auditor).get(reverse("trial:trial_access_rights", args=[study.trial.code]))
        assert f"Signed by {study.administrator.name}." in trials.content.decode()

    row = RightsReview.objects.get()
    assert row.content == rights.content(rights.in_quarter(rights.everything(), quarter), quarter)
    record = Ledger.objects.get(trial=None)
    assert AuditEvent.objects.get(ledger=record, number=record.number).verb == "rights.review"
    assert verification.verify(record) == []


def test_what_may_not_be_signed_is_refused_with_a_sentence():
    study, quarter = factories.study(), now()

    def signed(by, of=quarter, content=None, proof="password"):
        held = rights.in_quarter(rights.everything(), of)
        return rights_review.sign(
            quarter=of, content=content or rights.content(held, of), remark="", proof=proof, by=by
        )

    with pytest.raises(Refused, match="is not over"):
        signed(study.administrator)
    with next_quarter():
        with pytest.raises(Refused, match="another one than you read"):
            signed(study.administrator, content="0" * 64)
        with pytest.raises(Refused, match="Password"):
            signed(study.administrator, proof="simulated")
        with ledger.action(None, by=study.administrator, may=May.MANAGE_PEOPLE, verb="account.address", reason="x"):
            held = Suspension.objects.create(user=study.administrator, cause="address", at=datetime.now(UTC))
        with pytest.raises(Refused, match="suspended"):
            signed(study.administrator)
        with ledger.action(None, by=study.administrator, may=May.MANAGE_PEOPLE, verb="account.confirm", reason="x"):
            held.confirmed_by, held.confirmed_at = study.dsmb, datetime.now(UTC)
            held.save()
        signed(study.administrator)
        with pytest.raises(Refused, match="already"):
            signed(study.administrator)
        signed(factories.person("second", Role.ADMINISTRATOR))
        with pytest.raises(Exception, match="may not manage accounts"):
            signed(study.dsmb)


@pytest.mark.django_db(transaction=True)
def test_one_signature_sent_from_two_screens_at_once_is_one():
    administrator, quarter = factories.person("administrator", Role.ADMINISTRATOR), now()
    with next_quarter():
        content = rights.content(rights.in_quarter(rights.everything(), quarter), quarter)

        def press(_):
            try:
                rights_review.sign(quarter=quarter, content=content, remark="", proof="password", by=administrator)
                return "signed"
            except Refused as why:
                return str(why)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as screens:
            answers = sorted(screens.map(press, range(2)))

    assert answers == [f"You have signed the rights of {quarter.name} already.", "signed"]


def test_quarters_follow_each_other():
    assert Quarter.of(date(2026, 11, 30)).name == "2026 Q4"
    assert Quarter(2026, 4).next.name == "2027 Q1"
    assert (Quarter(2026, 1).first.isoformat(), Quarter(2026, 3).ends.isoformat()) == (
        "2026-01-01", "2026-10-01T00:00:00+00:00",
    )  # fmt: skip

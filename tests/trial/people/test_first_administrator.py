"""How an empty installation begins, and that it is never without an administrator."""

import io
import sys
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests import factories
from tests.escalation.decisions.test_races import at_once
from trial.models import Account, AuditEvent, Membership, User
from trial.people import services, views
from trial.refusals import Refused
from trial.roles import Role

PASSWORD = "bread and butter pudding"
ADA = {"email": "ada@example.org", "name": "Ada Able"}


@pytest.mark.django_db
def test_the_first_administrator_is_opened_once_and_opens_the_others(monkeypatch, capsys):
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", PASSWORD)
    call_command("open_administrator", **ADA)

    assert "Sign in as ada@example.org" in capsys.readouterr().out
    client = Client()
    assert client.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD}).url == "/"
    assert client.get("/people/new/").status_code == 200, "asked for no other password first"
    assert AuditEvent.objects.get(ledger__trial=None).verb == "account.open"
    with pytest.raises(CommandError, match="There is an administrator already, Ada Able"):
        call_command("open_administrator", email="eve@example.org", name="Eve")
    assert User.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("password", "said", "sentence"),
    [
        ("short", ADA, "Password: This password is too short."),
        (PASSWORD, ADA | {"email": "ada"}, "E-mail: ada is not an address"),
        ("", ADA | {"email": None}, "E-mail: nobody is there to be asked"),
    ],
)
def test_what_cannot_be_an_administrator_is_refused(monkeypatch, password, said, sentence):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))

    with pytest.raises(CommandError, match=sentence):
        call_command("open_administrator", password_stdin=True, **said)

    assert not User.objects.exists()


def test_createsuperuser_names_the_command_that_there_is():
    with pytest.raises(CommandError, match="opened by `manage.py open_administrator`"):
        call_command("createsuperuser")


@pytest.mark.django_db
def test_the_only_administrator_is_not_closed():
    one = factories.person("one", Role.ADMINISTRATOR)
    with pytest.raises(Refused, match="This is the only administrator"):
        services.close_account(user=one.pk, reason="Leaves.", by=one)

    factories.person("two", Role.ADMINISTRATOR)
    services.close_account(user=one.pk, reason="Leaves.", by=one)
    assert not Account.objects.get(user=one).open


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_close_each_other_at_once_leave_one():
    one, two = (factories.person(name, Role.ADMINISTRATOR) for name in ("one", "two"))

    at_once(
        None,
        lambda: services.close_account(user=two.pk, reason="x", by=one),
        lambda: services.close_account(user=one.pk, reason="x", by=two),
    )

    assert Account.objects.filter(role=Role.ADMINISTRATOR, open=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_first_administrators_at_once_are_one():
    opened = at_once(
        None,
        *[
            lambda k=k: services.open_first_administrator(email=f"{k}@example.org", name=f"N {k}", password=PASSWORD)
            for k in range(2)
        ],
    )

    assert sum(isinstance(one, Refused) for one in opened) == 1
    assert Account.objects.count() == 1


@pytest.mark.django_db
def test_nobody_gives_himself_a_role_in_a_trial():
    study = factories.study()
    before = Membership.objects.count()
    with pytest.raises(Refused, match="nobody gives himself a role") as refused:
        services.add_member(trial=study.trial.pk, user=study.administrator.pk, role="dsmb", by=study.administrator)

    assert refused.value.field == "user"
    assert Membership.objects.count() == before


@pytest.mark.django_db
@pytest.mark.parametrize("offered", [False, True])
def test_nor_by_the_page_whatever_it_offers(client, monkeypatch, offered):
    study = factories.study()
    if offered:  # as a page that forgot to leave him out would
        monkeypatch.setattr(views, "_others", lambda people, by: people)
    client.force_login(study.administrator)
    page = f"/trials/{study.trial.code}/people/add/"

    answer = client.post(page, {"user": str(study.administrator.pk), "role": "dsmb", "key": str(uuid.uuid4())})

    assert answer.status_code in (409, 422)
    assert not study.administrator.memberships.exists()

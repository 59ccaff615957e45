"""The database busy, full or away: 503 with Retry-After by page and by REST, and what was typed can be sent again."""

import re
import threading

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client

from tests import factories, rest
from trial.operations import faults, health, heartbeat
from trial.people import services
from trial.record import lock
from trial.refusals import Busy


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("53100", faults.FULL),  # the disk
        ("25006", faults.FULL),  # kept from writing
        ("57P01", faults.AWAY),  # it is stopped
        ("53300", faults.AWAY),  # too many connections
        ("58030", faults.AWAY),  # the disk cannot be read
        ("55P03", faults.BUSY),
        ("40P01", faults.BUSY),
        ("54001", None),  # a statement too complex: of the program
        ("42P01", None),
        ("23505", None),
    ],
)
def test_which_errors_of_the_server_are_no_fault_of_the_program(code, expected):
    with pytest.raises(DatabaseError) as raised, connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$")

    assert faults.of(raised.value) is expected


@pytest.fixture
def away():
    """away(): from now on there is no database at its address."""
    where = connection.settings_dict["HOST"]

    def go():
        connection.close()
        connection.settings_dict["HOST"] = "/nowhere"

    yield go
    connection.settings_dict["HOST"] = where
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_while_the_session_is_saved_is_no_mistake_of_the_browser(away, monkeypatch):
    study = factories.study()
    client = Client()
    client.force_login(study.coordinator)
    save = SessionStore.save

    def lost(*args, **kwargs):
        away()
        save(*args, **kwargs)

    monkeypatch.setattr(SessionStore, "save", lost)
    page = client.get(f"/trials/{study.trial.code}/")

    assert (page.status_code, page["Retry-After"]) == (503, "10")


@pytest.mark.django_db(transaction=True)
def test_without_a_database_every_door_says_so_and_loses_nothing(away):
    study = factories.study()
    client = Client(raise_request_exception=False)
    client.force_login(study.coordinator)
    token = {"Authorization": f"Bearer {rest.secret(study.coordinator)}"}
    assert Client().get("/readyz").json()["database"] == {"ok": True}
    away()

    page = client.get(f"/trials/{study.trial.code}/")
    assert (page.status_code, page["Retry-After"], page["Cache-Control"]) == (503, "10", "no-store")
    assert "The database does not answer" in page.content.decode()

    typed = {"name": "Dr <b>", "password": "of mine", "key": "k"}
    form = client.post("/tokens/?page=2", typed).content.decode()
    assert '<form method="post" action="/tokens/?page=2">' in form
    assert re.findall(r'name="(\w+)" value="([^"]*)"', form) == [("name", "Dr &lt;b&gt;"), ("key", "k")]

    answer = Client().get("/api/v1/trials/", headers=token)
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert answer.json()["detail"].startswith("The database does not answer. ")

    assert Client().get("/healthz").json() == {"alive": True}
    ready = Client().get("/readyz")
    assert ready.status_code == 503
    assert [ready.json()[name]["ok"] for name in ("database", "migrations", "broker")] == [False, False, True]


@pytest.mark.django_db
def test_ready_is_who_has_every_migration_and_both_heartbeats(monkeypatch):
    for name in heartbeat.NAMES:
        heartbeat.give(name)
    ready = Client().get("/readyz")
    assert ready.status_code == 200
    checks = ready.json()
    assert all(checks[name].pop("age_seconds") < heartbeat.LATE for name in heartbeat.NAMES)
    well = {name: {"ok": True} for name in ("database", "migrations", "broker", "worker", "beat")}
    assert checks == {"ready": True, **well}

    monkeypatch.setattr(heartbeat, "LATE", 0)
    monkeypatch.setattr(health, "_migrations", lambda: frozenset({("trial", "0999_of_tomorrow")}))
    late = Client().get("/readyz")
    assert late.status_code == 503
    checks = {name: check["ok"] for name, check in late.json().items() if name != "ready"}
    assert checks == {"database": True, "migrations": False, "broker": True, "worker": False, "beat": False}


def test_without_a_broker_nobody_is_there_and_a_heartbeat_does_no_harm(settings):
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere"

    heartbeat.give("worker")

    assert {name: check["ok"] for name, check in health._broker().items()} == dict.fromkeys(
        ("broker", "worker", "beat"), False
    )


@pytest.mark.django_db(transaction=True, databases=["default", "queue", "owner"])
def test_four_wait_for_a_trial_that_is_held_the_others_are_told_at_once_and_another_trial_is_free():
    held, other = factories.study(), factories.study()
    answers = []

    def add_site(study, code):
        try:
            services.add_site(trial=study.trial.pk, code=code, name=code, by=study.administrator)
            answers.append("done")
        except Busy:
            answers.append("busy")
        finally:
            connections.close_all()

    def begin(study, code):
        thread = threading.Thread(target=add_site, args=[study, code])
        thread.start()
        return thread

    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT FROM trial_ledger WHERE trial_id = %s FOR UPDATE", [held.trial.pk])
        waiting = [begin(held, f"S{k}") for k in range(16)]
        while len(answers) < 16 - lock.MOST:
            waiting[0].join(0.01)
        begin(other, "S1").join()
        assert answers == ["busy"] * 12 + ["done"]
    for thread in waiting:
        thread.join()

    assert sorted(answers) == ["busy"] * 12 + ["done"] * 5
    assert not lock._waiting

"""What every test stands on: one PostgreSQL, the application's role, the owner only to clear the tables."""

import gc
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connections
from django.test import Client, TransactionTestCase
from django.utils.crypto import get_random_string
from hypothesis import settings as hypothesis_settings

from tests import remembered, scheduling, snapshots, soak

AS_APPLICATION = ("default", "queue")


def pytest_configure() -> None:
    # a busy machine is no fault; benchmarks/ measure
    hypothesis_settings.register_profile("suite", deadline=None, max_examples=soak.examples(100))
    hypothesis_settings.load_profile("suite")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one takes 0.2 s on purpose


def pytest_collection_finish() -> None:
    """The program, once loaded, is no garbage: to look through it again and again is a tenth of the suite."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=scheduling.order)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> scheduling.FromBothEnds:
    return scheduling.FromBothEnds(config, log)


@pytest.fixture(autouse=True)
def _moves_of_a_changed_program_are_made_anew(request, monkeypatch):
    settings_too = "settings" in request.fixturenames
    remembered.under(lambda: settings_too or bool(monkeypatch._setattr or monkeypatch._setitem))


@pytest.fixture(scope="session", autouse=True)
def _a_session_given_is_no_log_in():
    """One statement in place of twenty: what a log-in counts and records is for tests which log in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "force_login", give_session)
        yield


def give_session(client: Client, user: Any, backend: str | None = None) -> None:
    """As after a log-in, and as after the first page."""
    from django.contrib.sessions.backends.db import SessionStore  # Django is not set up when this file is read

    from trial.middleware import SEEN
    from trial.people import sessions

    session = SessionStore(get_random_string(32))
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = backend or settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    sessions.begin(session)
    session[SEEN] = session[sessions.BEGUN]
    session.create_model_instance(session._session).save(force_insert=True)
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key


@pytest.fixture(scope="session")
def django_db_keepdb():
    return True  # the whole cluster is removed in the end


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database is made and migrated by the owner; from here on the tests are the application."""
    assert {connection.vendor for connection in connections.all()} == {"postgresql"}
    with django_db_blocker.unblock():
        become(settings.DATABASE_APP_ROLE)

    def clear(self):
        for alias in AS_APPLICATION:
            connections[alias].close()  # a test may have lost it; the aliases are one database: clear it once
        snapshots.clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", clear)
        yield


def become(role: str | None) -> None:
    """Close the connections; the next ones have this role."""
    for alias in connections:
        connections[alias].close()
        if alias in AS_APPLICATION:
            connections[alias].settings_dict["OPTIONS"]["assume_role"] = role

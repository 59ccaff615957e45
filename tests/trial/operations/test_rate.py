"""How often a token may ask: counted over all processes, told in headers, and let pass while nobody counts."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories, rest
from trial.operations import broker, rate

pytestmark = pytest.mark.django_db
TRIALS = "/api/v1/trials/"


def asking(user):
    """A client with a token of its own."""
    headers = {"Authorization": f"Bearer {rest.secret(user)}"}
    return lambda: Client().get(TRIALS, headers=headers)


def limits(answer):
    return [answer.headers.get(name) for name in rate.HEADERS]


@pytest.fixture(autouse=True)
def afresh(monkeypatch):
    monkeypatch.setattr(rate, "_asked_again", 0.0)
    rate._client.cache_clear()
    yield
    rate._client.cache_clear()


def test_a_token_that_asks_too_often_is_told_so_and_when_to_come_again(settings):
    settings.API_RATE = 2
    person = factories.person("poller")
    with time_machine.travel("2031-03-14 10:00:18Z", tick=False) as clock:
        one, other = asking(person), asking(person)
        assert [limits(one()), limits(one())] == [["2", "1", "42"], ["2", "0", "42"]]

        refused = one()

        assert refused.status_code == 429 and refused["Content-Type"] == "application/problem+json"
        assert refused["Retry-After"] == "42" and limits(refused) == ["2", "0", "42"]
        assert refused.json()["status"] == 429 and refused.json()["detail"]
        assert other().status_code == 200, "each token is counted by itself"
        clock.shift(42)
        assert limits(one()) == ["2", "1", "60"]


def test_all_processes_count_together_and_without_the_database(settings):
    person = factories.person("poller")
    with time_machine.travel("2031-03-14 11:00:00Z", tick=False):
        ask = asking(person)
        ask()
        rate._client.cache_clear()  # as in another process
        with CaptureQueriesContext(connection) as counted:
            assert limits(ask())[1] == str(settings.API_RATE - 2)
        settings.API_RATE = 0
        with CaptureQueriesContext(connection) as free:
            assert limits(ask()) == [None, None, None]
    assert len(counted) == len(free)


def test_while_the_broker_is_away_everybody_is_answered_and_it_is_said_once(settings, caplog):
    settings.API_RATE, settings.CELERY_BROKER_URL = 1, "redis://127.0.0.1:1/0"
    ask = asking(factories.person("poller"))

    with caplog.at_level(logging.WARNING, logger=rate.__name__):
        answers = [ask() for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [limits(answer) for answer in answers] == [[None] * 3] * 3
    assert [line.getMessage() for line in caplog.records] == [
        "requests of tokens are not counted for 10 seconds: ConnectionError"
    ]


def test_threads_that_ask_first_at_the_same_time_share_one_client(monkeypatch):
    """Of two, the one that is not kept would close what its thread is asking by."""
    made = []

    def slowly(patience):
        time.sleep(0.05)
        made.append(patience)
        return len(made)

    monkeypatch.setattr(broker, "client", slowly)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda _: rate._broker(), range(4))) == [1, 1, 1, 1]
    assert made == [rate.PATIENCE]


def test_who_is_signed_in_at_a_page_is_not_counted(settings):
    settings.API_RATE = 1
    client = Client()
    client.force_login(factories.person("reader"))

    assert [client.get(TRIALS).status_code for _ in range(3)] == [200] * 3


def test_the_schema_names_headers_and_answer():
    client = Client()
    client.force_login(factories.person("reader"))

    answers = client.get("/api/v1/schema?format=json").json()["paths"][TRIALS]["get"]["responses"]

    assert set(rate.HEADERS) <= set(answers["200"]["headers"])
    assert "Retry-After" in answers["429"]["headers"] and "application/problem+json" in answers["429"]["content"]

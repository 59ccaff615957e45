"""Guessing at the log-in, over many addresses too, and at the password asked again; and that the owner stays in."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.utils import timezone

from tests import factories
from tests.escalation.decisions.test_races import at_once
from tests.patients.test_pages import text
from trial import client as visitor
from trial.models import AccessEvent, Attempt, Signature
from trial.people import throttle
from trial.record import access_events

LOG_IN = "/accounts/login/"
CHANGE = "/accounts/password/change/"


@pytest.fixture
def person(db):
    return factories.person("somebody")


def log_in(person, password=factories.PASSWORD, address="192.0.2.1", client=None):
    return (client or Client()).post(LOG_IN, {"login": person.email, "password": password}, REMOTE_ADDR=address)


def guesses(person, many):
    """From an address each."""
    return [log_in(person, "wrong", f"198.51.100.{k}") for k in range(many)]


@pytest.mark.parametrize(
    ("proxies", "written", "found"),
    [
        (0, "203.0.113.9", "127.0.0.1"),  # nobody is between: whoever wrote it, it was not we
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.9.9.9, 203.0.113.9", "203.0.113.9"),  # the client wrote the first himself
        (2, "10.9.9.9, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (1, "nonsense", "127.0.0.1"),
        (2, "203.0.113.9", "127.0.0.1"),
    ],
)
def test_the_address_is_the_hop_that_our_own_proxy_wrote(settings, proxies, written, found):
    settings.PROXIES = proxies

    assert visitor.address(RequestFactory().get("/", HTTP_X_FORWARDED_FOR=written)) == found


def test_behind_the_proxy_a_stranger_locks_himself_and_not_the_owner(person, settings):
    settings.PROXIES = 1
    stranger, owner = {"X-Forwarded-For": "203.0.113.66"}, {"X-Forwarded-For": "203.0.113.7"}
    wrong, right = {"login": person.email, "password": "wrong"}, {"login": person.email, "password": factories.PASSWORD}
    for _ in range(5):
        answer = Client().post(LOG_IN, wrong, headers=stranger)

    assert answer.status_code == 429 and 890 <= int(answer["Retry-After"]) <= 900
    assert "opens again in 15 minutes" in text(answer)
    assert Client().post(LOG_IN, right, headers=stranger).status_code == 429
    assert Client().post(LOG_IN, right, headers=owner).status_code == 302
    locked = AccessEvent.objects.filter(kind=access_events.LOCKED_OUT)
    assert set(locked.values_list("user", "address")) == {(person.pk, "203.0.113.66")}


def test_a_lock_lasts_a_quarter_of_an_hour_whoever_goes_on_trying(person):
    for _ in range(5):
        log_in(person, "wrong")
    with time_machine.travel(timezone.now() + timedelta(minutes=14)):
        assert log_in(person).status_code == 429

    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
        assert log_in(person).status_code == 302


def test_beyond_ten_failures_an_hour_each_makes_the_next_answer_wait_longer(person):
    assert {answer.status_code for answer in guesses(person, 11)} == {200}
    now, waits = timezone.now(), []
    for k in range(7):
        with time_machine.travel(now, tick=False):
            told = log_in(person, address=f"203.0.113.{k}")
        assert told.status_code == 429, "the right password too: nothing was checked"
        waits.append(int(told["Retry-After"]))
        now += timedelta(seconds=waits[-1] + 1)
        with time_machine.travel(now, tick=False):
            assert log_in(person, "wrong", f"203.0.113.{k}").status_code == 200

    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert f"Wait {waits[-1]} seconds" in text(told)
    assert AccessEvent.objects.filter(kind=access_events.TOLD_TO_WAIT, user=person).count() == 7
    with time_machine.travel(now + timedelta(seconds=31)):
        assert log_in(person, address="203.0.113.99").status_code == 302


def test_who_came_in_from_an_address_lately_does_not_wait_there_for_strangers(person):
    log_in(person, address="203.0.113.7")
    guesses(person, 11)

    assert log_in(person, address="203.0.113.99").status_code == 429
    assert log_in(person, address="203.0.113.7").status_code == 302


def test_an_address_without_an_account_waits_as_one_with(db):
    class Nobody:
        email = "nobody@example.org"

    assert guesses(Nobody, 12)[-1].status_code == 429


def test_an_address_longer_than_any_is_refused_as_another(db):
    class Long:
        email = "a" * 64 + "@" + ".".join(["b" * 60] * 4) + ".org"

    assert [log_in(Long).status_code for _ in range(5)] == [200] * 4 + [429]


def test_what_is_old_is_not_counted_and_is_deleted(person):
    guesses(person, 11)

    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        assert log_in(person).status_code == 302
        throttle.purge()
        assert Attempt.objects.count() == 11
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        throttle.purge()
    assert not Attempt.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_many():
    found = at_once(None, *[lambda: throttle.at_log_in("somebody@example.org", None)] * 14)

    assert sum(not one.wait for one in found) == throttle.FREE + 1


def change(client, old):
    new = {"password1": "another long phrase", "password2": "another long phrase"}
    return client.post(CHANGE, {"oldpassword": old} | new)


def test_the_password_asked_again_is_counted_by_session_and_the_log_in_apart(person):
    mine, other = Client(), Client()
    log_in(person, client=mine)
    log_in(person, client=other)
    for _ in range(5):
        log_in(person, "wrong")  # a stranger, at the same address
    for _ in range(5):
        assert "This is not your password." in text(change(mine, "wrong"))

    assert "Too many were wrong here. Try again in 15 minutes." in text(change(mine, factories.PASSWORD))
    assert AccessEvent.objects.filter(kind=access_events.PASSWORD_FAILED, user=person).count() == 5
    assert change(other, factories.PASSWORD).status_code == 302


def test_a_stranger_who_locks_the_log_in_stops_no_signer_who_is_in(db):
    study = factories.study()
    signer, client = study.dsmb, Client()
    log_in(signer, client=client)
    for _ in range(5):
        stranger = log_in(signer, "wrong")  # at the signer's own address too
    guesses(signer, 11)
    said = {"key": uuid.uuid4(), "basis": study.situation().basis, "choice": "stay:1", "password": factories.PASSWORD}

    with study.at():
        signed = client.post(f"/trials/{study.trial.code}/decisions/new/", said)

    assert (stranger.status_code, signed.status_code) == (429, 302)
    assert Signature.objects.get(user=signer).proof == "password"

"""Sessions and tokens: seen and ended by their owner, and ended by what happens to the account; with real requests."""

import time
import uuid

import pytest
from django.test import Client

from tests import factories, second_factor
from tests.patients.test_pages import text
from tests.second_factor import code
from trial import notices
from trial.models import AccessEvent, ApiToken, User
from trial.people import services, sessions, tokens
from trial.record import access_events
from trial.roles import Role

pytestmark = pytest.mark.django_db
MINE, CHANGE, TOKENS = "/accounts/sessions/", "/accounts/password/change/", "/tokens/"
NEW = "one of my own choice"


@pytest.fixture
def person():
    return factories.person("somebody")


def browser(person, agent="Firefox on the ward", address="192.0.2.1"):
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    client.post("/accounts/login/", {"login": person.email, "password": factories.PASSWORD})
    return client


def is_in(client):
    return client.get("/").status_code == 200


def kinds(person):
    return list(AccessEvent.objects.filter(user=person).order_by("at", "id").values_list("kind", flat=True))


def test_a_person_sees_his_sessions_and_ends_the_others(person):
    mine, other, stranger = browser(person), browser(person, "Phone", "198.51.100.9"), browser(factories.person("x"))

    page = text(mine.get(MINE))
    assert "You are signed in from 2 browsers" in page and "after 30 minutes without activity, and 12 hours" in page
    assert "Firefox on the ward" in page and "Phone" in page and "198.51.100.9" in page
    assert page.count("this one") == 1

    mine.post(MINE)

    assert (is_in(mine), is_in(other), is_in(stranger)) == (True, False, True)
    assert "You are signed in here only" in text(mine.get(MINE))
    ended = AccessEvent.objects.get(kind=access_events.SESSION_ENDED)
    assert (ended.user, ended.detail) == (person, "of 198.51.100.9")


def test_twelve_hours_after_the_log_in_a_session_ends_however_busy_it_was(person):
    client = browser(person)
    session = client.session
    session[sessions.BEGUN] = int(time.time()) - 12 * 3600 - 1
    session["seen"] = int(time.time())
    session.save()

    answer = client.get("/")

    assert answer.status_code == 302
    assert "You were signed out 12 hours after the log-in." in text(client.get(answer.url))
    assert kinds(person)[-1] == access_events.SESSION_OVER


def change(client):
    return client.post(CHANGE, {"oldpassword": factories.PASSWORD, "password1": NEW, "password2": NEW})


def test_another_password_ends_the_other_sessions_and_every_token(person):
    mine, other = browser(person), browser(person)
    token, _ = tokens.create(user=person, name="nightly")

    assert change(mine).status_code == 302

    assert (is_in(mine), is_in(other)) == (True, False)
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert "You are signed in here only" in text(mine.get(MINE))


def test_a_password_that_is_reset_by_the_link_ends_every_session_and_token(person, mailoutbox):
    mine = browser(person)
    tokens.create(user=person, name="nightly")
    Client().post("/accounts/password/reset/", {"email": person.email})
    notices.deliver_one()
    link = next(word for word in mailoutbox[0].body.split() if "/password/reset/key/" in word)
    other = Client()
    form = other.get(link.removeprefix("https://trials.example"))
    other.post(form.url, {"password1": NEW, "password2": NEW})

    assert not is_in(mine)
    assert not ApiToken.objects.filter(user=person, revoked_at=None).exists()
    assert other.post("/accounts/login/", {"login": person.email, "password": NEW}).url == "/"


def test_what_was_open_when_an_account_was_closed_stays_shut_when_it_is_opened_again(person):
    administrator = factories.person("administrator", Role.ADMINISTRATOR)
    client = browser(person)
    _, secret = tokens.create(user=person, name="nightly")
    services.close_account(user=person.pk, reason="Left.", by=administrator)
    User.objects.filter(pk=person.pk).update(is_active=True)

    assert not is_in(client)
    asked = Client().get("/api/v1/trials/", headers={"Authorization": f"Bearer {secret}"})
    assert asked.status_code == 401


def make(client, **proof):
    said = {"key": uuid.uuid4(), "name": "nightly", "scopes": "read", "days": "30"}
    return client.post(TOKENS, said | proof)


def test_a_token_is_made_with_the_password_and_the_code_again(person):
    client = browser(person)
    assert "Your password" in text(client.get(TOKENS))
    for wrong, sentence in (("", "an answer is needed"), ("wrong", "This is not your password. No token was made.")):
        answer = make(client, password=wrong)
        assert answer.status_code == 422 and sentence in text(answer)
    assert answer.context["form"]["name"].value() == "nightly", "what was typed is kept"

    secret = second_factor.enrol(person)
    assert "Code: an answer is needed" in text(make(client, password=factories.PASSWORD))
    assert not ApiToken.objects.exists()
    assert make(client, password=factories.PASSWORD, code=code(secret)).status_code == 201

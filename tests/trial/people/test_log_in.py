"""Log-in, lock-out, idle time-out and the pages that say no; with real requests, not force_login."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from tests import factories
from trial.models import AccessEvent, User
from trial.people import services
from trial.record import access_events
from trial.roles import Role

pytestmark = pytest.mark.django_db
LOG_IN = "/accounts/login/"


@pytest.fixture
def person():
    return factories.person("somebody")


def log_in(client, person, password=factories.PASSWORD):
    return client.post(LOG_IN, {"login": person.email, "password": password})


def kinds():
    return list(AccessEvent.objects.order_by("at", "id").values_list("kind", flat=True))


def test_the_log_in_page_needs_no_inline_style_or_script(client):
    response = client.get(LOG_IN)
    page = response.content.decode()

    assert response.status_code == 200
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "style=" not in page
    assert "<style" not in page
    assert "onclick" not in page
    assert page.count("<script") == page.count("<script src=")


def test_a_page_asks_for_the_log_in_first(client):
    response = client.get("/")

    assert response.status_code == 302
    assert response.url.startswith(LOG_IN)


def test_log_in_and_log_out_are_recorded(client, person):
    assert log_in(client, person).url == "/"
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")

    assert kinds() == [access_events.LOG_IN, access_events.LOG_OUT]
    assert AccessEvent.objects.first().user == person
    assert AccessEvent.objects.first().address == "127.0.0.1"


def test_a_failed_log_in_is_recorded_under_the_account(client, person):
    assert log_in(client, person, "wrong").status_code == 200

    event = AccessEvent.objects.get()
    assert (event.kind, event.user) == (access_events.LOG_IN_FAILED, person)


def test_what_is_typed_for_no_account_is_not_kept(client):
    client.post(LOG_IN, {"login": "my-password@example.org", "password": "x"})

    event = AccessEvent.objects.get()
    assert (event.user, event.detail) == (None, "no such account")


def test_nobody_gives_himself_an_address_or_an_account(client, person):
    client.force_login(person, settings.AUTHENTICATION_BACKENDS[-1])

    for path in ("email/", "signup/", "confirm-email/", "confirm-email/key/", "password/set/", "login/code/confirm/"):
        assert client.get(f"/accounts/{path}").status_code == 404
        assert client.post(f"/accounts/{path}", {"email": "mine@example.org", "action_add": ""}).status_code == 404


def test_an_address_besides_the_accounts_own_opens_nothing(client, person):
    EmailAddress.objects.create(user=person, email="another@example.org", verified=True, primary=True)

    assert client.post(LOG_IN, {"login": "another@example.org", "password": factories.PASSWORD}).status_code == 200
    assert log_in(client, person).url == "/"


def test_a_closed_account_is_answered_as_a_wrong_password_is(client, person):
    wrong = log_in(client, person, "wrong").content
    User.objects.filter(pk=person.pk).update(is_active=False)

    answer = log_in(Client(), person)

    assert answer.status_code == 200
    assert text_of(answer.content) == text_of(wrong)
    assert kinds() == [access_events.LOG_IN_FAILED] * 2


def text_of(page):
    """Without the form's own token."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.decode())


def test_five_failures_lock_the_log_in_even_for_the_right_password(client, person):
    answers = [log_in(client, person, "wrong") for _ in range(5)]

    assert [answer.status_code for answer in answers[:4]] == [200] * 4
    assert answers[4].status_code in (403, 429)
    assert "locked" in answers[4].content.decode()
    after = log_in(client, person)
    assert after.status_code in (403, 429)
    assert "_auth_user_id" not in client.session
    assert access_events.LOCKED_OUT in kinds()


def test_one_spelling_of_the_address_is_one_account_for_the_lock(client, person):
    for spelling in (person.email, person.email.upper(), person.email.title(), person.email, person.email):
        client.post(LOG_IN, {"login": spelling, "password": "wrong"})

    assert log_in(client, person).status_code in (403, 429)


def test_a_lock_is_of_one_account(client, person):
    for _ in range(5):
        log_in(client, person, "wrong")

    assert log_in(Client(), factories.person("other")).url == "/"


def test_an_idle_session_ends_and_says_so(client, person, settings):
    log_in(client, person)
    client.get("/")
    session = client.session
    session["seen"] = int(time.time()) - settings.SESSION_IDLE_SECONDS - 1
    session.save()

    response = client.get("/")

    assert response.status_code == 302
    assert "30 minutes without activity" in client.get(response.url).content.decode()
    assert kinds()[-1] == access_events.IDLE_OUT


def test_a_poll_does_not_keep_a_session_awake(client, settings):
    study = factories.study().open()
    log_in(client, study.coordinator)
    client.get("/")
    session = client.session
    session["seen"] = before = int(time.time()) - settings.SESSION_IDLE_SECONDS + 100
    session.save()
    pulse = reverse("escalation:pulse", args=[study.trial.code])

    assert client.get(pulse).status_code in (200, 204)
    assert client.session["seen"] == before
    client.get("/")
    assert client.session["seen"] > before


def test_a_poll_of_nobody_gets_401(client):
    assert client.get("/trials/any/pulse/").status_code == 401


def test_what_is_not_there_is_said_in_words(client, person):
    client.force_login(person)

    response = client.get("/trials/unknown/people/")

    assert response.status_code == 404
    assert "Go to my trials" in response.content.decode()


def test_a_right_that_is_missing_is_said_in_words(client):
    study = factories.study()
    client.force_login(study.coordinator)

    response = client.get(reverse("trial:add_member", args=[study.trial.code]))

    assert response.status_code == 403
    assert "As Coordinator you may not manage accounts and memberships." in response.content.decode()


def test_a_fault_of_ours_is_a_page_too(person, monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(person)
    monkeypatch.setattr("trial.people.tokens.of", lambda user: 1 / 0)

    response = client.get(reverse("trial:tokens"))

    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()


def test_a_busy_record_asks_to_come_back(person, monkeypatch):
    def busy(user):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1")
            cursor.execute("SELECT pg_sleep(1)")

    client = Client()
    client.force_login(person)
    monkeypatch.setattr("trial.people.tokens.of", busy)

    response = client.get(reverse("trial:tokens"))

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "Busy for a moment" in response.content.decode()


@pytest.fixture
def opened():
    """An account as an administrator opens it, with a password that both know."""
    return services.open_account(
        email="new@example.org",
        name="New",
        password="handed over once",
        by=factories.person("administrator", Role.ADMINISTRATOR),
    )


def change(client, old, new):
    return client.post("/accounts/password/change/", {"oldpassword": old, "password1": new, "password2": new})


def test_a_password_that_was_given_opens_nothing_but_its_change(client, opened):
    log_in(client, opened, "handed over once")

    for path in ("/", "/tokens/", reverse("trial:accounts")):
        assert client.get(path).url == "/accounts/password/change/"
    assert client.get("/api/v1/trials/").status_code == 403
    page = client.get("/accounts/password/change/").content.decode()
    assert page.count("Choose your own password first") == 1

    assert "choose another one" in change(client, "handed over once", "handed over once").content.decode()
    assert client.get("/").status_code == 302

    change(client, "handed over once", "one of my own choice")
    assert client.get("/").status_code == 200
    assert access_events.PASSWORD_CHANGED in kinds()


def test_who_was_given_a_password_may_leave(client, opened):
    log_in(client, opened, "handed over once")

    assert client.post("/accounts/logout/").url == "/"
    assert client.get("/").url.startswith(LOG_IN)


def test_an_account_that_nobody_else_knows_the_password_of_is_not_asked(client, person):
    log_in(client, person)

    assert client.get("/").status_code == 200

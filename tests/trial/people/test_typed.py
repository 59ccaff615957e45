"""What was typed when the session ended: shown after that account's log-in alone, for an hour, until it is sent."""

import time
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from assessments.models import AdverseEvent
from assessments.response.models import DiseaseAssessment
from tests import factories
from tests.assessments.events.test_pages import text, typed
from trial.people import typed as kept
from trial.record import ledger

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    made = factories.study().open()
    made.patient = made.dose()
    return made


@pytest.fixture
def client(study):
    """The investigator's browser."""
    found = Client()
    log_in(found, study.investigator)
    found.get("/")
    return found


def log_in(client, person, to=""):
    return client.post("/accounts/login/", {"login": person.email, "password": factories.PASSWORD, "next": to})


def idle(client, settings, *, poll=""):
    """Nothing was asked for half an hour; the page's poller finds out first, or the form that is sent."""
    session = client.session
    session["seen"] = int(time.time()) - settings.SESSION_IDLE_SECONDS - 1
    session.save()
    if poll:
        assert client.get(poll).status_code == 401


def report(study):
    return f"/trials/{study.trial.code}/events/report/1/"


def send(study, client, **changed):
    with study.at():
        return client.post(report(study), typed(study, **{"grade": 3, "specified": "By the diary"} | changed))


@pytest.mark.parametrize("poller", [False, True])
def test_after_the_log_in_the_form_stands_as_it_was_typed_and_is_sent_once(study, client, settings, poller):
    idle(client, settings, poll=f"/trials/{study.trial.code}/pulse/" if poller else "")
    ended = send(study, client)
    assert ended.status_code == 302 and ended.url.startswith("/accounts/login/")
    assert "What you typed is kept for an hour." in text(client.get(ended.url))
    before = ledger.number_of(study.trial.pk)

    with study.at():
        opened = client.get(log_in(client, study.investigator, report(study)).url)

    assert "This is what you typed before your session ended" in text(opened)
    form = opened.context["form"]
    assert (str(form["grade"].value()), form["specified"].value()) == ("3", "By the diary")
    assert ledger.number_of(study.trial.pk) == before and not AdverseEvent.objects.exists(), "showing sends nothing"

    again = typed(study, **{name: form[name].value() for name in ("key", "grade", "specified")})
    with study.at():
        assert client.post(report(study), again).status_code == 302
        assert AdverseEvent.objects.get().specified == "By the diary"
        assert "This is what you typed" not in text(client.get(report(study)))
    assert cache.get(f"typed.{study.investigator.pk}") is None


def test_nobody_else_is_shown_it(study, client, settings):
    """A borrowed screen: a colleague signs in where the form was sent from."""
    colleague = study.colleague()
    idle(client, settings)
    to = send(study, client).url

    with study.at():
        opened = client.get(log_in(client, colleague, report(study)).url)

    assert "By the diary" not in opened.content.decode() and to
    assert kept.waiting(colleague) == []
    assert len(kept.waiting(study.investigator)) == 1


def test_it_is_found_from_another_browser_and_another_page(study, client, settings):
    idle(client, settings)
    send(study, client)
    other = Client()

    with study.at():
        home = other.get(log_in(other, study.investigator).url).content.decode()
        opened = other.get(report(study))

    assert f'What you typed before your session ended is kept: <a href="{report(study)}">' in home
    assert opened.context["form"]["specified"].value() == "By the diary"


def test_after_an_hour_it_is_forgotten_and_deleted(study, client, settings):
    idle(client, settings)
    send(study, client)

    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert kept.waiting(study.investigator) == []
        kept.purge()

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache WHERE cache_key LIKE %s", ["%typed.%"])
        assert cursor.fetchone() == (0,)


def test_passwords_are_never_kept(study, settings):
    client = Client()
    log_in(client, study.dsmb)
    idle(client, settings)
    path = f"/trials/{study.trial.code}/decisions/new/"

    client.post(path, {"password": factories.PASSWORD, "code": "123456", "reason": "Seen the data.", "choice": "hold"})

    (found,) = kept.waiting(study.dsmb)
    assert found.answers == {"reason": ["Seen the data."], "choice": ["hold"]}


def test_who_signed_out_himself_has_typed_nothing(study, client):
    client.post("/accounts/logout/")

    send(study, client)

    assert kept.waiting(study.investigator) == []


def test_a_stranger_and_a_forged_cookie_keep_nothing(study):
    client = Client()
    send(study, client)
    client.cookies[kept.COOKIE] = str(study.investigator.pk)
    send(study, client)

    assert kept.waiting(study.investigator) == []


def test_a_page_that_does_not_fill_its_form_shows_what_was_typed_and_sends_it(study, settings):
    """A decision: signed anew, since no password was kept."""
    client = Client()
    log_in(client, study.dsmb)
    idle(client, settings)
    path = f"/trials/{study.trial.code}/decisions/new/"
    client.post(path, {"key": uuid.uuid4(), "basis": study.situation().basis, "reason": "Two more are pending."})

    with study.at():
        opened = client.get(log_in(client, study.dsmb, path).url)
        sent = client.post(path, dict(opened.context["kept"].answers))

    assert opened.status_code == 200 and "Reason Two more are pending." in text(opened)
    assert f'action="{path}"' in opened.content.decode() and "Send what I typed" in text(opened)
    assert sent.status_code == 422 and sent.context["form"]["reason"].value() == "Two more are pending."
    assert sent.context["form"].errors["password"]


def test_a_background_question_of_the_form_is_not_kept(study, client, settings):
    idle(client, settings)
    client.post(f"{report(study)}preview/", {"term": "Nausea"}, headers={"HX-Request": "true"})

    assert kept.waiting(study.investigator) == []


def test_what_was_changed_meanwhile_is_said_before_it_is_sent(study, settings):
    """The form carries the row that was seen, so that nobody undoes unseen what a colleague wrote."""
    made = study.assess(study.patient, serum_m="3.0")
    rev = DiseaseAssessment.objects.get(pk=made.pk).rev
    assert rev > 0
    client = Client()
    log_in(client, study.coordinator)
    idle(client, settings)
    path = f"/trials/{study.trial.code}/response/1/void/"
    client.post(path, {"key": uuid.uuid4(), "rev": rev, "reason": "Another patient's."})

    with study.at():
        opened = client.get(log_in(client, study.coordinator, path).url)

    assert str(opened.context["form"]["rev"].value()) == str(rev)
    assert opened.context["form"]["reason"].value() == "Another patient's."

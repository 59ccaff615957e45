"""Mail really leaves: by SMTP to a server of the test's own; and what happens where none is set up, or it is down."""

import socket
from contextlib import closing
from email import message_from_bytes, policy
from io import StringIO

import pytest
from aiosmtpd.controller import Controller
from django.core import mail as outgoing
from django.core.management import CommandError, call_command
from django.urls import resolve

from tests import factories
from trial import access_log, notices
from trial.models import AccessEvent, Notice, NoticeKind, NoticeOff
from trial.people import services as people

pytestmark = pytest.mark.django_db


class Sink:
    """A mail server that keeps what it is handed."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 kept"


def free_port():
    with closing(socket.socket()) as asking:
        asking.bind(("127.0.0.1", 0))
        return asking.getsockname()[1]


@pytest.fixture
def sink(settings):
    found = Sink()
    server = Controller(found, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield found
    server.stop()


def deliver():
    while notices.deliver_one():
        pass


def owe(study, *to, key="one", kind=NoticeKind.DECISION, **more):
    notices.post(trial=study.trial, to=to, key=key, kind=kind, subject="Decision 1 waits for a signature", **more)


def test_a_mail_names_its_trial_and_leads_to_its_page(sink):
    study = factories.study()
    owe(study, study.dsmb, page="decisions/1/", text="One signature is missing.")

    deliver()

    (mail,) = sink.mails
    said = mail.get_content()
    assert (mail["To"], mail["Subject"]) == (study.dsmb.email, "Decision 1 waits for a signature")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert f"{study.trial.title} ({study.trial.code})" in said
    assert "One signature is missing." in said
    assert f"https://trials.example/trials/{study.trial.code}/decisions/1/" in said
    assert Notice.objects.get().done_at


def test_every_notice_of_a_trial_leads_to_a_page_that_there_is():
    study = factories.study().open()
    study.cohort(3, dlts=1)
    study.sign()
    study.later(1)
    study.event(study.dose())

    paths = set(Notice.objects.values_list("path", flat=True))

    assert {resolve(path).url_name for path in paths} == {"decision", "verdict"}
    assert Notice.objects.filter(kind=NoticeKind.SAFETY, path__contains="/review/").exists()


def test_without_mail_nothing_is_sent_nothing_is_stamped_and_nothing_leaves_later(settings):
    study = factories.study()
    settings.EMAIL_URL = ""
    owe(study, study.dsmb)
    deliver()
    assert Notice.objects.get().done_at is None

    settings.EMAIL_URL = "memorymail://"
    deliver()

    assert outgoing.outbox == []


def test_a_server_that_is_down_is_asked_again_and_given_up_after_ten_tries(settings, time_machine):
    study = factories.study()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    owe(study, study.dsmb)
    for _ in range(notices.DEAD_AFTER):
        Notice.objects.update(next_try_at=Notice.objects.get().posted_at)
        assert notices.deliver_one()

    given_up = Notice.objects.get()
    assert given_up.dead_at and not given_up.done_at
    assert given_up.last_error.startswith("ConnectionRefusedError")
    assert not notices.deliver_one()


def test_a_kind_that_is_switched_off_is_not_mailed_and_safety_cannot_be():
    study = factories.study()
    NoticeOff.objects.create(user=study.dsmb, kind=NoticeKind.DECISION)
    owe(study, study.dsmb, study.dsmb2)
    owe(study, study.dsmb, key="two", kind=NoticeKind.SAFETY)

    deliver()

    assert sorted(mail.to[0] for mail in outgoing.outbox) == sorted([study.dsmb.email, study.dsmb2.email])


def test_who_has_left_a_trial_gets_no_more_of_its_mail():
    study = factories.study()
    owe(study, study.dsmb2)
    membership = study.dsmb2.memberships.get()
    people.end_membership(
        trial=study.trial.pk, membership=membership.pk, reason="Term is over.", by=study.administrator
    )

    deliver()

    assert outgoing.outbox == []


def test_a_reset_is_a_notice_whose_link_stands_in_the_mail_alone(client, sink):
    person = factories.person("forgetful")
    answer = client.post("/accounts/password/reset/", {"email": person.email}, follow=True)
    assert "Look into your mail" in answer.content.decode()
    row = Notice.objects.get(to=person)
    assert row.one_time and not row.path

    deliver()

    said = sink.mails[0].get_content()
    link = next(word for word in said.split() if "/password/reset/key/" in word)
    form = client.get(link.removeprefix("https://trials.example"), follow=True)
    assert "Set a new password" in form.content.decode()
    where = form.redirect_chain[-1][0]
    client.post(where, {"password1": "quite another phrase", "password2": "quite another phrase"})
    person.refresh_from_db()
    assert person.check_password("quite another phrase")
    again = client.get(link.removeprefix("https://trials.example"), follow=True)
    assert "This link opens nothing" in again.content.decode()
    key = link.rpartition("-")[2].strip("/")
    assert not Notice.objects.filter(text__contains=key).exists()


def test_resets_are_limited_and_unknown_addresses_get_the_same_answer(client):
    person = factories.person("known")
    answers = [client.post("/accounts/password/reset/", {"email": person.email}) for _ in range(5)]
    answers.append(client.post("/accounts/password/reset/", {"email": "nobody@example.org"}))

    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/accounts/password/reset/done/")}
    assert Notice.objects.filter(one_time=True).count() == notices.RESETS
    kinds = list(AccessEvent.objects.filter(user=person).values_list("kind", flat=True))
    assert (kinds.count("reset asked"), kinds.count("reset refused")) == (3, 2)


def test_without_mail_the_reset_page_says_whom_to_ask(client, settings):
    settings.EMAIL_URL = ""
    person = factories.person("forgetful")

    assert "ask an administrator" in client.get("/accounts/password/reset/").content.decode()
    client.post("/accounts/password/reset/", {"email": person.email})

    assert not Notice.objects.exists()


def test_a_test_mail_says_who_took_it_or_why_not(sink, settings):
    person = factories.person("administrator")
    printed = StringIO()
    call_command("send_test_mail", person.email, stdout=printed)
    assert "has taken a mail to" in printed.getvalue()
    assert sink.mails[0]["Subject"] == "A test mail"

    settings.EMAIL_PORT = 1
    with pytest.raises(CommandError, match=r"127\.0\.0\.1:1 did not take it: ConnectionRefusedError"):
        call_command("send_test_mail", person.email)
    settings.EMAIL_URL = ""
    with pytest.raises(CommandError, match="set EMAIL_URL and BASE_URL"):
        call_command("send_test_mail", person.email)


def test_a_one_time_link_stands_in_no_access_log():
    for where, secret in (("password/reset/key", "4-cabc12-0f3e"), ("address", "01a2:1t:x-y_z")):
        said = access_log.ONE_TIME.sub(r"\1…", f"GET /accounts/{where}/{secret}/ HTTP/1.1")

        assert said == f"GET /accounts/{where}/…/ HTTP/1.1"

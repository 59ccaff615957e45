"""The inbox: read and unread, kinds by mail, and for administrators what could not be sent."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from tests import factories
from trial import notices
from trial.inbox import queries, services
from trial.models import Notice, NoticeKind, NoticeOff
from trial.people import services as people
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


def owe(study, *to, key="one", kind=NoticeKind.MEETING):
    notices.post(trial=study.trial, to=to, key=key, kind=kind, page="meetings/", subject=f"Meeting {key} is called")


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def test_a_notice_is_unread_until_it_is_opened_and_leads_to_its_page():
    study = factories.study()
    owe(study, study.dsmb)
    page = browser(study.dsmb)
    assert "1 unread" in page.get("/inbox/").content.decode()
    assert "1 unread" in page.get("/").content.decode()

    answer = page.post(f"/inbox/{Notice.objects.get().pk}/open/")

    assert answer["Location"] == f"/trials/{study.trial.code}/meetings/"
    assert "Nothing unread" in page.get("/inbox/").content.decode()


def test_all_are_marked_as_read_at_once_and_nobody_else_s():
    study = factories.study()
    owe(study, study.dsmb, study.dsmb2)
    owe(study, study.dsmb, key="two")

    browser(study.dsmb).post("/inbox/read/")

    assert (queries.unread(study.dsmb), queries.unread(study.dsmb2)) == (0, 1)


def test_another_s_notice_is_none_of_mine():
    study = factories.study()
    owe(study, study.dsmb)

    assert browser(study.dsmb2).post(f"/inbox/{Notice.objects.get().pk}/open/").status_code == 404
    assert queries.unread(study.dsmb) == 1


def test_who_has_left_reads_no_more_of_the_trial():
    study = factories.study()
    owe(study, study.dsmb2)
    people.end_membership(
        trial=study.trial.pk, membership=study.dsmb2.memberships.get().pk, reason="Over.", by=study.administrator
    )

    assert "Meeting one" not in browser(study.dsmb2).get("/inbox/").content.decode()


def test_kinds_are_chosen_and_safety_is_not_among_them():
    study = factories.study()
    page = browser(study.dsmb)
    page.post("/inbox/kinds/", {"mailed": ["meeting", "enrolment"]})

    assert queries.off(study.dsmb) == {"decision", "analysis"}
    form = page.get("/inbox/kinds/").context["form"]
    assert form.initial["mailed"] == ["meeting", "enrolment"]
    assert page.post("/inbox/kinds/", {"mailed": ["safety"]}).status_code == 422
    with pytest.raises(Refused, match="safety cannot be chosen"):
        services.choose(by=study.dsmb, mailed=["safety"])


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_choose_at_once_leave_one_choice_whole():
    person = factories.person("reader")

    def choose(mailed):
        try:
            services.choose(by=person, mailed=mailed)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as both:
        list(both.map(choose, [["meeting"], ["decision"]] * 3))

    assert queries.off(person) in ({"decision", "enrolment", "analysis"}, {"meeting", "enrolment", "analysis"})
    assert NoticeOff.objects.count() == 3


def test_an_administrator_sees_to_whom_a_mail_did_not_go_and_not_what_it_says():
    study = factories.study()
    owe(study, study.dsmb)
    Notice.objects.update(attempts=10, dead_at="2026-01-05T09:00Z", last_error="SMTPServerDisconnected: closed")
    page = browser(study.administrator)

    shown = page.get("/people/mail/").content.decode()
    assert "1 given up" in shown
    assert "given up" in page.get("/people/").content.decode()
    assert study.dsmb.email in shown and "SMTPServerDisconnected: closed" in shown
    assert "Meeting one" not in shown

    page.post("/people/mail/")
    again = Notice.objects.get()
    assert (again.dead_at, again.attempts) == (None, 0)
    assert browser(study.dsmb).post("/people/mail/").status_code == 403


def test_without_mail_the_administrator_is_told(settings):
    settings.EMAIL_URL = ""
    study = factories.study()
    owe(study, study.dsmb)

    assert "No mail is set up" in browser(study.administrator).get("/people/").content.decode()
    assert (
        "1 notice can be read in the program only" in browser(study.administrator).get("/people/mail/").content.decode()
    )


def test_the_inbox_asks_the_database_as_much_of_one_as_of_twenty(django_assert_max_num_queries):
    study = factories.study()
    page = browser(study.dsmb)
    for number in range(20):
        owe(study, study.dsmb, key=str(number))
    page.get("/inbox/")
    with django_assert_max_num_queries(12):
        page.get("/inbox/")

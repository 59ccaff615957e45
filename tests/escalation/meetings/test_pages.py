"""The meeting's pages and endpoints: held by its roles, read by the others, closed to strangers."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from escalation.dashboard import waiting
from escalation.meetings import queries, services
from escalation.meetings.models import DataCut, Vote
from patients.models import Cohort
from tests import factories
from tests.rest import ask
from trial.people import access

pytestmark = pytest.mark.django_db

AGAINST = "Late toxicity in a sister trial"


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(study, name, *args):
    return reverse(f"escalation:{name}", args=[study.trial.code, *args])


def get(study, user, name, *args):
    with study.at():
        return as_(user).get(url(study, name, *args))


def send(study, user, form, name, *args, page=("meeting", 1), **typed):
    """Open the page as that person, fill the form of that name, send it."""
    with study.at():
        client = as_(user)
        shown = client.get(url(study, *page)).context[form]
        hidden = {}
        for field in shown.hidden_fields():
            value = field.value()
            hidden[field.name] = value() if callable(value) else value
        return client.post(url(study, name, *args), hidden | typed)


def vote(study, by, cut, outcome="escalate", position=2, reason="As I read it."):
    with study.at():
        return services.vote(trial=study.trial.pk, cut=cut.pk, outcome=outcome, position=position, reason=reason, by=by)


def test_a_meeting_is_held_in_the_browser_by_its_roles(study):
    days = f"{study.today:%Y-%m-%d}"
    called = send(study, study.medical_monitor, "form", "meetings", page=("meetings",), cut_off=days, meets_on=days)
    assert called.status_code == 302, called.content.decode()
    assert send(study, study.statistician, "freezing", "freeze", 1).status_code == 302
    assert (
        send(study, study.dsmb, "voting", "vote", 1, choice="escalate:2", reason="0/3, nothing severe.").status_code
        == 302
    )
    assert send(study, study.dsmb2, "voting", "vote", 1, choice="escalate:2", reason="Agreed.").status_code == 302
    signed = {"choice": "escalate:2", "reason": "", "password": factories.PASSWORD}
    assert send(study, study.dsmb, "proposing", "propose", 1, **signed).status_code == 302
    assert not Cohort.objects.filter(trial=study.trial, dose_level__label="2").exists()
    done = send(study, study.medical_monitor, "signing", "sign_meeting", 1, password=factories.PASSWORD)

    assert done.status_code == 302
    assert Cohort.objects.get(trial=study.trial, closed_at=None).dose_level.label == "2"
    page = get(study, study.auditor, "meeting", 1).content.decode()
    assert "Escalate to level 2" in page
    assert "in force since" in page
    decision = get(study, study.auditor, "decision", 1).content.decode()
    assert url(study, "meeting", 1) in decision
    assert "Escalate to level 2" in get(study, study.coordinator, "meetings").content.decode()


def test_every_role_reads_and_each_form_is_for_its_role(study, cut):
    forms = {
        "dsmb": {"voting", "closing"},
        "medical_monitor": {"closing"},
        "statistician": set(),  # he froze the cut, and nothing was written since
        "investigator": set(),
        "coordinator": set(),
        "auditor": set(),
    }
    names = ("freezing", "voting", "proposing", "signing", "closing")
    for who, shown in forms.items():
        page = get(study, getattr(study, who), "meeting", 1)
        assert page.status_code == 200
        assert {name for name in names if page.context[name]} == shown, who
    with study.at():
        for name in ("freeze", "vote", "propose", "sign_meeting", "close_meeting"):
            assert as_(study.coordinator).post(url(study, name, 1)).status_code == 403, name
        assert as_(study.coordinator).post(url(study, "meetings")).status_code == 403
    assert get(study, factories.person("stranger"), "meeting", 1).status_code == 404
    assert get(study, study.dsmb, "meeting", 9).status_code == 404


def test_votes_and_reasons_are_for_the_committee_the_monitors_and_the_auditor(study, cut):
    vote(study, study.dsmb, cut, "hold", None, AGAINST)

    for who in ("dsmb", "dsmb2", "medical_monitor", "monitor", "auditor"):
        assert AGAINST in get(study, getattr(study, who), "meeting", 1).content.decode(), who
    for who in ("statistician", "investigator", "coordinator", "other_coordinator"):
        page = get(study, getattr(study, who), "meeting", 1).content.decode()
        assert AGAINST not in page, who
        assert "1 vote cast" in page


@pytest.mark.parametrize(
    ("wrong", "words", "status"),
    [
        ({"reason": ""}, "an answer is needed", 422),
        ({"choice": ""}, "an answer is needed", 422),
        ({"choice": "escalate:3"}, "bolder than the recommendation", 409),
    ],
)
def test_a_wrong_vote_is_told_what_is_wrong_and_keeps_what_was_typed(study, cut, wrong, words, status):
    typed = {"choice": "escalate:2", "reason": "Nothing severe."} | wrong

    answer = send(study, study.dsmb, "voting", "vote", 1, **typed)

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert answer.context["voting"]["reason"].value() == typed["reason"]
    assert not Vote.objects.filter(cut=cut).exists()


def test_a_vote_on_a_cut_that_is_no_longer_the_last_is_refused_on_the_page(study, meeting, cut):
    with study.at():
        client = as_(study.dsmb)
        form = client.get(url(study, "meeting", 1)).context["voting"]
        key = form["key"].value()
        typed = {
            "key": key() if callable(key) else key,
            "cut": str(cut.pk),
            "choice": "escalate:2",
            "reason": "As I read it.",
        }
    study.event(study.situation().facts[0].patient, grade=2)
    with study.at():
        services.freeze(trial=study.trial.pk, meeting=meeting.pk, by=study.statistician)
        answer = client.post(url(study, "vote", 1), typed)

    assert answer.status_code == 409
    assert "Cut 1 of meeting 1 is no longer the last" in answer.content.decode()
    assert str(answer.context["voting"]["cut"].value()) == str(DataCut.objects.get(number=2, meeting=meeting).pk)


def test_a_wrong_password_signs_nothing(study, cut):
    vote(study, study.dsmb, cut)

    answer = send(study, study.dsmb, "proposing", "propose", 1, choice="escalate:2", reason="", password="wrong")

    assert answer.status_code == 422
    assert "not your password" in answer.content.decode()
    assert queries.decision_of(queries.meeting(study.trial.pk, 1)) is None


def test_missing_data_are_listed_with_owner_link_and_due_date_and_block_the_cut(study, meeting):
    patient = study.situation().facts[0].patient
    event = study.event(patient, onset_on=study.today - timedelta(days=5))
    page = get(study, study.investigator, "meeting", 1)

    (row,) = page.context["page"].blocked
    assert row.text == "Patient 001: adjudicate platelet count decreased, grade 4"
    assert row.owner == "investigator, site 01, and second reader"
    assert row.due == meeting.cut_off
    assert row.url == reverse("assessments:verdict", args=[study.trial.code, event.number])
    answer = send(study, study.statistician, "freezing", "freeze", 1)
    assert answer.status_code == 409
    assert "blocked by missing data" in answer.content.decode()


def test_facts_that_changed_since_the_cut_are_said_and_nothing_can_be_voted_or_signed(study, cut):
    patient = study.situation().facts[0].patient
    event = study.event(patient, onset_on=study.today - timedelta(days=5))
    study.verdict(event, study.investigator)
    study.verdict(event, study.medical_monitor)

    page = get(study, study.dsmb, "meeting", 1)

    assert "Patient 001 was no DLT, is now DLT" in page.content.decode()
    assert page.context["voting"] is None
    assert page.context["proposing"] is None
    elsewhere = get(study, study.other_coordinator, "meeting", 1).content.decode()
    assert "A patient was no DLT, is now DLT" in elsewhere
    assert "atient 001" not in elsewhere


def test_deciding_beside_a_meeting_under_way_leads_into_it(study, meeting, cut):
    answer = get(study, study.dsmb, "decide")

    assert answer.status_code == 302
    assert answer["Location"] == url(study, "meeting", 1)


def test_what_waits_for_each_person_is_said_by_role(study, meeting):
    def texts(user):
        with study.at():
            scope = access.scope(user, study.trial.pk)
            return [item.text for item in waiting.things(scope, study.situation())]

    assert texts(study.statistician) == ["Freeze the data cut of meeting 1"]
    with study.at():
        cut = services.freeze(trial=study.trial.pk, meeting=meeting.pk, by=study.statistician)
    assert texts(study.dsmb) == ["Vote in meeting 1"]
    vote(study, study.dsmb, cut)
    assert texts(study.dsmb) == ["Propose the outcome of meeting 1"]
    assert texts(study.dsmb2) == ["Vote in meeting 1"]


def test_the_page_asks_the_same_number_of_questions_however_many_votes(study, cut, django_assert_max_num_queries):
    with study.at():
        client = as_(study.auditor)
        client.get(url(study, "meeting", 1))
        with django_assert_max_num_queries(45) as few:
            client.get(url(study, "meeting", 1))
        asked = len(few.captured_queries)
    for outcome, position in (("hold", None), ("escalate", 2), ("stay", 1)):
        vote(study, study.dsmb, cut, outcome, position)
        vote(study, study.dsmb2, cut, outcome, position)
    with study.at():
        client.get(url(study, "meeting", 1))
        with django_assert_max_num_queries(asked):
            client.get(url(study, "meeting", 1))


def test_the_endpoints_answer_as_the_pages_do(study, cut):
    vote(study, study.dsmb, cut, "hold", None, AGAINST)
    (row,) = ask(study.auditor, "meetings/", study).json()["results"]

    assert row["stage"] == "voting"
    assert row["carried"] == "Hold enrolment"
    (shown,) = row["cuts"]
    assert (shown["record"], shown["hash"], shown["holds"]) == (cut.record, cut.hash, True)
    assert [v["reason"] for v in shown["votes"]] == [AGAINST]
    one = ask(study.statistician, f"meetings/{row['id']}/", study).json()
    assert one["cuts"][0]["votes"] is None
    assert one["cuts"][0]["votes_cast"] == 1
    assert one["carried"] == ""
    assert ask(factories.person("stranger"), "meetings/", study).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_packet_shows_the_cut_and_not_what_came_after(study, cut):
    patient = study.situation().facts[0].patient
    event = study.event(patient, onset_on=study.today - timedelta(days=5))
    study.verdict(event, study.investigator)
    study.verdict(event, study.medical_monitor)

    page = get(study, study.dsmb, "packet", 1, 1)

    text = page.content.decode()
    assert page.status_code == 200
    assert cut.hash in text
    assert "chain holds" in text
    assert event.code not in text
    (level,) = page.context["packet"].patients
    assert [row.counted for row in level.patients] == ["No DLT"] * 3
    (tally,) = [row for row in page.context["packet"].levels if row.label == "1"]
    assert (tally.dlts.text, tally.evaluable.text, tally.evaluable.url) == ("0", "3", "#level-1")
    status = ask(study.dsmb, f"meetings/{cut.meeting_id}/cuts/1/", study).json()
    assert status["number"] == cut.record
    assert status["recommendation"]["action"] == "escalate"
    assert ask(study.dsmb, f"meetings/{cut.meeting_id}/cuts/2/", study).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_packet_tells_what_changed_since_the_last_meeting_and_each_dlt(study, meeting, cut):
    with study.at():
        services.close(trial=study.trial.pk, meeting=meeting.pk, reason="No time left.", by=study.dsmb)
    patient = study.situation().facts[0].patient
    event = study.event(patient, onset_on=study.today - timedelta(days=5), narrative="Bled from the gums.")
    study.verdict(event, study.investigator)
    study.verdict(event, study.medical_monitor)
    with study.at():
        second = services.call(
            trial=study.trial.pk, cut_off=study.today, meets_on=study.today, by=study.medical_monitor
        )
        services.freeze(trial=study.trial.pk, meeting=second.pk, by=study.statistician)

    packet = get(study, study.dsmb, "packet", 2, 1).context["packet"]

    assert packet.since.startswith("cut 1 of meeting 1")
    assert packet.changed == [
        "Patient 001 was no DLT, is now DLT",
        "AE 1, platelet count decreased grade 4, patient 001: reported or corrected",
    ]
    (told,) = packet.events
    assert told.is_dlt
    assert told.narrative == [
        "Bled from the gums.",
        "Related to selinexor: possibly, ruxolitinib: no, methylprednisolone: no.",
        "Investigator: DLT by H3. As reported.",
        "Second reader: DLT by H3. As reported.",
    ]
    elsewhere = get(study, study.other_coordinator, "packet", 2, 1)
    assert event.code not in elsewhere.content.decode()
    assert "Patient 001" not in elsewhere.content.decode()
    assert get(study, factories.person("stranger"), "packet", 2, 1).status_code == 404

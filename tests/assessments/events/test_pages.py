"""Pages of adverse events: what a bad answer is told, and that no reader learns of another's verdict too early."""

import re
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import AdverseEvent, DltVerdict, Relation
from patients.models import Patient
from tests import factories
from trial.models import Drug, Membership
from trial.people import services
from trial.record import ledger

pytestmark = pytest.mark.django_db
SECRET = "Marrow biopsy settles it"


def browser(user):
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    return client


def get(study, by, name, *args, **query):
    with study.at():
        return browser(by).get(reverse(name, args=[study.trial.code, *args]), query)


def post(study, by, name, *args, answers):
    with study.at():
        return browser(by).post(reverse(name, args=[study.trial.code, *args]), answers)


def text(response):
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", words).replace("&#x27;", "'").replace("&quot;", '"')


def typed(study, **changed):
    """The answers of a good report: grade 4 platelets today, possibly related to the first drug."""
    relations = {f"relation_{d.position}": "possible" for d in Drug.objects.filter(trial=study.trial)[:1]}
    relations |= {f"relation_{d.position}": "unrelated" for d in Drug.objects.filter(trial=study.trial)[1:]}
    said = {
        "key": uuid.uuid4(),
        "term": "Platelet count decreased",
        "grade": 4,
        "onset_on": f"{study.today:%d %b %Y}",
        **relations,
    }
    return {name: value for name, value in (said | changed).items() if value is not None}


def report(study, patient, by=None, **changed):
    answers = typed(study, **changed)
    return post(study, by or study.investigator, "assessments:report", patient.code, answers=answers)


@pytest.fixture
def study():
    made = factories.study().open()
    made.patient = made.dose()
    made.later(3)
    return made


def nothing_written(study, before):
    return ledger.number_of(study.trial.pk) == before


# The form


def test_a_grade_4_event_is_reported_and_stands_in_review(study):
    answer = report(study, study.patient)

    event = AdverseEvent.objects.get()
    assert answer.url == reverse("assessments:event", args=[study.trial.code, event.number])
    page = text(get(study, study.investigator, "assessments:event", event.number))
    assert "Platelet count decreased, grade 4" in page
    assert "DLT suspected" in page
    assert event.code in text(get(study, study.investigator, "assessments:review"))


def test_hys_law_is_asked_of_a_liver_test_and_answered_yes_it_stands_in_review(study):
    liver = {"term": "Alanine aminotransferase increased", "grade": 2}
    report(study, study.patient, **liver, alt_or_ast_above_3_uln="yes")
    event = AdverseEvent.objects.get()
    page = text(get(study, study.investigator, "assessments:event", event.number))
    assert "not known yet: bilirubin above 2 × ULN, ALP below 2 × ULN, no other cause" in page
    assert event.code not in text(get(study, study.investigator, "assessments:review"))

    answers = {"bilirubin_above_2_uln": "yes", "alp_below_2_uln": "yes", "other_cause": "no"}
    correction(study, event, event.rev, **liver, alt_or_ast_above_3_uln="yes", **answers)

    page = text(get(study, study.investigator, "assessments:event", event.number))
    assert "DLT suspected" in page
    assert event.code in text(get(study, study.investigator, "assessments:review"))


@pytest.mark.parametrize(
    ("changed", "sentence", "status"),
    [
        ({"grade": 6}, "Grade: 6 is not a CTCAE grade; it goes from 1 to 5.", 422),
        ({"grade": 5}, "Grade: Platelet count decreased has no grade 5 in CTCAE.", 409),
        ({"term": "Bad mood"}, "Term: 'Bad mood' is not in the CTCAE list; choose one.", 409),
        ({"onset_on": "9 Jan 2026"}, "Onset: 9 Jan 2026 is in the future.", 409),
        ({"onset_on": "2 Jan 2026", "suspected": "on"}, "is before the first dose (5 Jan 2026)", 409),
        (
            {"onset_on": "7 Jan 2026", "ended_on": "6 Jan 2026"},
            "End: 6 Jan 2026 is before the onset (7 Jan 2026).",
            409,
        ),
        ({"onset_on": "soon"}, "Onset: write a date like 14 Mar 2026 or 2026-03-14; where the day is not known", 422),
        ({"relation_1": "perhaps"}, "Relation to selinexor: perhaps is none of the answers.", 422),
    ],
)
def test_a_bad_answer_is_told_beside_its_field_and_nothing_is_written(study, changed, sentence, status):
    before = ledger.number_of(study.trial.pk)

    answer = report(study, study.patient, **changed)

    assert answer.status_code == status
    assert sentence in text(answer)
    assert nothing_written(study, before)
    assert not AdverseEvent.objects.exists()


def test_what_was_typed_stays_after_a_refusal(study):
    answer = report(study, study.patient, term="Bad mood", grade=3)

    page = answer.content.decode()
    assert 'value="Bad mood"' in page
    assert re.search(r'name="grade" value="3"[^>]*checked', page)


def test_the_same_form_sent_twice_is_one_event(study):
    answers = typed(study)

    first = post(study, study.investigator, "assessments:report", study.patient.code, answers=answers)
    again = post(study, study.investigator, "assessments:report", study.patient.code, answers=answers)

    assert (first.status_code, again.status_code) == (302, 302)
    assert first.url == again.url
    assert AdverseEvent.objects.count() == 1


def test_a_key_used_for_another_report_is_refused(study):
    answers = typed(study)
    post(study, study.investigator, "assessments:report", study.patient.code, answers=answers)

    answer = post(study, study.investigator, "assessments:report", study.patient.code, answers=answers | {"grade": 3})

    assert answer.status_code == 409
    assert "This key was used for another request" in text(answer)
    assert AdverseEvent.objects.count() == 1


def test_the_panel_judges_the_typed_values_and_writes_nothing(study):
    before = ledger.number_of(study.trial.pk)

    answer = post(study, study.investigator, "assessments:preview", study.patient.code, answers=typed(study))

    said = text(answer)
    assert "This meets a DLT criterion" in said
    assert "Enrolment at level 1 and above stops now" in said
    assert "possibly related to selinexor" in said
    assert "Report suspected DLT" in said
    assert "Investigations" in said
    assert nothing_written(study, before)


def test_without_a_script_the_panel_stands_on_the_page_that_comes_back(study):
    answer = report(study, study.patient, onset_on=f"{study.today:%d %b %Y}", ended_on="2 Jan 2026")

    assert answer.status_code == 409
    assert "CTCAE has grades 1, 2, 3, 4 for this term." in text(answer)


def test_nausea_waits_for_its_answer(study):
    answers = typed(study, term="Nausea", grade=3)

    open_ = text(post(study, study.investigator, "assessments:preview", study.patient.code, answers=answers))
    answers["controlled_within_72h"] = "yes"
    excepted = text(post(study, study.investigator, "assessments:preview", study.patient.code, answers=answers))

    assert "This may become a DLT" in open_
    assert "was it controlled within 72 hours?" in open_
    assert "No DLT criterion is met" in excepted


def test_an_answer_that_the_term_does_not_ask_is_not_kept(study):
    report(study, study.patient, controlled_within_72h="yes", bleeding="no")

    assert AdverseEvent.objects.get().qualifiers == {"bleeding": False, "transfusion": None}


def test_only_the_site_reports(study):
    code = study.patient.code

    assert get(study, study.medical_monitor, "assessments:report", code).status_code == 403
    assert get(study, study.other_investigator, "assessments:report", code).status_code == 404
    assert report(study, study.patient, by=study.other_investigator).status_code == 404
    assert not AdverseEvent.objects.exists()


# Correction and voiding


def correction(study, event, rev, **changed):
    said = typed(study, **{"grade": 3, "reason": "The laboratory corrected it.", "rev": rev} | changed)
    return post(study, study.investigator, "assessments:correct", event.number, answers=said)


def test_a_correction_needs_a_reason_and_shows_in_the_history(study):
    event = study.event(study.patient)
    event.refresh_from_db()

    missing = correction(study, event, event.rev, reason="")
    done = correction(study, event, event.rev)

    assert missing.status_code == 422
    assert "Reason for the correction: an answer is needed." in text(missing)
    assert done.status_code == 302
    page = text(get(study, study.investigator, "assessments:event", event.number))
    assert "Grade: 4 → 3" in page
    assert "Reason: The laboratory corrected it." in page


def test_a_form_changed_by_somebody_else_shows_both_versions_and_writes_nothing(study):
    event = study.event(study.patient)
    event.refresh_from_db()
    seen = event.rev
    correction(study, event, seen)
    before = ledger.number_of(study.trial.pk)

    answer = correction(study, event, seen, grade=2)

    assert answer.status_code == 409
    page = text(answer)
    assert f"{event.code} was changed by Investigator since you opened the form" in page
    assert "Grade 4 3 2" in page  # opened, now, yours
    assert nothing_written(study, before)
    event.refresh_from_db()
    assert event.grade == 3
    assert f'name="rev" value="{event.rev}"' in answer.content.decode()  # compared: saving again is allowed


def void(study, event, by=None, **changed):
    """Sent from a page on the event as it is now, if not told otherwise."""
    said = {"key": uuid.uuid4(), "rev": AdverseEvent.objects.get(pk=event.pk).rev} | changed
    reason = {"reason": "Reported for the wrong patient."}
    return post(study, by or study.investigator, "assessments:void", event.number, answers=reason | said)


def test_a_voided_event_leaves_the_list_and_stays_in_the_record(study):
    event = study.event(study.patient)

    answer = void(study, event)

    assert answer.status_code == 302
    assert event.code not in text(get(study, study.investigator, "assessments:events"))
    page = text(get(study, study.investigator, "assessments:event", event.number))
    assert "voided" in page
    assert "Reason: Reported for the wrong patient." in page


def suspected(study, event):
    return event.code in text(get(study, study.investigator, "assessments:review"))


def test_a_void_page_opened_before_a_correction_takes_no_suspected_dlt_away(study):
    event, colleague = study.event(study.patient, grade=1), study.colleague()
    event.refresh_from_db()
    seen = event.rev
    correction(study, event, seen, grade=4)
    before = ledger.number_of(study.trial.pk)

    answer = void(study, event, colleague, rev=seen, reason="Only grade 1, of no matter.")

    event.refresh_from_db()
    assert answer.status_code == 409
    assert f"{event.code} was changed by Investigator since you opened the form" in text(answer)
    assert "Platelet count decreased, grade 4" in text(answer)
    assert "Grade 1 4 –" in text(answer)  # opened, now; a void has none of its own
    assert "Only grade 1, of no matter." in answer.content.decode()
    assert nothing_written(study, before) and not event.voided and suspected(study, event)

    shown = answer.context["form"]["rev"].value()
    assert void(study, event, colleague, rev=shown).status_code == 302  # seen as it is, it is a new decision
    assert not suspected(study, event)


def test_a_void_sent_twice_is_one_and_a_second_one_is_refused_by_name(study):
    event = study.event(study.patient)
    event.refresh_from_db()
    form = {"key": uuid.uuid4(), "rev": event.rev}

    answers = [void(study, event, **form) for _ in range(2)]
    colleague, before = study.colleague(), ledger.number_of(study.trial.pk)
    second = void(study, event, colleague, rev=event.rev, reason="Reported twice.")

    assert [answer.url for answer in answers] == [
        reverse("assessments:event", args=[study.trial.code, event.number])
    ] * 2
    assert second.status_code == 409
    assert f"{event.code} is voided. Investigator did so since you opened the form." in text(second)
    assert "Reported twice." in second.content.decode()
    assert nothing_written(study, before)
    assert get(study, study.investigator, "assessments:void", event.number).status_code == 404


def test_a_correction_of_an_event_that_was_voided_meanwhile_keeps_what_was_typed(study):
    event = study.event(study.patient)
    event.refresh_from_db()
    void(study, event, study.colleague())

    answer = correction(study, event, event.rev, reason="The laboratory called.")

    assert answer.status_code == 409
    assert f"{event.code} is voided. Colleague did so since you opened the form." in text(answer)
    assert "The laboratory called." in answer.content.decode()
    assert get(study, study.investigator, "assessments:correct", event.number).status_code == 404


# The list


def test_the_list_filters_by_grade_state_and_window(study):
    platelets, nausea = study.event(study.patient), study.event(study.patient, term="Nausea", grade=1)

    def found(**query):
        page = text(get(study, study.investigator, "assessments:events", **query))
        return [event.code for event in (platelets, nausea) if re.search(rf"{event.code}\b", page)]

    assert found() == [platelets.code, nausea.code]
    assert found(grade=3) == [platelets.code]
    assert found(state="suspected") == [platelets.code]
    assert found(state="none") == [nausea.code]
    assert found(window="out") == []
    assert found(patient=study.patient.number, level=1) == [platelets.code, nausea.code]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [({"level": 9}, "Level: 9 is not a level of this ladder."), ({"grade": 6}, "Grade: 6 is not a CTCAE grade")],
)
def test_an_unknown_filter_says_so(study, query, sentence):
    answer = get(study, study.investigator, "assessments:events", **query)

    assert answer.status_code == 422
    assert sentence in text(answer)


def test_another_sites_events_are_not_there(study):
    event = study.event(study.patient)

    assert event.term not in text(get(study, study.other_coordinator, "assessments:events")).split("List of events")[1]
    for name in ("assessments:event", "assessments:verdict"):
        assert get(study, study.other_coordinator, name, event.number).status_code == 404


# Reading a DLT


def verdict(study, by, event, **changed):
    said = {"key": uuid.uuid4(), "is_dlt": "yes", "criterion": "H3", "reason": SECRET} | changed
    return post(study, by, "assessments:verdict", event.number, answers=said)


def pages(study, by, event):
    """Every page that may speak of the event, as one person sees it."""
    places = [
        ("escalation:trial",),
        ("patients:list",),
        ("patients:enrolment",),
        ("patients:patient", study.patient.code),
        ("assessments:events",),
        ("assessments:event", event.number),
        ("assessments:review",),
        ("assessments:verdict", event.number),
        ("escalation:escalation",),
    ]
    answers = {place[0]: get(study, by, *place) for place in places}
    with study.at():
        answers["trial:home"] = browser(by).get(reverse("trial:home"))
    return {name: unnumbered(text(answer)) for name, answer in answers.items() if answer.status_code == 200}


def unnumbered(words):
    """On paper a page says how far the record had come: that something was written, of whomever, never what."""
    return re.sub(r"printed at record no\. \d+", "printed", words)


def test_the_second_reader_sees_no_verdict_before_his_own(study):
    event = study.event(study.patient)
    unread = pages(study, study.medical_monitor, event)

    assert verdict(study, study.investigator, event).status_code == 302

    read = pages(study, study.medical_monitor, event)
    assert len(read) == 10
    for name, words in read.items():
        assert SECRET not in words, name
        assert "erdict of" not in words, name
        # the investigator is named as the reporter, and no more often than before the verdict
        assert len(re.findall(r"Investigator", words)) <= len(re.findall(r"Investigator", unread[name])), name
    assert read["assessments:verdict"] == unread["assessments:verdict"]
    assert read["assessments:event"] == unread["assessments:event"]
    assert read["assessments:review"] == unread["assessments:review"]


def test_the_first_reader_sees_no_second_verdict_before_his_own(study):
    event = study.event(study.patient)

    verdict(study, study.medical_monitor, event, is_dlt="no", criterion="")

    for name, words in pages(study, study.investigator, event).items():
        assert SECRET not in words, name


def test_both_verdicts_are_shown_when_both_are_given(study):
    event = study.event(study.patient)
    verdict(study, study.investigator, event)
    own = text(get(study, study.investigator, "assessments:verdict", event.number))
    verdict(study, study.medical_monitor, event, reason="Clear.")

    page = text(get(study, study.medical_monitor, "assessments:verdict", event.number))

    assert SECRET in own  # one's own is always there
    assert SECRET in page
    assert "Clear." in page
    assert "AE 1 is adjudicated: a DLT." in page


def test_the_third_reader_is_asked_when_two_differ_and_sees_both(study):
    event = study.event(study.patient)
    early = get(study, study.dsmb, "assessments:verdict", event.number)
    verdict(study, study.investigator, event)
    still = get(study, study.dsmb, "assessments:verdict", event.number)
    verdict(study, study.medical_monitor, event, is_dlt="no", criterion="", reason="Laboratory error.")

    page = get(study, study.dsmb, "assessments:verdict", event.number)

    for closed in (early, still):
        assert "The third reader answers when the first two differ" in text(closed)
        assert "Give verdict" not in text(closed)
        assert SECRET not in text(closed)
    assert SECRET in text(page)
    assert "Laboratory error." in text(page)
    assert verdict(study, study.dsmb, event, reason="Agreed with the site.").status_code == 302
    assert "adjudicated: a DLT" in text(get(study, study.dsmb, "assessments:verdict", event.number))


def test_a_changed_event_is_read_anew_and_the_old_reading_stays_shut(study):
    event = study.event(study.patient)
    verdict(study, study.investigator, event)
    event.refresh_from_db()
    correction(study, event, event.rev, grade=4, ended_on=f"{study.today:%d %b %Y}")

    for name, words in pages(study, study.medical_monitor, event).items():
        assert SECRET not in words, name
    assert "Give verdict" in text(get(study, study.investigator, "assessments:verdict", event.number))


def test_a_named_reader_of_another_site_reads_only_what_is_asked(study):
    name_second_reader(study)
    event = study.event(study.patient)

    page = get(study, study.other_investigator, "assessments:verdict", event.number)

    assert page.status_code == 200
    assert "Give verdict" in text(page)
    assert get(study, study.other_investigator, "assessments:event", event.number).status_code == 404
    assert get(study, study.other_investigator, "patients:patient", study.patient.code).status_code == 404


def name_second_reader(study):
    """End the other investigator's membership and begin one in which he is named second reader."""
    with study.at():
        old = Membership.objects.get(trial=study.trial, user=study.other_investigator)
        services.end_membership(
            trial=study.trial.pk, membership=old.pk, reason="Named a reader.", by=study.administrator
        )
        services.add_member(
            trial=study.trial.pk, user=study.other_investigator.pk, role="investigator", site=study.other_site.pk,
            second_reader=True, by=study.administrator,
        )  # fmt: skip


def test_a_dlt_needs_its_criterion_and_a_verdict_its_reason(study):
    event = study.event(study.patient)

    assert "Criterion: say which criterion makes it a DLT." in text(
        verdict(study, study.investigator, event, criterion="")
    )
    assert "Reason: an answer is needed." in text(verdict(study, study.investigator, event, reason=""))
    assert not DltVerdict.objects.exists()


def test_a_verdict_sent_twice_is_one_verdict(study):
    event = study.event(study.patient)
    key = uuid.uuid4()

    verdict(study, study.investigator, event, key=key)
    again = verdict(study, study.investigator, event, key=key)

    assert again.status_code == 302
    assert DltVerdict.objects.count() == 1


def test_a_person_without_a_part_in_it_cannot_read(study):
    event = study.event(study.patient)

    answer = verdict(study, study.statistician, event)

    assert answer.status_code == 403
    assert not DltVerdict.objects.exists()


def test_the_list_asks_the_database_no_more_often_for_more_events(study):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            get(study, study.investigator, "assessments:events")
        return len(queries)

    study.event(study.patient)
    asked()  # what a process keeps of a trial is read the first time
    few = asked()
    for _ in range(4):
        study.event(study.patient, term="Nausea", grade=1)

    assert asked() == few


def test_a_missing_relation_can_be_left_open_and_suspects(study):
    report(study, study.patient, **{f"relation_{k}": None for k in (1, 2, 3)})

    assert not Relation.objects.exists()
    assert "DLT suspected" in text(get(study, study.investigator, "assessments:event", 1))


def test_an_event_before_the_first_dose_can_be_reported_but_not_as_a_dlt(study):
    day = study.today - timedelta(days=10)

    plain = report(study, study.patient, onset_on=f"{day:%d %b %Y}")
    patient = Patient.objects.get(pk=study.patient.pk)

    assert plain.status_code == 302
    assert patient.standing.dlt == "none"

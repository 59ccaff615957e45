"""Two moments side by side: what differs, by whom, when and why; nothing that the reader may not see."""

import csv
import re
from datetime import timedelta
from html import unescape

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.events import services as events
from assessments.events.report import EventReport
from assessments.models import AdverseEvent
from escalation.meetings import compare_views, services
from patients.models import Patient
from tests import factories
from tests.rest import ask

pytestmark = pytest.mark.django_db(transaction=True)


def get(study, user, **asked):
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    with study.at():
        return client.get(reverse("escalation:compare", args=[study.trial.code]), asked)


def text(answer):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def rows(answer):
    """Each row that differs: what, what it was and is, who and when, the reason."""
    body = answer.content.decode()
    body = body[body.index('id="rows-head"') :]
    found = [re.findall(r"<td.*?</td>", row, re.S) for row in re.findall(r"<tr>.*?</tr>", body, re.S)]
    return [
        [unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell))).strip() for cell in row] for row in found if row
    ]


@pytest.fixture
def study():
    """Three patients completed at level 1, the first with an event and an assessment."""
    study = factories.study().open()
    first = study.cohort(3)[0]
    study.event(first, term="Nausea", grade=2)
    study.assess(first, serum_m="3.0")
    return study


def freeze(study):
    """The cut of a meeting that is closed without a decision."""
    with study.at():
        meeting = services.call(
            trial=study.trial.pk, cut_off=study.today, meets_on=study.today, by=study.medical_monitor
        )
        cut = services.freeze(trial=study.trial.pk, meeting=meeting.pk, by=study.statistician)
        services.close(trial=study.trial.pk, meeting=meeting.pk, reason="To be decided later.", by=study.dsmb)
    return cut


def correct(study, grade, reason):
    event = AdverseEvent.objects.get(number=1)
    report = EventReport(
        term=event.term, grade=grade, onset_on=event.onset_on, qualifiers={},
        relations={relation.drug_id: relation.degree for relation in event.relations.all()},
    )  # fmt: skip
    with study.at():
        events.correct_event(
            trial=study.trial.pk, event=event.pk, report=report, rev=event.rev, reason=reason, by=study.investigator
        )


def test_nothing_differs_and_it_says_so(study):
    assert "No cut has been frozen yet." in text(get(study, study.dsmb))
    freeze(study)

    shown = text(get(study, study.dsmb))

    assert "Nothing differs." in shown and "cut 1 of meeting 1" in shown
    assert "Nothing differs between the two." in shown


def test_what_differs_is_told_with_who_when_and_why_and_each_row_once(study):
    cut = freeze(study)
    correct(study, 1, "Misread.")
    correct(study, 3, "Read again.")
    study.sign()
    study.dose()

    found = get(study, study.dsmb)
    told = {row[0]: row for row in rows(found)}

    _, grade, who, why = told["AE 1, patient 001 changed"]
    assert grade == "grade: 2 → 3" and who.startswith("Investigator, ") and "the last of 2" in who
    assert why == "Read again."
    assert told["Decision 1, level 2 new"][1] == "kind Cohort decision · outcome Escalate"
    assert "Patient 004 new" in told
    shown = text(found)
    assert "Enrol at level 2" in shown and "Escalate to level 2" in shown, "what was and is recommended"
    assert "2 0 → 1 0 0 0 → 1 0 differs" in shown and "1 3 3 0 0 0 no" in shown
    assert [row[0] for row in rows(get(study, study.dsmb, kind="events"))] == ["AE 1, patient 001 changed"]
    audit = get(study, study.auditor, kind="events").content.decode()
    assert f"/audit/?row={AdverseEvent.objects.get(number=1).pk}" in audit

    by_rest = ask(study.dsmb, "meetings/compare/", study).json()
    assert by_rest["was"]["record"] == cut.record and by_rest["differs"]
    (row,) = [one for one in by_rest["differences"] if one["kind"] == "events"]
    assert row["columns"] == [{"field": "grade", "was": "2", "now": "3"}] and row["actions"] == 2
    turned = ask(study.dsmb, f"meetings/compare/?from={cut.record}&to={cut.record}", study).json()
    assert not turned["differs"] and turned["differences"] == []


def test_a_file_of_what_differs_has_every_row_and_names_both_moments(study, monkeypatch):
    monkeypatch.setattr(compare_views, "ROWS_A_PAGE", 2)
    cut = freeze(study)
    for term in ("Fatigue", "Vomiting", "Diarrhea"):
        study.event(Patient.objects.get(trial=study.trial, number=1), term=term, grade=1)
    assert len(rows(get(study, study.dsmb))) == 2

    answer = get(study, study.dsmb, part="rows", format="csv")
    file = list(csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))

    assert {"AE 2", "AE 3", "AE 4"} <= {row["What"].split(",")[0] for row in file}
    (moments,) = {row["As of"] for row in file}
    assert f"record no. {cut.record}" in moments and moments.startswith("now, ")


def test_what_the_reader_may_not_see_is_not_told(study):
    freeze(study)
    study.later(1)
    study.assess(study.situation().facts[0].patient, serum_m="1.0")
    correct(study, 3, "Worse.")
    second = study.situation().facts[1].patient
    blind = study.event(second, onset_on=second.treatment.first_dose_on + timedelta(days=3))
    study.verdict(blind, study.investigator)

    def kinds(user):
        return {one["kind"] for one in ask(user, "meetings/compare/", study).json()["differences"]}

    assert kinds(study.dsmb) == {"events", "responses"}, "a verdict stays shut until both readers have given theirs"
    assert kinds(study.monitor) == {"events"}, "responses of all sites are not his"
    assert ask(study.monitor, "meetings/compare/", study).json()["closed"] == ["responses"]
    assert kinds(study.investigator) == {"events", "responses", "verdicts"}, "his own verdict"
    assert kinds(study.other_investigator) == set(), "no patient of his"


def test_a_cut_of_another_trial_is_not_found(study):
    freeze(study)
    here = study.trial.pk
    for number, refused in (("1", 404), ("999999", 404), ("x", 400), ("1" + 40 * "0", 400)):
        assert get(study, study.dsmb, **{"from": number}).status_code == 404
        assert get(study, study.dsmb, to=number).status_code == 404
        by_rest = ask(study.dsmb, f"/api/v1/trials/{here}/meetings/compare/?to={number}", study)
        assert by_rest.status_code == refused
        assert refused == 404 or list(by_rest.json()["errors"]) == ["to"]
    assert get(study, study.dsmb, kind="nonsense").status_code == 404


def test_its_queries_do_not_grow_with_what_differs(study):
    freeze(study)
    study.sign()

    def asked():
        with CaptureQueriesContext(connection) as found:
            get(study, study.dsmb)
        return len(found)

    study.event(study.dose(), term="Nausea", grade=2)
    asked()
    few = asked()
    for patient in (study.dose(), study.dose()):
        study.event(patient, term="Nausea", grade=2)
        study.event(patient, term="Fatigue", grade=2)
    asked()

    assert asked() == few

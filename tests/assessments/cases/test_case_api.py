"""REST of serious events: the same as the pages, by the same rules."""

import uuid
from datetime import timedelta

import pytest

from tests.assessments.cases.story import case, event, report, serious
from tests.rest import ask, send

pytestmark = pytest.mark.django_db


def test_a_case_from_report_to_submission():
    study = serious()
    where = f"serious-events/{study.event_id}/"
    at, key = study.now.isoformat(), uuid.uuid4()
    body = {"at": at, "rev": event(study).rev}

    assert send(study.medical_monitor, f"{where}report/", study, body).status_code == 403
    assert send(study.other_coordinator, f"{where}report/", study, body).status_code == 404
    without = send(study.coordinator, f"{where}report/", study, body | {"at": at[:19]})
    assert without.status_code == 400 and "Give the offset" in without.json()["errors"]["at"][0]
    made = send(study.coordinator, f"{where}report/", study, body, key=key)
    assert made.status_code == 201 and made.json()["reported_at"] == at.replace("+00:00", "Z")
    assert send(study.coordinator, f"{where}report/", study, body, key=key).status_code == 201

    received = {"at": at, "rev": event(study).rev}
    assert send(study.medical_monitor, f"{where}receipt/", study, received).status_code == 201
    said = {"text": "Cultures negative.", "aware_at": at}
    assert send(study.investigator, f"{where}follow-ups/", study, said).status_code == 201
    assert send(study.coordinator, f"{where}details/", study, {"age": 64, "sex": "female"}).status_code == 201
    never = {"at": at, "rev": 1, "follow_up": str(uuid.uuid4())}
    assert send(study.medical_monitor, f"{where}receipt/", study, never).status_code == 404
    sent = {"at": at, "contains": 2, "complete": True}
    shown = send(study.medical_monitor, f"{where}submissions/", study, sent).json()
    clocks = {(one["kind"], one["number"]): one for one in shown["clocks"]}
    assert clocks["fifteen", 1]["met_at"] and clocks["site", 2]["met_at"]
    assert clocks["site", 1]["due_at"] == (study.nine + timedelta(hours=24)).isoformat().replace("+00:00", "Z")


def test_a_follow_up_and_a_submission_are_taken_back_with_a_reason():
    study = serious()
    report(study)
    where, at = f"serious-events/{study.event_id}/", study.now.isoformat()
    said = {"text": "Cultures negative.", "aware_at": at}
    news = send(study.investigator, f"{where}follow-ups/", study, said).json()["news"][-1]
    sent = {"at": at, "contains": 1, "complete": True}
    submitted = send(study.medical_monitor, f"{where}submissions/", study, sent).json()["submissions"][-1]

    for by, row, path in (
        (study.investigator, news, "follow-ups"),
        (study.medical_monitor, submitted, "submissions"),
    ):
        to, body, key = f"{where}{path}/{row['id']}/void", {"rev": row["rev"], "reason": "Another case."}, uuid.uuid4()
        assert send(by, to, study, body | {"rev": row["rev"] - 1}).status_code == 409
        assert send(by, f"{where}{path}/{uuid.uuid4()}/void", study, body).status_code == 404
        shown = [send(by, to, study, body, key=key) for _ in range(2)]
        assert [one.status_code for one in shown] == [201, 201]
        rows = shown[1].json()["news" if path == "follow-ups" else path]
        assert row["id"] not in [one["id"] for one in rows]


def test_reading_stays_within_the_sites_of_the_reader_and_a_reason_with_who_owes_it():
    study = serious()
    study.later(2)
    where = f"serious-events/{study.event_id}/"

    assert [one["code"] for one in ask(study.auditor, "serious-events/", study).json()["results"]] == ["SAE 1"]
    assert ask(study.other_investigator, "serious-events/", study).json()["results"] == []
    assert ask(study.other_investigator, where, study).status_code == 404
    why = {"kind": "site", "number": 1, "why": "The ward told us late."}
    assert send(study.medical_monitor, f"{where}late-reasons/", study, why).status_code == 403
    assert send(study.coordinator, f"{where}late-reasons/", study, why).status_code == 201
    assert case(study).clocks[0].lateness.why == "The ward told us late."

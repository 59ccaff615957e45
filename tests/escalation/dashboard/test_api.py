"""REST of the decision: the status is the page's situation, and polling it costs nothing while nothing changes."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from escalation.engine import reading, rule
from escalation.situation import queries
from tests import factories, rest
from trial import services
from trial.people import access
from trial.people import services as people_services
from trial.roles import Role

pytestmark = pytest.mark.django_db


def test_the_status_says_what_the_situation_says():
    study = factories.study().open()
    study.cohort(3, dlts=1)
    study.sign()  # expand
    waiting = study.dose()
    here = study.situation()

    answer = rest.ask(study.statistician, "status", study)
    said = answer.json()

    assert answer.status_code == 200
    assert said["number"] == here.number
    assert said["clinical_date"] == here.on.isoformat()
    assert said["basis"] == here.basis
    assert said["recommendation"] == reading.as_json(here.advice) | {"because": here.because}
    assert [level["tally"] for level in said["levels"]] == [
        {
            "evaluable": t.evaluable,
            "dlts": t.dlts,
            "pending": t.pending,
            "suspected": t.suspected,
            "replaced": t.replaced,
        }
        for t in here.advice.tallies
    ]
    assert [level["open"] for level in said["levels"]] == [True, False, False]
    assert said["slots"] == {
        "free": here.free,
        "taken": here.taken,
        "places_left": here.places_left,
        "why_closed": queries.why_closed(here),
        "next_first_dose": None,
    }
    assert [(c["number"], c["places"], c["decision"], c["dosed"]) for c in said["cohorts"]] == [
        (1, 3, 0, 3),
        (2, 6, 1, 1),
    ]
    assert said["cohorts"][1]["closed_at"] is None
    assert said["decision_due"] is here.decision_due
    assert waiting.cohort.number == 2


def test_status_asks_the_database_a_flat_number_of_times():
    study = factories.study().open()
    secret = rest.secret(study.statistician)

    def asked() -> int:
        with CaptureQueriesContext(connection) as caught, study.at():
            Client().get(rest.where("status", study), headers={"Authorization": f"Bearer {secret}"})
        return len(caught)

    asked()
    study.dose()
    few = asked()
    study.dose()
    study.event(study.dose())

    assert asked() <= few + 2


def test_before_the_protocol_there_is_no_status():
    administrator = factories.person("administrator", Role.ADMINISTRATOR)
    trial = services.create_trial(code="bare", title="Bare", by=administrator)
    reader = factories.person("reader")
    people_services.add_member(trial=trial.pk, user=reader.pk, role=Role.STATISTICIAN, by=administrator)

    answer = rest.ask(reader, f"/api/v1/trials/{trial.pk}/status")

    assert answer.status_code == 409
    assert answer.json()["detail"] == "The protocol is not written yet."


# ---- ETag ----


def tag(study, person, path="status"):
    answer = rest.ask(person, path, study)
    assert answer.status_code == 200
    return answer.headers["ETag"]


def test_an_unchanged_trial_is_304_and_the_engine_is_not_asked(monkeypatch):
    study = factories.study().open()
    held = tag(study, study.statistician)

    def fail(*_, **__):
        raise AssertionError("the engine was asked")

    monkeypatch.setattr(rule, "recommend", fail)
    monkeypatch.setattr(queries, "situation", fail)
    answer = rest.ask(study.statistician, "status", study, If_None_Match=held)

    assert answer.status_code == 304
    assert answer.content == b""
    assert answer.headers["ETag"] == held
    assert {"Authorization", "Cookie"} <= {name.strip() for name in answer.headers["Vary"].split(",")}
    assert "private" in answer.headers["Cache-Control"]
    study.later(days=1)  # another day is another situation: what is kept does not answer for it
    with pytest.raises(AssertionError):
        rest.ask(study.statistician, "status", study)


def test_the_etag_changes_with_a_fact():
    study = factories.study().open()
    held = tag(study, study.statistician)
    study.dose()

    answer = rest.ask(study.statistician, "status", study, If_None_Match=held)

    assert answer.status_code == 200
    assert answer.headers["ETag"] != held


def test_the_etag_changes_with_the_clinical_date_though_nothing_was_written():
    study = factories.study().open()
    held = tag(study, study.statistician)

    study.later(days=1)

    assert tag(study, study.statistician) != held


def test_the_etag_does_not_change_with_the_hour_nor_does_the_answer():
    study = factories.study().open()
    study.dose()
    before = rest.ask(study.statistician, "status", study)
    study.now += timedelta(hours=5)
    after = rest.ask(study.statistician, "status", study)

    assert before.headers["ETag"] == after.headers["ETag"]
    assert before.json() == after.json()


def test_the_etag_is_one_for_each_role_and_site():
    study = factories.study().open()
    people = [study.statistician, study.dsmb, study.coordinator, study.other_coordinator, study.investigator]

    assert len({tag(study, person) for person in people}) == len(people)
    assert tag(study, study.dsmb) == tag(study, study.dsmb2)


def test_the_etag_changes_with_the_release(settings):
    study = factories.study().open()
    held = tag(study, study.statistician)
    settings.RELEASE = "another"

    assert tag(study, study.statistician) != held


def test_the_etag_changes_when_a_person_gets_another_role():
    study = factories.study().open()
    held = tag(study, study.statistician)
    with study.at():
        membership = access.scope(study.statistician, study.trial.code).membership
        people_services.end_membership(
            trial=study.trial.pk, membership=membership.pk, reason="New task.", by=study.administrator
        )
        people_services.add_member(
            trial=study.trial.pk, user=study.statistician.pk, role=Role.AUDITOR, by=study.administrator
        )

    assert rest.ask(study.statistician, "status", study, If_None_Match=held).status_code == 200


def test_an_etag_opens_nothing_to_a_stranger():
    study, other = factories.study().open(), factories.study()
    held = tag(study, study.statistician)

    assert rest.ask(None, "status", study, If_None_Match=held).status_code == 401
    assert rest.ask(other.statistician, "status", study, If_None_Match=held).status_code == 404
    assert rest.ask(study.administrator, "status", study, If_None_Match=held).status_code == 403


def test_a_coordinator_reads_no_number_of_another_sites_patient_in_a_sentence():
    study = factories.study().open()
    study.event(study.dose())

    mine = rest.ask(study.coordinator, "status", study).content.decode()
    elsewhere = rest.ask(study.other_coordinator, "status", study).content.decode()

    assert "atient 001" in mine
    assert "atient 001" not in elsewhere
    assert "suspected DLT" in elsewhere


# ---- decisions ----


def test_decisions_come_with_their_signatures():
    study = factories.study().open()
    study.cohort(3)
    study.sign()

    said = rest.ask(study.statistician, "decisions/", study).json()["results"]

    assert [(d["number"], d["kind"], d["outcome"], d["state"]) for d in said] == [
        (0, "open", "stay", "in_force"),
        (1, "cohort", "escalate", "in_force"),
    ]
    assert [s["name"] for s in said[1]["signatures"]] == ["Dsmb", "Medical_monitor"]
    assert said[1]["level"]["label"] == "2"
    assert said[1]["opened_cohort"] == 2
    assert said[1]["basis_changed"] is False


def test_a_decision_comes_with_what_its_signers_read():
    study = factories.study().open()
    study.cohort(3)
    signed = study.sign()

    said = rest.ask(study.dsmb, f"decisions/{signed.pk}/", study).json()

    assert said["recommendation"]["action"] == "escalate"
    assert [p["patient"] for p in said["inputs"]["patients"]] == [1, 2, 3]
    assert said["content"] == signed.content
    assert said["changes"] == []
    assert rest.ask(study.dsmb, f"decisions/{uuid.uuid4()}/", study).status_code == 404


def test_the_inputs_of_a_decision_hide_the_numbers_of_another_site_from_its_coordinator():
    study = factories.study().open()
    study.cohort(3)
    signed = study.sign()

    said = rest.ask(study.other_coordinator, f"decisions/{signed.pk}/", study).json()

    assert [p["patient"] for p in said["inputs"]["patients"]] == [None, None, None]


def test_a_late_dlt_shows_as_a_changed_basis():
    study = factories.study().open()
    first, *_ = study.cohort(3)
    signed = study.sign()
    study.event(first, onset_on=date(2026, 1, 20))

    said = rest.ask(study.dsmb, f"decisions/{signed.pk}/", study).json()

    assert said["basis_changed"] is True
    assert [(c["patient"], c["position"]) for c in said["changes"]] == [(1, 1)]
    hidden = rest.ask(study.other_coordinator, f"decisions/{signed.pk}/", study).json()
    assert [c["patient"] for c in hidden["changes"]] == [None]


def test_a_poll_of_an_unchanged_trial_takes_one_statement():
    study = factories.study().open()
    sent = {"Authorization": f"Bearer {rest.secret(study.investigator, 'read')}"}
    path = rest.where("status", study)
    with study.at():
        held = Client().get(path, headers=sent).headers["ETag"]  # notes once a minute that the token is used

        with CaptureQueriesContext(connection) as unchanged:
            again = Client().get(path, headers=sent | {"If-None-Match": held})
        with CaptureQueriesContext(connection) as whole:
            shown = Client().get(path, headers=sent)

    assert (again.status_code, shown.status_code) == (304, 200)
    assert len(unchanged) == 1
    assert len(whole) == 1


def test_a_token_opens_what_its_person_may_read_now_and_nothing_else():
    study, other = factories.study().open(), factories.study(levels=2)
    sent = {"Authorization": f"Bearer {rest.secret(study.investigator, 'read')}"}

    def status(of) -> int:
        return Client().get(rest.where("status", of), headers=sent).status_code

    assert (status(study), status(other)) == (200, 404)
    people_services.end_membership(
        trial=study.trial.pk,
        membership=access.scope(study.investigator, study.trial.pk).membership.pk,
        reason="Left the clinic.",
        by=study.administrator,
    )
    assert status(study) == 404
    people_services.close_account(user=study.investigator.pk, reason="Left the clinic.", by=study.administrator)
    assert status(study) == 401

"""A level closes: the investigator is asked for each patient still on it, answers, and corrects the answer."""

import uuid
from datetime import date

import pytest
from django.urls import reverse

from assessments.response.follow_up import record_follow_up
from escalation.dashboard import waiting
from escalation.outstanding import closed_levels
from patients.dosing import services as dosing
from patients.dosing.models import ClosedLevelAnswer
from patients.follow_up.services import Followed
from patients.models import Treatment
from tests import factories, rest
from tests.escalation.decisions.test_races import at_once
from tests.patients.test_pages import get, post, text
from trial.models import AuditEvent
from trial.people import access
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Level 1 of three: 001 and 002 with a DLT on 8 Jan 2026, 003 without; level 1 is closed. Now 9 Jan."""
    made = factories.study().open()
    made.who = [made.dose() for _ in range(3)]
    made.patient = made.who[2]
    made.later(3)
    for patient in made.who[:2]:
        made.dlt(patient)
    return made.later(1)


def codes(study):
    return [f.patient.code for f in closed_levels.unanswered(study.situation())]


def waits(study, by):
    with study.at():
        scope = access.scope(by, study.trial.code)
        return [one.text for one in waiting.things(scope, study.situation()) if "is closed" in one.text]


def post_answer(study, by=None, **said):
    answers = {"answer": "reduce", "on": "9 Jan 2026", "because": "Platelets fall.", "rev": 0} | said
    return post(study, by or study.investigator, "closed_level", study.patient.number, **answers)


def answered(study, key=None, said="continue"):
    with study.at():
        return closed_levels.answer(
            trial=study.trial.pk, patient=study.patient.pk, said=said, on=study.today, because="Stable.", rev=0,
            by=study.investigator, key=key,
        )  # fmt: skip


def test_everybody_still_on_the_level_is_asked_about_and_nobody_before_it_closed():
    open_ = factories.study().open()
    open_.dose()
    assert codes(open_) == [] and waits(open_, open_.investigator) == []


def test_the_investigator_of_the_site_is_asked_for_each_patient(study):
    assert codes(study) == ["001", "002", "003"]
    asked = waits(study, study.investigator)
    assert asked[2] == "Level 1 is closed: reduce, continue or stop, patient 003"
    assert waits(study, study.coordinator) == waits(study, study.other_investigator) == []
    page = get(study, study.investigator, "patient", study.patient.number)
    assert "Level 1 is closed The investigator answers for this patient: reduce, continue or stop." in text(page)
    assert reverse("patients:closed_level", args=[study.trial.code, "003"]) in page.content.decode()


def test_who_stopped_or_died_is_not_asked_about(study):
    with study.at():
        dosing.stop_treatment(
            trial=study.trial.pk, patient=study.who[0].pk, on=study.today, stop_reason="Toxicity", by=study.coordinator
        )
        record_follow_up(
            trial=study.trial.pk, patient=study.who[1].pk, said=Followed(died_on=study.today, death_cause="other"),
            rev=0, by=study.coordinator,
        )  # fmt: skip

    assert codes(study) == ["003"]


def test_an_answer_has_a_day_a_reason_and_its_author_and_is_asked_no_more(study):
    assert post_answer(study).status_code == 302

    row = ClosedLevelAnswer.objects.get()
    assert (row.answer, row.on, row.because, row.by) == (
        "reduce", date(2026, 1, 9), "Platelets fall.", study.investigator,
    )  # fmt: skip
    assert codes(study) == ["001", "002"]
    assert AuditEvent.objects.filter(ledger__trial=study.trial).latest("number").verb == "closedlevel.answer"
    page = text(get(study, study.coordinator, "patient", study.patient.number))
    assert "Reduce the dose, decided 9 Jan 2026 by Investigator: Platelets fall." in page
    assert Treatment.objects.get(patient=study.patient).received_level.label == "1", "he counts where he began"


@pytest.mark.parametrize(
    ("said", "status", "sentence"),
    [
        ({"answer": ""}, 422, "choose reduce, continue or stop"),
        ({"on": "10 Jan 2026"}, 409, "Decided on: 10 Jan 2026 is in the future."),
        ({"on": "4 Jan 2026"}, 409, "Decided on: 4 Jan 2026 is before the first dose (5 Jan 2026)."),
        ({"because": " "}, 422, "Why: an answer is needed."),
    ],
)
def test_an_answer_that_cannot_be_is_refused_beside_its_field(study, said, status, sentence):
    refused = post_answer(study, **said)

    assert refused.status_code == status and sentence in text(refused)
    assert not ClosedLevelAnswer.objects.exists()


def test_who_may_answer(study):
    assert post_answer(study, study.coordinator).status_code == 403
    assert post_answer(study, study.medical_monitor).status_code == 403
    assert post_answer(study, study.other_investigator).status_code == 404


def test_a_correction_needs_its_reason_and_the_row_that_was_seen(study):
    post_answer(study)
    seen = ClosedLevelAnswer.objects.get().rev

    stale = post_answer(study, study.colleague(), answer="stop", reason="x")
    assert stale.status_code == 409 and "The answer was changed by Investigator since you opened the form" in text(
        stale
    )
    without = post_answer(study, answer="stop", rev=seen, reason="")
    assert without.status_code == 422 and "Reason for the correction: an answer is needed." in text(without)
    assert post_answer(study, answer="stop", rev=seen, reason="Decided anew.").status_code == 302
    assert ClosedLevelAnswer.objects.get().answer == "stop"


def test_on_an_open_level_nothing_is_asked_or_taken():
    study = factories.study().open()
    study.patient = study.dose()

    assert get(study, study.investigator, "closed_level", study.patient.number).status_code == 404
    with pytest.raises(Refused, match="^Level 1 of patient 001 is not closed, so nothing is asked"):
        answered(study)


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_are_one(study):
    key = uuid.uuid4()
    found = at_once(study, lambda: answered(study), lambda: answered(study, said="stop"))
    assert sum(isinstance(one, Refused) for one in found) == 1
    assert ClosedLevelAnswer.objects.count() == 1

    study.patient = study.who[1]
    found = at_once(study, *[lambda: answered(study, key=key) for _ in range(2)])
    assert found[0].pk == found[1].pk


def test_it_is_answered_and_corrected_by_rest(study):
    *_, row = rest.ask(study.investigator, "closed-levels/", study).json()["results"]
    assert (row["patient"], row["level"]["label"], row["answer"]) == ("003", "1", None)
    said = {"patient": row["id"], "answer": "reduce", "on": "2026-01-09", "because": "Platelets fall."}
    assert rest.send(study.coordinator, "closed-levels/", study, said).status_code == 403
    made = rest.send(study.investigator, "closed-levels/", study, said)
    assert made.status_code == 201 and made.json()["answer"] == "reduce"

    again = said | {"answer": "stop", "rev": made.json()["rev"]}
    bare = rest.send(study.investigator, "closed-levels/", study, again)
    assert (bare.status_code, bare.json()["field"]) == (409, "reason")
    late = rest.send(study.investigator, "closed-levels/", study, again | {"rev": 1, "reason": "Misread."})
    assert late.status_code == 409 and "since you opened the form" in late.json()["detail"]
    done = rest.send(study.investigator, "closed-levels/", study, again | {"reason": "Misread."})
    assert done.status_code == 201
    *_, row = rest.ask(study.medical_monitor, "closed-levels/", study).json()["results"]
    assert row["answer"]["answer"] == "stop"
    assert rest.ask(study.other_investigator, "closed-levels/", study).json()["results"] == []

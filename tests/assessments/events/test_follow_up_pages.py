"""The pages on which an event is entered by a coordinator, graded by the investigator, followed up and assessed."""

import uuid

import pytest
from django.urls import reverse

from assessments.models import AdverseEvent
from tests import factories
from tests.assessments.events.test_pages import browser, get, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    study = factories.study().open()
    study.patient = study.dose()
    return study.later(10)


def send(study, by, view, *args, **said):
    path = reverse(f"assessments:{view}", args=[study.trial.code, *args])
    with study.at():
        return browser(by).post(path, {"key": uuid.uuid4(), **said})


def day(study, number):
    return f"{number + 4} Jan 2026"  # day 1 is 5 January


def test_a_coordinator_enters_and_the_investigator_is_asked_to_grade(study):
    form = get(study, study.coordinator, "assessments:report", study.patient.code)
    assert "The investigator grades the event" in text(form) and 'name="grade"' not in form.content.decode()

    sent = send(study, study.coordinator, "report", study.patient.code, term="Nausea", onset_on=day(study, 5))
    assert sent.status_code == 302
    page = get(study, study.investigator, "assessments:event", 1)
    assert "Grade and relate" in text(page) and "grade not given yet" in text(page)
    with study.at():
        waiting = browser(study.investigator).get("/")
    assert "Grade and relate: patient 001, AE 1 nausea" in text(waiting)

    event = AdverseEvent.objects.get()
    related = {f"relation_{k}": "unrelated" for k in (1, 2, 3)}
    said = {"term": "Nausea", "grade": 2, "onset_on": day(study, 5), "rev": event.rev, **related}
    said |= {"step_1_on": day(study, 8), "step_1_grade": 3, "action_1": "held"}
    assert send(study, study.investigator, "follow", 1, **said).status_code == 302

    shown = text(get(study, study.coordinator, "assessments:event", 1))
    assert "2 from 9 Jan 2026" in shown and "3 from 12 Jan 2026" in shown and "Held" in shown
    assert "Followed up by" in shown and "Grade from 12 Jan 2026" in shown


def test_what_is_wrong_stands_beside_its_row_and_nothing_is_lost(study):
    said = {"term": "Nausea", "grade": 1, "onset_on": day(study, 5), "narrative": "Since breakfast.", "serious": "on"}
    said |= {"step_2_on": day(study, 4), "step_2_grade": 3, "serious_criteria": ["hospitalisation"]}
    refused = send(study, study.investigator, "report", study.patient.code, **said)

    form = refused.context["form"]
    assert refused.status_code == 409
    assert form.errors["step_2_on"] == ["Grade from 8 Jan 2026: must be after 9 Jan 2026, the one before it."]
    assert (form["narrative"].value(), form["step_2_grade"].value()) == ("Since breakfast.", "3")
    assert form["serious_criteria"].value() == ["hospitalisation"]

    lacking = send(study, study.investigator, "report", study.patient.code, **said | {"step_2_grade": ""})
    assert lacking.context["form"].errors["step_2_grade"] == ["Grade from 8 Jan 2026: choose one, from 1 to 5."]


def test_the_follow_up_of_an_open_event_opens_with_what_was_typed(study):
    study.event(study.patient, term="Nausea", grade=1)

    page = get(study, study.investigator, "assessments:follow", 1, **{"from": "2026-01-16", "grade": "3"})

    form = page.context["form"]
    assert (str(form["step_1_on"].value()), form["step_1_grade"].value()) == ("2026-01-16", "3")


def test_the_sponsor_assesses_on_a_page_and_keeps_lists(study):
    study.event(study.patient, term="Nausea", grade=1)
    listed = {"version": "IB 7", "in_force_on": day(study, 1), "terms": "Nausea, grade 3\nFatigue"}
    assert send(study, study.medical_monitor, "add_expected", **listed).status_code == 302
    shown = text(get(study, study.coordinator, "assessments:expected"))
    assert "List IB 7" in shown and "Nausea, grade 3 at most" in shown

    wrong = send(study, study.medical_monitor, "sponsor", 1, rev=0, expected="no", relation_1="unlikely")
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (409, ["because"])
    right = {"rev": 0, "expected": "no", "because": "Lasted longer.", "relation_1": "unlikely"}
    assert send(study, study.medical_monitor, "sponsor", 1, **right).status_code == 302
    page = text(get(study, study.investigator, "assessments:event", 1))
    assert "investigator and sponsor differ" in page and "Lasted longer." in page

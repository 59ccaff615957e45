"""What was decided and done on paper is marked wherever a decision's numbers show, on pages and by REST alike."""

from datetime import date

import pytest
from django.urls import reverse

from assessments.count.first_dose import void_first_dose
from escalation.enrolment.services import first_dose
from escalation.meetings import services as meetings
from patients.dosing import services as dosing
from tests import factories
from tests.patients.test_pages import browser, text
from tests.rest import ask, send
from trial.models import Drug
from trial.record import ledger
from trial.refusals import Refused

pytestmark = pytest.mark.django_db
TAKEN = "taken outside the system"
ENTERED = "entered from paper"


def page(study, by, name, *args, **query):
    with study.at():
        return text(browser(by).get(reverse(name, args=[study.trial.code, *args]), query))


def cut(study):
    with study.at():
        meeting = meetings.call(
            trial=study.trial.pk, cut_off=study.today, meets_on=study.today, by=study.medical_monitor
        )
        return meetings.freeze(trial=study.trial.pk, meeting=meeting.pk, by=study.statistician)


def test_the_trial_page_says_it_today_and_of_the_past(brought):
    """In the ladder's figure, legend and table, in the tally and under the decisions."""
    number = ledger.number_of(brought.trial.pk)
    brought.sign()

    for query in ({}, {"as_of": number}):
        shown = page(brought, brought.dsmb, "escalation:trial", **query)
        assert TAKEN in shown and "Minutes 4" in shown, query
        assert f"3 {ENTERED}" in shown and f"cohort 1, {ENTERED}: No DLT" in shown, query
        assert f"Outside the system, {ENTERED}" in shown, query


def test_a_trial_that_began_here_marks_nothing():
    study = factories.study().open()
    study.dose()

    shown = page(study, study.dsmb, "escalation:trial")
    assert ENTERED not in shown and TAKEN not in shown
    assert [c["outside_system"] for c in ask(study.dsmb, "status", study).json()["cohorts"]] == [None]


@pytest.mark.django_db(transaction=True)
def test_the_packet_says_it_of_decisions_patients_and_events(brought):
    patient = brought.situation().facts[0].patient
    unrelated = {drug.pk: "unrelated" for drug in Drug.objects.filter(trial=brought.trial)}
    brought.event(patient, term="Headache", grade=3, onset_on=patient.treatment.first_dose_on, relations=unrelated)
    frozen = cut(brought)

    shown = page(brought, brought.dsmb, "escalation:packet", 1, 1)
    assert TAKEN in shown and "Minutes 4" in shown
    assert f"No DLT {ENTERED}" in shown and f"001, level 1 {ENTERED}" in shown
    found = ask(brought.dsmb, f"meetings/{frozen.meeting_id}/cuts/1/", brought).json()
    assert [c["outside_system"] for c in found["cohorts"]] == [{"on": "2025-06-02", "reference": "Minutes 4"}]


def test_the_decision_and_its_replay_say_it_of_the_patients_they_stand_on(brought):
    decision = brought.sign()

    for name in ("escalation:decision", "escalation:decision_replay"):
        assert page(brought, brought.dsmb, name, decision.number).count(ENTERED) == 3, name
    found = ask(brought.dsmb, f"decisions/{decision.pk}/", brought).json()
    assert [p["from_paper"] for p in found["inputs"]["patients"]] == [True, True, True]


def test_rest_says_it_of_cohorts_levels_and_patients(brought):
    brought.sign()
    brought.dose()

    found = ask(brought.dsmb, "status", brought).json()
    said = [(c["number"], c["decision"], c["outside_system"] is not None, c["dosed"]) for c in found["cohorts"]]
    assert said == [(1, None, True, 3), (2, 1, False, 1)]
    assert [level["from_paper"] for level in found["levels"]] == [3, 0, 0]
    patients = ask(brought.coordinator, "patients/", brought).json()["results"]
    assert [(p["number"], p["from_paper"], p["record"]["paper_source"]) for p in patients] == [
        ("001", True, "Binder 10"),
        ("002", True, "Binder 11"),
        ("003", True, "Binder 12"),
        ("004", False, None),
    ]


def test_the_list_of_patients_says_it(brought):
    brought.sign()
    brought.dose()

    assert page(brought, brought.coordinator, "patients:list").count(ENTERED) == 3


def test_the_opening_is_read_by_rest_with_what_it_said_before(brought):
    found = ask(brought.dsmb, "opening", brought).json()

    assert found["standing"]["levels"] == [{"level": "1", "on": "2025-06-02", "reference": "Minutes 4"}]
    assert (found["standing"]["state"], found["proposed"], found["before"]) == ("in_force", None, [])
    assert ask(brought.dsmb, "opening", factories.study()).status_code == 404
    other = factories.study()
    assert ask(other.dsmb, "opening", other).json() == {"standing": None, "proposed": None, "before": []}


def test_a_patient_is_entered_from_paper_by_rest(brought):
    said = {
        "cohort": 1, "consent_version": "1.0", "consented_on": "2025-06-13", "enrolled_on": "2025-06-13",
        "first_dose_on": "2025-06-13", "paper_source": "Binder 4",
    }  # fmt: skip
    made = send(brought.coordinator, "opening/patients/", brought, said)
    assert made.status_code == 201, made.json()
    assert (made.json()["patient"], made.json()["paper_source"]) == ("004", "Binder 4")

    early = send(brought.coordinator, "opening/patients/", brought, said | {"first_dose_on": "2025-06-01"})
    assert (early.status_code, early.json()["field"]) == (409, "first_dose_on")
    assert send(brought.dsmb, "opening/patients/", brought, said).status_code == 403


def test_a_first_dose_of_paper_that_was_taken_back_is_entered_again_as_a_fact(brought):
    patient = max((f.patient for f in brought.situation().facts), key=lambda one: one.number)
    row = patient.treatment
    with brought.at():
        dosing.take_doses_back(
            trial=brought.trial.pk, patient=patient.pk, rev=None, reason="Not his.", by=brought.coordinator
        )
        void_first_dose(
            trial=brought.trial.pk, treatment=row.pk, rev=row.rev, reason="Not his.", by=brought.coordinator
        )
        said = {"trial": brought.trial.pk, "patient": patient.pk, "by": brought.coordinator}
        with pytest.raises(Refused, match="before the enrolment"):
            first_dose(**said, on=date(2025, 6, 1))
        again = first_dose(**said, on=date(2025, 6, 13))

    assert again.in_spite_of == "", "he had no slot here, and no hold was in force then"

"""Correcting the first dose, cycle 2 and the end of treatment: by whom, what is refused, what follows."""

from datetime import date

import pytest
from django.urls import reverse

from escalation.protocol import services as protocol
from patients.dosing import services
from patients.models import Treatment
from tests import factories
from tests.patients.test_pages import get, post, text
from trial.models import AuditEvent
from trial.protocol_settings import ProtocolSettings

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Enrolled on 5 Jan 2026, dosed on 10 Jan, now 19 Feb: day 41."""
    made = factories.study().open()
    made.patient = made.enrol()
    made.later(5).dose(made.patient)
    return made.later(40)


def row(study):
    return Treatment.objects.get(patient=study.patient)


def correct(study, page, by=None, **said):
    answers = {"rev": row(study).rev, "reason": "Misread the chart."} | said
    return post(study, by or study.coordinator, page, study.patient.number, **answers)


def write(study, verb, **said):
    with study.at():
        getattr(services, verb)(trial=study.trial.pk, patient=study.patient.pk, by=study.coordinator, **said)


def last_action(study):
    return AuditEvent.objects.filter(ledger__trial=study.trial).latest("number")


STOP = {"stop_reason": "Progression", "related": "no"}


def test_the_patients_page_leads_to_the_correction_of_each_fact_and_only_who_may_enter_it(study):
    write(study, "start_cycle_2", on=date(2026, 2, 7))
    write(study, "stop_treatment", on=date(2026, 2, 10), stop_reason="Progression")
    pages = ("correct_first_dose", "correct_cycle2", "correct_stop")
    links = [reverse(f"patients:{page}", args=[study.trial.code, study.patient.code]) for page in pages]

    shown = get(study, study.coordinator, "patient", study.patient.number).content.decode()
    theirs = get(study, study.dsmb, "patient", study.patient.number).content.decode()

    assert [link in shown for link in links] == [True] * 3
    assert [link in theirs for link in links] == [False] * 3
    for page in pages:
        assert get(study, study.investigator, page, study.patient.number).status_code == 200
        assert get(study, study.dsmb, page, study.patient.number).status_code == 403
        assert get(study, study.other_coordinator, page, study.patient.number).status_code == 404
        assert correct(study, page, study.statistician, on="9 Jan 2026", **STOP).status_code == 403


def test_a_corrected_first_dose_moves_window_and_study_days_and_keeps_the_old_value(study):
    event = study.event(study.patient, grade=1, onset_on=date(2026, 1, 12))
    before = text(get(study, study.coordinator, "correct_first_dose", study.patient.number))
    assert "Recorded: 10 Jan 2026, by Investigator on" in before

    answer = correct(study, "correct_first_dose", on="8 Jan 2026")

    assert answer.status_code == 302
    f = study.situation().facts[0]
    assert (f.window_ends_on, f.window_day) == (date(2026, 2, 4), 43)
    assert [e.onset_day for e in f.events if e.event.pk == event.pk] == [5]
    action = last_action(study)
    assert (action.verb, action.reason, action.by) == ("firstdose.correct", "Misread the chart.", study.coordinator)
    history = text(get(study, study.monitor, "patient", study.patient.number))
    assert "First dose corrected: Misread the chart." in history


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        ("4 Jan 2026", "First dose: 4 Jan 2026 is before the enrolment (5 Jan 2026)."),
        ("20 Feb 2026", "First dose: 20 Feb 2026 is in the future."),
        ("7 Feb 2026", "First dose: 7 Feb 2026 is not before the first dose of cycle 2 (7 Feb 2026). Correct that"),
        ("10 Jan 2026", "First dose: 10 Jan 2026 is recorded already."),
    ],
)
def test_a_first_dose_that_contradicts_what_is_recorded_is_refused_by_name(study, on, sentence):
    write(study, "start_cycle_2", on=date(2026, 2, 7))

    answer = correct(study, "correct_first_dose", on=on)

    assert answer.status_code == 409
    assert sentence in text(answer)
    assert row(study).first_dose_on == date(2026, 1, 10)


def test_a_first_dose_is_not_moved_past_the_end_of_treatment(study):
    write(study, "stop_treatment", on=date(2026, 1, 15), stop_reason="Progression")

    answer = correct(study, "correct_first_dose", on="16 Jan 2026")

    assert "is after the end of treatment (15 Jan 2026)" in text(answer)


@pytest.mark.parametrize("page", ["correct_first_dose", "correct_cycle2", "correct_stop"])
def test_a_page_opened_before_another_correction_is_refused_and_shows_both(study, page):
    write(study, "start_cycle_2", on=date(2026, 2, 7))
    write(study, "stop_treatment", on=date(2026, 2, 10), stop_reason="Progression")
    seen = row(study).rev
    assert correct(study, "correct_cycle2", study.investigator, on="8 Feb 2026").status_code == 302

    answer = correct(study, page, on="9 Jan 2026", rev=seen, **STOP)

    assert answer.status_code == 409
    assert "The treatment was changed by Investigator since you opened the form" in text(answer)
    assert "What was changed meanwhile" in text(answer)
    assert 'value="9 Jan 2026"' in answer.content.decode() or 'value="09 Jan 2026"' in answer.content.decode()


@pytest.mark.parametrize("page", ["correct_first_dose", "correct_cycle2", "correct_stop"])
def test_a_correction_needs_its_reason(study, page):
    write(study, "start_cycle_2", on=date(2026, 2, 7))
    write(study, "stop_treatment", on=date(2026, 2, 10), stop_reason="Progression")

    answer = correct(study, page, on="9 Feb 2026", reason=" ", **STOP)

    assert answer.status_code == 422
    assert "Reason for the correction: an answer is needed." in text(answer)


def test_the_old_addresses_write_nothing_over(study):
    write(study, "start_cycle_2", on=date(2026, 2, 7))
    write(study, "stop_treatment", on=date(2026, 2, 10), stop_reason="Progression")
    before = row(study)

    for page, correction in (
        ("cycle2", "correct_cycle2"),
        ("stop", "correct_stop"),
        ("first_dose", "correct_first_dose"),
    ):
        level = str(study.patient.cohort.dose_level_id)
        answer = post(
            study, study.coordinator, page, study.patient.number, on="9 Feb 2026", received_level=level, **STOP
        )
        assert answer.status_code == 409, page
        assert "is corrected on a page of its own, with a reason" in text(answer), page
        link = reverse(f"patients:{correction}", args=[study.trial.code, study.patient.code])
        assert link in answer.content.decode(), page
        opened = get(study, study.coordinator, page, study.patient.number).content.decode()
        assert link in opened and "<form" not in opened.split("<main")[1], page

    assert row(study).rev == before.rev


def test_a_cycle_2_that_has_not_begun_is_taken_back(study):
    write(study, "start_cycle_2", on=date(2026, 2, 7))

    assert correct(study, "correct_cycle2", on="").status_code == 302

    assert row(study).cycle2_on is None
    assert get(study, study.coordinator, "correct_cycle2", study.patient.number).status_code == 404


def test_cycle_2_begins_while_treatment_goes_on(study):
    write(study, "start_cycle_2", on=date(2026, 2, 7))
    write(study, "stop_treatment", on=date(2026, 2, 10), stop_reason="Progression")

    late = correct(study, "correct_cycle2", on="11 Feb 2026")
    early = correct(study, "correct_stop", on="6 Feb 2026", **STOP)

    assert "Cycle 2: 11 Feb 2026 is after the end of treatment (10 Feb 2026)." in text(late)
    assert "Stopped on: 6 Feb 2026 is before the first dose of cycle 2 (7 Feb 2026)." in text(early)


def test_a_stop_is_corrected_with_its_cause_and_taken_back(study):
    write(study, "stop_treatment", on=date(2026, 2, 10), stop_reason="Progression", related=False)
    form = get(study, study.coordinator, "correct_stop", study.patient.number).content.decode()
    assert 'value="Progression"' in form

    said = {"on": "9 Feb 2026", "stop_reason": "Toxicity", "related": "yes", "drugs": ["selinexor"]}
    assert correct(study, "correct_stop", **said).status_code == 302

    stored = row(study)
    assert (stored.stopped_on, stored.stop_reason) == (date(2026, 2, 9), "Toxicity")
    assert (stored.stop_related, stored.stopped_drugs) == (True, ["selinexor"])
    assert correct(study, "correct_stop", on="").status_code == 302
    assert row(study).stopped_on is None and row(study).stop_reason == ""


def test_a_stop_is_not_taken_back_while_the_patient_has_left(study):
    write(study, "stop_treatment", on=date(2026, 2, 10), stop_reason="Progression")
    post(
        study, study.coordinator, "leave_study", study.patient.number, on="12 Feb 2026", why="Lost", rev=row(study).rev
    )

    for on in ("", "13 Feb 2026"):
        answer = correct(study, "correct_stop", on=on, **STOP)
        assert "the patient left the study on 12 Feb 2026" in text(answer)
    assert row(study).stopped_on == date(2026, 2, 10)


def test_a_first_dose_of_another_day_follows_the_protocol_of_that_day():
    study = factories.study().open()
    study.patient = study.enrol()
    study.dose(study.patient)
    study.later(10)
    with study.at():
        protocol.write(
            trial=study.trial.pk, settings=ProtocolSettings(window_days=35), levels=factories.ladder(3),
            drugs=factories.DRUGS, criteria=["Myeloma"], reason="A longer window.", by=study.medical_monitor,
        )  # fmt: skip
    study.later(10)
    assert study.situation().facts[0].window_days == 28

    correct(study, "correct_first_dose", on="16 Jan 2026")

    assert study.situation().facts[0].window_days == 35
    correct(study, "correct_first_dose", on="14 Jan 2026")
    assert study.situation().facts[0].window_days == 28


def test_verdicts_are_asked_anew_where_the_event_leaves_the_window(study):
    event = study.event(study.patient, onset_on=date(2026, 1, 12))
    study.verdict(event, study.investigator)
    study.verdict(event, study.medical_monitor)
    assert study.situation().facts[0].outcome == "dlt"

    correct(study, "correct_first_dose", on="13 Jan 2026")

    assert study.situation().facts[0].outcome != "dlt", "the onset is now before the first dose"
    correct(study, "correct_first_dose", on="11 Jan 2026")
    assert study.situation().facts[0].outcome == "suspected", "in the window again, it is read again"

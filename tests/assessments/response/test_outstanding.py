"""What waits for a patient's response: planned assessments, categories not given, differences without a reason."""

from datetime import UTC, datetime

import pytest

from assessments.response.follow_up import record_follow_up
from assessments.response.outstanding import outstanding
from patients.dosing import services as dosing
from patients.follow_up.leaving import leave_study
from patients.follow_up.services import Followed
from patients.withdrawal import services as withdrawal
from tests import factories
from tests.assessments.response.test_entry_pages import browser
from tests.patients.test_days import zone
from tests.patients.test_pages import text
from trial import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """A patient dosed on 5 Jan 2026, with a baseline. Interval 28 days, window 7: the first is planned on 2 Feb."""
    made = factories.study().open()
    made.patient = made.dose()
    made.assess(made.patient, serum_m="3.0", urine_m="100")
    return made


def waits(study):
    found = outstanding(study.trial.pk, study.today)
    return [(str(one.kind), f"{one.planned:%d %b}" if one.planned else one.row.number, one.missed) for one in found]


def trial_page(study, by):
    with study.at():
        return text(browser(by).get(f"/trials/{study.trial.code}/"))


def home(study, by):
    with study.at():
        return text(browser(by).get("/"))


@pytest.mark.parametrize(
    ("day", "said"),
    [(20, []), (21, [("assessment", "02 Feb", False)]), (35, [("assessment", "02 Feb", False)]),
     (36, [("assessment", "02 Feb", True)])],
)  # fmt: skip
def test_an_assessment_is_due_in_its_window_and_missed_after_it(study, day, said):
    study.later(day)

    assert waits(study) == said


def test_the_next_is_planned_the_interval_after_the_last(study):
    study.later(33).assess(study.patient, serum_m="2.9", urine_m="100")  # 7 Feb

    assert ("assessment", "07 Mar", False) in waits(study.later(28))


def test_stopping_treatment_ends_nothing_leaving_the_study_does(study):
    study.later(30)
    with study.at():
        dosing.stop_treatment(
            trial=study.trial.pk, patient=study.patient.pk, on=study.today, stop_reason="Toxicity",
            by=study.coordinator,
        )  # fmt: skip
    assert waits(study) == [("assessment", "02 Feb", False)]

    with study.at():
        leave_study(
            trial=study.trial.pk, patient=study.patient.pk, on=study.today, why="Withdrawal", by=study.coordinator
        )
    assert waits(study) == []


@pytest.mark.parametrize(
    "fact",
    [
        {"died_on": 30, "death_cause": "other"},
        {"new_therapy_on": 30, "new_therapy": "Carfilzomib"},
    ],
)
def test_death_and_new_therapy_end_the_planned_assessments(study, fact):
    study.later(30)
    said = {name: study.today if value == 30 else value for name, value in fact.items()}
    with study.at():
        record_follow_up(trial=study.trial.pk, patient=study.patient.pk, said=Followed(**said), by=study.coordinator)

    assert waits(study) == []


def test_a_withdrawn_consent_ends_them(study):
    study.later(30)
    with study.at():
        withdrawal.record_withdrawal(
            trial=study.trial.pk, slot=study.patient.slot_id, covers="visits", on=study.today, public_records=False,
            stopped_on=study.today, related=False, reason="Wish.", by=study.coordinator,
        )  # fmt: skip

    assert waits(study) == []


def test_progression_ends_them_when_it_is_confirmed(study):
    study.later(28).assess(study.patient, serum_m="3.8", urine_m="100")  # + 0.8 g/dL, 26.7 %
    assert ("assessment", "02 Mar", False) in waits(study.later(28))

    study.assess(study.patient, serum_m="3.9", urine_m="100")

    assert "assessment" not in {kind for kind, *_ in waits(study.later(28))}


def test_a_category_is_asked_of_the_investigator_and_a_difference_explained(study):
    made = study.later(28).assess(study.patient, serum_m="1.5", urine_m="100")  # PR
    assert waits(study) == [("category", 2, False)]
    assert "Give your category: patient 001, DA 2" in home(study, study.investigator)

    study.judge(made, "MR")

    assert waits(study) == [("difference", 2, False)]
    assert "Explain a difference of response: patient 001, DA 2" in home(study, study.investigator)
    assert "Explain a difference" not in home(study, study.coordinator)
    assert "Explain a difference" not in home(study, study.other_investigator)


def test_the_coordinator_is_told_of_what_is_due_and_missed(study):
    study.later(28)
    assert "Disease assessment due: patient 001" in home(study, study.coordinator)
    assert "Also open" not in trial_page(study, study.coordinator)

    study.later(8)
    assert "Missed disease assessment: patient 001" in home(study, study.coordinator)
    page = trial_page(study, study.coordinator)
    assert "Also open: 1 about the response" in page
    assert "Patient 001: enter the disease assessment 2 Feb 2026 , late coordinator, site 01" in page


def test_another_sites_coordinator_learns_no_number(study):
    study.later(36)

    page = trial_page(study, study.other_coordinator)

    assert "A patient of site 01: enter the disease assessment" in page


def test_what_holds_no_decision_up_is_not_counted_as_blocking(study):
    study.complete(study.patient)
    made = study.assess(study.patient, serum_m="1.5", urine_m="100")
    study.judge(made, "MR")

    page = trial_page(study, study.dsmb)

    assert "Blocked by Nothing. A decision can be taken on what is recorded." in page
    assert "Patient 001: DA 2 differs from the investigator's category: give the reason investigator, site 01" in page


@pytest.fixture
def bare():
    """A patient dosed on 5 Jan 2026 of whom nothing was measured before."""
    made = factories.study().open()
    made.patient = made.dose()
    return made


def response_page(study, by):
    with study.at():
        return browser(by).get(f"/trials/{study.trial.code}/response/")


def test_a_baseline_is_due_on_the_day_of_the_first_dose_and_missed_after_it(bare):
    assert waits(bare) == [("assessment", "05 Jan", False)]
    assert "Baseline assessment due: patient 001" in home(bare, bare.coordinator)

    bare.later(1)
    assert waits(bare) == [("assessment", "05 Jan", True)]
    assert "Missed baseline assessment: patient 001" in home(bare, bare.coordinator)
    page = trial_page(bare, bare.coordinator)
    assert "Patient 001: enter the baseline assessment 5 Jan 2026 , late coordinator, site 01" in page

    # what comes after the first dose is asked for besides
    assert waits(bare.later(20)) == [("assessment", "05 Jan", True), ("assessment", "02 Feb", False)]

    bare.assess(bare.patient, visit_on=bare.patient.treatment.first_dose_on, serum_m="3.0", urine_m="100")
    assert waits(bare) == [("assessment", "02 Feb", False)]


def test_the_response_page_says_who_owes_an_assessment_and_leads_to_its_form(bare):
    bare.later(21)

    own = response_page(bare, bare.coordinator)
    assert "Outstanding assessments 2, by the protocol's interval and window" in text(own)
    assert "001 Baseline of patient 001: enter it 5 Jan 2026 or before coordinator, site 01 missed" in text(own)
    assert "001 After the first dose of patient 001: enter it 2 Feb 2026 coordinator, site 01 due until 9 Feb" in text(
        own
    )
    assert f"/trials/{bare.trial.code}/response/patients/001/add/" in own.content.decode()

    assert "001 Baseline 5 Jan 2026 or before coordinator, site 01 missed" in text(response_page(bare, bare.dsmb))
    assert "Outstanding assessments" not in text(response_page(bare, bare.other_coordinator))


def test_a_baseline_is_asked_no_more_when_the_patient_is_dead(bare):
    bare.later(30)
    with bare.at():
        record_follow_up(
            trial=bare.trial.pk, patient=bare.patient.pk, said=Followed(died_on=bare.today, death_cause="other"),
            by=bare.coordinator,
        )  # fmt: skip

    assert waits(bare) == []


@pytest.mark.parametrize(("zone_name", "due"), [("Pacific/Auckland", True), ("America/Los_Angeles", False)])
def test_it_is_due_by_the_calendar_of_the_site(study, zone_name, due):
    """Due from 26 Jan: at 23:30 UTC of the 25th it is the 26th in Auckland and the 25th in Los Angeles."""
    zone(study, study.site, zone_name)
    study.now = datetime(2026, 1, 25, 23, 30, tzinfo=UTC)

    def kinds():
        return [str(one.kind) for one in outstanding(study.trial.pk, clock.today(study.now, study.trial.time_zone))]

    assert kinds() == (["assessment"] if due else [])
    study.now = datetime(2026, 1, 26, 8, 30, tzinfo=UTC)
    assert kinds() == ["assessment"], "what was kept of the day before is not shown again"
    with study.at():
        shown = text(browser(study.coordinator).get("/"))
    assert "Disease assessment due" in shown

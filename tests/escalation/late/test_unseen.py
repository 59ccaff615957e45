"""A patient dosed by a decision's day who was not in its inputs, and a first dose corrected across that day.

By docs/domain.md, section 4, both change its basis whatever his outcome: marked, held, answered like any late change.
"""

from datetime import date, timedelta

import pytest

from assessments.count.first_dose import correct_first_dose
from escalation.display.reader import View
from escalation.enrolment import services as enrolment
from escalation.late.page import late_page
from escalation.models import BasisChanged
from escalation.situation import history
from tests import factories
from trial.models import Notice
from trial.people import access
from trial.people import corrections as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def left():
    """Level 2 of three, the start: three enrolled on 5 Jan 2026, two dosed, both with a DLT; on 8 Jan decision 1
    de-escalated. The third, patient 001, is not dosed as far as anybody knows. Now 9 Jan.
    """
    made = factories.study(start=2).open()
    made.third, *others = (made.enrol() for _ in range(3))
    for patient in others:
        made.dose(patient)
    made.later(3)
    for patient in others:
        made.dlt(patient)
    made.sign()
    assert (made.situation().in_force[-1].outcome, made.situation().position) == ("de_escalate", 1)
    return made.later(1)


@pytest.fixture
def passed():
    """0/3 at level 1, dosed on 5 Jan 2026; decision 1 escalated on 2 Feb. Now 3 Feb."""
    made = factories.study().open()
    made.first = [made.dose() for _ in range(3)]
    made.complete(*made.first)
    made.sign()
    return made.later(1)


def entered(study, on):
    with study.at():
        enrolment.first_dose(
            trial=study.trial.pk, patient=study.third.pk, on=on, given=True, reason="Entered late.",
            by=study.coordinator,
        )  # fmt: skip


def moved(study, patient, on):
    with study.at():
        correct_first_dose(trial=study.trial.pk, patient=patient.pk, on=on, reason="Misread.", by=study.investigator)


def page(study):
    with study.at():
        scope, here = access.scope(study.dsmb, study.trial.code), study.situation()
        return late_page(View(scope, here, history.record(here), here.number))


@pytest.mark.parametrize("on", [date(2026, 1, 6), date(2026, 1, 8)])
def test_a_patient_dosed_by_the_day_of_a_decision_and_entered_after_it_changes_its_basis(left, on):
    entered(left, on)

    here = left.situation()
    (change,) = here.changes
    assert (change.patient.pk, change.decision.number) == (left.third.pk, 1)
    assert (change.was, change.now, change.position) == ("not among its patients", "pending at level 2", 2)
    assert "patient 001 was not among its patients, is now pending at level 2" in here.late[0].sentence
    assert page(left).decisions[0].patients == "001"


def test_a_dose_after_the_decision_changes_nothing(left):
    entered(left, date(2026, 1, 9))

    assert not left.situation().changes


def test_the_answer_closes_it_for_good(left):
    entered(left, date(2026, 1, 6))
    left.sign()
    assert not left.situation().changes

    left.later(30).take_doses(left.third)
    left.confirm(left.third)

    assert not left.situation().changes, "he stood as pending in the decision that answered it"


def test_what_becomes_of_him_before_the_answer_is_told(left):
    entered(left, date(2026, 1, 6))
    left.dlt(left.third)

    assert left.situation().late[0].now == "DLT at level 2"


def test_a_first_dose_corrected_across_a_decisions_day_and_back(passed):
    patient = passed.first[0]

    moved(passed, patient, date(2026, 2, 3))
    (change,) = passed.situation().changes
    assert (change.was, change.now) == ("no DLT at level 1", "first dosed after it, on 3 Feb 2026")
    assert passed.situation().free == 0
    (stood,) = page(passed).decisions
    assert not stood.same, "on two patients alone nobody escalates"

    moved(passed, patient, date(2026, 1, 5))
    assert passed.situation().late[0].restored


def test_who_starts_under_a_decision_on_its_day_was_not_unseen():
    study = factories.study().open()
    study.cohort()
    study.sign()

    study.dose()

    assert not study.situation().changes


def zone(study, site, name):
    with study.at():
        people.correct_site(
            trial=study.trial.pk, site=site.pk, code=site.code, name=site.name, time_zone=name, reason="Moved.",
            by=study.administrator,
        )  # fmt: skip
    site.refresh_from_db()


def test_a_site_whose_calendar_is_behind_starts_under_a_decision_on_the_day_of_it_there():
    study = factories.study()
    zone(study, study.other_site, "America/Los_Angeles")
    study.open()
    study.cohort()
    study.later(1)
    study.now = study.now.replace(hour=5)  # the evening before in Los Angeles
    study.sign()

    patient = study.dose(study.enrol(by=study.other_coordinator))

    assert patient.treatment.first_dose_on == study.today - timedelta(days=1)
    assert not study.situation().changes and study.situation().free == 2


def test_a_site_whose_calendar_is_ahead_was_dosed_on_the_day_of_the_decision_there():
    study = factories.study(start=2)
    zone(study, study.site, "Pacific/Auckland")
    study.open()
    third, *others = (study.enrol() for _ in range(3))
    for patient in others:
        study.dose(patient)
    study.later(3)
    study.now = study.now.replace(hour=12, minute=30)  # the next day in Auckland
    study.dose(third)
    assert third.treatment.first_dose_on == study.today + timedelta(days=1)
    for patient in others:
        study.dlt(patient)

    study.sign()

    assert not BasisChanged.objects.exists()
    assert not Notice.objects.filter(key__startswith="basis").exists()

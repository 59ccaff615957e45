"""A death in the DLT window that stands in the follow-up alone, and N3: suspected until an event tells of it."""

from datetime import timedelta

import pytest

from assessments.count import queries
from assessments.dlt.version import READINGS
from assessments.response.follow_up import record_follow_up
from escalation.outstanding import blocked
from patients.follow_up.models import FollowUp
from patients.follow_up.services import Followed
from tests import factories
from trial.protocol_settings import ProtocolSettings

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """One patient, on day 10."""
    return treated(factories.study(levels=3).open())


def treated(study):
    study.patient = study.dose()
    return study.later(9)


def dies(study, cause="unknown", **more):
    with study.at():
        record_follow_up(
            trial=study.trial.pk, patient=study.patient.pk, by=study.coordinator,
            **{"said": Followed(died_on=study.today, death_cause=cause)} | more,
        )  # fmt: skip


def patient(study):
    return study.situation().facts[0]


@pytest.mark.parametrize("cause", ["unknown", "other"])
def test_a_death_in_the_window_is_suspected_at_once_and_asks_for_its_event(study, cause):
    dies(study, cause)

    facts = patient(study)
    assert (facts.outcome, facts.dlt) == ("suspected", "suspected")
    assert facts.because.startswith(
        f"Died on {study.today:%-d %b %Y}, in the DLT window, and no event tells of it (N3)."
    )
    assert [row.what for row in blocked.missing(study.situation())] == [
        "report the death in the DLT window as an event of grade 5, with its cause (N3)"
    ]
    assert study.situation().held_at(1)
    assert queries.next_due(facts) == ("Adverse event", None)

    event = study.event(study.patient, term="Death NOS", grade=5)
    (found,) = patient(study).events
    assert (found.state, found.suggestion.criterion) == ("suspected", "N3")

    study.verdict(event, study.investigator, is_dlt=False)
    study.verdict(event, study.medical_monitor, is_dlt=False)
    assert patient(study).dlt == "none"


def test_a_death_that_is_taken_back_is_suspected_no_more(study):
    dies(study)
    rev = FollowUp.objects.get().rev
    dies(study, said=Followed(last_contact_on=study.today), rev=rev, reason="Another patient's letter.")

    assert (patient(study).outcome, patient(study).dlt) == ("pending", "none")


def test_a_death_of_myeloma_waits_for_its_event_and_is_no_suspicion(study):
    dies(study, "progression")

    assert (patient(study).outcome, patient(study).dlt) == ("pending", "none")


def test_a_death_after_the_window_is_none_of_it(study):
    study.later(19)  # day 29
    dies(study)

    assert patient(study).dlt == "none"


def test_with_n3_off_a_death_asks_nothing():
    study = treated(factories.study(levels=3, criteria=ProtocolSettings().criteria | {"N3": False}).open())
    dies(study)

    assert patient(study).dlt == "none"


def test_the_rules_before_version_4_read_it_as_pending(study):
    dies(study)
    records, today = queries.records(study.trial.pk), study.situation().today

    (then,) = queries.derived(records, today, READINGS["3"])
    assert (then.outcome, then.dlt) == ("pending", "none")


def test_the_doses_planned_after_the_death_are_none_that_wait():
    study = factories.study(levels=3).schedule(factories.WEEKLY, factories.DAILY, factories.WEEKLY).open()
    treated(study)
    dies(study)

    course = patient(study).course
    assert course is not None and course.ended_on == study.today
    study.later(30)
    assert patient(study).course.ended_on == study.today - timedelta(days=30)

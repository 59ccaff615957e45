"""What is owed after the escalation has ended: by patients still treated or followed alone, and by nobody played."""

import pytest

from assessments.response.follow_up import record_follow_up
from escalation.dashboard import waiting
from escalation.outstanding import blocked
from patients.follow_up.services import Followed
from tests import factories
from trial.people import access

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """001 and 002 with a DLT at level 1; 003 through the window, not confirmed yet."""
    made = factories.study().open()
    made.trial.simulated = False
    who = [made.dose() for _ in range(3)]
    made.later(3)
    for patient in who[:2]:
        made.dlt(patient)
    made.take_doses(who[2])
    made.later(28)
    made.last = who[2]
    return made


def asks(study, by):
    with study.at():
        scope = access.scope(by, study.trial.code)
        return [one.text for one in waiting.things(scope, study.situation())]


def dies(study):
    with study.at():
        record_follow_up(
            trial=study.trial.pk, patient=study.last.pk, said=Followed(died_on=study.today, death_cause="other"),
            by=study.coordinator,
        )  # fmt: skip


CONFIRM = "Confirm evaluability: patient 003"


def test_before_the_end_everybody_is_asked_and_after_it_who_is_alive(study):
    assert CONFIRM in asks(study, study.investigator)
    study.sign()

    assert study.situation().conclusion
    assert CONFIRM in asks(study, study.investigator)


def test_after_the_end_nothing_is_owed_of_the_dead(study):
    dies(study)
    assert CONFIRM in asks(study, study.investigator)

    study.sign()

    assert not [text for text in asks(study, study.investigator) if "003" in text]


def test_a_played_trial_that_has_ended_owes_nothing(study):
    study.sign()
    study.trial.simulated = True
    here = study.situation()

    scope = access.scope(study.investigator, study.trial.code)
    assert waiting.things(scope, here) == [] and blocked.besides(scope, here) == []

"""A study whose first cohort is complete, and its meeting at each stage."""

import pytest

from escalation.meetings import services
from tests import factories


@pytest.fixture
def study():
    """Three patients completed at level 1 without a DLT: the rule says escalate to level 2."""
    study = factories.study().open()
    study.cohort(3)
    return study


@pytest.fixture
def meeting(study):
    """Called for today."""
    with study.at():
        return services.call(trial=study.trial.pk, cut_off=study.today, meets_on=study.today, by=study.medical_monitor)


@pytest.fixture
def cut(study, meeting):
    with study.at():
        return services.freeze(trial=study.trial.pk, meeting=meeting.pk, by=study.statistician)

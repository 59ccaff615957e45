"""Two slots for one number at once: real PostgreSQL, real threads."""

import pytest

from escalation.enrolment import services as enrolment
from patients.models import Slot
from patients.screening.models import Screening
from tests import factories
from tests.escalation.decisions.test_races import at_once
from trial.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_number_asked_for_twice_at_once_gets_one_slot():
    study = factories.study().open()

    def request():
        return enrolment.request_slot(trial=study.trial.pk, screening="S-1", by=study.coordinator)

    found = at_once(study, request, request, request)

    assert sum(isinstance(one, Refused) for one in found) == 2
    assert Slot.objects.count() == Screening.objects.count() == 1

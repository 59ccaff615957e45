"""Two people at one visit: real PostgreSQL, real threads."""

import pytest

from assessments.response import services
from assessments.response.models import DiseaseAssessment, Measurement
from tests import factories
from tests.escalation.test_races import at_once
from tests.factories import answers
from trial.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_who_enter_one_visit_leave_one_assessment():
    study = factories.study().open()
    patient = study.dose()

    found = at_once(study, *[lambda: study.assess(patient, serum_m="3.0") for _ in range(4)])

    assert sum(isinstance(one, DiseaseAssessment) for one in found) == 1
    assert sum(isinstance(one, Refused) for one in found) == 3
    assert DiseaseAssessment.objects.get().number == 1


def test_two_who_correct_one_assessment_do_not_overwrite_each_other():
    study = factories.study().open()
    made = study.assess(study.dose(), serum_m="3.0")
    rev = DiseaseAssessment.objects.get().rev

    def correct(value):
        return lambda: services.correct_assessment(
            trial=study.trial.pk,
            assessment=made.pk,
            visit_on=made.visit_on,
            answers=answers(made.visit_on, serum_m=value),
            rev=rev,
            reason="Misread.",
            by=study.coordinator,
        )

    found = at_once(study, correct("3.1"), correct("3.2"))

    assert sum(isinstance(one, Refused) for one in found) == 1
    (kept,) = (value for value, one in zip(("3.1", "3.2"), found, strict=True) if not isinstance(one, Refused))
    assert f"{Measurement.objects.get().entered:.1f}" == kept

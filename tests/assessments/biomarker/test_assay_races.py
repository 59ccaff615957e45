"""Two at one assay: real PostgreSQL, real threads."""

from datetime import time
from decimal import Decimal

import pytest

from assessments.biomarker import services
from assessments.biomarker.models import Assay, Sample
from patients.consent import services as consents
from tests import factories
from tests.escalation.decisions.test_races import at_once
from trial.refusals import Refused, Stale

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study():
    made = factories.study().open()
    made.patient = made.enrol()
    with made.at():
        made.assay = services.define_assay(
            trial=made.trial.pk, name="One", lower_limit=Decimal(5), by=made.medical_monitor
        )
        consents.record_consent(
            trial=made.trial.pk, slot=made.patient.slot_id, kind="biomarker", version="B", given_on=made.today,
            by=made.coordinator,
        )  # fmt: skip
    made.assay.refresh_from_db()
    return made


def correct(study, name="One", limit=5):
    return lambda: services.correct_assay(
        trial=study.trial.pk, assay=study.assay.pk, name=name, lower_limit=Decimal(limit), rev=study.assay.rev,
        reason="x", by=study.medical_monitor,
    )  # fmt: skip


def test_of_two_who_correct_one_assay_one_is_asked_to_look_again(study):
    found = at_once(study, correct(study, name="Two"), correct(study, limit=4))

    (refused,) = (one for one in found if isinstance(one, Exception))
    assert isinstance(refused, Stale) and "was changed by" in str(refused)
    row = Assay.objects.get()
    assert (row.name, row.lower_limit) in (("Two", 5), ("One", 4))


def test_a_limit_raised_beside_a_sample_below_it_leaves_no_value_below_the_limit(study):
    def sample():
        return services.record_sample(
            trial=study.trial.pk, patient=study.patient.pk, taken_on=study.today, taken_at=time(8),
            reading=services.Reading(study.assay.pk, "L", Decimal(6)), by=study.coordinator,
        )  # fmt: skip

    found = at_once(study, correct(study, limit=7), sample)

    assert sum(isinstance(one, Refused) for one in found) == 1
    assert Sample.objects.exists() == (Assay.objects.get().lower_limit == 5)

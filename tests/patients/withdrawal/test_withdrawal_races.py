"""A withdrawal beside a first dose, and two withdrawals: real PostgreSQL, real threads."""

import pytest

from escalation.enrolment import services as enrolment
from patients.consent.models import Withdrawal
from patients.models import Slot, Treatment
from patients.withdrawal import services
from tests import factories
from tests.escalation.decisions.test_races import at_once
from trial.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_withdrawal_and_a_first_dose_at_once_leave_what_came_first():
    study = factories.study().open()
    patient = study.enrol()
    study.later(1)
    yesterday, trial = study.today, study.trial.pk
    study.later(1)

    def withdraw():
        return services.record_withdrawal(
            trial=trial, slot=patient.slot_id, covers="treatment", on=yesterday, public_records=False, reason="x",
            by=study.coordinator,
        )  # fmt: skip

    def dose():
        return enrolment.first_dose(trial=trial, patient=patient.pk, on=study.today, by=study.coordinator)

    at_once(study, withdraw, dose)
    assert Withdrawal.objects.count() + Treatment.objects.count() == 1

    found = at_once(study, withdraw, withdraw)
    if Withdrawal.objects.exists():
        assert sum(isinstance(one, Refused) for one in found) >= 1
        assert Withdrawal.objects.count() == 1
        assert Slot.objects.get().state == Slot.State.RELEASED

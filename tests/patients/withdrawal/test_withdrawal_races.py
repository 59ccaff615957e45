"""A withdrawal beside a first dose, and two withdrawals: real PostgreSQL, real threads."""

from datetime import timedelta

import pytest

from escalation.enrolment import services as enrolment
from patients.consent.models import Deviation, Withdrawal
from patients.models import Slot, Treatment
from patients.withdrawal import services
from tests import factories
from tests.escalation.decisions.test_races import at_once
from trial.models import AuditEvent
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


def test_of_two_reasons_for_one_deviation_one_is_asked_to_look_again():
    study = factories.study().open()
    patient = study.dose()
    study.later(5)
    with study.at():
        services.record_withdrawal(
            trial=study.trial.pk, slot=patient.slot_id, covers="treatment", on=study.today - timedelta(days=2),
            public_records=False, stopped_on=study.today, related=False, reason="x", by=study.coordinator,
        )  # fmt: skip
    row = Deviation.objects.get()
    calls = [
        lambda why=why, by=by: services.explain_deviation(
            trial=study.trial.pk, deviation=row.pk, why=why, rev=row.rev, by=by
        )
        for why, by in (("At home.", study.investigator), ("By mistake.", study.colleague()))
    ]

    (refused,) = (one for one in at_once(study, *calls) if isinstance(one, Refused))

    assert "was changed by" in str(refused)
    assert AuditEvent.objects.filter(ledger__trial=study.trial, verb="deviation.explain").count() == 1

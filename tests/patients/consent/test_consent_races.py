"""Two at one consent: real PostgreSQL, real threads."""

from datetime import timedelta

import pytest

from assessments.biomarker.consents import void_consent
from escalation.enrolment import services as enrolment
from patients.consent import services
from patients.consent.models import ConsentVersion
from patients.models import Consent, Patient
from tests import factories
from tests.escalation.decisions.test_races import at_once
from trial.refusals import Refused, Stale

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_who_record_or_correct_one_consent_do_it_once():
    study = factories.study().open()
    patient = study.dose()
    study.later(2)
    trial, slot, today = study.trial.pk, patient.slot_id, study.today

    def record():
        return services.record_consent(trial=trial, slot=slot, version="2.0", given_on=today, by=study.coordinator)

    found = at_once(study, record, record)
    assert sum(isinstance(one, Refused) for one in found) == 1
    row = Consent.objects.get(version="2.0")

    def correct(days):
        return lambda: services.correct_consent(
            trial=trial, consent=row.pk, version="2.0", given_on=today - timedelta(days=days), rev=row.rev, reason="x",
            by=study.coordinator,
        )  # fmt: skip

    found = at_once(study, correct(1), correct(2))
    assert sum(isinstance(one, Stale) for one in found) == 1

    def add():
        return services.add_version(trial=trial, version="3.0", valid_from=today, by=study.medical_monitor)

    found = at_once(study, add, add)
    assert sum(isinstance(one, Refused) for one in found) == 1
    assert ConsentVersion.objects.count() == 1


def test_a_consent_taken_back_beside_the_enrolment_leaves_nobody_enrolled_without_one():
    study = factories.study().open()
    slot = study.ready(study.slot())
    row = Consent.objects.get()

    def take_back():
        return void_consent(trial=study.trial.pk, consent=row.pk, rev=row.rev, reason="x", by=study.coordinator)

    def enrol():
        return enrolment.enrol(trial=study.trial.pk, slot=slot.pk, by=study.coordinator)

    found = at_once(study, take_back, enrol)

    assert sum(isinstance(one, Refused) for one in found) == 1
    row.refresh_from_db()
    assert row.voided != Patient.objects.exists()

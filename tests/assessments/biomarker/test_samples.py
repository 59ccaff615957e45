"""Samples of the sub-study: the consent gate, what an assay can say, and two people at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from assessments.biomarker import services
from assessments.biomarker.models import Assay, CutOff, Sample
from assessments.biomarker.services import Reading
from patients.consent import services as patients
from patients.models import Consent, Patient
from tests import factories
from trial.record import ledger
from trial.refusals import Refused
from trial.roles import May

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return factories.study().open()


def assay(study, name="Assay one", **more):
    with study.at():
        return services.define_assay(
            trial=study.trial.pk, name=name, lower_limit=Decimal("5"), by=study.medical_monitor, **more
        )


def consent(study, patient, kind=Consent.Kind.BIOMARKER):
    with study.at():
        return patients.record_consent(
            trial=study.trial.pk,
            slot=patient.slot_id,
            kind=kind,
            version="B 1.0",
            given_on=study.today,
            by=study.coordinator,
        )


def sample(study, patient, of, value="120.5", by=None, **more):
    said = {"taken_on": study.today, "taken_at": time(8, 30), **more}
    reading = Reading(assay=of.pk, kit_lot="L 7", value=value and Decimal(value))
    with study.at():
        return services.record_sample(
            trial=study.trial.pk, patient=patient.pk, reading=reading, by=by or study.coordinator, **said
        )


def test_a_value_needs_the_consent_to_the_sub_study_not_only_to_the_trial(study):
    patient, of = study.enrol(), assay(study)

    with pytest.raises(Refused, match=r"^Consent: the patient has not consented to the sBCMA sub-study"):
        sample(study, patient, of)

    consent(study, patient)
    assert sample(study, patient, of).value == Decimal("120.5")


def test_a_sample_from_before_the_consent_is_refused(study):
    patient, of = study.enrol(), assay(study)
    study.later(days=2)
    consent(study, patient)

    with pytest.raises(Refused, match="after this sample") as refusal:
        sample(study, patient, of, taken_on=study.today - timedelta(days=1))
    assert refusal.value.field == "taken_on"


def test_after_the_withdrawal_no_new_value_and_no_correction(study):
    patient, of = study.enrol(), assay(study)
    given = consent(study, patient)
    kept = sample(study, patient, of)
    with study.at():
        patients.withdraw_consent(
            trial=study.trial.pk, consent=given.pk, on=study.today, reason="Asked to.", by=study.coordinator
        )

    with pytest.raises(Refused, match="withdrawn"):
        sample(study, patient, of, taken_at=time(9))
    with pytest.raises(Refused, match="withdrawn"), study.at():
        services.correct_sample(
            trial=study.trial.pk,
            sample=kept.pk,
            reading=Reading(of.pk, "L 7", Decimal(7)),
            taken_on=kept.taken_on,
            taken_at=kept.taken_at,
            rev=Sample.objects.get(pk=kept.pk).rev,
            reason="typing",
            by=study.coordinator,
        )
    with study.at():
        services.void_sample(trial=study.trial.pk, sample=kept.pk, rev=None, reason="wrong tube", by=study.coordinator)
    assert Sample.objects.get(pk=kept.pk).voided


@pytest.mark.parametrize("whose", ["trial consent", "another patient's"])
def test_the_database_refuses_a_sample_under_the_wrong_consent(study, whose):
    patient, other, of = study.enrol(), study.enrol(), assay(study)
    foreign = consent(study, other)
    wrong = Consent.objects.get(slot=patient.slot_id, kind=Consent.Kind.TRIAL) if whose == "trial consent" else foreign

    with pytest.raises(IntegrityError, match="sample_needs_consent"), study.at(), transaction.atomic():
        with ledger.action(study.trial.pk, by=study.coordinator, may=May.RECORD_SAMPLE, verb="sample.record"):
            Sample.objects.create(
                trial=study.trial,
                patient=patient,
                consent=wrong,
                assay=of,
                kit_lot="x",
                value=Decimal(9),
                taken_on=study.today,
                taken_at=time(8),
            )


def test_below_the_limit_is_said_and_not_typed_as_a_number(study):
    patient, of = study.enrol(), assay(study)
    consent(study, patient)

    with pytest.raises(Refused, match=r"The lower limit of|the lower limit of Assay one is 5 ng/mL") as refusal:
        sample(study, patient, of, value="4.9999")
    assert refusal.value.field == "value"
    below = sample(study, patient, of, value=None)
    assert (below.below_limit, below.value) == (True, None)


def test_the_same_tube_twice_is_one_sample_and_another_assay_is_another(study):
    patient, of, other = study.enrol(), assay(study), assay(study, "Assay two")
    consent(study, patient)
    sample(study, patient, of)

    with pytest.raises(Refused, match="recorded with this assay already"):
        sample(study, patient, of)
    assert sample(study, patient, other).assay == other


def test_the_future_an_empty_lot_and_a_dilution_below_one_are_refused(study):
    patient, of = study.enrol(), assay(study)
    consent(study, patient)
    for reading, more, field in (
        (Reading(of.pk, "L", Decimal(9)), {"taken_on": study.today + timedelta(days=1)}, "taken_on"),
        (Reading(of.pk, "L", Decimal(9)), {"taken_on": date(1926, 1, 5)}, "taken_on"),
        (Reading(of.pk, " ", Decimal(9)), {"taken_on": study.today}, "kit_lot"),
        (Reading(of.pk, "L", Decimal(9), dilution=0), {"taken_on": study.today}, "dilution"),
    ):
        with pytest.raises(Refused) as refusal, study.at():
            services.record_sample(
                trial=study.trial.pk,
                patient=patient.pk,
                reading=reading,
                taken_at=time(8),
                by=study.coordinator,
                **more,
            )
        assert refusal.value.field == field


def test_who_may_record_and_who_may_define(study):
    patient, of = study.enrol(), assay(study)
    consent(study, patient)

    sample(study, patient, of, by=study.investigator)
    for stranger in (study.statistician, study.dsmb, study.medical_monitor, study.monitor, study.auditor):
        with pytest.raises(PermissionDenied):
            sample(study, patient, of, by=stranger)
    with pytest.raises(Patient.DoesNotExist):
        sample(study, patient, of, by=study.other_coordinator)
    for stranger in (study.coordinator, study.investigator, study.statistician, study.dsmb):
        with pytest.raises(PermissionDenied), study.at():
            services.define_assay(trial=study.trial.pk, name="x", lower_limit=Decimal(1), by=stranger)


def test_a_cut_off_and_a_published_range_name_their_source(study):
    with pytest.raises(Refused) as refusal:
        assay(study, normal_below=Decimal("82.59"))
    assert refusal.value.field == "source"
    of = assay(study, normal_below=Decimal("82.59"), source="A published ELISA")

    def cut_off(**said):
        with study.at():
            return services.add_cut_off(trial=study.trial.pk, assay=of.pk, by=study.medical_monitor, **said)

    with pytest.raises(Refused) as refusal:
        cut_off(purpose="prognostic", value=Decimal(300), source=" ")
    assert refusal.value.field == "source"
    cut_off(purpose="prognostic", value=Decimal(300), source="A paper")
    with pytest.raises(Refused, match="there already"):
        cut_off(purpose="prognostic", value=Decimal(300), source="Another paper")
    assert CutOff.objects.count() == 1
    assert Assay.objects.get().normal_below == Decimal("82.59")


@pytest.mark.django_db(transaction=True)
def test_two_people_who_record_the_same_tube_make_one_sample():
    study = factories.study().open()
    patient, of = study.enrol(), assay(study)
    consent(study, patient)

    def attempt(by):
        try:
            sample(study, patient, of, by=by)
        except Refused as refusal:
            return str(refusal)
        finally:
            connection.close()
        return "recorded"

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(attempt, [study.coordinator, study.investigator]))

    assert sorted(said)[1] == "recorded" and "already" in sorted(said)[0]
    assert Sample.objects.filter(voided=False).count() == 1

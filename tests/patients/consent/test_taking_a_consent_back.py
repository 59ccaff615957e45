"""A consent that was entered for the wrong patient is taken back; what stands on it is named and refuses it."""

from datetime import time, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from assessments.biomarker import services as biomarker
from assessments.biomarker.consents import void_consent
from escalation.enrolment import services as enrolment
from escalation.protocol import services as protocol
from patients.consent import queries
from patients.consent import services as consents
from patients.enrolment.services import confirm_eligibility
from patients.models import Consent
from tests import factories
from tests.patients.test_pages import get, post, text
from tests.patients.withdrawal.test_withdrawal import fact, sign, withdraw
from tests.rest import send
from trial.models import AuditEvent, EligibilityCriterion
from trial.protocol_settings import ProtocolSettings
from trial.refusals import Refused, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """First dose on 5 Jan 2026, ten days ago; consent, version 1.0, of that day."""
    made = factories.study().open()
    made.patient = made.dose()
    return made.later(10)


def take_back(study, row, by=None, **more):
    row.refresh_from_db()
    with study.at():
        return void_consent(
            trial=study.trial.pk, consent=row.pk, by=by or study.coordinator,
            **{"rev": row.rev, "reason": "It was patient 002."} | more,
        )  # fmt: skip


def test_before_enrolment_it_is_taken_back_on_a_page_and_nobody_is_enrolled_on_it():
    study = factories.study().open()
    slot = study.ready(study.slot())
    row = Consent.objects.get()
    assert "Take the consent back" in text(get(study, study.coordinator, "correct_consent", slot.number, row.pk))
    url = "void_consent", slot.number, row.pk
    assert get(study, study.investigator, *url).status_code == 403
    assert get(study, study.other_coordinator, *url).status_code == 404
    assert "is recorded" in text(get(study, study.coordinator, *url))

    assert post(study, study.coordinator, *url, rev=row.rev, reason="It was patient 002.").status_code == 302

    row.refresh_from_db()
    assert row.voided and row.version == "1.0", "nothing is overwritten"
    assert AuditEvent.objects.filter(verb="consent.void", reason="It was patient 002.").count() == 1
    assert get(study, study.coordinator, *url).status_code == 404
    assert "signed 5 Jan 2026" not in text(get(study, study.coordinator, "slot", slot.number))
    with study.at(), pytest.raises(Refused, match="the signed consent to the trial is not recorded yet"):
        enrolment.enrol(trial=study.trial.pk, slot=slot.pk, by=study.coordinator)

    with study.at():
        consents.record_consent(  # his own, of the same version and day
            trial=study.trial.pk, slot=slot.pk, version="1.0", given_on=study.today, by=study.coordinator
        )
        enrolment.enrol(trial=study.trial.pk, slot=slot.pk, by=study.coordinator)


def test_the_consent_that_an_enrolment_stands_on_is_replaced_first(study):
    row = Consent.objects.get()
    with pytest.raises(Refused, match="patient 001 was enrolled on 5 Jan 2026, which this consent comes before"):
        take_back(study, row)

    sign(study, "1.1", ago=10)
    take_back(study, row)

    assert queries.given(study.patient.slot_id) == study.today - timedelta(days=10)


def test_a_sample_between_two_consents_refuses_the_earlier_one():
    study = factories.study().open()
    slot = study.ready(study.slot())
    first, day = Consent.objects.get(), study.today
    study.later(2)
    with study.at():
        consents.record_consent(
            trial=study.trial.pk, slot=slot.pk, version="1.1", given_on=study.today, by=study.coordinator
        )
        study.patient = enrolment.enrol(trial=study.trial.pk, slot=slot.pk, by=study.coordinator)
    study.assess(study.patient, visit_on=day, serum_m="2")

    with pytest.raises(Refused, match="DA 1 has a sample of 5 Jan 2026, taken under it"):
        take_back(study, first)


def test_a_withdrawal_refuses_the_consent_that_it_takes_back(study):
    row = sign(study, "0.9", ago=10)
    withdraw(study, "visits", ago=4)
    take_back(study, row)
    with pytest.raises(Refused, match="the withdrawal of 11 Jan 2026 takes it back"):
        take_back(study, Consent.objects.get(version="1.0"))


def test_the_sub_studys_consent_is_taken_back_once_no_sample_stands_on_it(study):
    with study.at():
        assay = biomarker.define_assay(
            trial=study.trial.pk, name="One", lower_limit=Decimal(5), by=study.medical_monitor
        )
    row = sign(study, "B", kind="biomarker")

    def sample():
        return fact(
            study, biomarker.record_sample, reading=biomarker.Reading(assay.pk, "L", Decimal(9)),
            taken_on=study.today, taken_at=time(8), by=study.coordinator,
        )  # fmt: skip

    taken = sample()
    with pytest.raises(Refused, match="the sBCMA sample of 15 Jan 2026 was taken under it"):
        take_back(study, row)
    taken.refresh_from_db()
    with study.at():
        biomarker.void_sample(trial=study.trial.pk, sample=taken.pk, rev=taken.rev, reason="x", by=study.coordinator)

    take_back(study, row)

    with pytest.raises(Refused, match="consent"):
        sample()


def test_a_consent_taken_back_ends_no_withdrawal(study):
    withdraw(study, "visits", ago=4)
    row = sign(study, "2.0", ago=2, resumes=True)
    study.assess(study.patient, serum_m="2")
    take_back(study, row)
    with pytest.raises(Refused, match="withdrew from study visits"):
        study.assess(study.patient, visit_on=study.today - timedelta(days=1), serum_m="2")


def test_it_is_refused_to_who_may_not_without_a_reason_and_unseen(study):
    row = sign(study, "2.0")
    row.refresh_from_db()
    seen = row.rev
    for stranger in (study.investigator, study.medical_monitor):
        with pytest.raises(PermissionDenied):
            take_back(study, row, by=stranger)
    with pytest.raises(Refused, match="^Reason: "):
        take_back(study, row, reason=" ")
    with study.at():
        consents.correct_consent(
            trial=study.trial.pk, consent=row.pk, version="2.1", given_on=row.given_on, rev=seen, reason="x",
            by=study.coordinator,
        )  # fmt: skip
    with pytest.raises(Stale, match="was changed by Coordinator"):
        take_back(study, row, rev=seen)
    take_back(study, row)
    with pytest.raises(Refused, match="is voided"):
        take_back(study, row)


def test_a_consent_is_taken_back_by_rest(study):
    row = sign(study, "2.0")
    row.refresh_from_db()
    path, said = f"consents/{row.pk}/void", {"rev": row.rev, "reason": "It was patient 002."}
    assert send(study.investigator, path, study, said).status_code == 403
    assert send(study.other_coordinator, path, study, said).status_code == 404
    unsaid = send(study.coordinator, path, study, said | {"reason": " "})
    assert unsaid.status_code in (400, 409)
    assert send(study.coordinator, path, study, said).status_code == 201
    assert send(study.coordinator, path, study, said).status_code == 409
    row.refresh_from_db()
    assert row.voided


def test_an_answer_that_took_a_study_procedure_under_it_refuses_it():
    study = factories.study()
    with study.at():
        protocol.write(
            trial=study.trial.pk, settings=ProtocolSettings(), levels=factories.ladder(3), drugs=factories.DRUGS,
            criteria=["18 years or older", "* Marrow plasma cells"], reason="x", by=study.medical_monitor,
        )  # fmt: skip
    slot = study.open().slot()

    def consent(version):
        with study.at():
            return consents.record_consent(
                trial=study.trial.pk, slot=slot.pk, version=version, given_on=study.today, by=study.coordinator
            )

    first = consent("1.0")
    with study.at():
        version = study.situation().protocol.version
        confirm_eligibility(
            trial=study.trial.pk, slot=slot.pk, version=version.pk, by=study.investigator,
            answers={row.pk: True for row in EligibilityCriterion.objects.filter(version=version)},
        )  # fmt: skip
    study.later(2)
    consent("1.1")
    with study.at():
        enrolment.enrol(trial=study.trial.pk, slot=slot.pk, by=study.coordinator)

    with pytest.raises(Refused, match="criterion 2 takes a study procedure and was answered on 5 Jan 2026, under it"):
        take_back(study, first)

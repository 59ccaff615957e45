"""Baseline from before the consent: standard of care within the protocol's screening window, nothing for the study."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from assessments.response import queries, services
from assessments.response.entry import Besides
from assessments.response.models import DiseaseAssessment, Measurement
from assessments.response.outstanding import outstanding
from tests import factories
from tests.assessments.response.test_entry_pages import add, correct, get, stored, text
from tests.factories import answers
from trial.protocol_settings import ProtocolSettings, from_json, typed
from trial.refusals import Refused

pytestmark = pytest.mark.django_db
CONSENT = date(2026, 1, 5)


def made(**settings):
    """A patient who consented and was enrolled on 5 Jan 2026, not dosed yet."""
    study = factories.study(**settings).open()
    study.patient = study.enrol()
    return study


@pytest.fixture
def study():
    return made()


def record(study, on, standard_of_care=True, **said):
    with study.at():
        return services.record_assessment(
            trial=study.trial.pk, patient=study.patient.pk, visit_on=on, answers=answers(on, **said),
            said=Besides(standard_of_care=standard_of_care), by=study.coordinator,
        )  # fmt: skip


def baseline(study):
    return queries.course(study.trial.pk, study.patient.number, study.today).baseline


def test_a_marrow_of_standard_of_care_is_baseline(study):
    record(study, CONSENT - timedelta(days=30), marrow_pc="40")

    study.dose(study.patient)

    assert baseline(study).marrow_pc == Decimal(40)
    assert Measurement.objects.get().baseline_until == CONSENT + timedelta(days=12)  # 42 days after the sample


def test_what_was_taken_for_the_study_is_refused_and_the_form_says_what_may_be(study):
    typed = {"visit_on": "20 Dec 2025", "serum_m": "3,0"}

    refused = add(study, **typed)
    taken = add(study, **typed, standard_of_care="yes", follow=True)

    assert refused.status_code == 409
    assert "Visit: 20 Dec 2025 is before the patient's consent (5 Jan 2026). Samples taken for the study" in text(
        refused
    )
    assert "DA 1 is entered. It belongs to the baseline" in text(taken)
    assert stored(1) == {"serum_m": ("value", Decimal(3), "g/dL")}
    assert "standard of care, baseline of a first dose until 17 Jan 2026" in text(taken)
    form = get(study, study.coordinator, "correct", 1).context["form"]
    assert form["standard_of_care"].value() == "yes"


@pytest.mark.parametrize(
    ("sample", "days"), [("serum_m", 28), ("urine_m", 28), ("calcium", 28), ("marrow_pc", 42), ("spd", 42)]
)
def test_blood_and_urine_have_a_window_marrow_and_imaging_a_longer_one(study, sample, days):
    with pytest.raises(Refused, match=f"more than {days} days before any first dose that is still to come"):
        record(study, CONSENT - timedelta(days=days + 1), **{sample: "9"})

    assert record(study, CONSENT - timedelta(days=days), **{sample: "9"})


def test_when_the_patient_is_dosed_the_window_counts_from_the_first_dose(study):
    study.later(3).dose(study.patient)  # 8 Jan

    with pytest.raises(Refused, match=r"more than 28 days before the first dose \(8 Jan 2026\)"):
        record(study, date(2025, 12, 10), serum_m="3")
    record(study, date(2025, 12, 11), serum_m="3")

    assert baseline(study).serum_m == Decimal(3)


def test_a_first_dose_after_the_window_has_no_baseline_from_it(study):
    record(study, CONSENT - timedelta(days=28), serum_m="3")

    study.later(1).dose(study.patient)

    assert baseline(study).serum_m is None
    assert [one.baseline for one in outstanding(study.trial.pk, study.today)] == [True], "a baseline is still owed"


def test_it_is_asked_of_samples_before_the_consent_alone(study):
    with pytest.raises(Refused, match=r"there are none, the consent is of 5 Jan 2026") as refused:
        record(study, CONSENT, serum_m="3")
    assert refused.value.field == "standard_of_care"


def test_saying_otherwise_later_is_a_correction_with_a_reason(study):
    record(study, date(2025, 12, 20), serum_m="3")

    page = {"visit_on": "20 Dec 2025", "serum_m": "3", "standard_of_care": "no", "reason": "It was ours."}
    assert correct(study, 1, **page).status_code == 409
    assert correct(study, 1, **page | {"standard_of_care": "yes", "serum_m": "3.1", "reason": ""}).status_code == 409
    assert correct(study, 1, **page | {"standard_of_care": "yes", "serum_m": "3.1"}).status_code == 302


def test_a_protocol_without_the_setting_takes_no_baseline_from_before_the_consent():
    study = made(screening_days=None)

    with pytest.raises(Refused, match="protocol version 1 takes no baseline from before it"):
        record(study, CONSENT - timedelta(days=1), serum_m="3")
    assert record(study, CONSENT - timedelta(days=1), marrow_pc="30"), "the windows are two settings"
    assert DiseaseAssessment.objects.count() == 1


def test_versions_stored_before_the_setting_take_none():
    old = {name: value for name, value in ProtocolSettings().as_json().items() if not name.startswith("screening")}

    assert (from_json(old).screening_days, from_json(old).screening_imaging_days) == (None, None)
    assert (typed({}).screening_days, typed({}).screening_imaging_days) == (28, 42)

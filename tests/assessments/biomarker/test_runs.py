"""From the record to the stored run of the sub-study: who is in it, what asks for it, and that it is made once."""

from datetime import time, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from assessments.biomarker import inputs, services
from assessments.biomarker.services import ControlReading, Reading
from assessments.endpoints import queries, queue
from assessments.endpoints import services as runs
from assessments.endpoints.models import EndpointRun, RunRequest
from patients.consent import services as patients
from patients.models import Consent
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "queue"])


@pytest.fixture
def study():
    return factories.study().open()


def with_assay(study, name="Assay one"):
    with study.at():
        return services.define_assay(
            trial=study.trial.pk,
            name=name,
            lower_limit=Decimal(5),
            normal_below=Decimal("82.59"),
            source="A paper",
            by=study.medical_monitor,
        )


def consented(study, patient):
    with study.at():
        return patients.record_consent(
            trial=study.trial.pk,
            slot=patient.slot_id,
            kind=Consent.Kind.BIOMARKER,
            version="B 1.0",
            given_on=study.today,
            by=study.coordinator,
        )


def measured(study, patient, assay, value):
    with study.at():
        services.record_sample(
            trial=study.trial.pk,
            patient=patient.pk,
            reading=Reading(assay.pk, "L 7", None if value is None else Decimal(value)),
            taken_on=study.today,
            taken_at=time(8),
            by=study.coordinator,
        )


def read(study):
    protocol = study.situation().protocol
    records = inputs.read(study.trial.pk, study.today, protocol)
    return inputs.derived(records, study.today, protocol.settings)


def compute(study):
    """What waits is due now; everything is computed."""
    from assessments.endpoints.tasks import compute_runs  # heavy: a worker's import

    RunRequest.objects.filter(trial=study.trial, done_at=None).update(next_try_at=timezone.now())
    compute_runs()


def test_the_biomarker_set_is_who_consented_and_has_not_withdrawn(study):
    first, second, third = (study.enrol() for _ in range(3))
    assay, other = with_assay(study), with_assay(study, "Assay two")
    for patient in (first, second):
        consent = consented(study, patient)
        measured(study, patient, assay, "90.5")
    measured(study, first, other, None)
    study.dose(first)
    study.later(28)
    measured(study, first, assay, "30")
    with study.at():
        patients.withdraw_consent(
            trial=study.trial.pk,
            consent=consent.pk,
            on=study.today,
            reason="By letter.",
            by=study.coordinator,
        )
    found = read(study)

    assert (found.consented, found.withdrawn) == (2, 1)
    one, two = found.assays
    assert [(m.number, [(v.value, v.day) for v in m.values]) for m in one.patients] == [
        (first.number, [(Decimal("90.5"), 0), (Decimal(30), 28)])
    ]
    assert one.patients[0].subject.first_dose_on == study.today - timedelta(days=28)
    assert [(v.value, v.day) for v in two.patients[0].values] == [(None, 0)]
    assert third.number not in [m.number for m in one.patients]


def test_cut_offs_and_controls_belong_to_their_assay(study):
    assay, other = with_assay(study), with_assay(study, "Assay two")
    with study.at():
        for purpose, value in (("prognostic", 300), ("diagnostic", 100)):
            services.add_cut_off(
                trial=study.trial.pk,
                assay=assay.pk,
                purpose=purpose,
                value=Decimal(value),
                source="Another paper",
                by=study.medical_monitor,
            )
        services.record_controls(
            trial=study.trial.pk,
            assay=other.pk,
            kit_lot="L 7",
            source="A series",
            controls=[ControlReading("C 1", Decimal(20)), ControlReading("C 2", None)],
            by=study.medical_monitor,
        )
    one, two = read(study).assays

    assert [(cut.value, cut.source) for cut in one.diagnostic] == [
        (Decimal("82.59"), "A paper"),  # the published limit of normal
        (Decimal(100), "Another paper"),
    ]
    assert [cut.value for cut in one.prognostic] == [Decimal(300)]
    assert (list(one.controls), list(two.controls)) == ([], [Decimal(20), None])


def test_without_an_assay_nothing_is_asked_for(study):
    study.dose()
    assert set(RunRequest.objects.values_list("kind", flat=True)) == {"efficacy"}

    with_assay(study)
    assert set(RunRequest.objects.values_list("kind", flat=True)) == {"efficacy", "biomarker"}
    runs.ask_for_all()
    assert RunRequest.objects.filter(kind="biomarker").count() == 1


def test_a_new_sample_is_followed_by_a_run_of_its_cut(study):
    assay = with_assay(study)
    for value in ("40", "90"):
        patient = study.enrol()
        consented(study, patient)
        measured(study, patient, assay, value)
        study.dose(patient)
    compute(study)

    run = queries.latest(study.trial.pk, "biomarker")
    (found,) = run.result["assays"]
    assert (found["name"], found["sets"]["treated"]) == ("Assay one", 2)
    assert found["diagnostic"]["because"] == "Not estimable: no controls."
    assert found["patients"][1]["groups"]["median"] == "high"
    assert set(EndpointRun.objects.filter(kind="biomarker").values_list("settings_name", flat=True)) == {
        "primary",
        "s1",
        "s2",
    }
    assert run.result["versions"] == {"analysis": "3", "response": "2", "times": "3"}

    before = EndpointRun.objects.count()
    runs.ask_for_all()
    compute(study)
    assert EndpointRun.objects.count() == before  # the same cut is computed once

    with study.at():
        services.record_controls(
            trial=study.trial.pk,
            assay=assay.pk,
            kit_lot="L 7",
            source="A series",
            controls=[ControlReading("C 1", Decimal(20)), ControlReading("C 2", None)],
            by=study.medical_monitor,
        )
    compute(study)
    assert queries.latest(study.trial.pk, "biomarker").result["assays"][0]["diagnostic"]["auc"] == 1


def test_a_failing_biomarker_run_leaves_the_efficacy_run_alone(study):
    with_assay(study)
    study.dose()

    def bad(trial, on, settings):
        raise ZeroDivisionError

    analyses = {
        "biomarker": queue.Analysis("1", bad),
        "efficacy": queue.Analysis("1", lambda trial, on, settings: {}),
    }
    while queue.work_one(analyses):
        pass

    assert set(EndpointRun.objects.values_list("kind", flat=True)) == {"efficacy"}
    assert RunRequest.objects.get(kind="biomarker").last_error == "ZeroDivisionError: "

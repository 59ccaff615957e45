"""REST of patients and slots: what stands behind a number stays within the site; one key, one slot."""

import uuid

import pytest

from patients.models import Slot
from tests import factories, rest

pytestmark = pytest.mark.django_db


def patients(study, person):
    answer = rest.ask(person, "patients/", study)
    assert answer.status_code == 200
    return answer.json()["results"]


def test_a_patient_of_the_readers_site_comes_with_the_record():
    study = factories.study().open()
    patient = study.dose()
    study.later(days=11)

    (said,) = patients(study, study.coordinator)

    assert (said["id"], said["number"], said["window_day"], said["window_days"]) == (str(patient.pk), "001", 12, 28)
    assert (said["outcome"], said["dlt"]) == ("pending", "none")
    assert said["record"]["first_dose_on"] == "2026-01-05"
    assert said["record"]["site"] == "01"


def test_an_investigator_of_another_site_sees_number_level_day_and_dlt_state():
    study = factories.study().open()
    patient = study.dose()
    study.event(patient)
    study.later(days=11)

    (said,) = patients(study, study.other_investigator)

    assert said["record"] is None
    assert said["id"] is None
    assert (said["number"], said["level"]["label"], said["window_day"], said["dlt"]) == ("001", "1", 12, "suspected")


def test_a_coordinator_of_another_site_sees_that_a_patient_is_on_day_12():
    study = factories.study().open()
    study.dose()
    study.later(days=11)

    (said,) = patients(study, study.other_coordinator)

    assert said["window_day"] == 12
    assert {name: said[name] for name in ("id", "number", "outcome", "dlt", "record")} == dict.fromkeys(
        ("id", "number", "outcome", "dlt", "record")
    )


def test_all_sites_are_open_to_the_medical_monitor():
    study = factories.study().open()
    study.dose()

    (said,) = patients(study, study.medical_monitor)

    assert said["record"]["site"] == "01"


def test_one_patient_and_no_patient_of_another_site():
    study, other = factories.study().open(), factories.study().open()
    patient, stranger = study.dose(), other.dose()

    assert rest.ask(study.coordinator, f"patients/{patient.pk}/", study).json()["number"] == "001"
    assert rest.ask(study.other_coordinator, f"patients/{patient.pk}/", study).status_code == 404
    assert rest.ask(study.other_investigator, f"patients/{patient.pk}/", study).status_code == 404
    assert rest.ask(study.coordinator, f"patients/{stranger.pk}/", study).status_code == 404
    assert rest.ask(study.coordinator, f"patients/{uuid.uuid4()}/", study).status_code == 404


def test_pages_are_limited():
    study = factories.study().open()
    study.dose()
    study.dose()

    said = rest.ask(study.dsmb, "patients/?limit=1&offset=1", study).json()

    assert said["count"] == 2
    assert [p["number"] for p in said["results"]] == ["002"]


# ---- slots ----


def test_a_slot_is_requested_and_granted():
    study = factories.study().open()

    answer = rest.send(study.coordinator, "slots/", study, {"screening": "SCR-014"})

    assert answer.status_code == 201
    said = answer.json()
    assert (said["state"], said["level"]["label"], said["site"], said["screening"]) == ("granted", "1", "01", "SCR-014")
    listed = rest.ask(study.coordinator, "slots/", study).json()["results"]
    assert [slot["id"] for slot in listed] == [said["id"]]
    assert rest.ask(study.other_coordinator, "slots/", study).json()["results"] == []


def test_the_same_request_sent_twice_is_one_slot():
    study = factories.study().open()
    key = uuid.uuid4()

    first = rest.send(study.coordinator, "slots/", study, {"screening": "SCR-014"}, key=key)
    second = rest.send(study.coordinator, "slots/", study, {"screening": "SCR-014"}, key=key)

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert Slot.objects.filter(trial=study.trial).count() == 1


def test_a_key_used_for_another_request_is_422():
    study = factories.study().open()
    key = uuid.uuid4()
    rest.send(study.coordinator, "slots/", study, {"screening": "SCR-014"}, key=key)

    answer = rest.send(study.coordinator, "slots/", study, {"screening": "SCR-015"}, key=key)

    assert answer.status_code == 422
    assert "key was used" in answer.json()["detail"]
    assert Slot.objects.filter(trial=study.trial).count() == 1


def test_a_write_without_a_key_is_400_and_names_the_header():
    study = factories.study().open()

    for key in (None, "", "twelve"):
        answer = rest.send(study.coordinator, "slots/", study, {"screening": "SCR-20"}, key=key)

        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == ["Idempotency-Key"]
    assert not Slot.objects.filter(trial=study.trial).exists()


def test_no_free_slot_is_409_with_the_reason_and_the_date():
    study = factories.study().open()
    for _ in range(3):
        study.dose()

    answer = rest.send(study.coordinator, "slots/", study, {"screening": "SCR-21"})

    assert answer.status_code == 409
    assert "2 Feb 2026 at the earliest: patient 001 is on day 1 of 28" in answer.json()["detail"]
    elsewhere = rest.send(study.other_coordinator, "slots/", study, {"screening": "SCR-22"})
    assert "a patient is on day 1 of 28" in elsewhere.json()["detail"]


def test_the_waiting_list_can_be_joined():
    study = factories.study().open()
    for _ in range(3):
        study.dose()

    answer = rest.send(study.coordinator, "slots/", study, {"screening": "SCR-50", "wait": True})

    assert (answer.status_code, answer.json()["state"]) == (201, "waiting")


def test_only_a_coordinator_requests_slots():
    study = factories.study().open()

    for who in (study.investigator, study.medical_monitor, study.dsmb, study.statistician, study.auditor):
        assert rest.send(who, "slots/", study, {"screening": "SCR-23"}).status_code == 403


def test_a_wrong_shape_is_400_by_name():
    study = factories.study().open()

    answer = rest.send(study.coordinator, "slots/", study, {"screening": "x" * 41, "wait": "perhaps"})

    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"screening", "wait"}

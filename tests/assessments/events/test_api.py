"""REST of adverse events: reported once, read within the site, and no verdict before its time."""

import re
import uuid

import pytest

from assessments.models import AdverseEvent
from assessments.review import services
from tests import factories, rest
from trial.models import Drug

pytestmark = pytest.mark.django_db


def report(study, patient, **more):
    drugs = Drug.objects.filter(trial=study.trial)
    return {
        "patient": str(patient.pk),
        "term": "Platelet count decreased",
        "grade": 4,
        "onset_on": study.today.isoformat(),
        "relations": {str(drug.pk): "possible" for drug in drugs},
    } | more


def test_an_event_is_reported_and_suspected():
    study = factories.study().open()
    patient = study.dose()

    answer = rest.send(study.investigator, "events/", study, report(study, patient))

    assert answer.status_code == 201
    said = answer.json()
    assert (said["patient"], said["grade"], said["state"], said["criterion"]) == ("001", 4, "suspected", "H3")
    assert {r["drug"]: r["degree"] for r in said["relations"]}["selinexor"] == "possible"
    assert rest.ask(study.investigator, f"events/{said['id']}/", study).json() == said


def test_an_event_is_followed_up_corrected_and_taken_back_by_who_read_it_last():
    study = factories.study().open()
    patient = study.dose()
    first = study.today.isoformat()
    made = rest.send(study.investigator, "events/", study, report(study, patient, term="Nausea", grade=1)).json()
    where, day = f"events/{made['id']}/", study.later(3).today.isoformat()
    step = {"step": {"on": day, "grade": 2}, "rev": made["rev"]}

    assert rest.send(study.medical_monitor, f"{where}follow-up", study, step).status_code == 403
    assert rest.send(study.other_coordinator, f"{where}follow-up", study, step).status_code == 404
    followed = rest.send(study.investigator, f"{where}follow-up", study, step)
    assert followed.status_code == 201, followed.json()
    assert followed.json()["steps"] == [{"on": first, "grade": 1}, {"on": day, "grade": 2}]
    assert followed.json()["grade"] == 2 and followed.json()["relations"] == made["relations"]

    rev, why = followed.json()["rev"], {"reason": "Read from another line."}
    wrong = {"steps": [{"on": first, "grade": 1}, {"on": day, "grade": 3}]}
    assert rest.send(study.investigator, f"{where}correction", study, wrong | {"rev": rev}).status_code == 400
    stale = rest.send(study.investigator, f"{where}correction", study, wrong | why | {"rev": made["rev"]})
    assert stale.status_code == 409
    unsaid = rest.send(study.investigator, f"{where}follow-up", study, wrong | {"rev": rev})
    assert unsaid.status_code == 409 and "eason" in unsaid.json()["detail"]
    said = {"relations": {"selinexor": "unlikely"}, "rev": rev}
    corrected = rest.send(study.investigator, f"{where}correction", study, wrong | why | said).json()
    assert corrected["grade"] == 3 and len(corrected["relations"]) == len(made["relations"])
    assert {r["drug"]: r["degree"] for r in corrected["relations"]}["selinexor"] == "unlikely"

    key, void = uuid.uuid4(), {"rev": corrected["rev"], "reason": "Of another patient."}
    for _ in range(2):  # the repeated one gets the first answer
        gone = rest.send(study.investigator, f"{where}void", study, void, key=key)
        assert gone.status_code == 201 and gone.json()["voided"] is True
    assert rest.ask(study.investigator, where, study).status_code == 404


def test_the_same_report_sent_twice_is_one_event():
    study = factories.study().open()
    patient, key = study.dose(), uuid.uuid4()

    first = rest.send(study.investigator, "events/", study, report(study, patient), key=key)
    second = rest.send(study.investigator, "events/", study, report(study, patient), key=key)

    assert first.json() == second.json()
    assert AdverseEvent.objects.filter(trial=study.trial).count() == 1
    other = rest.send(study.investigator, "events/", study, report(study, patient, grade=3), key=key)
    assert other.status_code == 422


@pytest.mark.parametrize("name", ["ended_on", "aware_on"])
@pytest.mark.parametrize("sent", ["07/08/2026", "20260105", "2026-1-5", 20260105, "2026-01-05T00:00:00Z"])
def test_a_date_is_sent_in_the_two_forms_that_people_type(name, sent):
    study = factories.study().open()
    patient = study.dose()

    answer = rest.send(study.investigator, "events/", study, report(study, patient, **{name: sent}))

    assert answer.status_code == 400
    assert answer.json()["errors"] == {name: ["Write a date like 14 Mar 2026 or 2026-03-14."]}


def test_an_event_before_the_first_dose_has_a_negative_day_and_one_of_an_undosed_patient_none():
    study = factories.study().open()
    patient = study.dose()
    other = study.enrol()

    before = rest.send(study.investigator, "events/", study, report(study, patient, onset_on="4 Jan 2026"))
    undosed = rest.send(study.investigator, "events/", study, report(study, other))

    assert (before.json()["onset_on"], before.json()["onset_day"]) == ("2026-01-04", -1)
    assert undosed.json()["onset_day"] is None


def test_a_refusal_names_the_field():
    study = factories.study().open()
    patient = study.dose()

    answer = rest.send(study.investigator, "events/", study, report(study, patient, term="Broken heart"))

    assert answer.status_code == 409
    assert answer.json()["field"] == "term"
    assert "not in the CTCAE list" in answer.json()["detail"]


def test_an_unknown_qualifier_is_refused_before_it_can_spoil_a_later_reading():
    study = factories.study().open()
    patient = study.enrol()  # not dosed: nothing is judged yet

    answer = rest.send(study.investigator, "events/", study, report(study, patient, qualifiers={"mood\x00": True}))

    assert answer.status_code == 409
    assert answer.json()["field"] == "qualifiers"
    assert not AdverseEvent.objects.filter(trial=study.trial).exists()


def test_a_wrong_shape_is_400_by_name():
    study = factories.study().open()
    patient = study.dose()
    wrong = report(study, patient, grade=6, onset_on="yesterday", relations={"aspirin": "possible"})

    answer = rest.send(study.investigator, "events/", study, wrong)

    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"grade", "onset_on", "relations"}
    assert rest.send(study.investigator, "events/", study, report(study, patient), key=None).status_code == 400


def test_another_sites_patient_does_not_exist_for_a_report():
    study = factories.study().open()
    patient = study.dose()

    assert rest.send(study.other_investigator, "events/", study, report(study, patient)).status_code == 404
    assert rest.send(study.medical_monitor, "events/", study, report(study, patient)).status_code == 403


def test_events_stay_within_the_site():
    study = factories.study().open()
    event = study.event(study.dose())

    for person in (study.investigator, study.coordinator, study.medical_monitor, study.dsmb, study.auditor):
        assert len(rest.ask(person, "events/", study).json()["results"]) == 1
    for person in (study.other_investigator, study.other_coordinator):
        assert rest.ask(person, "events/", study).json()["results"] == []
        assert rest.ask(person, f"events/{event.pk}/", study).status_code == 404


def test_the_second_reader_does_not_see_the_first_verdict_before_his_own():
    study = factories.study().open()
    patient = study.dose()
    event = study.event(patient)
    reads = ["events/", f"events/{event.pk}/", "patients/", f"patients/{patient.pk}/", "status", "decisions/"]
    everybody = [study.medical_monitor, study.dsmb, study.coordinator, study.statistician, study.other_investigator]

    def seen(person, path):
        return rest.ask(person, path, study).content.decode()

    def without_numbers(person, path):  # the ledger's number moves with the verdict; what is said may not
        return re.sub(r'"(number|basis|rev)":("[^"]*"|\d+)', "", seen(person, path))

    before = {(person.pk, path): without_numbers(person, path) for person in everybody for path in reads}
    with study.at():
        services.give_verdict(
            trial=study.trial.pk, event=event.pk, is_dlt=False, reason="A telltale reason.", by=study.investigator
        )

    for person in everybody:
        for path in reads:
            assert without_numbers(person, path) == before[person.pk, path]
            assert "telltale" not in seen(person, path)
    own = rest.ask(study.investigator, f"events/{event.pk}/", study).json()
    assert [v["reason"] for v in own["verdicts"]] == ["A telltale reason."]
    assert rest.ask(study.medical_monitor, f"events/{event.pk}/", study).json()["your_turn"] is True

    study.verdict(event, study.medical_monitor)
    opened = rest.ask(study.medical_monitor, f"events/{event.pk}/", study).json()
    assert [v["reader"] for v in opened["verdicts"]] == ["first", "second"]
    assert opened["state"] == "suspected"
    assert rest.ask(study.dsmb, f"events/{event.pk}/", study).json()["your_turn"] is True


def test_terms_are_those_of_the_trials_ctcae_version():
    old, new = factories.study().open(), factories.study(ctcae_version="6.0").open()

    def found(study, search):
        answer = rest.ask(study.investigator, f"terms/?search={search}", study)
        return [term["term"] for term in answer.json()["results"]]

    assert found(old, "low platelets") == ["Platelet count decreased"]
    assert found(new, "low platelets") == ["Thrombocytopenia"]
    assert rest.ask(old.investigator, "terms/", old).json()["count"] == 837

"""After a date of a patient is corrected, the facts that contradict it or want checking are listed until answered."""

from datetime import date

import pytest

from assessments.count.first_dose import correct_first_dose
from escalation.enrolment import services as enrolment
from escalation.outstanding import moved
from patients.consent.services import correct_consent
from patients.dosing.corrections import correct_cycle_2
from patients.dosing.models import DatesChecked
from patients.dosing.services import start_cycle_2
from patients.enrolment.corrections import correct_enrolment
from patients.models import Consent
from tests import factories
from tests.escalation.decisions.test_races import at_once
from tests.patients.test_pages import get, post, text
from trial.refusals import Refused, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Consented and enrolled on 5 Jan 2026, first dose 12 Jan; an event of 12 Jan, a visit of 16 Jan; now 26 Jan."""
    made = factories.study().open()
    made.patient = made.enrol()
    made.later(7).dose(made.patient)
    made.event(made.patient, grade=1)
    made.later(4)
    made.assess(made.patient, serum_m="3.0")
    made.later(10)
    return made


def move(study, on, by=None):
    with study.at():
        correct_first_dose(
            trial=study.trial.pk, patient=study.patient.pk, on=on, reason="Misread.", by=by or study.investigator
        )


def found(study):
    here = study.situation()
    f = next(f for f in here.facts if f.patient.pk == study.patient.pk)
    with study.at():
        return moved.of(here, moved.rows(f))


def check(study, by=None, seen=None, note="Against the source."):
    with study.at():
        return moved.check(
            trial=study.trial.pk, patient=study.patient.pk, seen=seen, note=note, by=by or study.coordinator
        )


def test_nothing_is_listed_while_no_date_was_corrected(study):
    assert not found(study).items
    assert get(study, study.coordinator, "dates", study.patient.number).status_code == 302


def test_a_first_dose_moved_past_an_event_and_a_visit_lists_them_until_they_are_checked(study):
    study.take_doses(study.patient)
    move(study, date(2026, 1, 20))

    listed = found(study)
    assert [one.text for one in listed.moves] == ["First dose: 12 Jan 2026 → 20 Jan 2026"]
    assert [item.text for item in listed.items] == [
        "AE 1, platelet count decreased, from 12 Jan 2026: day -8 now, before the first dose; it was in the DLT window",
        "Assessment DA 1 of 16 Jan 2026: baseline now",
        "Totals of doses: entered for the DLT window as it was (now until 16 Feb 2026)",
    ]
    page = text(get(study, study.coordinator, "patient", study.patient.number))
    assert "After a corrected date" in page and "AE 1, platelet count decreased" in page

    check(study)

    assert not found(study).items
    assert "After a corrected date" not in text(get(study, study.coordinator, "patient", study.patient.number))


def test_a_fact_that_is_corrected_since_is_listed_no_more_and_a_date_moved_back_lists_nothing(study):
    move(study, date(2026, 1, 20))
    study.take_doses(study.patient)
    assert not any("Totals" in item.text for item in found(study).items), "entered after the correction"

    move(study, date(2026, 1, 12))

    assert not found(study).items


def test_the_page_of_the_correction_leads_to_the_list(study):
    with study.at():
        rev = next(f for f in study.situation().facts).patient.treatment.rev
    said = {"on": "20 Jan 2026", "rev": rev, "reason": "Misread."}
    answer = post(study, study.investigator, "correct_first_dose", study.patient.number, **said)
    assert answer.status_code == 302 and answer.url.endswith("/dates/")

    shown = text(get(study, study.investigator, "dates", study.patient.number))
    assert "First dose: 12 Jan 2026 → 20 Jan 2026" in shown and "AE 1, platelet count decreased" in shown
    number = found(study).number
    empty = post(study, study.investigator, "dates", study.patient.number, rev=number, note="")
    assert empty.status_code == 422 and "How it was checked: an answer is needed." in text(empty)
    done = post(study, study.investigator, "dates", study.patient.number, rev=number, note="Source seen.")
    assert done.status_code == 302
    row = DatesChecked.objects.get()
    assert (row.through, row.note, row.by) == (number, "Source seen.", study.investigator)


def test_who_may_say_that_facts_are_checked(study):
    move(study, date(2026, 1, 20))

    for by in (study.medical_monitor, study.dsmb, study.monitor):
        with pytest.raises(Exception, match="may not record dosing"):
            check(study, by=by)
    assert post(study, study.other_coordinator, "dates", study.patient.number, rev=1, note="x").status_code == 404
    with pytest.raises(Refused, match="How it was checked"):
        check(study, note=" ")


def test_a_list_that_has_grown_since_is_refused_and_one_that_is_empty(study):
    move(study, date(2026, 1, 20))
    seen = found(study).number
    move(study, date(2026, 1, 19))

    with pytest.raises(Stale, match="another date was corrected since you opened the form"):
        check(study, seen=seen)
    check(study, seen=found(study).number)
    with pytest.raises(Refused, match="nothing wants checking any more"):
        check(study)


def test_a_decision_that_stood_on_the_patient_stays_until_the_committee_answers():
    study = factories.study().open()
    study.patient, *_ = study.cohort(3)
    study.sign()
    move(study, date(2026, 1, 20))

    listed = found(study)
    assert any(item.text.startswith("Decision 1 stood on this patient, who was") for item in listed.items)
    assert any(item.text.startswith("Evaluability: confirmed for the DLT window as it was") for item in listed.items)
    check(study)
    assert DatesChecked.objects.exists()


def test_a_consent_corrected_past_a_sample_contradicts_it_until_one_of_them_is_corrected(study):
    consent = Consent.objects.get()
    study.assess(study.patient, visit_on=date(2026, 1, 5), serum_m="3.0")
    with study.at():
        correct_enrolment(
            trial=study.trial.pk, patient=study.patient.pk, on=date(2026, 1, 9), reason="x", by=study.coordinator
        )
        correct_consent(
            trial=study.trial.pk, consent=consent.pk, version="1.0", given_on=date(2026, 1, 8), rev=None, reason="x",
            by=study.coordinator,
        )  # fmt: skip

    listed = found(study)
    assert "Assessment DA 2: a sample of 5 Jan 2026 for the study before the consent (8 Jan 2026)" in [
        item.text for item in listed.items if not item.asked
    ]


def test_a_screening_after_the_enrolment_is_a_contradiction():
    study = factories.study().open()
    study.later(3)
    with study.at():
        slot = study.ready(
            enrolment.request_slot(trial=study.trial.pk, screening="S-1", by=study.coordinator),
            answered_on=date(2026, 1, 5),
        )
        consent = Consent.objects.get()
        correct_consent(
            trial=study.trial.pk, consent=consent.pk, version="1.0", given_on=date(2026, 1, 5), rev=None, reason="x",
            by=study.coordinator,
        )  # fmt: skip
        study.patient = enrolment.enrol(
            trial=study.trial.pk, slot=slot.pk, on=date(2026, 1, 6), given=True, reason="x", by=study.coordinator
        )

    (item,) = found(study).items
    assert item.text == "Screening S-1: 8 Jan 2026 is after the enrolment (6 Jan 2026)" and not item.asked


def test_cycle_2_moved_lists_the_events_that_delayed_it(study):
    study.event(study.patient, grade=2, delays_cycle_2=True, onset_on=date(2026, 1, 14))
    study.later(40)
    with study.at():
        start_cycle_2(trial=study.trial.pk, patient=study.patient.pk, on=date(2026, 3, 2), by=study.coordinator)
        correct_cycle_2(
            trial=study.trial.pk, patient=study.patient.pk, on=date(2026, 2, 16), reason="x", by=study.coordinator
        )

    assert [item.text for item in found(study).items] == [
        "AE 2, platelet count decreased: marked as delaying cycle 2, which began on 16 Feb 2026"
    ]


@pytest.mark.django_db(transaction=True)
def test_two_who_check_at_once_are_one(study):
    move(study, date(2026, 1, 20))
    number = found(study).number

    answers = at_once(
        study,
        lambda: check(study, by=study.coordinator, seen=number),
        lambda: check(study, by=study.investigator, seen=number),
    )

    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert DatesChecked.objects.count() == 1

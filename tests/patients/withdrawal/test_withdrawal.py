"""A withdrawal: what it covers and from when, every door that it shuts, what stays enterable, and its correction."""

import uuid
from datetime import time, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from assessments.biomarker import services as biomarker
from assessments.events import services as events
from assessments.response import services as responses
from assessments.response.follow_up import record_follow_up
from escalation.enrolment import services as enrolling
from escalation.enrolment import withdrawals
from patients.consent import services as consents
from patients.consent import withdrawn
from patients.consent.models import Covers, Deviation, Withdrawal
from patients.dosing import corrections
from patients.dosing import services as dosing
from patients.follow_up.services import Followed
from patients.models import Slot, Treatment
from patients.withdrawal import services
from tests import factories
from tests.patients.test_pages import browser, day, get, post, text
from tests.rest import ask, send
from trial.record import ledger
from trial.refusals import Refused, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """A patient on treatment for ten days: first dose 5 Jan, today 15 Jan."""
    study = factories.study().open()
    study.patient = study.dose()
    return study.later(10)


@pytest.fixture
def enrolled():
    """A patient enrolled on 5 Jan who has had no dose, ten days later."""
    study = factories.study().open()
    study.patient = study.enrol()
    return study.later(10)


def withdraw(study, covers="visits", ago=0, records=False, by=None, patient=None, **more):
    patient = patient or study.patient
    on = study.today - timedelta(days=ago)
    treated = Treatment.objects.filter(patient=patient, stopped_on=None).exists()
    stop = {"stopped_on": on, "related": False} if treated else {}
    with study.at():
        return services.record_withdrawal(
            trial=study.trial.pk, slot=patient.slot_id, covers=covers, on=on, public_records=records,
            reason="The patient's wish.", by=by or study.coordinator, **stop | more,
        )  # fmt: skip


def fact(study, service, **said):
    with study.at():
        return service(trial=study.trial.pk, patient=study.patient.pk, **said)


def home(study, by):
    with study.at():
        return text(browser(by).get("/"))


# ---- recording it ----


def test_the_form_asks_what_it_covers_from_when_and_how_treatment_ended(study):
    slot = study.patient.slot.number
    assert "Last day of study treatment" in text(get(study, study.coordinator, "withdrawal", slot))
    said = {"covers": "visits", "on": day(study), "public_records": "yes", "reason": "Moves away."}

    unsaid = post(study, study.coordinator, "withdrawal", slot, **said)
    assert unsaid.status_code == 422
    assert "For toxicity related to a study drug: say yes or no." in text(unsaid)

    done = post(study, study.coordinator, "withdrawal", slot, stopped_on="14 Jan 2026", related="no", **said)

    assert done.url == reverse("patients:patient", args=[study.trial.code, study.patient.code])
    row = Withdrawal.objects.get()
    assert (row.covers, row.on, row.public_records) == ("visits", study.today, True)
    treatment = Treatment.objects.get()
    assert (f"{treatment.stopped_on}", treatment.stop_reason) == ("2026-01-14", "Withdrawal of consent")
    page = text(get(study, study.coordinator, "patient", 1))
    assert "from study treatment, study visits and samples, on 15 Jan 2026; survival may be read" in page


@pytest.mark.parametrize(
    ("more", "field", "sentence"),
    [
        ({"ago": 11}, "on", "from the day of the consent (5 Jan 2026) to today"),
        ({"ago": -1}, "on", "from the day of the consent (5 Jan 2026) to today"),
        ({"covers": "everything"}, "covers", "choose treatment"),
        ({"stopped_on": None}, "stopped_on", "say when it ended"),
        ({"related": None}, "related", "say yes or no"),
        ({"ago": 3, "late": 99}, "stopped_on", "from the first dose"),
    ],
)
def test_a_withdrawal_that_cannot_be_is_refused_at_its_field(study, more, field, sentence):
    if (late := more.pop("late", None)) is not None:
        more["stopped_on"] = study.today - timedelta(days=late)
    with pytest.raises(Refused, match=".") as refused:
        withdraw(study, **more)
    assert sentence in str(refused.value) and refused.value.field == field
    assert not Withdrawal.objects.exists() and Treatment.objects.get().stopped_on is None


def test_only_the_sites_coordinator_records_it(study):
    with pytest.raises(PermissionDenied):
        withdraw(study, by=study.investigator)
    slot = study.patient.slot.number
    assert get(study, study.other_coordinator, "withdrawal", slot).status_code == 404
    assert get(study, study.dsmb, "withdrawal", slot).status_code == 403


def test_what_is_covered_already_is_not_withdrawn_again_but_more_is(study):
    withdraw(study, "treatment", ago=2)
    with pytest.raises(Refused, match="withdrew from study treatment on 13 Jan 2026 already"):
        withdraw(study, "treatment")
    withdraw(study, "contact")
    assert Withdrawal.objects.count() == 2


def test_the_old_address_of_a_trial_consent_leads_to_the_withdrawal(study):
    row = study.patient.slot.consents.get()
    answer = get(study, study.coordinator, "withdraw_consent", study.patient.slot.number, row.pk)
    assert answer.url == reverse("patients:withdrawal", args=[study.trial.code, study.patient.slot.number])
    with study.at(), pytest.raises(Refused, match="says what it covers"):
        consents.withdraw_consent(
            trial=study.trial.pk, consent=row.pk, on=study.today, reason="x", by=study.coordinator
        )


# ---- the place of who has had no dose ----


def test_who_has_had_no_dose_gives_his_place_back(enrolled):
    taken = enrolled.situation().taken
    assert "Record the first dose: patient 001" in home(enrolled, enrolled.coordinator)

    withdraw(enrolled, "treatment")

    assert enrolled.situation().taken == taken - 1
    assert Slot.objects.get().state == Slot.State.RELEASED
    assert "Record the first dose" not in home(enrolled, enrolled.coordinator)
    page = get(enrolled, enrolled.coordinator, "patient", 1)
    assert 'btn-primary" href="/trials/' not in page.content.decode()
    assert "withdrawn before the first dose" in text(page) and "next:" not in text(page)
    assert "First dose" not in text(get(enrolled, enrolled.coordinator, "list"))


def test_a_slot_that_waits_for_enrolment_is_free_at_once():
    study = factories.study().open()
    slot = study.ready(study.slot())
    with study.at():
        services.record_withdrawal(
            trial=study.trial.pk, slot=slot.pk, covers="treatment", on=study.today, public_records=False, reason="No.",
            by=study.coordinator,
        )  # fmt: skip

    slot.refresh_from_db()
    assert slot.state == Slot.State.CANCELLED and study.situation().free == 3
    with study.at(), pytest.raises(Refused):
        enrolling.enrol(trial=study.trial.pk, slot=slot.pk, by=study.coordinator)


# ---- every door ----


def report(study, onset, **more):
    said = {"term": "Fatigue", "grade": 3, "onset_on": onset, "relations": {}, "qualifiers": {}} | more
    return events.EventReport(**said)


def doors(study):
    """name: (what the withdrawal must cover, the verb with a date)."""
    c, i = study.coordinator, study.investigator
    return {
        "first dose": ("treatment", lambda on: fact(study, enrolling.first_dose, on=on, by=c)),
        "cycle 2": ("treatment", lambda on: fact(study, dosing.start_cycle_2, on=on, by=c)),
        "visit": ("visits", lambda on: study.assess(study.patient, visit_on=on, serum_m="2")),
        "event": ("visits", lambda on: fact(study, events.report_event, report=report(study, on), by=i)),
        "contact": (
            "contact", lambda on: fact(study, record_follow_up, said=Followed(last_contact_on=on), by=c),
        ),
        "new therapy": (
            "contact",
            lambda on: fact(
                study, record_follow_up, said=Followed(new_therapy_on=on, new_therapy="carfilzomib"), by=c
            ),
        ),
        "death": (
            "contact",
            lambda on: fact(study, record_follow_up, said=Followed(died_on=on, death_cause="unknown"), by=c),
        ),
    }  # fmt: skip


RANK = ["treatment", "visits", "contact"]


@pytest.mark.parametrize("covers", RANK)
@pytest.mark.parametrize("door", ["first dose", "cycle 2", "visit", "event", "contact", "new therapy", "death"])
def test_a_withdrawal_shuts_the_doors_that_it_covers_and_no_other(door, covers):
    study = factories.study().open()
    study.patient = study.enrol() if door == "first dose" else study.dose()
    study.later(4)
    withdraw(study, covers, **{"stopped_on": study.today} if door != "first dose" else {})
    study.later(2)
    needs, do = doors(study)[door]

    if door == "cycle 2":  # treatment stopped with the withdrawal, which is said first
        with pytest.raises(Refused, match="after the end of treatment"):
            do(study.today)
    elif RANK.index(covers) >= RANK.index(needs):
        with pytest.raises(Refused, match="withdrew from"):
            do(study.today)
    else:
        do(study.today)


@pytest.mark.parametrize("door", ["visit", "event", "contact", "new therapy", "death"])
def test_what_happened_up_to_that_day_stays_enterable(study, door):
    withdraw(study, "contact")
    study.later(5)
    doors(study)[door][1](study.today - timedelta(days=5))


def sampled(study):
    """A sample of today for the sub-study, and its assay."""
    with study.at():
        assay = biomarker.define_assay(
            trial=study.trial.pk, name="One", lower_limit=Decimal(5), by=study.medical_monitor
        )
    sign(study, "B", kind="biomarker")
    row = fact(
        study, biomarker.record_sample, reading=biomarker.Reading(assay.pk, "L", Decimal(9)), taken_on=study.today,
        taken_at=time(8), by=study.coordinator,
    )  # fmt: skip
    return row, assay


def test_a_sample_goes_by_the_version_of_the_sub_studys_form_that_was_signed_then(study):
    first, (old, of) = sign(study, "A", ago=5, kind="biomarker"), sampled(study)
    assert old.consent.version == "B"
    late = fact(
        study, biomarker.record_sample, reading=biomarker.Reading(of.pk, "L", Decimal(9)),
        taken_on=study.today - timedelta(days=4), taken_at=time(8), by=study.coordinator,
    )  # fmt: skip
    assert late.consent == first


def test_an_sbcma_sample_needs_both_consents_and_the_visits(study):
    with study.at():
        assay = biomarker.define_assay(
            trial=study.trial.pk, name="One", lower_limit=Decimal(5), by=study.medical_monitor
        )
        consents.record_consent(
            trial=study.trial.pk, slot=study.patient.slot_id, kind="biomarker", version="B", given_on=study.today,
            by=study.coordinator,
        )  # fmt: skip
    withdraw(study, "visits")
    study.later(1)

    def sample(on):
        return fact(
            study, biomarker.record_sample, reading=biomarker.Reading(assay.pk, "L", Decimal(9)), taken_on=on,
            taken_at=time(8), by=study.coordinator,
        )  # fmt: skip

    with pytest.raises(Refused, match="withdrew from study visits and samples"):
        sample(study.today)
    assert sample(study.today - timedelta(days=1)).consent.withdrawn_on is None, "the sub-study's consent is separate"


def test_no_assessment_is_planned_after_it(study):
    study.later(18)
    assert "assessment" in home(study, study.coordinator)
    withdraw(study, "visits")
    assert "assessment" not in home(study, study.coordinator)


def test_no_page_offers_what_it_covers_as_its_first_step(study):
    withdraw(study, "contact")
    page = get(study, study.investigator, "patient", 1).content.decode()
    main = page.split('class="page-actions"')[-1].split("</header>")[0] if 'class="page-actions"' in page else page
    assert "btn-primary" not in main.split("<section")[0]
    assert "Entered late, of the time before the withdrawal" in page
    with study.at():
        response = browser(study.coordinator).get(
            reverse("assessments:response_patient", args=[study.trial.code, "001"])
        )
    assert 'btn-primary" href' not in response.content.decode()


# ---- what goes on ----


def test_an_event_that_began_before_is_followed_to_its_end_and_to_death(study):
    event = study.event(study.patient, term="Pneumonitis", grade=2, onset_on=study.today - timedelta(days=2))
    withdraw(study, "contact")
    study.later(6)
    event.refresh_from_db()
    with study.at():
        events.correct_event(
            trial=study.trial.pk, event=event.pk, rev=event.rev, reason="Died of it.", by=study.investigator,
            report=report(study, event.onset_on, term=event.term, grade=5, ended_on=study.today, serious=True,
                          serious_criteria=["death"]),
        )  # fmt: skip
    fact(
        study, record_follow_up, said=Followed(died_on=study.today, death_cause="other"), by=study.coordinator
    )  # the outcome of that event

    assert not Deviation.objects.exists()


@pytest.mark.parametrize("records", [True, False])
def test_survival_from_public_records_is_asked_for_where_the_patient_lets_it(study, records):
    withdraw(study, "contact", records=records)
    study.later(40)
    died = {"said": Followed(died_on=study.today, death_cause="unknown"), "by": study.coordinator}
    if records:
        assert fact(study, record_follow_up, **died).died_on == study.today
    else:
        with pytest.raises(Refused, match="lets no public records be read"):
            fact(study, record_follow_up, **died)


def test_what_was_recorded_before_it_was_known_is_still_corrected_but_not_moved(study):
    visit = study.assess(study.patient, serum_m="2")
    event = study.event(study.patient, term="Fatigue", grade=2)
    sample, of = sampled(study)
    withdraw(study, "visits", ago=3)
    for row in (visit, event, sample):
        row.refresh_from_db()

    def corrected(row, service, by=study.coordinator, **said):
        with study.at():
            return service(trial=study.trial.pk, rev=row.rev, reason="Misread.", by=by, **said)

    def all_on(on):
        yield lambda: corrected(
            visit, responses.correct_assessment, assessment=visit.pk, visit_on=on,
            answers=factories.answers(on, serum_m="2.1"),
        )  # fmt: skip
        yield lambda: corrected(
            event, events.correct_event, by=study.investigator, event=event.pk, report=report(study, on)
        )
        yield lambda: corrected(
            sample, biomarker.correct_sample, sample=sample.pk, taken_on=on, taken_at=time(8),
            reading=biomarker.Reading(of.pk, "L", Decimal(90)),
        )  # fmt: skip

    for moved in all_on(study.today - timedelta(days=1)):
        with pytest.raises(Refused, match="withdrew from"):
            moved()
    for kept in all_on(study.today):
        kept()
    assert [row.owed for row in Deviation.objects.filter(voided=False)] == [True] * 3


# ---- in spite of it ----


def test_drug_taken_all_the_same_is_an_important_deviation_by_the_investigator(enrolled):
    withdraw(enrolled, "treatment", ago=2)
    dose = {"on": enrolled.today, "received_level": enrolled.patient.cohort.dose_level_id}

    with pytest.raises(Refused, match="recorded by the investigator"):
        fact(enrolled, enrolling.first_dose, **dose, reason="Tablets at home.", by=enrolled.coordinator)
    with pytest.raises(Refused, match="^Reason: ") as refused:
        fact(enrolled, enrolling.first_dose, **dose, by=enrolled.investigator)
    assert refused.value.field == "reason"
    fact(enrolled, enrolling.first_dose, **dose, reason="Tablets at home.", by=enrolled.investigator)

    row = Deviation.objects.get()
    assert (row.fact, row.on, row.important, row.by) == ("first dose", enrolled.today, True, enrolled.investigator)
    assert enrolled.situation().tally(1).pending == 1, "he counts at the level received"
    assert (
        "Important deviation first dose on 15 Jan 2026, after the withdrawal of 13 Jan 2026: Tablets at home."
        in text(get(enrolled, enrolled.investigator, "patient", 1))
    )


def test_a_later_last_dose_is_corrected_as_a_deviation_and_back(study):
    withdraw(study, "treatment", ago=4)

    def stop(on, reason):
        rev = Treatment.objects.get().rev
        return fact(
            study, corrections.correct_stop, on=on, stop_reason="Withdrawal of consent", related=False, rev=rev,
            reason=reason, by=study.investigator,
        )  # fmt: skip

    stop(study.today, "Took tablets at home.")
    assert Deviation.objects.get(voided=False).fact == "end of treatment"

    stop(study.today - timedelta(days=4), "He did not.")
    assert not Deviation.objects.filter(voided=False).exists()


def test_a_serious_event_that_the_site_learned_of_is_recorded_with_a_reason(study):
    withdraw(study, "visits")
    study.later(3)
    serious = report(study, study.today, serious=True, serious_criteria=["hospitalisation"], aware_on=study.today)

    with pytest.raises(Refused, match="^Reason: "):
        fact(study, events.report_event, report=serious, by=study.investigator)
    event = fact(study, events.report_event, report=serious, reason="His wife rang.", by=study.investigator)

    assert Deviation.objects.get().fact == event.code
    event.refresh_from_db()
    with study.at():
        events.void_event(trial=study.trial.pk, event=event.pk, rev=event.rev, reason="Not his.", by=study.investigator)
    assert not Deviation.objects.filter(voided=False).exists()


def test_the_report_form_asks_for_that_reason(study):
    url = reverse("assessments:report", args=[study.trial.code, "001"])
    with study.at():
        assert 'name="reason"' not in browser(study.investigator).get(url).content.decode()
    withdraw(study, "visits")
    with study.at():
        assert 'name="reason"' in browser(study.investigator).get(url).content.decode()


# ---- a consent signed again, and correction ----


def sign(study, version, ago=0, **said):
    on = study.today - timedelta(days=ago)
    with study.at():
        return consents.record_consent(
            trial=study.trial.pk, slot=study.patient.slot_id, version=version, given_on=on, by=study.coordinator, **said
        )


def test_a_later_consent_that_takes_it_up_again_ends_it_from_its_own_day(study):
    withdraw(study, "visits", ago=5)
    sign(study, "2.0", ago=1, resumes=True)

    study.assess(study.patient, serum_m="2")
    with pytest.raises(Refused, match="withdrew from study visits"):
        study.assess(study.patient, visit_on=study.today - timedelta(days=3), serum_m="2")


def test_a_version_that_everybody_signs_is_no_consent_to_treatment_again(study):
    withdraw(study, "treatment", ago=3)
    slot = study.patient.slot_id
    with pytest.raises(Refused, match="withdrew on 12 Jan 2026; say whether") as unsaid:
        sign(study, "2.0")
    assert unsaid.value.field == "resumes"

    sign(study, "2.0", resumes=False)
    assert withdrawn.of(slot).over(Covers.TREATMENT, study.today)

    with pytest.raises(Refused, match="nothing was withdrawn before"):
        sign(study, "1.1", ago=4, resumes=True)
    row = sign(study, "3.0", resumes=True)
    assert withdrawn.of(slot).over(Covers.TREATMENT, study.today) is None
    row.refresh_from_db()
    assert post(
        study, study.coordinator, "correct_consent", study.patient.slot.number, row.pk, version="3.0",
        given_on=day(study), resumes="no", rev=row.rev, reason="She said no.",
    ).status_code == 302  # fmt: skip
    assert withdrawn.of(slot).over(Covers.TREATMENT, study.today)


def test_the_same_version_is_signed_again_after_a_withdrawal_alone(study):
    with pytest.raises(Refused, match="version 1.0 is recorded already"):
        sign(study, "1.0")
    withdraw(study, "visits", ago=3)
    sign(study, "1.0", resumes=True)
    assert withdrawn.of(study.patient.slot_id).over(Covers.VISITS, study.today) is None
    for ago in (0, 4):
        with pytest.raises(Refused, match="version 1.0 is recorded already"):
            sign(study, "1.0", ago=ago, resumes=ago == 0)


def test_the_form_asks_for_it_of_who_withdrew(study):
    assert "Consents again" not in text(get(study, study.coordinator, "reconsent", 1))
    row = withdraw(study, "treatment", ago=3)
    asked = text(get(study, study.coordinator, "reconsent", 1))
    assert f"The patient withdrew from study treatment on {row.on:%-d %b %Y}." in asked
    said = {"kind": "trial", "version": "2.0", "given_on": day(study)}
    unsaid = post(study, study.coordinator, "reconsent", 1, **said)
    assert unsaid.status_code == 409 and "say whether this consent takes up again" in text(unsaid)
    assert post(study, study.coordinator, "reconsent", 1, resumes="yes", **said).status_code == 302
    assert "consents again to what was withdrawn" in text(get(study, study.coordinator, "patient", 1))


def test_a_consent_from_before_it_was_asked_ends_no_withdrawal_from_treatment_alone(study):
    later = sign(study, "2.0")
    with study.at(), ledger.action(study.trial.pk, by=None, may=None, verb="test"):
        later.resumes = None
        later.save()
    row = withdraw(study, "treatment", ago=3)
    assert withdrawn.of(row.slot_id).over(Covers.TREATMENT, study.today)
    row.refresh_from_db()
    correct(study, row, covers="visits")
    assert withdrawn.of(row.slot_id).over(Covers.TREATMENT, study.today) is None


def test_a_consent_is_not_corrected_past_a_withdrawal(study):
    row = study.patient.slot.consents.get()
    row.refresh_from_db()
    withdraw(study, "visits", ago=5)
    with study.at(), pytest.raises(Refused, match="is after the withdrawal"):
        consents.correct_consent(
            trial=study.trial.pk, consent=row.pk, version="1.0", given_on=study.today, rev=row.rev, reason="x",
            by=study.coordinator,
        )  # fmt: skip


def test_the_day_of_the_consent_that_ended_it_is_corrected_and_the_sub_studys_too(study):
    other = sign(study, "B", ago=9, kind="biomarker")
    withdraw(study, "visits", ago=5)
    ended = sign(study, "2.0", ago=1, resumes=True)
    for row, version, ago in ((ended, "2.0", 3), (other, "B", 2)):
        row.refresh_from_db()
        with study.at():
            consents.correct_consent(
                trial=study.trial.pk, consent=row.pk, version=version, given_on=study.today - timedelta(days=ago),
                rev=row.rev, reason="Misread.", by=study.coordinator,
            )  # fmt: skip
    study.assess(study.patient, visit_on=study.today - timedelta(days=3), serum_m="2")


def correct(study, row, by=None, **said):
    answers = {
        "covers": row.covers, "on": f"{row.on:%d %b %Y}", "public_records": "no", "reason": "Misread.", "rev": row.rev,
    } | said  # fmt: skip
    return post(study, by or study.coordinator, "correct_withdrawal", study.patient.slot.number, row.pk, **answers)


def test_day_and_coverage_are_corrected_with_a_reason_and_not_unseen(study):
    row = withdraw(study, "visits", ago=5)
    row.refresh_from_db()
    with pytest.raises(Refused, match="withdrew from study visits"):
        study.assess(study.patient, serum_m="2")

    assert "Reason for the correction: an answer is needed." in text(correct(study, row, reason="", on=day(study)))
    assert "recorded already" in text(correct(study, row))
    assert correct(study, row, by=study.investigator, on=day(study)).status_code == 403
    assert correct(study, row, by=study.other_coordinator, on=day(study)).status_code == 404
    assert correct(study, row, on=day(study)).status_code == 302
    study.assess(study.patient, serum_m="2")

    stale = correct(study, row, covers="treatment")
    assert stale.status_code == 409 and "The withdrawal was changed by Coordinator" in text(stale)


def test_one_is_not_corrected_into_what_another_covers_already(study):
    withdraw(study, "visits", ago=3)
    more = withdraw(study, "contact", ago=1)
    more.refresh_from_db()
    for on in (12, 14):
        answer = correct(study, more, covers="visits", on=f"{on} Jan 2026")
        assert answer.status_code == 409
        assert "withdrew from study visits and samples on 12 Jan 2026 already" in text(answer)
    assert correct(study, more, on="13 Jan 2026").status_code == 302


def test_a_deviation_follows_the_corrected_withdrawal(enrolled):
    row = withdraw(enrolled, "treatment", ago=4)
    fact(enrolled, enrolling.first_dose, on=enrolled.today, reason="At home.", by=enrolled.investigator)
    row.refresh_from_db()

    with enrolled.at():
        services.correct_withdrawal(
            trial=enrolled.trial.pk, withdrawal=row.pk, covers="treatment", on=enrolled.today, public_records=False,
            rev=row.rev, reason="Misread.", by=enrolled.coordinator,
        )  # fmt: skip

    assert not Deviation.objects.filter(voided=False).exists()


def test_a_withdrawal_recorded_by_mistake_is_taken_back_with_the_place(enrolled):
    taken = enrolled.situation().taken
    row = withdraw(enrolled, "treatment")
    row.refresh_from_db()
    assert post(
        enrolled, enrolled.coordinator, "void_withdrawal", enrolled.patient.slot.number, row.pk, rev=row.rev,
        reason="Another patient's.",
    ).status_code == 302  # fmt: skip

    assert enrolled.situation().taken == taken
    enrolled.dose(enrolled.patient)


def test_an_older_withdrawn_consent_is_one_of_visits_and_samples(study):
    """Before, a withdrawal was a day on the consent."""
    row = study.patient.slot.consents.get()
    with study.at(), ledger.action(study.trial.pk, by=None, may=None, verb="test"):
        row.withdrawn_on = study.today - timedelta(days=5)
        row.save()

    with pytest.raises(Refused, match="withdrew from study visits and samples"):
        study.assess(study.patient, serum_m="2")
    assert doors(study)["contact"][1](study.today).last_contact_on == study.today


def test_withdrawals_by_rest(study):
    body = {
        "slot": 1, "covers": "visits", "on": str(study.today), "public_records": True, "stopped_on": str(study.today),
        "related": False, "reason": "Wish.",
    }  # fmt: skip
    key = uuid.uuid4()
    assert send(study.investigator, "withdrawals/", study, body).status_code == 403
    assert send(study.other_coordinator, "withdrawals/", study, body).status_code == 404
    made = send(study.coordinator, "withdrawals/", study, body, key=key)
    assert (made.status_code, made.json()["patient"], made.json()["covers"]) == (201, "001", "visits")
    assert send(study.coordinator, "withdrawals/", study, body, key=key).json()["id"] == made.json()["id"]
    again = send(study.coordinator, "withdrawals/", study, body)
    assert again.status_code == 409 and again.json()["field"] == "on"
    assert len(ask(study.coordinator, "withdrawals/", study).json()["results"]) == 1
    assert ask(study.other_coordinator, "withdrawals/", study).json()["results"] == []

    study.later(1)
    drugs = {str(r): "possible" for r in ()}
    event = {
        "patient": str(study.patient.pk),
        "term": "Fatigue",
        "grade": 3,
        "onset_on": str(study.today),
        "relations": drugs,
    }
    assert "withdrew from study visits" in send(study.investigator, "events/", study, event).json()["detail"]
    event |= {"serious": True, "serious_criteria": ["hospitalisation"], "aware_on": str(study.today)}
    assert send(study.investigator, "events/", study, event).json()["field"] == "reason"
    event["reason"] = "His wife rang."
    assert send(study.investigator, "events/", study, event).status_code == 201
    assert Deviation.objects.get().reason == "His wife rang."


def test_a_stale_void_is_refused(study):
    row = withdraw(study, "visits")
    row.refresh_from_db()
    correct(study, row, covers="treatment")
    with study.at(), pytest.raises(Stale):
        withdrawals.void_withdrawal(
            trial=study.trial.pk, withdrawal=row.pk, rev=row.rev, reason="x", by=study.coordinator
        )


def test_a_deviation_keeps_its_reason_and_ends_with_its_fact(study):
    study.later(20)
    withdraw(study, "treatment", ago=10)
    said = {"stop_reason": "Withdrawn", "related": False, "by": study.investigator}

    def correct_stop(on, reason):
        fact(study, corrections.correct_stop, on=on, rev=Treatment.objects.get().rev, reason=reason, **said)

    correct_stop(study.today, "He took what he had at home.")
    correct_stop(study.today - timedelta(days=1), "Typing error.")
    assert list(Deviation.objects.filter(voided=False).values_list("fact", "reason")) == [
        ("end of treatment", "He took what he had at home.")
    ]

    correct_stop(None, "He goes on.")
    assert not Deviation.objects.filter(voided=False).exists()

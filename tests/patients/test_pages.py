"""Pages of patients and enrolment: what each person sees, each step to the first dose, and what is refused."""

import re
import uuid

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import Evaluability
from escalation.enrolment import services as enrolment
from patients.models import Consent, DoseTaken, EligibilityAnswer, Patient, Slot, Treatment
from patients.screening import services as screening
from tests import factories
from trial.models import Drug, EligibilityCriterion
from trial.record import ledger

pytestmark = pytest.mark.django_db


def browser(user):
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    return client


def get(study, by, name, *args, **query):
    with study.at():
        return browser(by).get(reverse(f"patients:{name}", args=[study.trial.code, *args]), query)


def post(study, by, name, *args, **answers):
    with study.at():
        url = reverse(f"patients:{name}", args=[study.trial.code, *args])
        return browser(by).post(url, {"key": uuid.uuid4()} | answers)


def text(response):
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", words).replace("&#x27;", "'").replace("&quot;", '"')


def main(response):
    """What the page itself says, without the frame's alerts."""
    return text(response).split("Skip to content")[1].split("All my trials")[-1]


def day(study):
    return f"{study.today:%d %b %Y}"


@pytest.fixture
def study():
    return factories.study().open()


@pytest.fixture
def started(study):
    study.patient = study.dose()
    study.later(3)
    return study


# The list


def test_the_list_shows_window_state_and_what_is_due(started):
    page = text(get(started, started.investigator, "list"))

    assert "001" in page
    assert "day 4 of 28" in page
    assert "none so far" in page
    assert "Window complete 2 Feb 2026" in page
    assert "1 enrolled, 1 dosed, 1 pending" in page


def test_the_tally_links_to_the_patients_it_counts(started):
    second = started.enrol()
    row = f'data-glow="patient-{second.code}"'

    treated = get(started, started.investigator, "list", level=1, count="treated").content.decode()
    waiting = get(started, started.investigator, "list", count="not_dosed").content.decode()

    assert "patient-001" in treated
    assert row not in treated
    assert row in waiting
    assert "1 of 2 patients" in treated


def test_an_unknown_level_is_told_and_shows_nobody(started):
    answer = get(started, started.investigator, "list", level=9)

    assert answer.status_code == 422
    assert "Level: 9 is not a level of this ladder." in text(answer)
    assert "patient-001" not in answer.content.decode()


def test_a_coordinator_of_another_site_sees_a_patient_without_number(started):
    for name in ("list", "enrolment", "request_slot"):
        page = main(get(started, started.other_coordinator, name))
        assert "001" not in page, name
    assert "Level 1: a patient is on day 4 of 28" in text(get(started, started.other_coordinator, "list"))


def test_slots_of_the_past_are_told_apart(started):
    with started.at():
        for number, outcome in (("S-1", "declined"), ("S-2", "failure")):
            slot = enrolment.request_slot(trial=started.trial.pk, screening=number, by=started.coordinator)
            criterion = EligibilityCriterion.objects.first().pk if outcome == "failure" else None
            screening.end_screening(
                trial=started.trial.pk, screening=slot.screening_id, outcome=outcome, criterion=criterion,
                by=started.coordinator,
            )  # fmt: skip

    assert "3 slots: 1 used, 1 screen failure, 1 given back" in text(get(started, started.coordinator, "enrolment"))


def test_a_full_cohort_does_not_give_its_patients_away(started):
    started.dose()
    started.dose()

    mine = main(get(started, started.coordinator, "enrolment"))
    theirs = main(get(started, started.other_coordinator, "enrolment"))

    assert re.search(r"patient 00\d is on day", mine)
    assert "a patient is on day" in theirs
    assert not re.search(r"atient \d", theirs)


def test_members_see_number_and_state_but_open_only_their_own(started):
    page = get(started, started.other_investigator, "list")

    assert "001" in text(page)
    assert reverse("patients:patient", args=[started.trial.code, "001"]) not in page.content.decode()
    assert get(started, started.other_investigator, "patient", "001").status_code == 404
    assert get(started, started.statistician, "patient", "001").status_code == 200
    assert get(started, started.administrator, "list").status_code == 403


def test_the_list_asks_the_database_no_more_often_for_more_patients(started):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            get(started, started.investigator, "list")
        return len(queries)

    asked()  # what a process keeps of the trial is read now, not in one of the two that are compared
    few = asked()
    started.dose()
    started.dose()
    asked()

    assert asked() == few


# Enrolment


def test_from_the_request_to_the_first_dose(study):
    shown = text(get(study, study.coordinator, "request_slot"))
    assert "Request a slot at level 1" in shown
    assert "10 mg, weekly" in shown
    cohort = study.situation().cohort.number

    asked = post(study, study.coordinator, "request_slot", screening="S-17", cohort=cohort)
    slot = Slot.objects.get()
    assert asked.url == reverse("patients:slot", args=[study.trial.code, slot.number])
    lacking = text(get(study, study.coordinator, "slot", slot.number))
    assert "0 of 2 criteria of protocol version 1 are answered" in lacking
    assert "the signed consent to the trial is not recorded yet" in lacking

    version = study.situation().protocol.version.pk
    answers = {"version": version, "criterion_1": "yes", "criterion_2": "yes"}
    assert post(study, study.investigator, "eligibility", slot.number, **answers).status_code == 302
    consent = {"kind": "trial", "version": "2.1", "given_on": day(study)}
    assert post(study, study.coordinator, "consent", slot.number, **consent).status_code == 302
    assert "the patient can be enrolled" in text(get(study, study.coordinator, "slot", slot.number))

    enrolled = post(study, study.coordinator, "enrol", slot.number)
    assert enrolled.url == reverse("patients:patient", args=[study.trial.code, "001"])
    level = study.situation().protocol.level(1).pk
    started = post(study, study.investigator, "first_dose", "001", on=day(study), received_level=level)
    assert started.status_code == 302

    page = text(get(study, study.investigator, "patient", "001"))
    assert "day 1 of the 28-day DLT window" in page
    assert "First dose 5 Jan 2026 Investigator" in page  # who stands beside what


def test_a_criterion_answered_no_keeps_the_patient_out(study):
    slot = study.slot()
    version = study.situation().protocol.version.pk
    post(study, study.investigator, "eligibility", slot.number, version=version, criterion_1="yes", criterion_2="no")
    post(study, study.coordinator, "consent", slot.number, kind="trial", version="1", given_on=day(study))

    answer = post(study, study.coordinator, "enrol", slot.number)

    assert answer.status_code == 409
    assert "Slot 1 is cancelled" in text(answer) and "not eligible" in text(answer)
    assert not Patient.objects.exists()


def test_an_unanswered_criterion_is_told_beside_it(study):
    slot = study.slot()
    version = study.situation().protocol.version.pk

    answer = post(study, study.investigator, "eligibility", slot.number, version=version, criterion_1="yes")

    assert answer.status_code == 422
    assert "Criterion 2: answer yes or no." in text(answer)
    assert not EligibilityAnswer.objects.exists()


def test_answers_to_another_protocol_version_are_refused(study):
    slot = study.slot()

    answer = post(
        study,
        study.investigator,
        "eligibility",
        slot.number,
        version=uuid.uuid4(),
        criterion_1="yes",
        criterion_2="yes",
    )

    assert answer.status_code == 422
    assert "The protocol was amended since you opened the form" in text(answer)
    assert not EligibilityAnswer.objects.exists()


def test_a_consent_of_tomorrow_is_refused(study):
    slot = study.slot()

    answer = post(study, study.coordinator, "consent", slot.number, kind="trial", version="1", given_on="6 Jan 2026")

    assert answer.status_code == 409
    assert "6 Jan 2026 is in the future" in text(answer)
    assert not Consent.objects.exists()


def test_the_last_slot_goes_to_one_and_the_other_is_offered_the_waiting_list(study):
    cohort = study.situation().cohort.number
    for _ in range(3):
        study.slot()
    before = ledger.number_of(study.trial.pk)

    late = post(study, study.other_coordinator, "request_slot", screening="S-9", cohort=cohort)

    assert late.status_code == 409
    assert "No slot is free at level 1: 3 held for patients who have not started." in text(late)
    assert "Join the waiting list" in text(late)
    assert 'value="S-9"' in late.content.decode()
    assert ledger.number_of(study.trial.pk) == before
    waits = post(study, study.other_coordinator, "request_slot", screening="S-9", cohort=cohort, wait="on")
    assert waits.status_code == 302
    assert Slot.objects.get(screening__number="S-9").state == Slot.State.WAITING


def test_a_slot_at_a_level_that_was_not_shown_is_refused(study):
    answer = post(study, study.coordinator, "request_slot", screening="S-1", cohort=7)

    assert answer.status_code == 409
    assert "Another cohort is open than the one you were shown" in text(answer)
    assert not Slot.objects.exists()


def test_the_same_request_sent_twice_is_one_slot(study):
    answers = {"key": uuid.uuid4(), "screening": "S-1", "cohort": study.situation().cohort.number}

    first = post(study, study.coordinator, "request_slot", **answers)
    again = post(study, study.coordinator, "request_slot", **answers)

    assert first.url == again.url
    assert Slot.objects.count() == 1


def test_the_medical_monitor_grants_and_declines():
    study = factories.study(slot_approval="medical_monitor").open()
    granted, declined = study.slot(), study.slot()
    assert "Grant the slot" in text(get(study, study.medical_monitor, "slot", granted.number))
    assert "Grant the slot" not in text(get(study, study.coordinator, "slot", granted.number))

    post(study, study.medical_monitor, "grant_slot", granted.number)
    post(study, study.medical_monitor, "cancel_slot", declined.number, reason="Not this week.")

    granted.refresh_from_db()
    declined.refresh_from_db()
    assert (granted.state, declined.state) == (Slot.State.GRANTED, Slot.State.DECLINED)


def test_a_slot_is_given_back_with_a_reason_by_its_own_site(study):
    slot = study.slot()

    assert post(study, study.other_coordinator, "cancel_slot", slot.number, reason="Mine.").status_code == 404
    assert "Reason: an answer is needed." in text(post(study, study.coordinator, "cancel_slot", slot.number))
    assert post(study, study.coordinator, "cancel_slot", slot.number, reason="Screening failed.").status_code == 302
    slot.refresh_from_db()
    assert slot.state == Slot.State.CANCELLED


# Treatment


@pytest.mark.parametrize(
    ("changed", "sentence", "status"),
    [
        ({"on": "6 Jan 2026"}, "First dose: 6 Jan 2026 is in the future.", 409),
        ({"on": "4 Jan 2026"}, "First dose: 4 Jan 2026 is before the enrolment (5 Jan 2026).", 409),
        (
            {"on": "31 Feb 2026"},
            "First dose on: 31 Feb 2026 is no day of the calendar",
            422,
        ),
        ({"received_level": "9"}, "Dose given: this level is not on the ladder.", 422),
    ],
)
def test_a_bad_first_dose_is_told_and_nothing_is_written(study, changed, sentence, status):
    patient = study.enrol()
    before = ledger.number_of(study.trial.pk)
    answers = {"on": day(study), "received_level": str(patient.cohort.dose_level_id)} | changed

    answer = post(study, study.investigator, "first_dose", patient.code, **answers)

    assert answer.status_code == status
    assert sentence in text(answer)
    assert ledger.number_of(study.trial.pk) == before
    assert not Treatment.objects.exists()


def test_another_levels_dose_needs_a_reason_and_is_shown(study):
    patient = study.enrol()
    answers = {"on": day(study), "received_level": study.situation().protocol.level(2).pk}

    refused = post(study, study.investigator, "first_dose", patient.code, **answers)
    done = post(study, study.investigator, "first_dose", patient.code, reason="Pharmacy error.", **answers)

    assert "Reason: another level's dose than the cohort's needs one." in text(refused)
    assert done.status_code == 302
    page = text(get(study, study.investigator, "patient", patient.code))
    assert "Assigned level 1, received level 2." in page


def amounts(study, taken, **more):
    positions = Drug.objects.filter(trial=study.trial).values_list("position", flat=True)
    said = {f"planned_{k}": 100 for k in positions} | {f"taken_{k}": taken for k in positions}
    return said | {"unusual": "Taken ahead of the schedule."} | more


def test_doses_changed_by_somebody_else_are_shown_and_nothing_is_written(started):
    code = started.patient.code
    assert post(started, started.investigator, "dosing", code, **amounts(started, 90, rev=0)).status_code == 302
    seen = DoseTaken.objects.order_by("-rev")[0].rev
    mended = amounts(started, 95, rev=seen, reason="Diary found.")
    assert post(started, started.coordinator, "dosing", code, **mended).status_code == 302
    before = ledger.number_of(started.trial.pk)

    answer = post(started, started.investigator, "dosing", code, **amounts(started, 80, rev=seen, reason="Recount."))

    assert answer.status_code == 409
    assert "The doses were changed by Coordinator" in text(answer)
    assert "selinexor 95 of 100" in text(answer)
    assert re.search(r'name="taken_1" value="80"', answer.content.decode())
    assert ledger.number_of(started.trial.pk) == before


def test_doses_sent_twice_are_recorded_once_and_answered_as_before(started):
    code, first = started.patient.code, amounts(started, 90, rev=0, key=uuid.uuid4())

    answers = [post(started, started.investigator, "dosing", code, **first) for _ in range(2)]
    other = post(started, started.coordinator, "dosing", code, **amounts(started, 80, rev=0))

    assert [answer.status_code for answer in answers] == [302, 302]
    assert other.status_code == 409 and "The doses were changed by Investigator" in text(other)
    assert {row.taken for row in DoseTaken.objects.all()} == {90}


def test_stopping_needs_a_date_in_the_treatment_and_a_reason(started):
    code = started.patient.code

    said = {"stop_reason": "Toxicity", "related": "yes", "drugs": ["selinexor", "ruxolitinib"]}

    early = post(started, started.investigator, "stop", code, **said | {"on": "1 Jan 2026"})
    unsaid = post(started, started.investigator, "stop", code, on=day(started), stop_reason="Toxicity")
    nothing = post(started, started.investigator, "stop", code, **said | {"on": day(started), "drugs": []})
    done = post(started, started.investigator, "stop", code, **said | {"on": day(started)})

    assert "Stopped on: must be from the first dose" in text(early)
    assert "For toxicity related to a study drug: say yes or no." in text(unsaid)
    assert "Drugs: say which were stopped for it." in text(nothing)
    treatment = Treatment.objects.get(patient=started.patient)
    assert (treatment.stop_related, treatment.stopped_drugs) == (True, ["ruxolitinib", "selinexor"])
    assert done.status_code == 302
    page = text(get(started, started.investigator, "patient", code))
    assert "Treatment stopped 8 Jan 2026: Toxicity, for related toxicity (ruxolitinib, selinexor) Investigator" in page


def test_evaluability_is_confirmed_when_the_record_says_so(started):
    code = started.patient.code
    nothing = get(started, started.investigator, "evaluability", code)
    started.take_doses(started.patient)
    started.later(26)

    page = get(started, started.investigator, "evaluability", code)
    wrong = post(started, started.investigator, "evaluability", code, rev=0, state="not_evaluable")
    done = post(started, started.investigator, "evaluability", code, rev=0, state="completed")

    assert "There is nothing to confirm yet." in text(nothing)
    assert "The record says: No DLT, evaluable." in text(page)
    assert wrong.status_code == 409
    assert done.status_code == 302
    assert Evaluability.objects.get().state == "completed"
    assert "No DLT, evaluable" in text(get(started, started.investigator, "patient", code))


def test_short_doses_ask_for_their_cause_on_the_page_of_the_confirmation(started):
    code = started.patient.code
    started.take_doses(started.patient, 50)
    started.later(26)

    def confirm(**said):
        return post(started, started.investigator, "evaluability", code, rev=0, state="not_evaluable", **said)

    page = get(started, started.investigator, "evaluability", code)
    silent, toxic, done = confirm(), confirm(missed_because="toxicity"), confirm(missed_because="other")

    assert "Why were doses missed?" in text(page)
    assert (silent.status_code, toxic.status_code, done.status_code) == (422, 409, 302)
    assert "mark the adverse event that doses were missed for it" in text(toxic)
    assert "doses missed: another cause" in text(get(started, started.investigator, "patient", code))


def test_a_confirmation_that_another_gave_meanwhile_is_named_and_not_replaced_unseen(started):
    code, key = started.patient.code, uuid.uuid4()
    started.take_doses(started.patient, 50)
    started.later(26)
    started.confirm(started.patient, "not_evaluable")
    amended = amounts(started, 100, rev=DoseTaken.objects.latest("rev").rev, reason="Diary found.")
    assert post(started, started.coordinator, "dosing", code, **amended).status_code == 302
    seen = Evaluability.objects.get().rev

    def confirm(rev):
        said = {"state": "completed", "reason": "The diary was found.", "rev": rev, "key": key}
        return post(started, started.investigator, "evaluability", code, **said)

    late = confirm(0)
    assert late.status_code == 409
    assert f"The confirmation of patient {code} was changed by Investigator since you opened the form" in text(late)
    assert ': it says "Not evaluable, to be replaced" now.' in text(late)
    assert f'name="rev" value="{seen}"' in late.content.decode()
    assert [confirm(seen).status_code for _ in range(2)] == [302, 302], "compared and sent; sent twice it is one"
    assert Evaluability.objects.get().state == "completed"


def test_buttons_are_shown_only_to_those_who_may(started):
    doctor = text(get(started, started.investigator, "patient", "001"))
    committee = text(get(started, started.dsmb, "patient", "001"))

    assert "Report an adverse event" in doctor
    assert "Stop treatment" in doctor
    assert "Report an adverse event" not in committee
    assert "Stop treatment" not in committee
    assert post(started, started.dsmb, "stop", "001", on=day(started), stop_reason="x").status_code == 403

"""Screening: a number for good, one slot a patient, how it ended, counted per site, and corrections."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from escalation.enrolment import services as enrolling
from patients.enrolment import corrections
from patients.enrolment import services as enrolment
from patients.models import EligibilityAnswer, Slot
from patients.screening import services
from patients.screening.models import Screening
from patients.withdrawal import services as withdrawal
from tests import factories
from tests.patients.test_pages import day, get, post, text
from tests.rest import ask, send
from trial.models import EligibilityCriterion
from trial.record import ledger
from trial.refusals import Refused, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return factories.study().open()


def request(study, number, again_of="", by=None, wait=False):
    with study.at():
        return enrolling.request_slot(
            trial=study.trial.pk, screening=number, again_of=again_of, wait=wait, by=by or study.coordinator
        )


def screen(study, number, again_of="", by=None):
    with study.at():
        return services.record_screening(
            trial=study.trial.pk, number=number, on=study.today, again_of=again_of, by=by or study.coordinator
        )


def end(study, row, outcome, criterion=None):
    with study.at():
        return services.end_screening(
            trial=study.trial.pk, screening=row.pk, outcome=outcome, criterion=criterion, by=study.coordinator
        )


def answer(study, slot, *met):
    version = study.situation().protocol.version
    criteria = list(EligibilityCriterion.objects.filter(version=version).order_by("number"))
    with study.at():
        return enrolment.confirm_eligibility(
            trial=study.trial.pk, slot=slot.pk, version=version.pk, by=study.investigator,
            answers={c.pk: yes for c, yes in zip(criteria, met, strict=True)},
        )  # fmt: skip


def correct_answer(study, slot, number, met):
    given = EligibilityAnswer.objects.get(slot=slot, criterion__number=number)
    with study.at():
        corrections.correct_eligibility(
            trial=study.trial.pk, slot=slot.pk, answers={given.criterion_id: met}, reason="Misread.",
            by=study.investigator,
        )  # fmt: skip


def row(number="S-1"):
    return Screening.objects.get(number=number)


# ---- one number, one slot ----


def test_the_number_is_asked_and_a_slot_is_a_screening(study):
    assert "Screening number: an answer is needed." in text(post(study, study.coordinator, "request_slot", cohort=1))
    post(study, study.coordinator, "request_slot", screening="S-1", cohort=1)

    slot = Slot.objects.get()
    assert (slot.screening.number, slot.screening.site, slot.screening.on) == ("S-1", study.site, study.today)
    assert "S-1" in text(get(study, study.coordinator, "enrolment"))


def test_a_number_that_holds_a_slot_or_is_enrolled_gets_none(study):
    slot = study.ready(request(study, "S-1"))
    with pytest.raises(Refused, match=r"S-1 holds slot 1; one patient gets one slot\.") as refused:
        request(study, "s-1")
    assert refused.value.field == "screening"

    with study.at():
        enrolling.enrol(trial=study.trial.pk, slot=slot.pk, by=study.coordinator)
    assert row().outcome == "enrolled"
    with pytest.raises(Refused, match="S-1 is patient 001; one patient gets one slot"):
        request(study, "S-1")
    with pytest.raises(Refused, match="S-1 is enrolled; one patient gets one slot"):
        request(study, "S-2", again_of="S-1")


def test_another_sites_number_is_not_given_again(study):
    request(study, "S-1")
    with pytest.raises(Refused, match="each is used once"):
        request(study, "S-1", by=study.other_coordinator)


def test_after_a_slot_was_given_back_the_open_number_gets_another(study):
    slot = request(study, "S-1")
    post(study, study.coordinator, "cancel_slot", slot.number, reason="Later.")
    assert request(study, "S-1").screening == row()


def test_the_database_gives_a_patient_one_slot_and_a_number_once(study):
    first = request(study, "S-1")
    other = request(study, "S-2")

    def write(change):
        with (
            transaction.atomic(),
            study.at(),
            ledger.action(study.trial.pk, by=None, may=None, verb="test"),
        ):
            change()

    other.screening = first.screening
    with pytest.raises(IntegrityError, match="slot_one_of_a_patient"):
        write(other.save)
    with pytest.raises(IntegrityError, match="screening_number_once_for_good"):
        write(lambda: Screening.objects.create(trial=study.trial, site=study.site, number="s-1", on=study.today))


def test_a_slot_without_a_number_keeps_working(study):
    """As those from before screening was recorded."""
    patient = study.dose()
    assert patient.slot.screening is None
    page = text(get(study, study.coordinator, "slot", patient.slot.number))
    assert "Screening number not recorded" in page


# ---- screened again ----


def test_who_is_screened_again_gets_a_new_number_that_names_the_old(study):
    end(study, screen(study, "S-1"), "declined")
    with pytest.raises(Refused, match="ended as declined. Who is screened again gets a new number"):
        request(study, "S-1")

    slot = request(study, "S-2", again_of="S-1")

    assert slot.screening.again_of == row("S-1")
    with pytest.raises(Refused, match="named by a later screening already"):
        screen(study, "S-3", again_of="S-1")
    with pytest.raises(Refused, match="S-2 is still open"):
        screen(study, "S-3", again_of="S-2")
    with pytest.raises(Refused, match="S-9 is no screening number of this site"):
        screen(study, "S-3", again_of="S-9")


# ---- how it ended ----


def test_an_ineligible_patient_is_a_screen_failure_and_the_slot_is_free_at_once(study):
    slot = request(study, "S-1")
    free = study.situation().free

    answer(study, slot, True, False)

    slot.refresh_from_db()
    assert slot.state == Slot.State.CANCELLED and study.situation().free == free + 1
    assert (row().outcome, row().criterion.text) == ("failure", "18 years or older")
    page = text(get(study, study.coordinator, "screening"))
    assert "Screen failure: 2. 18 years or older" in page


def test_a_freed_place_goes_to_the_next_on_the_waiting_list(study):
    first = request(study, "S-1")
    request(study, "S-2")
    request(study, "S-3")
    waits = request(study, "S-4", by=study.other_coordinator, wait=True)
    assert waits.state == Slot.State.WAITING

    answer(study, first, False, True)

    waits.refresh_from_db()
    assert waits.state == Slot.State.GRANTED


def test_the_answer_corrected_the_screening_is_open_again(study):
    slot = request(study, "S-1")
    answer(study, slot, True, False)

    correct_answer(study, slot, 2, True)

    assert (row().outcome, row().criterion) == ("", None)
    assert request(study, "S-1").state == Slot.State.GRANTED


def test_an_enrolled_patient_found_ineligible_before_the_first_dose_gives_his_place_back(study):
    slot = study.ready(request(study, "S-1"))
    with study.at():
        enrolling.enrol(trial=study.trial.pk, slot=slot.pk, by=study.coordinator)
    taken = study.situation().taken

    correct_answer(study, slot, 1, False)
    slot.refresh_from_db()
    assert (slot.state, row().outcome, study.situation().taken) == (Slot.State.RELEASED, "failure", taken - 1)

    correct_answer(study, slot, 1, True)
    slot.refresh_from_db()
    assert (slot.state, row().outcome, study.situation().taken) == (Slot.State.ENROLLED, "enrolled", taken)


def test_a_withdrawal_before_enrolment_is_declined(study):
    slot = study.ready(request(study, "S-1"))
    with study.at():
        withdrawal.record_withdrawal(
            trial=study.trial.pk, slot=slot.pk, covers="treatment", on=study.today, public_records=False, reason="No.",
            by=study.coordinator,
        )  # fmt: skip
    assert row().outcome == "declined"


def test_an_outcome_is_recorded_by_the_site_and_frees_its_slot(study):
    slot = request(study, "S-1")
    assert post(study, study.coordinator, "end_screening", row().pk, outcome="declined").status_code == 302
    slot.refresh_from_db()
    assert (row().outcome, slot.state) == ("declined", Slot.State.CANCELLED)
    with pytest.raises(Refused, match="ended as declined; it is corrected with a reason"):
        end(study, row(), "no_slot")


@pytest.mark.parametrize(
    ("outcome", "failed", "field"),
    [
        ("failure", False, "criterion"),
        ("declined", True, "criterion"),
        ("enrolled", False, "outcome"),
        ("", False, "outcome"),
    ],
)
def test_an_outcome_that_cannot_be_is_refused_at_its_field(study, outcome, failed, field):
    criterion = EligibilityCriterion.objects.first().pk if failed else None
    with pytest.raises(Refused) as refused:
        end(study, screen(study, "S-1"), outcome, criterion)
    assert refused.value.field == field


def test_only_the_sites_coordinator_screens(study):
    with pytest.raises(PermissionDenied, match="record screening"):
        screen(study, "S-1", by=study.investigator)
    mine = screen(study, "S-1")
    assert get(study, study.dsmb, "add_screening").status_code == 403
    assert get(study, study.other_coordinator, "end_screening", mine.pk).status_code == 404
    assert "S-1" not in text(get(study, study.other_coordinator, "screening"))


def test_screenings_are_counted_per_site(study):
    end(study, screen(study, "S-1"), "declined")
    answer(study, request(study, "S-2"), True, False)
    answer(study, request(study, "S-3"), True, False)
    screen(study, "T-1", by=study.other_coordinator)

    page = text(get(study, study.statistician, "screening"))
    assert "01 3 0 2 1 0 0 2. 18 years or older: 2" in page
    assert "02 1 0 0 0 0 1 –" in page


def test_the_page_asks_as_much_of_many_as_of_few(study):
    def asked():
        with CaptureQueriesContext(connection) as found:
            get(study, study.coordinator, "screening")
        return len(found)

    request(study, "S-1")
    asked()
    few = asked()
    answer(study, request(study, "S-2"), True, False)
    request(study, "S-3")
    assert asked() == few


# ---- corrections ----


def correct(study, one, by=None, **said):
    answers = {"number": one.number, "on": f"{one.on:%d %b %Y}", "outcome": one.outcome, "reason": "Misread."}
    return post(study, by or study.coordinator, "correct_screening", one.pk, **answers | {"rev": one.rev} | said)


def test_a_screening_is_corrected_with_a_reason_and_not_unseen(study):
    one = screen(study, "S-1")
    one.refresh_from_db()
    study.later(2)
    assert "Reason for the correction: an answer is needed." in text(correct(study, one, reason="", number="S-7"))
    assert "recorded already" in text(correct(study, one))
    assert correct(study, one, by=study.investigator, number="S-7").status_code == 403
    assert correct(study, one, number="S-7", on=day(study)).status_code == 302
    assert row("S-7").on == study.today

    stale = correct(study, one, outcome="declined")
    assert stale.status_code == 409 and "was changed by Coordinator" in text(stale)
    with pytest.raises(Refused, match="each is used once"):
        screen(study, "s-1")  # the number that it had before


def test_an_outcome_is_corrected_and_opened_again(study):
    one = screen(study, "S-1")
    end(study, one, "declined")
    one.refresh_from_db()
    correct(study, one, outcome="no_slot")
    assert row().outcome == "no_slot"
    correct(study, row(), outcome="")
    assert request(study, "S-1").screening == row()


def test_that_a_patient_is_enrolled_is_not_typed(study):
    one = screen(study, "S-1")
    with study.at(), pytest.raises(Refused, match="said by the enrolment itself"):
        services.correct_screening(
            trial=study.trial.pk, screening=one.pk, number="S-1", on=one.on, outcome="enrolled", rev=None, reason="x",
            by=study.coordinator,
        )  # fmt: skip


def test_a_screening_with_a_slot_is_not_voided_and_no_number_comes_back(study):
    request(study, "S-1")
    void = {"trial": study.trial.pk, "rev": None, "reason": "x", "by": study.coordinator}
    with study.at(), pytest.raises(Refused, match="had a slot"):
        services.void_screening(screening=row().pk, **void)
    other = screen(study, "S-2")
    with study.at():
        services.void_screening(screening=other.pk, **void)
    with pytest.raises(Refused, match="each is used once"):
        request(study, "S-2")


def test_a_stale_correction_is_refused_by_name(study):
    one = screen(study, "S-1")
    one.refresh_from_db()
    end(study, one, "declined")
    with study.at(), pytest.raises(Stale, match="Screening S-1 was changed"):
        services.correct_screening(
            trial=study.trial.pk, screening=one.pk, number="S-1", on=one.on, outcome="no_slot", rev=one.rev, reason="x",
            by=study.coordinator,
        )  # fmt: skip


# ---- REST ----


def test_screening_by_rest(study):
    key, body = uuid.uuid4(), {"number": "S-1", "on": str(study.today)}
    assert send(study.investigator, "screenings/", study, body).status_code == 403
    first = send(study.coordinator, "screenings/", study, body, key=key)
    assert (first.status_code, first.json()["number"], first.json()["outcome"]) == (201, "S-1", "")
    assert send(study.coordinator, "screenings/", study, body, key=key).json()["id"] == first.json()["id"]
    assert send(study.coordinator, "screenings/", study, body).status_code == 409

    assert send(study.coordinator, "slots/", study, {"wait": False}).status_code == 400
    assert send(study.coordinator, "slots/", study, {"screening": "S-1"}).json()["screening"] == "S-1"
    again = send(study.coordinator, "slots/", study, {"screening": "S-1"})
    assert (again.status_code, again.json()["field"]) == (409, "screening")
    assert ask(study.other_coordinator, "screenings/", study).json()["results"] == []

"""Follow-up and the end of the study on pages of their own: who records what, what is refused, what stands there."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from patients.dosing import services
from patients.follow_up import leaving
from patients.follow_up.models import FollowUp
from patients.models import Treatment
from tests import factories
from tests.escalation.decisions.test_races import at_once
from tests.patients.test_pages import day, get, post, text
from trial.models import AuditEvent
from trial.record import ledger
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    """Dosed on 5 Jan 2026, now day 41."""
    made = factories.study().open()
    made.patient = made.dose()
    return made.later(40)


def follow(study, by=None, rev=None, **answers):
    row = FollowUp.objects.filter(patient=study.patient).first()
    rev = (row.rev if row else 0) if rev is None else rev
    blank = dict.fromkeys(("last_contact_on", "new_therapy_on", "new_therapy", "died_on", "death_cause"), "")
    who = by or study.coordinator
    return post(study, who, "follow_up", study.patient.number, **blank | {"rev": rev} | answers)


def stop(study):
    with study.at():
        services.stop_treatment(
            trial=study.trial.pk, patient=study.patient.pk, on=study.today - timedelta(days=3),
            stop_reason="Progression", by=study.coordinator,
        )  # fmt: skip


def leave(study, by=None, **answers):
    rev = Treatment.objects.get().rev
    return post(study, by or study.coordinator, "leave_study", study.patient.number, **{"rev": rev} | answers)


def patient_page(study, by=None):
    return text(get(study, by or study.coordinator, "patient", study.patient.number))


def test_what_is_learned_stands_on_the_patients_page_with_who_and_when(study):
    answer = follow(study, last_contact_on=day(study), new_therapy_on="1 Feb 2026", new_therapy="Carfilzomib")

    assert answer.status_code == 302
    page = patient_page(study)
    assert re.search(r"Last known alive 14 Feb 2026 Coordinator, \d+ \w+ \d{4}", page)
    assert re.search(r"New anti-myeloma therapy 1 Feb 2026: Carfilzomib Coordinator", page)
    assert "Follow-up recorded" in page


def test_a_death_has_a_day_and_a_cause(study):
    without = follow(study, died_on=day(study))
    assert without.status_code == 409 and "Cause of death: choose" in text(without)
    assert 'value="14 Feb 2026"' in without.content.decode(), "what was typed is kept"

    assert follow(study, by=study.investigator, died_on=day(study), death_cause="progression").status_code == 302
    assert "Died 14 Feb 2026, cause: progression of myeloma" in patient_page(study)


def test_a_patient_who_died_is_nowhere_called_on_treatment(study):
    assert "on treatment" in patient_page(study)

    follow(study, died_on=day(study), death_cause="other")

    assert re.search(r"Level 1 · site \w+ · died", patient_page(study))
    listed = text(get(study, study.coordinator, "list"))
    assert "died" in listed and "on treatment" not in listed


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "Follow-up: nothing is said yet; give a contact, a new therapy or a death."),
        ({"last_contact_on": "1 Mar 2026"}, "Last known alive: 1 Mar 2026 is in the future."),
        ({"last_contact_on": "1 Jan 2026"}, "Last known alive: 1 Jan 2026 is before the first dose (5 Jan 2026)."),
        ({"new_therapy_on": "1 Feb 2026"}, "New therapy: say which anti-myeloma therapy was begun."),
        ({"new_therapy": "Carfilzomib"}, "New therapy begun: say on which day."),
        ({"death_cause": "other"}, "Died on: say on which day the patient died."),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(study, said, sentence):
    answer = follow(study, **said)

    assert answer.status_code == 409 and sentence in text(answer)
    assert not FollowUp.objects.exists()


def test_taking_a_fact_back_needs_a_reason_a_later_contact_none(study):
    follow(study, last_contact_on="1 Feb 2026", died_on="2 Feb 2026", death_cause="other")
    again = follow(study, last_contact_on="2 Feb 2026")
    assert again.status_code == 409 and "Reason: changing what was recorded needs one." in text(again)

    assert follow(study, last_contact_on="2 Feb 2026", reason="The letter was of another patient.").status_code == 302
    assert FollowUp.objects.get().died_on is None
    assert "Died" not in patient_page(study).split("History")[0].split("Who recorded what")[0]
    assert follow(study, last_contact_on=day(study)).status_code == 302, "a later contact is no correction"


def test_who_opened_it_before_another_wrote_sees_both_versions(study):
    follow(study, last_contact_on="1 Feb 2026")
    seen = FollowUp.objects.get().rev
    follow(study, by=study.investigator, last_contact_on="3 Feb 2026")

    late = follow(study, rev=seen, last_contact_on="2 Feb 2026")

    assert late.status_code == 409
    assert "The follow-up was changed by Investigator on" in text(late)
    assert "Last known alive 1 Feb 2026 3 Feb 2026 2 Feb 2026" in text(late)
    assert f'name="rev" value="{FollowUp.objects.get().rev}"' in late.content.decode()
    assert f"{FollowUp.objects.get().last_contact_on:%d %b}" == "03 Feb"


def test_follow_up_sent_twice_is_recorded_once_and_answered_as_before(study):
    said = {"rev": 0, "key": uuid.uuid4(), "last_contact_on": "1 Feb 2026"}

    answers = [follow(study, **said) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert AuditEvent.objects.filter(ledger__trial=study.trial, verb="followup.record").count() == 1


@pytest.mark.parametrize("who", ["medical_monitor", "statistician", "dsmb", "monitor", "auditor"])
@pytest.mark.parametrize("page", ["follow_up", "leave_study"])
def test_only_the_site_records_follow_up(study, who, page):
    assert get(study, getattr(study, who), page, study.patient.number).status_code == 403


@pytest.mark.parametrize("page", ["follow_up", "leave_study"])
def test_another_sites_patient_does_not_exist(study, page):
    assert get(study, study.other_coordinator, page, study.patient.number).status_code == 404
    assert post(study, study.other_coordinator, page, study.patient.number, rev=0).status_code == 404


def test_leaving_the_study_comes_after_the_end_of_treatment(study):
    early = leave(study, on=day(study), why="Lost to follow-up")
    assert early.status_code == 409 and "treatment goes on; record first on which day it was stopped" in text(early)

    stop(study)
    before = leave(study, on="1 Feb 2026", why="Lost to follow-up")
    assert "1 Feb 2026 is before the end of treatment (11 Feb 2026)" in text(before)
    assert leave(study, on=day(study), why="Lost to follow-up").status_code == 302

    page = patient_page(study)
    assert "Left the study 14 Feb 2026: Lost to follow-up Coordinator" in page
    assert AuditEvent.objects.filter(ledger__trial=study.trial).latest("number").verb == "study.leave"


def test_leaving_is_corrected_and_taken_back_with_a_reason(study):
    stop(study)
    leave(study, on=day(study), why="Lost to follow-up")

    without = leave(study, on=day(study), why="Withdrawal from the study")
    assert without.status_code == 422 and "Reason for the correction: an answer is needed." in text(without)
    assert leave(study, on="", why="", reason="He came back on 20 February.").status_code == 302
    row = Treatment.objects.get()
    assert (row.left_study_on, row.left_study_reason) == (None, "")


def test_leaving_and_taking_it_back_are_done_once_though_sent_twice(study):
    stop(study)
    rev = Treatment.objects.get().rev
    gone = {"on": day(study), "why": "Lost to follow-up", "rev": rev, "key": uuid.uuid4()}

    assert [leave(study, **gone).status_code for _ in range(2)] == [302, 302]
    late = leave(study, on=day(study), why="Death", rev=rev)
    assert late.status_code == 409 and "The treatment record was changed by Coordinator" in text(late)
    seen = Treatment.objects.get().rev
    assert f'name="rev" value="{seen}"' in late.content.decode()
    back = {"on": "", "why": "", "reason": "He came back.", "rev": seen, "key": uuid.uuid4()}
    assert [leave(study, **back).status_code for _ in range(2)] == [302, 302]
    assert AuditEvent.objects.filter(ledger__trial=study.trial, verb__in=("study.leave", "study.correct")).count() == 2


def test_nobody_leaves_after_his_death(study):
    stop(study)
    follow(study, died_on="12 Feb 2026", death_cause="other")

    assert "14 Feb 2026 is after the patient's death" in text(leave(study, on=day(study), why="Death"))
    assert leave(study, on="12 Feb 2026", why="Death").status_code == 302


def test_the_database_refuses_to_leave_without_reason_or_on_treatment(study):
    for values in ({"left_study_on": study.today}, {"left_study_on": study.today, "left_study_reason": "Lost"}):
        with (
            pytest.raises(IntegrityError),
            transaction.atomic(),
            ledger.action(study.trial.pk, by=study.coordinator, may="record_follow_up", verb="study.leave"),
        ):
            Treatment.objects.update(**values)


@pytest.mark.django_db(transaction=True)
def test_two_who_record_the_leaving_at_once_leave_one_record(study):
    stop(study)
    rev = Treatment.objects.get().rev

    def gone(why):
        return lambda: leaving.leave_study(
            trial=study.trial.pk, patient=study.patient.pk, on=study.today, why=why, rev=rev, by=study.coordinator
        )

    found = at_once(study, gone("Lost to follow-up"), gone("Withdrawal from the study"))

    assert sum(isinstance(one, Refused) for one in found) == 1
    assert Treatment.objects.get().left_study_on == study.today

"""Late changes: what marks the decisions that stood on it, holds enrolment, tells the committee, and is answered.

The trial of most tests: 0/3 at level 1 (decision 1, escalate), 0/3 at level 2 (decision 2, escalate), level 3 open with
one patient. By docs/domain.md, section 3, a late DLT makes level 1 1/3, not passed; level 2 with 0/3 does not excuse
it (six are needed above a level with a DLT), so the trial stands at level 1 again, to be filled to six.
"""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments.count import services as count
from assessments.events import services as assessments
from assessments.events.services import EventReport
from assessments.models import AdverseEvent, Evaluability
from escalation.decisions import holding
from escalation.decisions import services as decisions
from escalation.enrolment import services as enrolment
from escalation.models import BasisChanged, Decision
from escalation.protocol import services as protocol
from patients.dosing import services as patients
from tests import factories, rest
from tests.escalation.decisions.test_races import at_once
from trial.models import Drug, Notice
from trial.protocol_settings import ProtocolSettings
from trial.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    study = factories.study(levels=3).open()
    study.first = study.cohort(3)
    study.sign()
    study.cohort(3)
    study.sign()
    study.third = study.dose()
    study.later(1)
    return study


def first_day(patient):
    return patient.treatment.first_dose_on


def late_dlt(study, patient):
    """Reported now, in the window then; both readers agree."""
    event = study.event(patient, onset_on=first_day(patient))
    study.verdict(event, study.investigator)
    study.verdict(event, study.medical_monitor)
    return event


def correct(study, event, **said):
    event = AdverseEvent.objects.get(pk=event.pk)
    report = {
        "term": event.term,
        "grade": event.grade,
        "onset_on": event.onset_on,
        "relations": {r.drug_id: r.degree for r in event.relations.all()},
        "qualifiers": event.qualifiers,
    }
    with study.at():
        assessments.correct_event(
            trial=study.trial.pk,
            event=event.pk,
            report=EventReport(**(report | said)),
            rev=event.rev,
            reason="The laboratory corrected its value.",
            by=study.investigator,
        )


def void(study, event):
    with study.at():
        assessments.void_event(
            trial=study.trial.pk, event=event.pk, rev=None, reason="Another patient's report.", by=study.investigator
        )


def rows(study):
    """(decision, patient, was, now, restored) of every row, in order."""
    found = BasisChanged.objects.filter(trial=study.trial).order_by("rev", "decision__number")
    return [(c.decision.number, c.patient.number, c.was, c.now, bool(c.restored)) for c in found]


def page(study, user, path):
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    with study.at():
        return client.get(f"/trials/{study.trial.code}/{path}")


# ---- each kind of change


def test_a_dlt_added_marks_every_decision_that_stood_on_it_and_an_amending_decision_answers_all(study):
    late_dlt(study, study.first[0])

    here = study.situation()
    assert rows(study) == [
        (1, 1, "no DLT at level 1", "suspected at level 1", False),
        (2, 1, "no DLT at level 1", "suspected at level 1", False),
        (1, 1, "no DLT at level 1", "DLT at level 1", False),
        (2, 1, "no DLT at level 1", "DLT at level 1", False),
    ]
    (late,) = here.late
    assert (late.numbers, late.position) == ("decisions 1 and 2", 1)
    assert (here.advice.action.value, here.advice.level) == ("de_escalate", 1)
    assert here.decision_due
    assert [bool(here.held_at(level)) for level in (1, 2, 3)] == [True, True, True]
    with pytest.raises(Refused, match="basis of decisions 1 and 2 has changed: patient 001 was no DLT at level 1, is"):
        study.slot()

    before = {d.number: (d.inputs, d.content) for d in here.decisions}
    study.sign()

    here = study.situation()
    assert here.in_force[-1].number == 3
    assert {d.number: (d.inputs, d.content) for d in here.decisions if d.number < 3} == before  # nothing is edited
    assert (here.late, here.position, here.free) == ([], 1, 3)
    assert study.slot().state == "granted"


def test_a_signed_hold_answers_and_keeps_enrolment_closed_until_another_decision(study):
    late_dlt(study, study.first[0])

    study.sign("hold", None, reason="The site visit comes first.")

    here = study.situation()
    assert here.late == []
    assert here.held_at(1) and here.held_at(3)
    with pytest.raises(Refused, match="The site visit comes first"):
        study.slot()

    study.sign()

    here = study.situation()
    assert (here.position, here.free, here.held_at(1)) == (1, 3, [])
    assert study.slot().state == "granted"


def test_a_hold_in_one_step_is_no_decision_and_answers_nothing(study):
    late_dlt(study, study.first[0])

    with study.at():
        holding.hold(trial=study.trial.pk, reason="A death in a sister trial.", by=study.medical_monitor)

    assert [late.numbers for late in study.situation().late] == ["decisions 1 and 2"]


def test_a_patient_already_enrolled_does_not_start_while_it_is_held(study):
    waiting = study.enrol()
    late_dlt(study, study.first[0])

    with pytest.raises(Refused, match="basis of decisions 1 and 2 has changed"):
        study.dose(waiting)


def test_an_event_upgraded_to_a_dlt(study):
    mild = study.event(study.first[1], grade=2, onset_on=first_day(study.first[1]))
    assert rows(study) == []

    correct(study, mild, grade=4)
    study.verdict(mild, study.investigator)
    study.verdict(mild, study.medical_monitor)

    assert rows(study)[-1] == (2, 2, "no DLT at level 1", "DLT at level 1", False)
    assert len(study.situation().late) == 1


@pytest.fixture
def tolerated():
    """1/3 at level 1, then 1/6; decision 2 escalates to level 2, where one patient has started."""
    study = factories.study(levels=3).open()
    study.first = [study.dose() for _ in range(3)]
    study.later(3)
    study.event_of_first = study.dlt(study.first[0])
    study.complete(*study.first[1:])
    study.sign()
    study.cohort(3)
    study.sign()
    study.dose()
    return study


def test_a_dlt_downgraded(tolerated):
    correct(tolerated, tolerated.event_of_first, grade=2)

    assert rows(tolerated)[-2:] == [
        (1, 1, "DLT at level 1", "pending at level 1", False),
        (2, 1, "DLT at level 1", "pending at level 1", False),
    ]
    tolerated.complete(tolerated.first[0])
    assert rows(tolerated)[-1] == (2, 1, "DLT at level 1", "no DLT at level 1", False)
    assert tolerated.situation().free == 0


def test_a_dlt_withdrawn(tolerated):
    void(tolerated, tolerated.event_of_first)

    assert [row[0] for row in rows(tolerated)] == [1, 2]
    with pytest.raises(Refused, match="decisions 1 and 2 has changed: patient 001 was DLT at level 1"):
        tolerated.slot()


def test_an_evaluability_changed(study):
    with study.at():
        patients.record_dosing(
            trial=study.trial.pk,
            patient=study.first[2].pk,
            doses={drug.pk: (Decimal(100), Decimal(50)) for drug in Drug.objects.filter(trial=study.trial)},
            reason="The diary was read again.",
            by=study.investigator,
        )
        count.confirm_evaluability(
            trial=study.trial.pk,
            patient=study.first[2].pk,
            state=Evaluability.State.NOT_EVALUABLE,
            reason="Doses were missed.",
            missed_because=Evaluability.Missed.OTHER,
            by=study.investigator,
        )

    assert rows(study)[-1] == (2, 3, "no DLT at level 1", "not evaluable at level 1", False)
    assert study.situation().free == 0


# ---- taken back


def test_a_change_taken_back_is_said_and_still_asks_for_a_decision(study):
    event = late_dlt(study, study.first[0])
    void(study, event)

    here = study.situation()
    assert rows(study)[-2:] == [
        (1, 1, "no DLT at level 1", "no DLT at level 1", True),
        (2, 1, "no DLT at level 1", "no DLT at level 1", True),
    ]
    (late,) = here.late
    assert late.restored
    assert late.what == (
        "patient 001 was no DLT at level 1, became suspected at level 1, then DLT at level 1, "
        "and counts as before again (no DLT at level 1)"
    )
    with pytest.raises(Refused, match="Enrolment stays held until the committee confirms it"):
        study.slot()

    study.sign()
    assert study.situation().late == []
    assert study.slot().state == "granted"


def test_taken_back_after_the_answer_only_the_answer_has_a_changed_basis(study):
    event = late_dlt(study, study.first[0])
    study.sign()  # decision 3, on 1/3 at level 1
    void(study, event)

    (late,) = study.situation().late
    assert (late.numbers, late.was, late.now) == ("decision 3", "DLT at level 1", "no DLT at level 1")
    study.sign()  # decision 4

    # the same again: every decision that had no DLT is asked again, and decision 3 was while it was only suspected
    late_dlt(study, study.first[0])
    assert [(late.numbers, late.restored) for late in study.situation().late] == [
        ("decisions 1, 2 and 4", False),
        ("decision 3", True),
    ]


def test_the_hold_follows_its_dose_level_when_the_ladder_changes():
    """The unused level below is taken out of the ladder: what was position 2 is position 1, and stays held."""
    study = factories.study(levels=3, start=2).open()
    first = study.cohort(3)
    study.sign()
    study.later(1)
    late_dlt(study, first[0])
    assert [late.position for late in study.situation().late] == [2]

    with study.at():
        protocol.write(
            trial=study.trial.pk,
            settings=ProtocolSettings(start=1),
            levels=factories.ladder(3)[1:],
            drugs=factories.DRUGS,
            criteria=["18 years or older"],
            reason="The level below the start is not needed.",
            by=study.medical_monitor,
        )

    here = study.situation()
    assert [late.position for late in here.late] == [1]
    assert here.held_at(1)


# ---- who is told, and what they see


def test_the_committee_gets_one_notice_for_an_action(study):
    event = study.event(study.first[0], onset_on=first_day(study.first[0]))
    study.verdict(event, study.investigator)
    Notice.objects.all().delete()
    study.verdict(event, study.medical_monitor)

    told = Notice.objects.filter(key__startswith="basis-")
    assert {notice.to for notice in told} >= {study.dsmb, study.dsmb2, study.medical_monitor}
    assert study.coordinator not in {notice.to for notice in told}
    assert told.count() == len({notice.to_id for notice in told})
    assert {notice.subject for notice in told} == {f"{study.trial.code}: the basis of 2 decisions has changed"}
    text = told.first().text
    assert "decisions 1 and 2 has changed: patient 001 was no DLT at level 1, is now DLT at level 1" in text
    assert "Enrolment is held at level 1 and above. The engine says now: " in text


def test_the_page_shows_what_changed_what_was_decided_and_what_is_said_now(study):
    event = late_dlt(study, study.first[0])

    shown = page(study, study.dsmb, "escalation/late/").content.decode()
    assert "enrolment held at levels 1, 2, 3" in shown
    assert "Escalate to level 2" in shown  # decision 1, then
    assert "Expand level 1 to 6" in shown  # to its three patients, now
    assert shown.count("De-escalate to level 1") == 2  # decision 2's patients now, and all patients
    assert event.code in shown
    assert "decisions/new/" in shown

    form = page(study, study.dsmb, "decisions/new/").content.decode()
    assert "Amending decision" in form
    assert "Answers the changed basis of decision" in form.split("<textarea")[1].split("</textarea>")[0]

    trial_page = page(study, study.coordinator, "").content.decode()
    assert "Basis changed" in trial_page
    assert "Nobody starts at level 1 and above." in trial_page
    assert "escalation/late/" in trial_page
    client = Client()
    client.force_login(study.dsmb, settings.AUTHENTICATION_BACKENDS[-1])
    with study.at():
        home = client.get("/").content.decode()
    assert "basis changed, held" in home
    assert "Amending decision: the basis of decisions 1 and 2 has changed" in home

    # nobody of another site learns of the patient or of the event
    veiled = page(study, study.other_coordinator, "escalation/late/").content.decode()
    assert not re.search(r"\b001\b", veiled)
    assert event.code not in veiled

    study.sign()
    after = page(study, study.dsmb, "escalation/late/").content.decode()
    assert "Nothing waits for the committee here" in after
    assert "Answered by a later decision" in after
    then = page(study, study.dsmb, "decisions/1/").content.decode()
    assert "Decision 3</a> has answered it." in then


def test_the_endpoint_gives_what_the_page_shows(study):
    event = late_dlt(study, study.first[0])

    said = rest.ask(study.dsmb, "late-changes", study).json()
    assert said["held_from"] == 1
    (changed,) = said["open"]
    assert (changed["patient"], changed["decisions"], changed["restored"]) == (1, [1, 2], False)
    assert [(step["was"], step["now"], step["event"]) for step in changed["steps"]] == [
        ("no DLT at level 1", "suspected at level 1", event.code),
        ("suspected at level 1", "DLT at level 1", event.code),
    ]
    assert [(d["decision"], d["recommended"]["action"], d["now"]["action"]) for d in said["decisions"]] == [
        (1, "escalate", "expand"),
        (2, "escalate", "de_escalate"),
    ]
    study.sign()
    said = rest.ask(study.dsmb, "late-changes", study).json()
    assert (said["held_from"], said["open"], said["decisions"]) == (None, [], [])
    assert [row["answered_by"] for row in said["answered"]] == [3]
    veiled = rest.ask(study.other_coordinator, "late-changes", study).json()
    assert (veiled["answered"][0]["patient"], veiled["answered"][0]["steps"][0]["event"]) == (None, "")


def test_the_page_asks_the_database_a_flat_number_of_times(study):
    def asked():
        with CaptureQueriesContext(connection) as caught:
            assert page(study, study.dsmb, "escalation/late/").status_code == 200
        return len(caught)

    late_dlt(study, study.first[0])
    asked()
    few = asked()
    late_dlt(study, study.first[1])
    asked()

    assert asked() == few


# ---- two at once


@pytest.mark.django_db(transaction=True)
def test_a_late_dlt_and_a_first_dose_at_once(study):
    """Whichever is first: no patient starts after the change."""
    waiting = study.enrol()
    event = study.event(study.first[0], onset_on=first_day(study.first[0]) - timedelta(days=1))
    del event  # before the first dose: no suspicion, nothing is held
    late = study.event(study.first[1], grade=2, onset_on=first_day(study.first[1]))

    answers = at_once(study, lambda: correct(study, late, grade=4), lambda: study.dose(waiting))

    change = BasisChanged.objects.filter(trial=study.trial).earliest("rev")
    treatment = getattr(type(waiting).objects.get(pk=waiting.pk), "treatment", None)
    if treatment is None:
        assert isinstance(answers[1], Refused)
    else:
        assert treatment.rev < change.rev


@pytest.mark.django_db(transaction=True)
def test_two_late_dlts_at_once_mark_each_decision_once(study):
    events = [study.event(p, onset_on=first_day(p)) for p in study.first[:2]]
    for event in events:
        study.verdict(event, study.investigator)

    at_once(study, *[lambda e=event: study.verdict(e, study.medical_monitor) for event in events])

    marked = [row[:2] for row in rows(study) if row[3] == "DLT at level 1"]
    assert sorted(marked) == [(1, 1), (1, 2), (2, 1), (2, 2)]


@pytest.mark.django_db(transaction=True)
def test_an_amending_decision_and_another_late_change_at_once_leave_it_unanswered(study):
    late_dlt(study, study.first[0])
    second = study.event(study.first[1], grade=2, onset_on=first_day(study.first[1]))
    here = study.situation()
    proposed = decisions.decide(
        trial=study.trial.pk,
        outcome=here.recommended,
        position=here.advice.level,
        basis=here.basis,
        proof="simulated",
        by=study.dsmb,
    )

    answers = at_once(
        study,
        lambda: decisions.countersign(
            trial=study.trial.pk,
            decision=proposed.pk,
            basis=here.basis,
            proof="simulated",
            by=study.medical_monitor,
        ),
        lambda: correct(study, second, grade=4),
    )

    assert not isinstance(answers[1], Exception)
    assert [late.patient.number for late in study.situation().late][-1] == 2
    if isinstance(answers[0], Decision):
        assert study.situation().late[-1].decisions[-1].number == 3
    with study.at(), pytest.raises(Refused):
        enrolment.request_slot(trial=study.trial.pk, by=study.coordinator)

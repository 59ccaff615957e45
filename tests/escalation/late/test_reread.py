"""An update of the rules in a running trial: listed, answered like a late change, and nothing adjudicated re-opened."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from assessments.models import AdverseEvent
from escalation.decisions import services as decisions
from escalation.late import reread
from escalation.models import BasisChanged, Decision
from escalation.replay import decision as decision_replay
from escalation.situation import days
from tests import factories

pytestmark = pytest.mark.django_db


def as_owner(*statements):
    """SQL past the triggers, to store what an earlier release would have."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; RESET ROLE; SET session_replication_role = replica")
        for sql, values in statements:
            cursor.execute(sql, values)
        cursor.execute("SET session_replication_role = origin; SET ROLE escalation_app; SET CONSTRAINTS ALL DEFERRED")


def made_by_rules_1(study):
    """Every decision as it was stored before the rules had a version."""
    as_owner(("UPDATE escalation_decision SET rules_version = NULL WHERE trial_id = %s", [study.trial.pk]))
    for row in Decision.objects.filter(trial=study.trial):
        content = decisions.content_hash(row)
        as_owner(
            ("UPDATE escalation_decision SET content = %s WHERE id = %s", [content, row.pk]),
            ("UPDATE trial_signature SET content = %s WHERE subject = %s", [content, row.pk]),
        )


def lasted(event, days):
    """The event's end as it could be entered beside the answer "corrected within 72 hours: yes"."""
    end = event.onset_on + timedelta(days=days)
    as_owner(
        ("UPDATE assessments_adverseevent SET ended_on = %s WHERE id = %s", [end, event.pk]),
        (
            "UPDATE trial_rowimage SET image = jsonb_set(image, '{ended_on}', to_jsonb(%s::text)) WHERE row = %s",
            [end.isoformat(), event.pk],
        ),
    )


@pytest.fixture
def trial():
    """Decision 1 stood on three patients without a DLT; one had grade 3 hypokalaemia, answered as corrected in time."""
    study = factories.study(levels=3).open()
    who = [study.dose() for _ in range(3)]
    study.later(3)
    kalium = {
        **{"term": "Hypokalemia", "grade": 3, "onset_on": study.today - timedelta(days=2)},
        **{"ended_on": study.today, "qualifiers": {"corrected_within_72h": True}},
    }
    cleared = study.event(who[0], **kalium)
    read = study.event(who[1], **kalium, suspected=True)
    study.verdict(read, study.investigator, is_dlt=False)
    study.verdict(read, study.medical_monitor, is_dlt=False)
    study.complete(*who)
    study.sign()  # escalate to 2
    for event in (cleared, read):
        lasted(event, 15)
    made_by_rules_1(study)
    return study


def outcomes(study):
    return [p["outcome"] for p in study.situation().inputs["patients"]]


def test_it_is_listed_with_the_decisions_that_stood_on_it(trial, capsys):
    (found,) = reread.reread(trial.situation())
    (patient,) = found.patients

    assert (found.version, found.decisions) == ("1", [0, 1])
    assert (patient.code, patient.was, patient.now) == ("001", "no_dlt", "suspected")
    assert [(e.code, e.was, e.now) for e in patient.events] == [("AE 1", "none", "suspected")]
    assert (patient.stood_in, patient.changes) == ([1], [1])

    with trial.at():
        call_command("reread", trial.trial.code)
    printed = capsys.readouterr().out
    assert "patient 001 counts as DLT suspected, pending, before as No DLT" in printed
    assert "AE 1, Hypokalemia, grade 3: suspected, before none. N1: Hypokalemia: answered as corrected" in printed
    assert "Stood in decision 1; the basis of decision 1 changes." in printed


def test_it_is_answered_like_a_late_change_and_re_opens_nothing_that_was_adjudicated(trial):
    with trial.at():
        days.settle(trial.trial.pk)

    assert outcomes(trial) == ["suspected", "no_dlt", "no_dlt"]  # the second was read: his verdict stands
    change = BasisChanged.objects.get(trial=trial.trial)
    assert (change.decision.number, change.patient.number, change.now) == (1, 1, "suspected at level 1")
    assert trial.situation().held_at(1)

    event = AdverseEvent.objects.get(trial=trial.trial, number=1)
    trial.verdict(event, trial.investigator, is_dlt=False)
    trial.verdict(event, trial.medical_monitor, is_dlt=False)
    assert outcomes(trial) == ["no_dlt", "no_dlt", "no_dlt"]
    assert [row.restored for row in BasisChanged.objects.filter(trial=trial.trial).order_by("rev")][-1]
    trial.sign()  # the committee confirms
    assert not trial.situation().changes


def test_a_decision_replays_by_its_own_rules_and_shows_todays_beside_it(trial, capsys):
    found = decision_replay.replay(Decision.objects.get(trial=trial.trial, number=1))

    assert found.holds, found.differences
    assert found.rules_version == "1"
    assert [row.rebuilt["outcome"] for row in found.patients] == ["no_dlt"] * 3
    assert [row.rebuilt["outcome"] for row in found.patients_today] == ["suspected", "no_dlt", "no_dlt"]

    call_command("verify_decisions", trial=trial.trial.code)
    printed = capsys.readouterr().out
    assert "rules 4 of today count 001 differently; no fault of it" in printed


def test_decisions_of_todays_rules_have_nothing_to_reread():
    study = factories.study(levels=3).open()

    assert reread.reread(study.situation()) == []


def test_a_version_that_is_not_kept_is_said(trial, capsys):
    as_owner(("UPDATE escalation_decision SET rules_version = '0' WHERE trial_id = %s", [trial.trial.pk]))

    with trial.at():
        call_command("reread", trial.trial.code)

    assert "rules 0: that version is not kept here" in capsys.readouterr().out

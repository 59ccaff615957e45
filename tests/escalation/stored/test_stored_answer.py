"""An answer stored with a decision that somebody has broken: it is named, enrolment is closed, nothing else stops."""

import json
from copy import deepcopy
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from escalation.decisions import services as decisions
from escalation.enrolment import services as enrolment
from escalation.models import Decision
from escalation.situation import queries
from escalation.stored import answer as stored_answer
from tests import factories, rest
from trial.people import access
from trial.refusals import Refused

SOUND = {
    "action": "wait",
    "level": 1,
    "slots": 0,
    "mtd": None,
    "first_intolerable_level": None,
    "closed_from": None,
    "rule": "R2",
    "because": "0/1 DLT at level 1 with 2 pending: their outcomes still change what follows.",
    "flags": [],
    "tallies": [
        {"level": 1, "evaluable": 1, "dlts": 0, "pending": 2, "replaced": 0},
        {"level": 2, "evaluable": 0, "dlts": 0, "pending": 0, "replaced": 0},
    ],
    "outside": [{"level": 1, "role": "backfill", "n": 1, "dlts": 0, "pending": 0}],
    "bracket": {"best": {"action": "expand", "level": 1}, "worst": {"action": "none_tolerated", "level": 0}},
    "variant": "D6",
    "engine_version": "1",
}


def broken(*path, to=...):
    """SOUND with the value at `path` set to `to`, or taken out."""
    answer = deepcopy(SOUND)
    part = answer
    for step in path[:-1]:
        part = part[step]
    if to is ...:
        del part[path[-1]]
    else:
        part[path[-1]] = to
    return answer


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (SOUND, ""),
        (broken("bracket", to=None), ""),
        ([], "the whole must be an object"),
        (None, "the whole must be an object"),
        ("wait", "the whole must be an object"),
        (broken("level"), "level is missing"),
        (broken("level", to="1"), "level must be a whole number"),
        (broken("action", to="leap"), "action is none that an engine gives"),
        (broken("because", to=7), "because must be a text"),
        (broken("tallies", to={}), "tallies must be a list"),
        (broken("tallies", 1, "dlts"), "dlts of tally 2 is missing"),
        (broken("tallies", 1, "level", to=5), "tallies must be of levels 1, 2, 3 … in order"),
        (broken("outside", 0, "n", to=None), "n of outside 1 must be a whole number"),
        (broken("bracket", "worst"), "worst must be an object"),
    ],
)
def test_the_first_fault_is_named(answer, said):
    assert stored_answer.fault(answer) == said


WRECKED = ["'null'", "'{}'", "'[1, 2]'", "recommendation #- '{level}'", "jsonb_set(recommendation, '{tallies}', '[7]')"]


@pytest.fixture
def wreck():
    """SQL as the owner of the tables, past their triggers, as a superuser could."""

    def run(study, number, to):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("RESET ROLE")
            cursor.execute("ALTER TABLE escalation_decision DISABLE TRIGGER USER")
            cursor.execute(
                f"UPDATE escalation_decision SET recommendation = {to} WHERE number = %s AND trial_id = %s",
                [number, study.trial.pk],
            )
            cursor.execute("ALTER TABLE escalation_decision ENABLE TRIGGER USER")
            cursor.execute("SET ROLE escalation_app")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    return run


@pytest.fixture
def study(db):
    """Level 2 is open with one patient; decision 1 opened it."""
    study = factories.study(levels=3).open()
    study.cohort(3)
    study.sign()
    study.dose()
    return study


def page(study, user, path):
    client = Client(raise_request_exception=False)
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    with study.at():
        return client.get(path if path == "/" else f"/trials/{study.trial.code}/{path}")


@pytest.mark.parametrize(("number", "to"), [(0, WRECKED[0]), *((1, to) for to in WRECKED)])
def test_every_page_answers_and_names_the_decision_in_an_alarm(study, wreck, number, to):
    assert "cannot be read" not in page(study, study.dsmb, "").content.decode()  # and is kept in this process
    wreck(study, number, to)

    said = f"The stored answer of decision {number} cannot be read:"
    paths = ("", "escalation/", f"decisions/{number}/", "escalation/late/", "patients/", "enrolment/")
    for path in (*paths, f"decisions/{number}/replay/", "", "meetings/", "patients/004/", "protocol/"):
        shown = page(study, study.dsmb, path)
        assert shown.status_code == 200, path
        content = shown.content.decode()
        assert "Stored decision damaged" in content, path
        assert said in content, path
        assert "Enrolment is closed until it is looked into." in content, path
    home = page(study, study.dsmb, "/")
    assert home.status_code == 200
    assert f"stored answer of decision {number} cannot be read, held" in home.content.decode()
    assert "its stored answer cannot be read" in page(study, study.dsmb, "").content.decode()


def test_rest_answers_and_says_it(study, wreck):
    wreck(study, 1, "'{}'")
    decision = Decision.objects.get(trial=study.trial, number=1)
    said = "The stored answer of decision 1 cannot be read: action is missing. "

    status = rest.ask(study.dsmb, "status", study)
    assert status.status_code == 200
    held = {"sentence": f"{said}Enrolment is closed until it is looked into.", "position": None}
    assert held in status.json()["holds"]
    assert status.json()["slots"]["free"] == 0
    one = rest.ask(study.dsmb, f"decisions/{decision.pk}/", study)
    assert (one.status_code, one.json()["recommendation"]) == (200, None)
    replay = rest.ask(study.dsmb, f"decisions/{decision.pk}/replay", study).json()
    assert "The stored answer cannot be read: action is missing." in replay["differences"]
    assert rest.ask(study.dsmb, "late-changes", study).status_code == 200


def test_nobody_is_enrolled_or_started_and_data_capture_goes_on(study, wreck):
    who = study.enrol()
    assert study.situation().startable > 0
    wreck(study, 1, "recommendation - 'level'")

    for verb in (
        lambda: enrolment.request_slot(trial=study.trial.pk, by=study.coordinator),
        lambda: enrolment.first_dose(trial=study.trial.pk, patient=who.pk, on=study.today, by=study.investigator),
    ):
        with study.at(), pytest.raises(Refused, match="The stored answer of decision 1 cannot be read: level is"):
            verb()

    dosed = study.situation().facts[0].patient
    event = study.event(dosed, onset_on=dosed.treatment.first_dose_on + timedelta(days=2))
    assert event.number == 1
    late = page(study, study.dsmb, "escalation/late/")
    assert late.status_code == 200


def test_a_late_change_of_a_decision_that_cannot_be_read_is_shown_without_its_answer(study, wreck):
    first = study.situation().facts[0].patient
    event = study.event(first, onset_on=first.treatment.first_dose_on + timedelta(days=2))
    study.verdict(event, study.investigator)
    study.verdict(event, study.medical_monitor)
    assert {change.decision.number for change in study.situation().changes} == {1}
    wreck(study, 1, "'{}'")

    shown = page(study, study.dsmb, "escalation/late/").content.decode()

    assert "its stored answer cannot be read" in shown
    said = rest.ask(study.dsmb, "late-changes", study).json()["decisions"]
    assert [(row["decision"], row["recommended"], row["now"]["action"]) for row in said] == [(1, None, "expand")]


def test_a_proposed_decision_that_cannot_be_read_is_not_signed(wreck, db):
    study = factories.study(levels=2).open()
    study.cohort(3)
    with study.at():
        here = study.situation()
        row = decisions.decide(
            trial=study.trial.pk, outcome="escalate", position=2, basis=here.basis, proof="simulated", by=study.dsmb
        )
    wreck(study, 1, json.dumps("gone").join("''"))

    with study.at(), pytest.raises(Refused, match="decision 1 cannot be read.*It cannot be signed"):
        decisions.countersign(
            trial=study.trial.pk,
            decision=row.pk,
            basis=study.situation().basis,
            proof="simulated",
            by=study.medical_monitor,
        )
    assert "Sign this decision" not in page(study, study.medical_monitor, "decisions/1/").content.decode()


def test_a_conclusion_that_cannot_be_read_is_not_told_for_an_mtd(wreck, db):
    study = factories.study(levels=1).open()
    study.cohort(3)
    study.sign()
    study.cohort(3)
    study.sign()
    wreck(study, 2, "'{}'")

    shown = page(study, study.dsmb, "")

    assert shown.status_code == 200
    assert "ended with decision 2, whose stored answer cannot be read" in shown.content.decode()


def test_a_kept_situation_is_read_again_when_a_decision_was_changed_past_the_program(study, wreck):
    with study.at():
        scope = access.scope(study.dsmb, study.trial.code)
        assert queries.here(scope).holds == []
        wreck(study, 0, "'{}'")
        assert [hold.decision for hold in queries.here(scope).holds] == [0]

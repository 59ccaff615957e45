"""The replay of a decision: the record of then gives what was stored, and what was tampered with is found."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from escalation import engines
from escalation.engine import terms as engine
from escalation.models import Decision, OutsideDecision
from escalation.outside import services as outside
from escalation.protocol import services as protocol
from escalation.replay import decision as decision_replay
from tests import factories, rest
from trial.protocol_settings import ProtocolSettings

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial():
    """Level 1 passed, level 2 failed, level 1 filled and signed as MTD; then an expansion cohort is opened."""
    study = factories.study(levels=3).open()
    study.cohort(3)
    study.sign()  # escalate to 2
    who = [study.dose() for _ in range(2)]
    study.later(3)
    study.dlt(who[0])
    study.dlt(who[1])
    study.sign()  # de-escalate to 1
    study.cohort(3)
    study.sign()  # MTD
    outside_decision(study, "open", "expansion", 1, places=6)
    return study


def outside_decision(study, act, role, position, places=None):
    with study.at():
        row = outside.propose(
            trial=study.trial.pk,
            act=act,
            role=role,
            position=position,
            places=places,
            reason="As the protocol says.",
            basis=study.situation().basis,
            proof="simulated",
            by=study.dsmb,
        )
        outside.countersign(
            trial=study.trial.pk,
            decision=row.pk,
            basis=study.situation().basis,
            proof="simulated",
            by=study.medical_monitor,
        )
    return row


@pytest.fixture
def as_owner():
    """SQL as the owner of the tables, past the triggers of `table`."""

    def run(table: str, sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("RESET ROLE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(sql)
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute("SET ROLE escalation_app")

    return run


def verified(study, capsys):
    """Whether `verify_decisions` is content with the trial, and what it printed."""
    code = 0
    try:
        call_command("verify_decisions", trial=study.trial.code)
    except CommandError as error:
        code = error.returncode
    return code == 0, capsys.readouterr()


def test_every_decision_replays_to_itself(trial, capsys):
    content, printed = verified(trial, capsys)

    lines = printed.out.splitlines()
    assert content, printed.err
    assert [line.split(" (")[0].replace(f" of {trial.trial.code}", "") for line in lines] == [
        "decision 0: replayed, the same",
        "decision 1: replayed, the same",
        "decision 2: replayed, the same",
        "decision 3: replayed, the same",
        "decision E1: replayed, the same",
        "5 decisions of 1 trials replayed",
    ]

    # what is shown is the record before the signature
    decision = Decision.objects.get(trial=trial.trial, number=2)
    found = decision_replay.replay(decision)
    assert (found.number, found.protocol, found.engine_version) == (decision.rev - 1, 1, engine.VERSION)
    assert [(row.name, row.rebuilt["outcome"]) for row in found.patients] == [
        (1, "no_dlt"),
        (2, "no_dlt"),
        (3, "no_dlt"),
        (4, "dlt"),
        (5, "dlt"),
    ]
    assert (found.replayed["action"], found.replayed["level"]) == ("de_escalate", 1)
    assert found.today is None

    # one outside the count says what of it is replayed
    other = decision_replay.replay_outside(OutsideDecision.objects.get(trial=trial.trial))
    assert other.stored is None
    assert other.notes == [
        "No engine recommends outside the count: replayed are its inputs, the running rates and its rules."
    ]
    assert [(rate.whole.x, rate.whole.n) for rate in other.rates] == [(0, 6), (2, 2), (0, 0)]


def test_later_facts_and_versions_do_not_reach_into_the_past(capsys):
    study = factories.study(levels=3).open()
    who = study.cohort(3)
    study.sign()  # escalate to 2
    study.later(1)
    event = study.event(who[0], onset_on=study.today - timedelta(days=5))  # in the window, reported late
    study.verdict(event, study.investigator)
    study.verdict(event, study.medical_monitor)
    with study.at():
        protocol.write(
            trial=study.trial.pk,
            settings=ProtocolSettings(),
            levels=factories.ladder(4),
            drugs=factories.DRUGS,
            criteria=["18 years or older"],
            reason="A fourth level.",
            by=study.medical_monitor,
        )

    content, printed = verified(study, capsys)

    assert content, printed.err
    known = decision_replay.replay(Decision.objects.get(trial=study.trial, number=1))
    assert [row.rebuilt["outcome"] for row in known.patients] == ["no_dlt"] * 3
    assert [p["outcome"] for p in study.situation().inputs["patients"]] == ["dlt", "no_dlt", "no_dlt"]
    assert known.protocol == 1


TAMPERINGS = [
    ("recommendation = jsonb_set(recommendation, '{level}', '3')", "level: stored 3, replayed 2"),
    ("inputs = jsonb_set(inputs, '{patients,0,outcome}', '\"dlt\"')", "Patient 001: stored dlt"),
    ("inputs = jsonb_set(inputs, '{settings,e}', '2')", "The protocol's settings: stored"),
    ("inputs = inputs #- '{patients,0}'", "Patient 001: stored not there"),
    ("inputs = '{}'", "The stored inputs cannot be read: variant is missing."),
    ("outcome = 'mtd'", "It could not be decided on the state then"),
    ("position = 3", "It could not be decided on the state then: This is bolder"),
    ("closes_id = dose_level_id", "The level that it closes"),
    ("basis = replace(basis, '.1.1.', '.1.2.')", "The basis that the signers saw"),
    ("reason = 'Another one.'", "no longer has the hash"),
    ("engine_version = '0'", "Engine 0, that it was made with, is not kept here"),
]


def test_a_stored_decision_that_was_tampered_with_is_found(trial, as_owner, capsys):
    decision = Decision.objects.get(trial=trial.trial, number=1)
    untouched = {field.attname for field in Decision._meta.concrete_fields} - {"id"}
    as_owner("escalation_decision", "CREATE TABLE signed AS SELECT * FROM escalation_decision")
    for change, said in TAMPERINGS:
        as_owner("escalation_decision", f"UPDATE escalation_decision SET {change} WHERE id = '{decision.pk}'")

        found = decision_replay.replay(Decision.objects.get(pk=decision.pk))

        assert any(said in difference for difference in found.differences), (change, found.differences)
        back = ", ".join(f"{name} = signed.{name}" for name in sorted(untouched))
        as_owner("escalation_decision", f"UPDATE escalation_decision d SET {back} FROM signed WHERE signed.id = d.id")

    # the command names the decision, and those that nobody touched are not blamed
    as_owner("escalation_decision", f"UPDATE escalation_decision SET {TAMPERINGS[0][0]} WHERE id = '{decision.pk}'")
    as_owner(
        "escalation_outsidedecision",
        "UPDATE escalation_outsidedecision SET inputs = jsonb_set(inputs, '{patients,3,outcome}', '\"no_dlt\"')",
    )
    as_owner("trial_signature", "UPDATE trial_signature SET content = repeat('0', 64) WHERE name = 'Dsmb'")
    content, printed = verified(trial, capsys)
    code = trial.trial.code
    assert not content
    assert f"decision 1 of {code}: Engine 1 answers differently to the stored inputs: level: stored 3" in printed.err
    assert (
        f"decision E1 of {code}: Patient 004: stored no_dlt, escalation, level at position 2, rebuilt dlt"
        in printed.err
    )
    assert f"decision 3 of {code}: The signature of Dsmb is bound to another content." in printed.err
    assert f"decision 3 of {code}: Engine" not in printed.err


def test_an_older_engine_answers_for_its_own_decisions(capsys, monkeypatch):
    """Once the version rises the old module keeps answering; what the new one says besides is shown and is no fault."""
    study = factories.study().open()
    present = engines.ANSWERS["1"]
    old = {"1": lambda inputs: dict(present(inputs), engine_version="1")}
    new = {"2": lambda inputs: dict(present(inputs), engine_version="2", slots=9)}
    monkeypatch.setattr(engines, "ANSWERS", old | new)
    monkeypatch.setattr(engine, "VERSION", "2")

    content, printed = verified(study, capsys)

    assert content, printed.err
    assert ": engine 2 of today answers differently; no fault of it" in printed.out


def test_a_trial_that_is_not_there_is_said():
    with pytest.raises(CommandError, match="There is no trial with the code nothing"):
        call_command("verify_decisions", trial="nothing")


def page(study, user, path):
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    with study.at():
        return client.get(f"/trials/{study.trial.code}/{path}")


def test_the_page_and_the_endpoint_show_stored_beside_rebuilt(trial, as_owner):
    decision = Decision.objects.get(trial=trial.trial, number=2)
    shown = page(trial, trial.dsmb, "decisions/2/replay/").content.decode()
    said = rest.ask(trial.dsmb, f"decisions/{decision.pk}/replay", trial).json()

    assert "re-checked: same answer" in shown
    assert f"?as_of={decision.rev - 1}" in shown
    assert 'class="is-lit"' not in shown
    assert "level 2: evaluable 2, dlts 2, pending 0, replaced 0" in shown
    assert "level 1: evaluable 3, dlts 0, pending 0, replaced 0" in shown
    assert "decisions/2/replay/" in page(trial, trial.dsmb, "decisions/2/").content.decode()
    assert (said["holds"], said["differences"], said["number"]) == (True, [], decision.rev - 1)
    assert [row["patient"] for row in said["patients"]] == [1, 2, 3, 4, 5]
    assert said["replayed"] == decision.recommendation

    # another site's coordinator reads it without the numbers of patients
    veiled = rest.ask(trial.other_coordinator, f"decisions/{decision.pk}/replay", trial).json()
    assert {row["patient"] for row in veiled["patients"]} == {None}
    assert "patient" not in veiled["patients"][0]["stored"]
    assert "Patient 004" not in page(trial, trial.other_coordinator, "decisions/2/replay/").content.decode()

    # outside the count
    assert "expansion/1/replay/" in page(trial, trial.dsmb, "expansion/").content.decode()
    assert "No engine recommends outside the count" in page(trial, trial.dsmb, "expansion/1/replay/").content.decode()
    other = rest.ask(trial.dsmb, f"decisions/{OutsideDecision.objects.get(trial=trial.trial).pk}/replay", trial).json()
    assert (other["decision"], other["stored"], other["holds"]) == ("E1", None, True)

    as_owner(
        "escalation_decision",
        "UPDATE escalation_decision SET inputs = jsonb_set(inputs, '{patients,3,outcome}', '\"no_dlt\"')"
        " WHERE number = 2",
    )
    shown = page(trial, trial.other_coordinator, "decisions/2/replay/").content.decode()
    assert "A patient: stored no_dlt, escalation, level at position 2, rebuilt dlt" in shown
    assert 'class="is-lit"' in shown
    assert rest.ask(trial.dsmb, f"decisions/{decision.pk}/replay", trial).json()["holds"] is False


def test_a_decision_that_is_not_there_has_no_replay():
    study = factories.study().open()

    assert page(study, study.dsmb, "decisions/7/replay/").status_code == 404
    assert page(study, study.dsmb, "expansion/7/replay/").status_code == 404


def test_inputs_of_a_broken_shape_are_said_and_stop_nothing_else(trial, as_owner, capsys):
    inputs, said = "inputs #- '{patients,1,outcome}'", "outcome of entry 2 is missing"
    decision = Decision.objects.get(trial=trial.trial, number=2)
    as_owner("escalation_decision", f"UPDATE escalation_decision SET inputs = {inputs} WHERE id = '{decision.pk}'")
    as_owner("escalation_outsidedecision", f"UPDATE escalation_outsidedecision SET inputs = {inputs}")
    code = trial.trial.code

    content, printed = verified(trial, capsys)

    assert not content
    assert printed.err.splitlines() == [
        f"decision 2 of {code}: stored inputs cannot be read: {said}",
        f"decision E1 of {code}: stored inputs cannot be read: {said}",
    ]
    assert printed.out.count("replayed, the same") == 3

    # pages and endpoints say it and stay up, for what is read and for what is written next
    other = OutsideDecision.objects.get(trial=trial.trial)
    sentence = f"The stored inputs cannot be read: {said}."
    for path in ("decisions/2/replay/", "expansion/1/replay/"):
        answer = page(trial, trial.dsmb, path)
        assert (answer.status_code, sentence in answer.content.decode()) == (200, True)
    for row in (decision, other):
        answer = rest.ask(trial.dsmb, f"decisions/{row.pk}/replay", trial)
        assert (answer.status_code, answer.json()["differences"]) == (200, [sentence])
    assert rest.ask(trial.dsmb, f"decisions/{decision.pk}/", trial).json()["inputs"] is None
    assert f"cannot be read: {said}" in page(trial, trial.dsmb, "decisions/2/").content.decode()
    for path in ("", "escalation/", "expansion/", "escalation/late/"):
        assert page(trial, trial.dsmb, path).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    late = trial.situation().facts[-1]
    trial.event(late.patient, onset_on=late.patient.treatment.first_dose_on + timedelta(days=5))
    assert [change.decision.number for change in trial.situation().changes] == [3]  # found in those that can be read

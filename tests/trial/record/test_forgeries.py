"""Forgeries by SQL, past grants and triggers: `verify_ledger` names each, or docs/proof.md names it as out of reach."""

import threading
from datetime import timedelta
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.utils import timezone

from assessments.endpoints.models import EndpointRun
from tests import factories
from trial import clock
from trial.models import AuditEvent, Ledger
from trial.people import services as people
from trial.record import anchors

PROOF = Path(__file__).resolve().parents[3] / "docs" / "proof.md"


@pytest.fixture
def sealed():
    """A trial with a signed decision, a closed account and a stored result; a tick of the next day has anchored it."""
    study = factories.study().open()
    study.dose()
    people.close_account(user=study.other_coordinator.pk, reason="Left the clinic.", by=study.administrator)
    EndpointRun.objects.create(
        trial=study.trial,
        kind="efficacy",
        number=1,
        on=study.today,
        cut_hash="0" * 64,
        protocol_version=1,
        settings_name="primary",
        settings={},
        settings_hash="1" * 64,
        result={"response": {"all": {"orr": {"x": 1, "n": 3, "estimate": 0.333, "small": 1e-7}}}},
    )
    tomorrow = timezone.now() + timedelta(days=1)
    with patch.object(clock, "of_database", lambda: tomorrow), patch.object(anchors.clocks, "agree", lambda: True):
        assert anchors.write() == 1
        study.sign("stay", 1)
        assert anchors.write() == 1
    return study


def verify(**options) -> str:
    """What is wrong, as the command says it; "" for nothing."""
    said = StringIO()
    try:
        call_command("verify_ledger", stdout=StringIO(), stderr=said, **options)
    except CommandError:
        return said.getvalue()
    return ""


def unguarded(table: str, sql: str) -> str:
    return f"ALTER TABLE {table} DISABLE TRIGGER USER; {sql}; ALTER TABLE {table} ENABLE TRIGGER USER"


def reseal(number: str, old: str, new: str) -> str:
    """An event rewritten with its image, its hash and the chain after it: text, hash and head agree again."""
    return f"""
        UPDATE trial_rowimage SET image = replace(image::text, '{old}', '{new}')::jsonb WHERE number = {number};
        DO $$ DECLARE e record; p text; h text; b text; BEGIN
            FOR e IN SELECT * FROM trial_auditevent WHERE ledger_id IN
                (SELECT id FROM trial_ledger WHERE trial_id IS NOT NULL) ORDER BY number LOOP
                b := replace(e.body, '{old}', '{new}');
                IF p IS NOT NULL THEN b := replace(b, e.prev, p); END IF;
                h := encode(sha256(convert_to(b, 'UTF8')), 'hex');
                UPDATE trial_auditevent SET body = b, hash = h, prev = coalesce(p, prev) WHERE id = e.id;
                p := h;
            END LOOP;
            UPDATE trial_ledger SET head = p WHERE trial_id IS NOT NULL;
        END $$;
    """


FORGERIES = {
    "a name": ("UPDATE trial_user SET name = 'Else' WHERE name = 'Dsmb'", "has another name than was recorded"),
    "a closed account": ("UPDATE trial_user SET is_active = true", "is open or closed otherwise than was recorded"),
    "a log-in that nobody opened": (
        "INSERT INTO trial_user (id, password, email, name, is_active, must_change_password, sessions_ended)"
        " VALUES (gen_random_uuid(), '', 'x@example.org', 'X', true, false, 0)",
        "The log-in of x@example.org was never opened",
    ),
    "a trial that nobody opened": (
        unguarded(
            "trial_trial",
            "INSERT INTO trial_trial SELECT (jsonb_populate_record(t,"
            " jsonb_build_object('id', gen_random_uuid(), 'code', 'x'))).* FROM trial_trial t",
        ),
        "The trial x was never opened",
    ),
    "a result": (
        "UPDATE assessments_endpointrun SET result = jsonb_set(result, '{response,all,orr,x}', '3')",
        "is not the one that was computed",
    ),
    "a result and its seal": (
        "UPDATE assessments_endpointrun SET result = '{}'; UPDATE trial_resultseal s SET sha256 ="
        " (SELECT result_digest(to_jsonb(r)) FROM assessments_endpointrun r WHERE r.id = s.row)",
        "the seals of its results are not those that were sealed",
    ),
    "the guard": (
        "CREATE OR REPLACE FUNCTION ledger_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "Function ledger_guard is not the one that the program installed.",
    ),
    "the capture's rights": ("ALTER FUNCTION ledger_capture() SECURITY INVOKER", "Function ledger_capture is not"),
    "a trigger dropped": (
        "DROP TRIGGER ledger_capture ON trial_site",
        "Table trial_site is not guarded: its trigger ledger_capture is missing.",
    ),
    "a trigger switched off": (
        "ALTER TABLE trial_site DISABLE TRIGGER ledger_guard",
        "Table trial_site is not guarded: its trigger ledger_guard is switched off.",
    ),
    "a trigger that asks nothing": (
        "CREATE OR REPLACE TRIGGER ledger_guard BEFORE INSERT OR UPDATE OR DELETE ON trial_site FOR EACH ROW"
        " WHEN (false) EXECUTE FUNCTION ledger_guard('trial_id', '')",
        "its trigger ledger_guard is not the one that the program installed.",
    ),
    "a rule": ("CREATE RULE x AS ON UPDATE TO trial_site DO INSTEAD NOTHING", "has a rule or policy"),
    "a right": ("GRANT UPDATE ON trial_auditevent TO escalation_app", "the application's role escalation_app has"),
    "an image": (
        'UPDATE trial_rowimage SET image = image || \'{"name": "x"}\' WHERE "table" = \'trial_site\'',
        "the row images differ from the sealed text",
    ),
    "an event's text": (
        "UPDATE trial_auditevent SET body = replace(body, 'First clinic', 'x')",
        "its text does not have the hash that was stored",
    ),
    "an event's reason": (
        "UPDATE trial_auditevent SET reason = 'x' WHERE number = 2",
        "column reason differs from the sealed text",
    ),
    "a row": (unguarded("trial_site", "UPDATE trial_site SET name = 'x' WHERE code = '01'"), "differs from its last"),
    "a signed row": (
        unguarded("trial_signature", "UPDATE trial_signature SET name = 'Else'"),
        "of trial_signature differs from its last image",
    ),
    "a membership": (
        unguarded(
            "trial_membership",
            "INSERT INTO trial_membership SELECT (jsonb_populate_record(m, jsonb_build_object('id', gen_random_uuid(),"
            " 'user_id', (SELECT id FROM trial_user WHERE name = 'Administrator')))).* FROM trial_membership m"
            " WHERE role = 'auditor'",
        ),
        "of trial_membership was never recorded",
    ),
    "a removed row": (
        "SET LOCAL session_replication_role = replica; DELETE FROM trial_signature;"
        " SET LOCAL session_replication_role = origin",
        "of trial_signature was removed",
    ),
    "the head": ("UPDATE trial_ledger SET number = number + 1", "is not its last event"),
    "an anchor": ("DELETE FROM trial_anchor WHERE number = 1", "an anchor before it is missing"),
    "the whole chain anew": (
        reseal("1", "First clinic", "Other clinic")
        + unguarded("trial_site", "UPDATE trial_site SET name = 'Other clinic' WHERE name = 'First clinic'"),
        "the chain was rewritten",
    ),
}


@pytest.mark.django_db
def test_each_forgery_is_named(sealed, as_owner):
    assert verify() == ""
    unnamed = {}
    for what, (sql, sentence) in FORGERIES.items():
        with transaction.atomic():
            as_owner(sql)
            if sentence not in (said := verify()):
                unnamed[what] = said
            transaction.set_rollback(True)

    assert unnamed == {}
    assert verify() == ""


@pytest.mark.django_db
def test_what_is_out_of_reach_is_named_in_the_docs(sealed, as_owner):
    """And only until the next anchor, or for whoever keeps none outside."""
    beyond = " ".join(PROOF.read_text().partition("## What it does not prove")[2].split())
    with sealed.at():
        site = people.add_site(trial=sealed.trial.pk, code="09", name="Ninth", by=sealed.administrator)
    here = Ledger.objects.get(trial=sealed.trial)
    before = AuditEvent.objects.get(ledger=here, number=here.number - 1)
    removed = f"""
        SET LOCAL session_replication_role = replica;
        DELETE FROM trial_site WHERE id = '{site.pk}';
        DELETE FROM trial_rowimage WHERE ledger_id = '{here.pk}' AND number = {here.number};
        DELETE FROM trial_auditevent WHERE ledger_id = '{here.pk}' AND number = {here.number};
        UPDATE trial_ledger SET number = {before.number}, head = '{before.hash}' WHERE id = '{here.pk}';
        SET LOCAL session_replication_role = origin;
    """

    with transaction.atomic():
        as_owner(removed)
        assert verify() == ""
        assert "The last actions taken off, with everything they wrote, before an anchor has seen them" in beyond
        transaction.set_rollback(True)
    kept = anchors.latest().hash
    with transaction.atomic():
        as_owner("DELETE FROM trial_anchor WHERE number = (SELECT max(number) FROM trial_anchor)")
        assert verify() == ""
        assert f"No anchor has the hash {kept}" in verify(anchor=kept)
        assert "The last anchors taken off" in beyond
        transaction.set_rollback(True)
    assert "Whoever holds the application's password" in beyond

    sealed.sign("stay", 1)
    tomorrow = timezone.now() + timedelta(days=1)
    with patch.object(clock, "of_database", lambda: tomorrow), patch.object(anchors.clocks, "agree", lambda: True):
        assert anchors.write() == 1
    last = Ledger.objects.get(trial=sealed.trial).number
    as_owner(removed.replace(f"number = {here.number}", f"number BETWEEN {here.number} AND {last}"))
    assert "the chain was rewritten" in verify()


@pytest.mark.django_db(transaction=True)
def test_no_false_alarm_in_twenty_runs_while_people_write():
    study = factories.study()
    stop = threading.Event()
    written = []

    def write():
        try:
            while not stop.wait(0.01):
                code = f"{len(written) + 10}"
                people.add_site(trial=study.trial.pk, code=code, name="Some", by=study.administrator)
                written.append(code)
        finally:
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        alarms = [said for _ in range(20) if (said := verify())]
    finally:
        stop.set()
        writer.join()

    assert alarms == []
    assert len(written) >= 20

"""Anchors: what they seal, when, by whose clock, and what tampering with access events or a chain leaves behind."""

import hashlib
import json
from contextlib import contextmanager
from contextvars import Context
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from unittest.mock import patch

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command

from escalation.situation import days
from escalation.tasks import settle_the_day
from tests import factories
from tests.escalation.decisions.test_races import at_once
from trial import clock, notices
from trial.models import Anchor, Ledger, Notice, RightsReview
from trial.record import access_events, anchors
from trial.record import ledger as record
from trial.roles import May
from trial.tasks import write_anchors

pytestmark = pytest.mark.django_db


@contextmanager
def on(day, hour=12, minute=0):
    """By both clocks."""
    moment = datetime(2026, 3, day, hour, minute, tzinfo=UTC)
    with time_machine.travel(moment, tick=False), patch.object(clock, "of_database", lambda: moment):
        yield


def event(day, kind=access_events.LOG_IN, **more):
    with on(day):
        return access_events.record(kind, user=None, **more)


def write(day, hour=0, minute=30):
    with on(day, hour, minute):
        return anchors.write()


def verified(**options):
    try:
        call_command("verify_ledger", stdout=StringIO(), stderr=StringIO(), **options)
    except CommandError:
        return False
    return True


def test_a_day_is_sealed_once_it_is_over():
    assert write(1) == 1  # everything before the first of March
    event(1)
    event(1, access_events.EXPORT, detail="audit trail")
    event(2)

    assert write(2, 0, 10) == 0  # a request of the day before may still be under way
    assert write(2) == 1
    assert write(2, 23) == 0  # once a day

    sealed = Anchor.objects.get(number=2)
    body = json.loads(sealed.body)
    assert (sealed.day, body["access"]["count"]) == (date(2026, 3, 1), 2)
    assert sealed.hash == hashlib.sha256(sealed.body.encode()).hexdigest()


def test_a_machine_that_was_off_seals_each_missing_day_in_its_turn():
    event(1)
    write(2)
    event(4)

    assert write(6) == 4

    days = list(Anchor.objects.order_by("number"))
    assert [one.day.day for one in days] == [1, 2, 3, 4, 5]
    assert [json.loads(one.body)["access"]["count"] for one in days] == [1, 0, 0, 1, 0]
    assert [one.prev for one in days[1:]] == [one.hash for one in days[:-1]]
    assert verified()


def test_the_first_anchor_holds_everything_before_it():
    event(1)
    event(5)

    assert write(9) == 1
    assert json.loads(Anchor.objects.get().body)["access"]["count"] == 2
    assert verified()


def test_an_anchor_holds_the_head_of_every_ledger():
    study = factories.study()
    write(2)
    ledger = Ledger.objects.get(trial=study.trial)

    assert [str(ledger.pk), ledger.number, ledger.head] in json.loads(Anchor.objects.get().body)["ledgers"]


def test_what_happens_after_the_last_anchor_is_no_difference():
    study = factories.study()
    write(2)
    event(2)
    study.open()

    assert verified()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE trial_accessevent SET detail = 'x' WHERE kind = 'export'",
        "UPDATE trial_accessevent SET at = at + interval '1 minute' WHERE kind = 'export'",
        "DELETE FROM trial_accessevent WHERE kind = 'export'",
        "INSERT INTO trial_accessevent (id, at, kind, detail) VALUES (gen_random_uuid(), '2026-03-01 08:00Z', 'x', '')",
        "UPDATE trial_anchor SET body = replace(body, '\"count\":2', '\"count\":1') WHERE number = 1",
        "UPDATE trial_anchor SET day = day - 1 WHERE number = 1",
        "DELETE FROM trial_anchor WHERE number = 2",
        "DELETE FROM trial_anchor WHERE number = 1",
    ],
)
def test_every_way_of_tampering_is_found(as_owner, tampering):
    event(1)
    event(1, access_events.EXPORT)
    write(4)
    event(4)
    write(6)
    assert verified()

    as_owner(tampering)

    assert not verified()


def test_a_ledger_that_was_rewritten_whole_is_found_by_an_older_anchor(as_owner):
    """Text, hash and head agree with each other again, and the chain alone would be content."""
    study = factories.study()
    write(2)
    ledger = Ledger.objects.get(trial=study.trial)
    last = f"ledger_id = '{ledger.pk}' AND number = {ledger.number}"
    swap = """replace(body, '"reason":""', '"reason":"x"')"""
    as_owner(f"UPDATE trial_auditevent SET body = {swap}, reason = 'x' WHERE {last}")
    as_owner(f"UPDATE trial_auditevent SET hash = encode(sha256(body::bytea), 'hex') WHERE {last}")
    as_owner(
        f"UPDATE trial_ledger SET head = (SELECT hash FROM trial_auditevent WHERE {last}) WHERE id = '{ledger.pk}'"
    )

    wrong = anchors.verify(Ledger.objects.get(pk=ledger.pk))

    assert wrong == [
        f"Anchor 1 of 1 Mar 2026: event {ledger.number} of a ledger is not the one that was sealed; "
        "the chain was rewritten."
    ]


def test_an_anchor_that_was_kept_outside_is_still_in_the_chain(as_owner):
    event(1)
    write(2)
    kept = Anchor.objects.get().hash
    assert verified(anchor=kept)

    as_owner("DELETE FROM trial_accessevent; DELETE FROM trial_anchor")

    assert verified()  # everything is gone, and nothing inside can tell
    assert not verified(anchor=kept)


def test_beat_asks_within_ten_seconds():
    (every,) = [one["schedule"] for one in settings.CELERY_BEAT_SCHEDULE.values() if one["task"] == write_anchors.name]

    assert every.total_seconds() <= 5  # a tick may find the worker busy
    event(1)
    with on(2, 3, 30):
        write_anchors()
    assert Anchor.objects.count() == 1


def test_a_signature_is_anchored_at_once_and_the_hash_is_sent_outside(settings, as_owner):
    settings.ANCHOR_TO = ["archive@sponsor.example", "auditor@sponsor.example"]
    study = factories.study()
    write(2)
    assert write(2, 9) == 0  # nothing was signed

    study.sign()
    study.sign()
    assert write(2, 9, 5) == 1
    assert write(2, 9, 6) == 0

    anchor = Anchor.objects.get(number=2)
    ledger = Ledger.objects.get(trial=study.trial)
    body = json.loads(anchor.body)
    assert (anchor.day, body["ledgers"]) == (None, [[str(ledger.pk), ledger.number, ledger.head]])
    assert write(3) == 1
    while notices.deliver_one():
        pass
    told = [m for m in mail.outbox if m.subject == "Anchor 2 of 2 Mar 2026, 09:05"]
    assert sorted(m.to for m in told) == [["archive@sponsor.example"], ["auditor@sponsor.example"]]
    assert anchor.hash in told[0].body
    assert verified(anchor=anchor.hash)

    as_owner("DELETE FROM trial_anchor WHERE number > 1")
    assert verified()  # the end of the chain was taken off, and nothing inside can tell
    assert not verified(anchor=anchor.hash)


def test_a_signature_under_a_quarters_rights_is_anchored_too():
    administrator = factories.person("keeper", role="administrator")
    write(2)
    with record.action(None, by=administrator, may=May.MANAGE_PEOPLE, verb="rights.review"):
        RightsReview.objects.create(
            user=administrator,
            name=administrator.name,
            quarter=date(2026, 1, 1),
            lines=0,
            content="0" * 64,
            meaning="As it was.",
            signed_at=datetime(2026, 3, 2, tzinfo=UTC),
            proof="password",
        )

    assert (write(2, 9), write(2, 10)) == (1, 0)


def test_a_host_whose_clock_is_wrong_anchors_nothing_settles_nothing_and_says_so_once(as_owner, monkeypatch):
    real, played = factories.study(), factories.study()
    as_owner(
        "ALTER TABLE trial_trial DISABLE TRIGGER USER;"
        f"UPDATE trial_trial SET simulated = false WHERE id = '{real.trial.pk}';"
        "ALTER TABLE trial_trial ENABLE TRIGGER USER"
    )
    settled = []
    monkeypatch.setattr(days, "settle", settled.append)

    with time_machine.travel(datetime.now(UTC) + timedelta(days=3)):  # the database's clock is the real one
        write_anchors()
        settle_the_day()
        settle_the_day()
    assert not Anchor.objects.exists()
    assert settled == [played.trial.pk] * 2  # which has its own clock
    told = Notice.objects.filter(subject__contains="The clocks of the program and of its database are 3 days")
    assert {notice.to for notice in told} == {real.administrator, played.administrator}
    assert (told.count(), told[0].next_try_at <= datetime.now(UTC)) == (2, True)

    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=4)):  # as hosts may differ
        write_anchors()
        settle_the_day()
    assert Anchor.objects.exists()
    assert real.trial.pk in settled


@pytest.mark.django_db(transaction=True)
def test_two_workers_anchor_each_day_once():
    event(1)
    write(2)
    study = factories.study()
    event(4)

    with on(9, 0, 30):
        at_once(study, *[anchors_without_a_moment for _ in range(3)])

    assert list(Anchor.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 9))
    assert verified()


def anchors_without_a_moment():
    """The study's simulated clock is for its services; anchors read the real one."""
    return Context().run(anchors.write)

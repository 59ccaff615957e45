"""Requests for runs: the row is the queue. Kills, races and failures lose nothing and double nothing."""

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections, transaction
from django.http import Http404
from django.utils import timezone

from assessments.endpoints import queries, queue, services
from assessments.endpoints.models import EndpointRun, RunRequest
from assessments.endpoints.queue import DEAD_AFTER, Analysis
from assessments.response import services as response
from patients.models import Patient
from tests import factories
from trial.models import AuditEvent, Notice
from trial.record import ledger

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "queue"])
ROOT = Path(__file__).parent.parent.parent.parent


def count(trial, on, settings):
    """A small analysis: how many patients the cut has, and one setting."""
    return {"patients": Patient.objects.filter(trial=trial).count(), "new_therapy": settings.new_therapy}


COUNT = {"efficacy": Analysis("1", count)}


def due(study):
    """What waits is due now."""
    waiting = RunRequest.objects.filter(trial=study.trial, done_at=None, dead_at=None)
    return waiting.update(next_try_at=timezone.now())


@pytest.fixture
def study():
    made = factories.study().open()
    made.dose()
    return made


def test_facts_ask_for_one_run_and_the_cut_is_taken_when_it_is_claimed(study):
    asked = RunRequest.objects.get(trial=study.trial)
    study.event(study.dose())  # more facts: still the one request
    due(study)

    assert queue.work_one(COUNT)
    assert not queue.work_one(COUNT)

    asked.refresh_from_db()
    number = ledger.number_of(study.trial.pk)
    assert asked.done_at
    assert (asked.number, asked.attempts, RunRequest.objects.count()) == (number, 1, 1)
    runs = {run.settings_name: run for run in EndpointRun.objects.all()}
    assert {name: run.result["new_therapy"] for name, run in runs.items()} == {
        "primary": "censor",
        "s1": "ignore",
        "s2": "censor",
    }
    for run in runs.values():
        assert (run.number, run.result["patients"]) == (number, 2)
        assert run.cut_hash == AuditEvent.objects.get(ledger__trial=study.trial, number=number).hash


def test_a_run_is_no_fact(study):
    before = ledger.number_of(study.trial.pk)
    queue.work_one(COUNT)

    assert ledger.number_of(study.trial.pk) == before
    assert services.ask_for_stale() == 0


def test_nobody_treated_asks_for_nothing():
    factories.study().open().enrol()

    assert not RunRequest.objects.exists()


def test_the_next_run_of_changed_facts_waits_a_minute(study):
    queue.work_one(COUNT)
    began = RunRequest.objects.get().started_at
    study.dose()

    assert RunRequest.objects.get(done_at=None).next_try_at == began + timedelta(minutes=1)


def test_a_person_does_not_wait_a_minute(study):
    queue.work_one(COUNT)
    study.dose()
    services.ask(trial=study.trial.pk, kind="efficacy", by=study.statistician)

    assert queue.work_one(COUNT)
    assert EndpointRun.objects.filter(settings_name="primary").count() == 2


def test_the_same_cut_is_computed_once(study):
    queue.work_one(COUNT)
    first = set(EndpointRun.objects.values_list("pk", flat=True))
    services.ask_for_all()
    services.ask(trial=study.trial.pk, kind="efficacy", by=study.dsmb)

    assert queue.work_one(COUNT)
    assert set(EndpointRun.objects.values_list("pk", flat=True)) == first
    assert not RunRequest.objects.filter(done_at=None).exists()


def test_another_version_of_the_analysis_computes_the_same_cut_anew(study):
    queue.work_one(COUNT)
    services.ask_for_all()
    queue.work_one({"efficacy": Analysis("2", count)})

    assert EndpointRun.objects.count() == 6


@pytest.mark.parametrize("who", ["coordinator", "investigator", "monitor", "auditor"])
def test_who_may_not_ask(study, who):
    with pytest.raises(PermissionDenied):
        services.ask(trial=study.trial.pk, kind="efficacy", by=getattr(study, who))


def test_a_stranger_cannot_ask(study):
    with pytest.raises(Http404):
        services.ask(trial=study.trial.pk, kind="efficacy", by=factories.person("stranger"))


def in_thread(work):
    """Run it on connections of its own."""

    def run():
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def stamped_again(stamp, model):
    """`stamp`, after which another worker stamps the same row: it holds the lock for a moment."""

    def twice(*args):
        claimed, holding = stamp(*args), threading.Event()

        def other():
            with transaction.atomic(using="queue"):
                model.objects.using("queue").select_for_update().get(pk=claimed)
                holding.set()
                time.sleep(0.02)

        in_thread(other)
        assert holding.wait(20)
        return claimed

    return twice


def test_two_ticks_at_once_give_one_result(study):
    working, go_on = threading.Event(), threading.Event()
    calls = []

    def slow(trial, on, settings):
        calls.append(settings.new_therapy)
        working.set()
        assert go_on.wait(20)
        return count(trial, on, settings)

    first = in_thread(lambda: queue.work_one({"efficacy": Analysis("1", slow)}))
    assert working.wait(20)
    beside = queue.work_one(COUNT)  # the row is locked: nothing is due
    go_on.set()
    first.join()

    assert not beside
    assert calls == ["censor", "ignore", "censor"]
    assert EndpointRun.objects.count() == 3


def test_the_stamp_of_another_worker_keeps_nobody_from_the_run(study, monkeypatch):
    """Else two workers stamp the last request in turn until it is given up, and nobody computes it."""
    monkeypatch.setattr(queue, "_stamp", stamped_again(queue._stamp, RunRequest))

    assert queue.work_one(COUNT)

    assert RunRequest.objects.get().done_at


def test_facts_that_come_while_a_run_is_computed_are_not_forgotten(study):
    def busy(trial, on, settings):
        if settings.new_therapy == "ignore":
            in_thread(study.dose).join()
        return count(trial, on, settings)

    queue.work_one({"efficacy": Analysis("1", busy)})

    assert [run.result["patients"] for run in EndpointRun.objects.all()] == [1, 1, 1]
    assert services.ask_for_stale() == 1
    due(study)
    queue.work_one(COUNT)
    assert EndpointRun.objects.filter(result__patients=2).count() == 3


def test_a_bad_trial_never_stops_the_others(study):
    other = factories.study().open()
    other.dose()

    def bad(trial, on, settings):
        if trial == study.trial.pk:
            raise ZeroDivisionError("no patients")
        return count(trial, on, settings)

    while queue.work_one({"efficacy": Analysis("1", bad)}):
        pass

    assert set(EndpointRun.objects.values_list("trial", flat=True)) == {other.trial.pk}
    failed = RunRequest.objects.get(trial=study.trial)
    assert (failed.attempts, failed.last_error) == (1, "ZeroDivisionError: no patients")
    assert failed.next_try_at > timezone.now()


def test_after_ten_attempts_it_is_given_up_and_said_until_the_next_fact(study):
    def bad(trial, on, settings):
        raise ZeroDivisionError

    for _ in range(DEAD_AFTER):
        due(study)
        assert queue.work_one({"efficacy": Analysis("1", bad)})
    assert not due(study)

    assert RunRequest.objects.get().dead_at
    told = Notice.objects.filter(key__startswith="run-dead")
    assert {notice.to for notice in told} == {study.statistician, study.dsmb, study.dsmb2, study.medical_monitor}
    assert services.ask_for_stale() == 0  # nothing new to compute
    study.dose()
    assert RunRequest.objects.filter(dead_at=None).count() == 1


WORKER = """
import django, sys, time
django.setup()
from assessments.endpoints import queue
def slow(trial, on, settings):
    print("working", flush=True)
    time.sleep(120)
queue.work_one({"efficacy": queue.Analysis("1", slow)})
"""


def worker_environment():
    """The test's own database, for a process of its own."""
    url = os.environ["DATABASE_OWNER_URL"]
    name = connections["default"].settings_dict["NAME"]
    there = url.rpartition("/")[0] + "/" + name
    return os.environ | {"DATABASE_URL": there, "DATABASE_OWNER_URL": there, "DJANGO_SETTINGS_MODULE": "trial.settings"}


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_tick_redoes_the_run(study):
    with subprocess.Popen(
        [sys.executable, "-c", WORKER], cwd=ROOT, env=worker_environment(), stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "working\n"
        begun = RunRequest.objects.get()
        assert begun.started_at  # the page can say since when
        assert not queue.work_one(COUNT)  # it is being computed
        worker.kill()
        worker.wait()
    assert not EndpointRun.objects.exists()

    for _ in range(100):  # the server notices the lost connection when it next writes to it
        if queue.work_one(COUNT):
            break
        threading.Event().wait(0.1)

    done = RunRequest.objects.get()
    assert done.done_at
    assert (done.attempts, EndpointRun.objects.count()) == (2, 3)
    assert not queue.work_one(COUNT)


def test_with_the_broker_down_the_action_commits_and_the_request_waits(study, settings):
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere"
    patient = study.dose()

    assert Patient.objects.filter(pk=patient.pk).exists()
    assert RunRequest.objects.filter(trial=study.trial, done_at=None).count() == 1


def test_the_real_run_follows_a_changed_value(study):
    """From the record to the stored result: PR confirmed on day 56, gone when its second value rises."""
    from assessments.endpoints.tasks import compute_runs  # heavy: a worker's import

    patient = Patient.objects.get(trial=study.trial)
    study.assess(patient, serum_m="3.0", urine_m="100")
    study.later(28).assess(patient, serum_m="1.4", urine_m="100")
    second = study.later(28).assess(patient, serum_m="1.2", urine_m="100")
    due(study)
    compute_runs()

    run = EndpointRun.objects.get(settings_name="primary")
    orr = run.result["response"]["all"]["orr"]
    told = run.result["patients"][0]
    assert (orr["x"], orr["n"], told["best_confirmed"]) == (1, 1, "PR")
    assert {name: time["days"] for name, time in told["times"].items()} == {
        "TTP": 56,
        "PFS": 56,
        "TTR": 28,
        "DOR": 28,
        "OS": 56,
    }
    assert "DA" in told["times"]["PFS"]["because"] or "2026" in told["times"]["PFS"]["because"]

    with study.at():
        response.void_assessment(
            trial=study.trial.pk,
            assessment=second.pk,
            rev=None,
            reason="Another patient's sample.",
            by=study.coordinator,
        )
    due(study)
    compute_runs()
    run = queries.latest(study.trial.pk, "efficacy")
    assert run.result["response"]["all"]["orr"]["x"] == 0
    assert run.result["response"]["all"]["orr_unconfirmed"]["x"] == 1

"""Runs by a real Celery worker behind a real broker: killed in the middle, and with the broker gone."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError

from assessments.endpoints.models import EndpointRun, RunRequest
from patients.models import Patient
from tests import factories
from tests.assessments.endpoints.test_endpoint_queue import ROOT, worker_environment
from trial.celery import app

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "queue"])
LONG = 120  # seconds, for a machine that does much beside


@pytest.fixture
def study():
    made = factories.study().open()
    made.dose()
    return made


@contextmanager
def worker():
    """A Celery worker on the test's database and broker; it and its child are killed at the end."""
    command = [sys.executable, "-m", "celery", "-A", "trial.celery", "worker", "--concurrency=1", "--loglevel=WARNING"]
    with subprocess.Popen(command, cwd=ROOT, env=worker_environment(), start_new_session=True) as process:
        try:
            yield process
        finally:
            kill(process)


def kill(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def tick():
    """What beat sends every five seconds."""
    app.send_task("assessments.endpoints.tasks.compute_runs")


def until(holds):
    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.1)


@contextmanager
def table_held(table):
    """Nothing is written to the table meanwhile: its owner holds it on a connection of his own."""
    holder = connection.copy()
    holder.settings_dict["OPTIONS"]["assume_role"] = None
    try:
        holder.set_autocommit(False)
        holder.cursor().execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        yield
    finally:
        holder.close()


def storing_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'assessments_endpointrun'::regclass")
        return cursor.fetchone() is not None


@pytest.mark.long
def test_a_worker_killed_while_it_stores_leaves_nothing_and_the_next_one_redoes_the_run(study):
    with table_held("assessments_endpointrun"), worker() as first:  # computed, it cannot be stored
        tick()
        until(storing_waits)
        assert RunRequest.objects.get(trial=study.trial).started_at
        kill(first)
    assert not EndpointRun.objects.exists()

    with worker():
        # beat's ticks go on; the server lets the dead worker's row go when it next writes to it
        def done():
            tick()
            time.sleep(0.5)
            return RunRequest.objects.filter(trial=study.trial).exclude(done_at=None).exists()

        until(done)

    request = RunRequest.objects.get(trial=study.trial)
    assert request.attempts >= 2
    assert sorted(EndpointRun.objects.values_list("settings_name", flat=True)) == ["primary", "s1", "s2"]


def test_with_the_broker_gone_capture_goes_on_and_the_page_shows_the_last_run(study, monkeypatch):
    from assessments.endpoints.tasks import compute_runs  # heavy: a worker's import

    RunRequest.objects.update(next_try_at=timezone.now())
    compute_runs()
    monkeypatch.setattr(app.conf, "broker_url", "redis://localhost:1/0")
    with pytest.raises(OperationalError):  # nobody is there
        app.connection_for_write().ensure_connection(max_retries=0)

    patient = study.dose()
    browser = Client()
    browser.force_login(study.statistician)
    with study.at():
        page = browser.get(f"/trials/{study.trial.code}/efficacy/").text

    assert Patient.objects.filter(pk=patient.pk, treatment_row__voided=False).exists()
    assert "Computed from data cut no." in page
    assert "changes of the record since" in page
    assert ">requested " in page

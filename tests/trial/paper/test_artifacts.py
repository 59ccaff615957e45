"""Files that are built from a cut: asked for once, built whole or not at all, kept as they came out."""

import hashlib
import subprocess
import sys
import threading

import pytest
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connections, transaction
from django.http import Http404
from django.utils import timezone

from tests import factories
from tests.assessments.endpoints.test_endpoint_queue import ROOT, in_thread, stamped_again, worker_environment
from trial.celery import app
from trial.models import AccessEvent, Artifact, ArtifactPart, Notice
from trial.models.artifacts import PART
from trial.paper import artifacts, building, tasks
from trial.paper.artifacts import Builder
from trial.record import cuts, ledger
from trial.refusals import Refused
from trial.roles import May

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "queue"])
LONG = bytes(range(256)) * 4096 * 2 + b"end"  # two parts and a little


@pytest.fixture
def study():
    return factories.study().open()


@pytest.fixture
def built_by(monkeypatch):
    """Say how the kind "test" is built."""

    def say(build):
        builder = Builder("Test", build, lambda scope, artifact: scope.may(May.READ_EFFICACY))
        monkeypatch.setattr(artifacts, "builders", lambda: {"test": builder})

    say(lambda artifact, out, progress: out.write(LONG))
    return say


def ask(study, by=None, **more):
    cut = cuts.latest(study.trial, study.today)
    asked = {"kind": "test", "key": "a", "title": "A test", "filename": "a.bin", "media_type": "application/x-test"}
    return artifacts.request(cut=cut, by=by or study.statistician, **(asked | more))


def due():
    Artifact.objects.filter(state__in=["waiting", "building"]).update(next_try_at=timezone.now())


def test_a_file_is_built_whole_in_parts_and_its_hash_is_that_of_its_bytes(study, built_by):
    before = ledger.number_of(study.trial.pk)
    asked = ask(study)
    assert building.build_one()
    assert not building.build_one()

    done = artifacts.find(study.trial.pk, asked.pk)
    assert (done.state, done.size, done.sha256) == ("done", len(LONG), hashlib.sha256(LONG).hexdigest())
    assert [len(part) for part in artifacts.stream(done)] == [PART, PART, 3]
    assert b"".join(artifacts.stream(done)) == LONG
    assert done.number == before == ledger.number_of(study.trial.pk)  # no fact
    assert ask(study).pk == done.pk  # there already


def test_what_was_built_is_never_changed(study, built_by):
    asked = ask(study)
    building.build_one()
    part = ArtifactPart.objects.filter(artifact=asked, n=2)

    for change in (
        lambda: Artifact.objects.filter(pk=asked.pk).update(sha256="0" * 64),
        lambda: Artifact.objects.filter(pk=asked.pk).update(state="waiting", sha256="", size=None, built_at=None),
        lambda: ArtifactPart.objects.create(artifact=asked, n=3, bytes=b"more"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        part.update(bytes=b"END")
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        part._raw_delete("default")


def test_two_requests_at_once_are_one_file_that_is_built_once(study, built_by):
    built = []
    built_by(lambda artifact, out, progress: built.append(out.write(b"x")))
    asked = []
    threads = [in_thread(lambda: asked.append(ask(study).pk)) for _ in range(2)]
    for thread in threads:
        thread.join()

    assert len(asked) == 2
    assert len(set(asked)) == Artifact.objects.count() == 1
    while building.build_one():
        pass
    assert built == [1]


def test_how_far_it_is_is_seen_from_outside_and_a_second_worker_leaves_it_alone(study, built_by):
    half, go_on = threading.Event(), threading.Event()

    def slow(artifact, out, progress):
        out.write(LONG)
        progress(50, "Figures")
        half.set()
        assert go_on.wait(20)

    built_by(slow)
    asked = ask(study)
    worker = in_thread(building.build_one)
    assert half.wait(20)
    seen = artifacts.find(study.trial.pk, asked.pk)
    beside = building.build_one()
    parts = ArtifactPart.objects.count()
    go_on.set()
    worker.join()

    assert (seen.state, seen.progress.percent, seen.progress.step) == ("building", 50, "Figures")
    assert not beside
    assert parts == 0  # nothing of it before all of it
    assert artifacts.find(study.trial.pk, asked.pk).state == "done"


def test_the_stamp_of_another_worker_keeps_nobody_from_the_file(study, built_by, monkeypatch):
    built_by(lambda artifact, out, progress: out.write(b"x"))
    asked = ask(study)
    monkeypatch.setattr(building, "_stamp", stamped_again(building._stamp, Artifact))

    assert building.build_one()

    assert artifacts.find(study.trial.pk, asked.pk).state == "done"


def test_a_refusal_ends_it_and_says_why_and_it_can_be_asked_for_again(study, built_by):
    def refuses(artifact, out, progress):
        out.write(LONG)
        raise Refused("Nobody was treated.")

    built_by(refuses)
    asked = ask(study)
    building.build_one()

    failed = artifacts.find(study.trial.pk, asked.pk)
    assert (failed.state, failed.last_error) == ("failed", "Nobody was treated.")
    assert not ArtifactPart.objects.exists()
    assert Notice.objects.get(to=study.statistician, key__startswith="artifact-failed").text.startswith("Nobody was")
    built_by(lambda artifact, out, progress: out.write(b"x"))
    again = ask(study)
    assert again.pk != failed.pk
    assert building.build_one()
    assert artifacts.find(study.trial.pk, again.pk).state == "done"


def test_a_fault_is_tried_a_few_times(study, built_by):
    built_by(lambda artifact, out, progress: 1 / 0)
    asked = ask(study)
    attempts = 0
    while building.build_one():
        attempts += 1
        due()

    failed = artifacts.find(study.trial.pk, asked.pk)
    assert attempts == failed.attempts == building.MOST
    assert (failed.state, failed.last_error) == ("failed", "ZeroDivisionError: division by zero")


def test_who_may_not_have_it_is_refused_and_that_is_recorded(study, built_by):
    with pytest.raises(PermissionDenied):
        ask(study, by=study.coordinator)
    with pytest.raises(Http404):
        ask(study, by=factories.person("stranger"))

    assert not Artifact.objects.exists()
    told = AccessEvent.objects.get(kind="file refused")
    assert (told.user, told.trial, told.detail.startswith("A test")) == (study.coordinator, study.trial, True)


def test_a_tick_over_the_broker_builds_it(study, built_by):
    asked = ask(study)

    def let_go(**_):
        connections.close_all()  # of the worker's thread

    task_postrun.connect(let_go)
    try:
        with start_worker(app, pool="solo", perform_ping_check=False):
            app.send_task(tasks.build_artifacts.name, expires=60)
            for _ in range(300):
                if Artifact.objects.filter(pk=asked.pk, state="done").exists():
                    break
                threading.Event().wait(0.1)
    finally:
        task_postrun.disconnect(let_go)

    assert artifacts.find(study.trial.pk, asked.pk).state == "done"


WORKER = """
import django, sys, time
django.setup()
from trial.paper import artifacts, building
def slow(artifact, out, progress):
    out.write(bytes(3 << 20))
    print("working", flush=True)
    time.sleep(120)
artifacts.builders = lambda: {"test": artifacts.Builder("Test", slow, None)}
building.build_one()
"""


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_tick_builds_it(study, built_by):
    asked = ask(study)
    with subprocess.Popen(
        [sys.executable, "-c", WORKER], cwd=ROOT, env=worker_environment(), stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "working\n"
        assert not building.build_one()
        worker.kill()
        worker.wait()
    for _ in range(100):  # the server notices the lost connection a little later
        if building.build_one():
            break
        threading.Event().wait(0.1)

    done = artifacts.find(study.trial.pk, asked.pk)
    assert (done.state, done.attempts, b"".join(artifacts.stream(done)) == LONG) == ("done", 2, True)
    connections["queue"].close()

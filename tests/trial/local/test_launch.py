"""`make run` with its real services: a child that is killed comes back, and nothing outlives the launcher."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import soak
from tests.trial.local.launcher import CHILDREN, ROOT, Launched, answers, children_of, manage, processes, wait
from tests.trial.local.load import Load

pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc; only Linux tells children of a parent's death"),
]


@pytest.fixture(scope="module")
def var():
    folder = Path(tempfile.mkdtemp(prefix="launch-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def running():
    """The launchers that were started; the last one may be up."""
    launchers: list[Launched] = []
    yield launchers
    if launchers and launchers[-1].process.poll() is None:
        launchers[-1].stop()


@pytest.fixture
def launched(running, var):
    """One that is up, or is coming up: that of the test before where it left it so."""
    if not running or running[-1].process.poll() is not None:
        running.append(Launched(var))
    return running[-1]


def test_without_the_demo_there_are_no_log_ins_and_no_word_of_them(running, var):
    killed = Launched(var)
    wait(lambda: list(var.glob("pg18.new-*/global")), 30)  # while the cluster is being made
    killed.process.kill()
    running.append(launcher := Launched(var))
    launcher.up()
    assert [path.name for path in var.glob("pg*")] == ["pg18"]

    shell = manage(var, "shell", "-v", "0", "-c", "from trial.models import User; print(User.objects.count())")
    assert shell.stdout == "0\n", shell.stderr
    said = r"\n  http://\S+\n\nCtrl-C stops everything; the data stay\.\nNo demo\. An empty installation .*\n"
    assert re.fullmatch(said, launcher.said())


def test_it_says_where_it_is(launched, var):
    address = launched.up()

    assert urllib.request.urlopen(f"{address}accounts/login/", timeout=20).status == 200
    healthy = [sys.executable, "docker/healthy.py", "web"]
    assert subprocess.run(healthy, cwd=ROOT, env={"PORT": address.rpartition(":")[2].strip("/")}).returncode == 0
    assert subprocess.run(healthy, cwd=ROOT, env={"PORT": "1"}, capture_output=True).returncode == 1
    assert set(launched.children()) == set(CHILDREN)
    sockets = Path((var / "sockets").read_text())
    assert sockets.stat().st_mode & 0o077 == 0  # whoever reaches the socket is trusted


def test_a_second_one_says_where_the_first_is(launched, var):
    address = launched.up()

    second = Launched(var)
    assert second.process.wait(20) == 1
    assert f"Already running at {address} (process {launched.process.pid})" in second.said()


KILLED: tuple[tuple[str, Callable[[Launched], list[int]]], ...] = (
    ("a web worker", lambda here: children_of(here.children()["gunicorn"])[:1]),
    ("the web", lambda here: [here.children()["gunicorn"]]),
    ("a process of the database", lambda here: children_of(here.children()["postgres"])[-1:]),
    ("the database", lambda here: [here.children()["postgres"]]),
    ("the broker", lambda here: [here.children()["valkey-server"]]),
    ("the worker", lambda here: [here.children()["worker"]]),
    ("beat", lambda here: [here.children()["beat"]]),
    ("all of them", lambda here: list(here.children().values())),
    ("the launcher", lambda here: [here.process.pid]),
    ("a process of the worker", lambda here: children_of(here.children()["worker"])[:1]),
)


@pytest.mark.soak
def test_what_was_acknowledged_is_stored_once_whatever_is_killed(launched, running, var):
    """Under load over HTTP each process is killed -9 in turn, for a minute or half a minute times SOAK.

    By itself one each six seconds; in `make soak` as soon as the one before is back.
    """
    address = launched.up()
    began, kills = time.monotonic(), 0

    with Load(var, address, pause=0.6).running() as load:
        for name, which in KILLED * 3 * soak.TIMES:
            if soak.TIMES == 1:
                time.sleep(max(0.0, began + 6 * kills - time.monotonic()))
            if time.monotonic() - began > max(60, 30 * soak.TIMES):
                break
            here, killed = running[-1], which(running[-1])
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            at, kills = time.monotonic(), kills + 1
            if here.process.pid in killed:
                here.process.wait()
                running.append(here := Launched(var))  # at once: the children may still be ending
                assert here.up() == address
            assert soon(lambda: back(here, address, killed), 60), (name, here.children(), health(address))  # noqa: B023
        assert soon(lambda: beat_since(address, at), 60), health(address)
        assert load.a_run_is_computed()  # ticks are not only sent again

    assert load.wrong == []
    there = load.in_the_database()
    for what, stored in load.stored.items():
        assert sorted(there[what]) == sorted(stored.values())
        assert set(stored) <= set(there["keys"])
        assert len(stored) > 5 * soak.TIMES
    assert load.read > soak.TIMES
    verified = manage(var, "verify_ledger")
    assert verified.returncode == 0, verified.stderr


def soon(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return time.monotonic() < end


def back(launched: Launched, address: str, killed: list[int]) -> bool:
    """Every process is there, and the web has database and broker."""
    there = set(launched.children()) == set(CHILDREN) and not set(killed) & set(processes())
    return there and answers(f"{address}readyz")


def beat_since(address: str, moment: float) -> bool:
    """Worker and beat have given a heartbeat since then."""
    said, since = health(address), time.monotonic() - moment
    return all(said.get(name, {}).get("age_seconds", since) < since - 1 for name in ("worker", "beat"))


def health(address: str) -> dict[str, Any]:
    """What /readyz says; empty while nobody answers."""
    try:
        return json.load(urllib.request.urlopen(f"{address}readyz", timeout=20))
    except urllib.error.HTTPError as not_ready:
        return json.load(not_ready)
    except (OSError, ValueError):
        return {}


def test_stopped_it_leaves_nothing_behind_but_the_data(launched, var):
    launched.up()
    sockets = Path((var / "sockets").read_text())

    assert len(launched.left()) > len(CHILDREN)
    assert launched.stop() == 0
    assert launched.left() == []
    assert not sockets.exists()
    assert (var / "pg18" / "PG_VERSION").exists()
    lacking = manage(var, "verify_ledger")
    assert lacking.stderr.startswith("There is no database: start `make run` in another terminal, ")


def test_a_worker_that_looks_for_its_broker_in_vain_ends_with_the_launcher(launched, var):
    launched.up()
    broker = launched.children()["valkey-server"]
    launched.process.send_signal(signal.SIGSTOP)  # it starts nothing again
    log = var / "log" / "worker.log"
    before = log.read_text().count("Cannot connect")
    os.kill(broker, signal.SIGKILL)
    wait(lambda: log.read_text().count("Cannot connect") > before, 90)  # it may still be starting

    launched.process.kill()
    launched.process.wait()

    wait(lambda: not launched.left(), 30)

"""`make run` with its real services: a child that is killed comes back, and nothing outlives the launcher."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import pytest

from tests.trial.local.launcher import CHILDREN, ROOT, Launched, answers, manage, processes, wait

pytestmark = [
    pytest.mark.slow,
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


def test_children_that_are_killed_are_started_again(launched):
    address = launched.up()
    before = launched.children()

    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    wait(lambda: set(launched.children()) == set(CHILDREN) and not set(before.values()) & set(processes()), 30)
    wait(lambda: answers(f"{address}readyz"), 60)  # database, broker, heartbeats of worker and beat


def test_after_kill_9_the_next_start_is_clean_and_at_the_same_address(launched, running, var):
    address = launched.up()
    launched.process.kill()
    launched.process.wait()

    running.append(again := Launched(var))  # at once: the children may still be ending
    assert again.up() == address
    assert answers(f"{address}accounts/login/")


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

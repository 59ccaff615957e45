"""`make run` with its real services: a child that is killed comes back, and nothing outlives the launcher."""

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

import pytest

from trial.local import embedded

ROOT = Path(__file__).resolve().parent.parent.parent.parent
CHILDREN = ("postgres", "valkey-server", "gunicorn", "worker", "beat")
CHOICES = ("HOST", "PORT", "ALLOWED_HOSTS", "HTTPS", "DEBUG")
PLUGIN = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "STATIC_STORAGE", "STATIC_ROOT")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc; only Linux tells children of a parent's death"),
]


class Launched:
    def __init__(self, var: Path) -> None:
        self.var = var
        self.output = var / "output"
        environment = {name: value for name, value in os.environ.items() if name not in (*PLUGIN, *CHOICES)}
        with self.output.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "trial.local.launch"],
                cwd=ROOT,
                env={**environment, "ESCALATION_VAR": str(var), "DEMO": "0"},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def up(self) -> str:
        """Wait for the address and return it."""
        seen = len(re.findall("Ctrl-C stops", self.said()))
        wait(lambda: len(re.findall("Ctrl-C stops", self.said())) > seen or self.process.poll() is not None, 90)
        assert self.process.poll() is None, self.said()
        return re.findall(r"http://\S+", self.said())[-1]

    def said(self) -> str:
        return self.output.read_text()

    def children(self) -> dict[str, int]:
        """The direct children by what they run."""
        found = {}
        for pid in processes():
            words = embedded.command_line(pid).split()
            if parent_of(pid) == self.process.pid:
                found |= {name: pid for name in CHILDREN if any(Path(word).name == name for word in words)}
        return found

    def left(self) -> list[str]:
        """Every process of this launcher, child or not: they inherited its folder's name."""
        return [command for pid in processes() if str(self.var) in (command := inherited(pid))]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


def processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def inherited(pid: int) -> str:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    except OSError:
        environment = ""
    return embedded.command_line(pid) + environment


def wait(condition: Callable[[], object], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def var():
    folder = Path(tempfile.mkdtemp(prefix="launch-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def launched(var):
    launcher = Launched(var)
    yield launcher
    if launcher.process.poll() is None:
        launcher.stop()


def test_it_says_where_it_is_and_leaves_nothing_behind(launched, var):
    address = launched.up()

    assert urllib.request.urlopen(f"{address}accounts/login/", timeout=20).status == 200
    assert set(launched.children()) == set(CHILDREN)
    sockets = Path((var / "sockets").read_text())
    assert sockets.stat().st_mode & 0o077 == 0  # whoever reaches the socket is trusted

    assert len(launched.left()) > len(CHILDREN)
    assert launched.stop() == 0
    assert launched.left() == []
    assert not sockets.exists()
    assert (var / "pg18" / "PG_VERSION").exists()


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
    wait(lambda: answers(f"{address}accounts/login/"), 30)


def test_after_kill_9_the_next_start_is_clean_and_at_the_same_address(launched, var):
    address = launched.up()
    launched.process.kill()
    launched.process.wait()

    again = Launched(var)  # at once: the children may still be ending
    try:
        assert again.up() == address
        assert answers(f"{address}accounts/login/")
    finally:
        again.stop()
    assert again.left() == []


def test_a_worker_that_looks_for_its_broker_in_vain_ends_with_the_launcher(launched, var):
    launched.up()
    broker = launched.children()["valkey-server"]
    launched.process.send_signal(signal.SIGSTOP)  # it starts nothing again
    log = var / "log" / "worker.log"
    before = log.read_text().count("Cannot connect")
    os.kill(broker, signal.SIGKILL)
    wait(lambda: log.read_text().count("Cannot connect") > before, 30)

    launched.process.kill()
    launched.process.wait()

    wait(lambda: not launched.left(), 30)


def answers(url: str) -> bool:
    try:
        return urllib.request.urlopen(url, timeout=20).status == 200
    except (urllib.error.URLError, OSError):
        return False

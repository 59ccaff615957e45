"""`make run` as a process of its own, in a folder of its own; nothing of the tests' services reaches it."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from trial.local import embedded

ROOT = Path(__file__).resolve().parent.parent.parent.parent
CHILDREN = ("postgres", "valkey-server", "gunicorn", "worker", "beat")  # that run as long as it does
CHOICES = ("HOST", "PORT", "ALLOWED_HOSTS", "HTTPS", "DEBUG", "DEMO", "DEMO_PROGRESS")
PLUGIN = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "SECOND_FACTOR_KEYS",
    "STATIC_STORAGE",
    "STATIC_ROOT",
)


def environment(var: Path) -> dict[str, str]:
    """This one without the tests' services and without choices of the developer."""
    kept = {name: value for name, value in os.environ.items() if name not in (*PLUGIN, *CHOICES)}
    return {**kept, "ESCALATION_VAR": str(var)}


def beside_the_tests(var: Path) -> Path:
    """Make `var` the folder of an installation that is up: its services are those of the tests, its files its own."""
    (var / "sockets").write_text(str(embedded.noted_sockets(Path(os.environ["ESCALATION_TEST_SERVICES"]))))
    return var


class Launched:
    def __init__(self, var: Path, demo: str = "0") -> None:
        self.var = var
        self.output = var / "output"
        self.before = len(self.said()) if self.output.exists() else 0
        with self.output.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "trial.local.launch"],
                cwd=ROOT,
                env={**environment(var), "DEMO": demo},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def up(self) -> str:
        """Wait for the address and return it."""
        self.says("Ctrl-C stops", 180)
        return re.findall(r"http://\S+", self.said())[-1]

    def says(self, what: str, seconds: float) -> None:
        """Wait until this launcher, not one before it in this folder, has printed it."""
        wait(lambda: what in self.said()[self.before :] or self.process.poll() is not None, seconds)
        assert self.process.poll() is None, self.said()

    def said(self) -> str:
        return self.output.read_text()

    def children(self) -> dict[str, int]:
        """The direct children by what they run."""
        found = {}
        for pid in processes():
            words = embedded.command_line(pid).split()
            if parent_of(pid) == self.process.pid:
                found |= {name: pid for name in (*CHILDREN, "demo") if any(Path(word).name == name for word in words)}
        return found

    def left(self) -> list[str]:
        """Every process of this launcher, child or not: they inherited its folder's name."""
        return [command for pid in processes() if str(self.var) in (command := inherited(pid))]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        self.process.send_signal(signal.SIGCONT)  # a test may have held it
        return self.process.wait(40)


def processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def children_of(parent: int) -> list[int]:
    return [pid for pid in processes() if parent_of(pid) == parent]


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


def answers(url: str) -> bool:
    try:
        return urllib.request.urlopen(url, timeout=20).status == 200
    except (urllib.error.URLError, OSError):
        return False


def manage(var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` beside that installation."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment(var), capture_output=True, text=True
    )

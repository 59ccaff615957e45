"""Child processes that are started in order, started again when they die, and stopped in the opposite order."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from ..processes import die_with_parent

LONGEST_PAUSE = 30.0
STEADY = 60.0  # seconds after which a child counts as healthy and its next death as its first
GRACE = 10.0  # seconds to end by itself
LONGEST_LOG = 10_000_000  # bytes; twice as many are kept of each child


def _opened(path: Path, mode: str) -> IO[bytes]:
    """For its owner alone."""
    return open(path, mode, opener=lambda name, flags: os.open(name, flags, mode=0o600))


@dataclass
class Child:
    name: str
    command: Callable[[], Sequence[str]]
    log: Path
    stop: signal.Signals = signal.SIGTERM
    orphaned: signal.Signals = signal.SIGTERM  # sent by the kernel when the launcher dies, also by kill -9
    before: Callable[[], None] = lambda: None  # called before each start
    pass_fds: tuple[int, ...] = ()
    env: Mapping[str, str] | None = None
    terminal: bool = False  # what it prints is for people; its log gets the rest
    over: frozenset[int] = frozenset()  # exit codes that say: my work is over, do not start me again
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    again_at: float | None = None
    told: bool = False  # that it is over

    def start(self) -> None:
        self.before()
        command = self.command()
        # setpriv is left to set the signal itself; its own session, else Ctrl-C ends the database before the worker
        death = None if "setpriv" in command[0] else die_with_parent(self.orphaned)
        with self._open_log() as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=None if self.terminal else log,
                stderr=log,
                env=self.env,
                cwd="/" if "setpriv" in command[0] else None,
                start_new_session=True,
                preexec_fn=death,
                pass_fds=self.pass_fds,
            )
        self.started = time.monotonic()
        self.again_at = None

    def _open_log(self) -> IO[bytes]:
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        log = _opened(self.log, "ab")
        os.fchmod(log.fileno(), 0o600)  # it may be from before
        return log

    def bound_log(self) -> None:
        """Begin it anew when it is long, and keep the one before. Lines of the moment in between are lost.

        The child, and whatever it started, goes on writing to the same file, at its new end.
        """
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > LONGEST_LOG:
                with self.log.open("rb") as log, _opened(self.log.with_suffix(".log.old"), "wb") as old:
                    shutil.copyfileobj(log, old)
                os.truncate(self.log, 0)

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_over(self) -> bool:
        return self.process is not None and self.process.poll() in self.over

    def end(self) -> None:
        """Stop it and whatever it started."""
        self.again_at = None
        if self.process is None:
            return
        if self.alive():
            self.process.send_signal(self.stop)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_lines(self, most: int = 8) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-most:]) if self.log.exists() else ""


@dataclass
class Supervisor:
    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)

    def add(self, child: Child) -> Child:
        self.children.append(child)  # before the start: whatever happens in it, stop() ends what there is
        child.start()
        return child

    def watch(self) -> None:
        """Start the dead again: after half a second, then one, two … thirty. Never returns; a signal ends it."""
        while True:
            for child in self.children:
                self._look_after(child)
                child.bound_log()
            time.sleep(0.2)

    def _look_after(self, child: Child) -> None:
        if child.alive() or child.told:
            return
        if child.is_over():
            child.told = True
            if child.process and child.process.returncode:
                self.say(f"{child.name}: {child.last_lines(1)}")
            return
        now = time.monotonic()
        if child.again_at is None:
            child.deaths = 1 if now - child.started > STEADY else child.deaths + 1
            pause = min(0.25 * 2**child.deaths, LONGEST_PAUSE)
            child.again_at = now + pause
            code = child.process.returncode if child.process else None
            self.say(f"{child.name} ended ({code}), starting it again in {pause:g} s; its log: {child.log}")
        elif now >= child.again_at:
            child.start()

    def stop(self) -> None:
        for child in reversed(self.children):
            child.end()

"""Seconds from `git clone` to the first page of `make run`, to log-ins that work and to the whole demo; then again.

    .venv/bin/python -m benchmarks.start [TIMES]

What is committed is cloned into a new folder each time. The bounds are for two idle cores and packages that are in the
cache of uv and pip: the first time of a machine fills it.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOUNDS = {"first page": 25.0, "first page again": 6.0}
GIVEN = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "SECOND_FACTOR_KEYS",
    "PORT",
    "HOST",
    "DEMO",
    "ESCALATION_VAR",
)


def main() -> None:
    best: dict[str, float] = {}
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
        print(f"load average before: {os.getloadavg()[0]:.1f}", flush=True)
        for what, took in once().items():
            best[what] = min(took, best.get(what, took))
            print(f"{what:>16}: {took:6.1f} s", flush=True)
    print("the best:")
    for what, took in best.items():
        bound = BOUNDS.get(what)
        print(f"{what:>16}: {took:6.1f} s{f', bound {bound:g} s' if bound else ''}")
    if any(best[what] > bound for what, bound in BOUNDS.items()):
        sys.exit("A bound is missed.")


def once() -> dict[str, float]:
    folder = tempfile.mkdtemp(prefix="start-")
    try:
        from_here = time.monotonic()
        subprocess.run(["git", "clone", "-q", str(ROOT), folder], check=True)
        first = start(folder, from_here, {"Ctrl-C": "first page", "Demo log-ins": "log-ins", "The demo is c": "demo"})
        return first | start(folder, time.monotonic(), {"Ctrl-C": "first page again"})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start(folder: str, from_here: float, awaited: dict[str, str]) -> dict[str, float]:
    """`make run` until it has printed a line with each of these beginnings: when it did, by what that means."""
    running = subprocess.Popen(
        ["make", "run", f"PYTHON={Path(sys.base_prefix) / 'bin' / 'python3'}"],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in GIVEN},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stdout is not None
    took: dict[str, float] = {}
    said = []
    try:
        for line in running.stdout:
            said.append(line)
            took |= {what: time.monotonic() - from_here for begins, what in awaited.items() if line.startswith(begins)}
            if len(took) == len(awaited):
                return took
        sys.exit(f"It ended with {running.wait()}, having said:\n{''.join(said)}")
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGTERM)
        running.communicate()


if __name__ == "__main__":
    main()

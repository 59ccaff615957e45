"""Seconds from `make run` to the first page: the first start of a folder, then the usual one.

    .venv/bin/python -m benchmarks.start

The usual start is to stay under six seconds on two idle cores.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    var = tempfile.mkdtemp(prefix="start-")
    try:
        for name in ("first", "second", "third"):
            print(f"{name:>6} start: {seconds(var):5.1f} s")
    finally:
        shutil.rmtree(var, ignore_errors=True)


def seconds(var: str) -> float:
    from_here = time.monotonic()
    launcher = subprocess.Popen(
        [sys.executable, "-m", "trial.local.launch"],
        cwd=ROOT,
        env={**os.environ, "ESCALATION_VAR": var},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert launcher.stdout is not None
    up = any(line.startswith("Ctrl-C stops") for line in launcher.stdout)
    took = time.monotonic() - from_here
    launcher.send_signal(signal.SIGTERM)
    launcher.communicate()
    if not up:
        sys.exit("It did not start.")
    return took


if __name__ == "__main__":
    main()

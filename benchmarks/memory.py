"""Resident memory of the beat, a quarter of a minute after its start. Run: python -m benchmarks.memory"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import plugin

BOUND = 90  # MB
SECONDS = 15


def main() -> None:
    plugin.start_services()
    with tempfile.TemporaryDirectory() as folder:
        beat = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "trial.celery", "beat", "--pidfile=", "-s", f"{folder}/schedule"],
            cwd=Path(__file__).resolve().parent.parent,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "trial.settings"},
            stderr=subprocess.DEVNULL,
        )
        try:
            time.sleep(SECONDS)
            assert beat.poll() is None, "the beat has ended"
            status = Path(f"/proc/{beat.pid}/status").read_text()
        finally:
            beat.terminate()
            beat.wait()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    taken = int(line.split()[1]) / 1024
    print(f"beat: {taken:.0f} MB, bound {BOUND} MB, {'met' if taken <= BOUND else 'MISSED'}")


if __name__ == "__main__":
    main()

"""One document set by Typst in a process of its own.

To set a report takes more memory than all else that its worker does, and Typst keeps what it took. A process of its
own gives it back, and none but it ends with a fault of Typst. It ends with the worker, however that ends, and after a
time in which every document is set.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime

from ..processes import die_with_parent
from . import setting

SCRIPT: tuple[str, ...] = (setting.__file__,)
LONGEST = 300  # seconds; a report of 60 patients takes 5


def pdf(files: Mapping[str, str], at: datetime) -> bytes:
    """The PDF, set by a process that has loaded nothing but Typst."""
    asked = json.dumps({"files": dict(files), "at": at.isoformat()}).encode()
    death = die_with_parent(signal.SIGKILL)
    try:
        done = subprocess.run(
            [sys.executable, "-P", *SCRIPT], input=asked, capture_output=True, timeout=LONGEST, preexec_fn=death
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"Typst did not set the document within {LONGEST} seconds.") from None
    if done.returncode:
        raise RuntimeError(f"Typst did not set the document: {_why(done)}")
    return done.stdout


def _why(done: subprocess.CompletedProcess[bytes]) -> str:
    said = done.stderr.decode(errors="replace").strip()[-2000:]
    if done.returncode > 0:
        return said
    ended = f"its process was ended from outside, by signal {-done.returncode}, as where memory is short"
    return ". ".join(filter(None, (ended, said)))

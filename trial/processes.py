"""A child process that dies with its parent, however that dies."""

import os
import signal
import sys
from collections.abc import Callable


def die_with_parent(kind: signal.Signals, parent: int | None = None) -> Callable[[], None] | None:
    """What a child does so that it gets `kind` when its parent, this process unless told, dies however. Linux only."""
    if sys.platform != "linux":
        return None
    import ctypes

    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = parent or os.getpid()

    def before_exec() -> None:
        prctl(1, int(kind), 0, 0, 0)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return before_exec

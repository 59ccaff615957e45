"""A row of a queue that a worker has stamped, under its lock.

Two workers that stamp one row in turn find it locked by the other's stamp, each time, and nobody works on it: the
stamps count as attempts until the row is given up. A stamp holds the lock for moments, so it is asked for again;
whoever works on the row holds it to the end.
"""

from collections.abc import Callable
from time import sleep
from typing import TypeVar

Row = TypeVar("Row")
PAUSES = (0.0, 0.01, 0.03, 0.1)  # seconds


def claimed(find: Callable[[], Row | None]) -> Row | None:
    """What `find` gives, which skips a row that is locked; None when another worker has it, or has done it."""
    for pause in PAUSES:
        sleep(pause)
        if (row := find()) is not None:
            return row
    return None

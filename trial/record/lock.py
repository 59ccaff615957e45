"""The trial's lock: the row of its ledger, which every action takes first.

At most MOST threads of this process wait for one trial; the rest is told at once, so that readers find a free one.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from ..models import Ledger, Trial
from ..refusals import Busy

MOST = 4  # of the sixteen threads that a web process has

_guard = threading.Lock()
_waiting: Counter[UUID | None] = Counter()
_LOCK = "SELECT *, current_setting('app.ledger', true) AS open_now FROM trial_ledger WHERE {} FOR NO KEY UPDATE"


def take(trial: UUID | None) -> Ledger:
    """The ledger, locked. What is joined to it would be as it was before the wait for the lock, so nothing is.

    trial: None for the installation. Raises Busy where MOST wait already.
    """
    if trial is None:
        Ledger.objects.get_or_create(trial=None)
    mine = "trial_id = %s" if trial else "trial_id IS NULL"
    with _turn(trial):
        found = list(Ledger.objects.raw(_LOCK.format(mine), [trial] if trial else []))
    for ledger in found:
        if ledger.open_now:  # type: ignore[attr-defined]
            raise RuntimeError("an action inside an action")
        return ledger
    raise Trial.DoesNotExist(f"no trial {trial}")


@contextmanager
def _turn(trial: UUID | None) -> Iterator[None]:
    with _guard:
        if _waiting[trial] >= MOST:
            raise Busy(f"{MOST} threads wait for this trial's record already.")
        _waiting[trial] += 1
    try:
        yield
    finally:
        with _guard:
            _waiting[trial] -= 1
            if not _waiting[trial]:
                del _waiting[trial]

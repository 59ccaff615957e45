"""Is this process's clock the database's? What a tick writes for good by the date waits until the two agree.

A host whose clock is days ahead would seal days that are not over, and let held slots expire. Only a clock that both
share can be wrong unseen.
"""

import logging
from datetime import UTC, datetime, timedelta

from .. import clock, notices
from ..models import NoticeKind
from . import who

logger = logging.getLogger(__name__)
MOST = timedelta(minutes=5)


def agree() -> bool:
    """Whether the two clocks differ by at most MOST; where not, the administrators are told, once a day."""
    theirs, ours = clock.of_database(), datetime.now(UTC)
    if abs(ours - theirs) <= MOST:
        return True
    apart = _said(abs(ours - theirs))
    logger.error("the clocks of this host and of the database are %s apart: no anchor, no new day", apart)
    notices.post(
        trial=None,
        to=who.administrators(),
        key=f"clock-{theirs:%Y-%m-%d}",
        kind=NoticeKind.INSTALLATION,
        subject=f"The clocks of the program and of its database are {apart} apart",
        text=(
            f"The program's host says {ours:%d %b %Y %H:%M} UTC, the database {theirs:%d %b %Y %H:%M} UTC. Until they "
            "agree within five minutes, no anchor is written and no new day is settled: no slot expires and no window "
            "ends by itself. Set the clocks of both hosts by a time server."
        ),
        due=min(ours, theirs),
    )
    return False


def _said(apart: timedelta) -> str:
    """In the largest unit of which there are two."""
    for unit, size in (("days", timedelta(days=1)), ("hours", timedelta(hours=1))):
        if apart >= 2 * size:
            return f"{round(apart / size)} {unit}"
    return f"{round(apart / timedelta(minutes=1))} minutes"

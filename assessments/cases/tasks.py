"""The tick of the clocks of serious events. It carries nothing and is harmless twice."""

import logging

from celery import shared_task

from escalation.situation import queries

from . import watch

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def watch_clocks() -> None:
    """Tell whom it concerns that half of a time or all of it is over; beat calls this every minute."""
    for trial in queries.running():
        try:
            watch.watch(trial)
        except Exception:  # one trial must not stop the others
            logger.exception("the clocks of trial %s were not watched", trial)

"""Ticks of the decision's floor. A tick carries nothing and is harmless twice."""

import logging

from celery import shared_task

from .situation import days, queries

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def settle_the_day() -> None:
    """Let each trial see the new day; beat calls this every ten minutes."""
    for trial in queries.running():
        try:
            days.settle(trial)
        except Exception:  # one trial must not stop the others
            logger.exception("trial %s was not settled", trial)

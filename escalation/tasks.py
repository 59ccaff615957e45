"""Ticks of the decision's floor. A tick carries nothing and is harmless twice."""

import logging

from celery import shared_task

from trial.record import clocks

from .situation import days, queries

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def settle_the_day() -> None:
    """Let each trial see the new day; beat calls this every ten minutes.

    By a clock that the database's contradicts no day begins: a slot that expired by it would be gone for good. A
    simulated trial has its own clock.
    """
    for trial in queries.running(simulated_only=not clocks.agree()):
        try:
            days.settle(trial)
        except Exception:  # one trial must not stop the others
            logger.exception("trial %s was not settled", trial)

"""Ticks of the ground floor. A tick carries nothing; the rows are the queue."""

from celery import shared_task

from . import notices
from .paper.tasks import build_artifacts
from .people import throttle, typed
from .record import anchors

__all__ = ["build_artifacts", "deliver_notices", "forget_old_attempts", "forget_what_was_typed", "write_anchors"]


@shared_task(ignore_result=True)
def deliver_notices() -> None:
    """Deliver every notice that is due; beat calls this every five seconds."""
    while notices.deliver_one():
        pass


@shared_task(ignore_result=True)
def write_anchors() -> None:
    """Seal every day that is over and what was signed since; beat calls this every three seconds."""
    anchors.write()


@shared_task(ignore_result=True)
def forget_what_was_typed() -> None:
    """Delete forms that nobody came back for within the hour; beat calls this every five minutes."""
    typed.purge()


@shared_task(ignore_result=True)
def forget_old_attempts() -> None:
    """Delete failed attempts that nothing counts any more; beat calls this every hour."""
    throttle.purge()

"""Ticks of the ground floor. A tick carries nothing; the rows are the queue."""

from celery import shared_task

from . import notices


@shared_task(ignore_result=True)
def deliver_notices() -> None:
    """Deliver every notice that is due; beat calls this every five seconds."""
    while notices.deliver_one():
        pass

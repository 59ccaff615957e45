"""The tick of files that are built. It carries nothing; the requests are the queue (building.py)."""

from time import monotonic

from celery import shared_task

from . import building

SECONDS = 20  # after which a tick leaves the rest to the next one, so that notices are not kept waiting


@shared_task(ignore_result=True)
def build_artifacts() -> None:
    """Build what is due; beat calls this every five seconds."""
    began = monotonic()
    while monotonic() - began < SECONDS and building.build_one():
        pass

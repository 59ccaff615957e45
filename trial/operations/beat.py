"""The schedule of beat, which gives a heartbeat with each tick. Imports no model: beat is kept free of the program."""

from typing import Any

from celery.beat import PersistentScheduler

from . import heartbeat


class Scheduler(PersistentScheduler):
    def tick(self, *args: Any, **kwargs: Any) -> float:
        heartbeat.give("beat")
        seconds: float = super().tick(*args, **kwargs)
        return seconds

"""The Celery application: `celery -A trial.celery worker` and `… beat`.

A message is a tick without arguments; the rows of the outbox are the queue (docs/decisions).
"""

import gc
import os
import signal
from typing import Any

import django
from celery import Celery
from celery.fixups.django import DjangoFixup, fixup
from celery.signals import celeryd_init, heartbeat_sent, worker_process_init
from django.apps import apps

from .operations import heartbeat
from .processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
app = Celery("trial", fixups=[])
app.config_from_object("django.conf:settings", namespace="CELERY")


@celeryd_init.connect
def find_the_tasks(**_: Any) -> None:
    """In the worker alone: beat only names tasks, and would hold the whole program and its statistics for that."""
    global _django
    _django = fixup(app)
    django.setup()
    app.autodiscover_tasks([config.name for config in apps.get_app_configs()], force=True)


_django: DjangoFixup | None = None  # signals know it weakly


@worker_process_init.connect
def spare_the_imports(**_: Any) -> None:
    """Leave what was imported out of garbage collection: walking the packages took a fifth of a run."""
    gc.freeze()


@worker_process_init.connect
def die_with_the_worker(**_: Any) -> None:
    """A process of the pool whose worker was killed would wait for work for ever."""
    if ask := die_with_parent(signal.SIGKILL, os.getppid()):
        ask()


@heartbeat_sent.connect
def say_that_it_is_alive(**_: Any) -> None:
    """By the worker's own loop, which hands out the work; a pool that is busy for long is no fault."""
    heartbeat.give("worker")

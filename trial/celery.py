"""The Celery application: `celery -A trial.celery worker` and `… beat`.

A message is a tick without arguments; the rows of the outbox are the queue (docs/decisions).
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
app = Celery("trial")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

"""Ticks of the endpoint runs. A tick carries nothing; the requests are the queue (assessments/endpoints/queue.py)."""

from time import monotonic

from celery import shared_task

from assessments.biomarker import analysis as biomarker
from assessments.biomarker import inputs as sbcma

from . import analysis, inputs, queue, services
from .models import Kind
from .queue import Analysis, named

ANALYSES = {
    Kind.EFFICACY.value: Analysis(version=named(analysis.VERSIONS), read=inputs.read, compute=analysis.efficacy),
    Kind.BIOMARKER.value: Analysis(version=named(biomarker.VERSIONS), read=sbcma.read, compute=biomarker.biomarker),
}
SECONDS = 20  # after which a tick leaves the rest to the next one, so that notices are not kept waiting


@shared_task(ignore_result=True)
def compute_runs() -> None:
    """Ask for what the record has outrun, then carry out what is due; beat calls this every five seconds."""
    began = monotonic()
    services.ask_for_stale()
    while monotonic() - began < SECONDS and queue.work_one(ANALYSES):
        pass


@shared_task(ignore_result=True)
def ask_for_all() -> None:
    """Ask for the nightly run of every trial."""
    services.ask_for_all()

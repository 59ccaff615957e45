"""Reads of endpoint runs that page and endpoints share."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from trial.models import Trial
from trial.people.access import Scope
from trial.record import ledger

from .models import EndpointRun, RunRequest
from .settings_sets import NAMES, PRIMARY


@dataclass(frozen=True, slots=True)
class Progress:
    """How the wanted run stands. state: "done", "requested", "running", "retrying", "failed", "never", or "past" where
    none is wanted.
    """

    state: str
    since: datetime | None = None
    due: datetime | None = None
    error: str = ""


def runs(trial: UUID) -> QuerySet[EndpointRun]:
    """Every run, the latest cut first."""
    return EndpointRun.objects.filter(trial=trial).order_by("-number", "-computed_at", "kind", "settings_name")


def run(trial: UUID, pk: UUID) -> EndpointRun | None:
    return EndpointRun.objects.filter(trial=trial, pk=pk).first()


def latest(trial: UUID, kind: str, name: str = PRIMARY) -> EndpointRun | None:
    """The run of the latest cut under the settings of that name."""
    return runs(trial).filter(kind=kind, settings_name=name).first()


def of_same_cut(found: EndpointRun) -> list[EndpointRun]:
    """The runs of its kind and cut under each set of settings, the primary first; of two versions the later."""
    beside = runs(found.trial_id).filter(kind=found.kind, number=found.number, settings_name__in=NAMES)
    latest = {one.settings_name: one for one in beside.order_by("computed_at")}
    return [latest[name] for name in NAMES if name in latest]


def changes_since(found: EndpointRun) -> int:
    """Actions of the trial's ledger since the cut."""
    return ledger.number_of(found.trial_id) - found.number


def progress(trial: UUID, kind: str) -> Progress:
    """From the last request. One whose worker was killed still says "running": the next tick takes it up."""
    if ledger.in_the_past():
        return Progress("past")
    last = RunRequest.objects.filter(trial=trial, kind=kind).order_by("-requested_at").first()
    if last is None:
        return Progress("never")
    if last.done_at:
        return Progress("done", since=last.done_at)
    if last.dead_at:
        return Progress("failed", since=last.dead_at, error=last.last_error)
    if last.started_at is None:
        return Progress("requested", since=last.requested_at, due=last.next_try_at)
    if last.last_error and last.next_try_at > timezone.now():
        return Progress("retrying", since=last.started_at, due=last.next_try_at, error=last.last_error)
    return Progress("running", since=last.started_at)


def token(scope: Scope, kind: str) -> str:
    """Stands for everything that a page of runs shows: the runs, the request, the record, the date, the reader."""
    return ".".join(map(str, (_state(scope.trial, kind), scope.today, scope.role)))


def _state(trial: Trial, kind: str) -> str:
    last = RunRequest.objects.filter(trial=trial, kind=kind).order_by("-requested_at").first()
    run = (
        EndpointRun.objects.filter(trial=trial, kind=kind).order_by("-computed_at").values_list("pk", flat=True).first()
    )
    asked = f"{last.pk}-{last.attempts}-{bool(last.done_at)}-{bool(last.dead_at)}" if last else ""
    return f"{ledger.number_of(trial.pk)}.{run or ''}.{asked}"

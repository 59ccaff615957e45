"""Asking for a run. A request is machinery: it moves no number and needs no ledger, only the right to ask."""

from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from trial.models import Audited, Ledger, User
from trial.people import access
from trial.record import ledger
from trial.record.ledger import Act
from trial.roles import May

from .models import Kind, RunRequest

APART = timedelta(minutes=1)  # between two runs of a trial that changed facts ask for
OPEN = {"done_at": None, "dead_at": None}


def want(act: Act) -> None:
    """After an action that changed facts: ask for each kind of run, at most one a minute. The cut is taken later.

    A kind that waits already is not asked for again; for one that is being computed see `ask_for_stale`.
    """
    if not act.wrote:
        return
    for kind in _unasked(act.trial_id):
        _open(act.trial_id, kind, act.number, RunRequest.Why.FACTS, _next_free(act.trial_id, kind))


def _unasked(trial: UUID) -> list[str]:
    """The kinds of run that have something to say of the trial and that it does not wait for. Asked by every action."""
    with connection.cursor() as cursor:
        cursor.execute(_unasked_statement(), {"trial": trial})
        return [kind for (kind,) in cursor.fetchall()]


@cache
def _unasked_statement() -> str:
    waits = "SELECT FROM assessments_runrequest WHERE trial_id = %(trial)s AND kind = '{}'"
    waits += " AND done_at IS NULL AND dead_at IS NULL"
    stands = "EXISTS (SELECT FROM {} WHERE trial_id = %(trial)s AND NOT voided)"
    return " UNION ALL ".join(
        f"SELECT '{kind}' WHERE NOT EXISTS ({waits.format(kind)}) AND "
        + " AND ".join(stands.format(model._meta.db_table) for model in _of(kind))
        for kind in Kind
    )


def ask(*, trial: UUID, kind: str, by: User) -> None:
    """A person wants the run now. One that waits is brought forward; one that is being computed goes on.

    Raises PermissionDenied without the right.
    """
    access.scope(by, trial, May.REQUEST_RUN)
    _open(trial, Kind(kind), ledger.number_of(trial), RunRequest.Why.HAND, timezone.now(), by=by)
    with transaction.atomic():
        waiting = RunRequest.objects.select_for_update(skip_locked=True).filter(trial=trial, kind=kind, **OPEN)
        for request in waiting:
            request.next_try_at = timezone.now()
            request.save(update_fields=["next_try_at"])


def ask_for_stale() -> int:
    """Ask for the runs of every trial whose record moved on after the last one was asked for; says how many.

    An action that comes while a run is being computed finds the open request and adds none: this makes up for it.
    A number that was asked for is not asked for again, so a trial that failed for good waits for its next fact.
    """
    found = 0
    for kind in Kind:
        mine = RunRequest.objects.filter(trial=OuterRef("trial"), kind=kind)
        stale = _analysed(kind).exclude(Exists(mine.filter(number__gte=OuterRef("number"))))
        stale = stale.exclude(Exists(mine.filter(**OPEN)))
        for trial, number in stale.values_list("trial", "number"):
            _open(trial, kind, number, RunRequest.Why.FACTS, _next_free(trial, kind))
            found += 1
    return found


def ask_for_all() -> None:
    """The nightly runs of every trial that has them; what was computed from the same cut is not repeated."""
    for kind in Kind:
        for trial, number in _analysed(kind).values_list("trial", "number"):
            _open(trial, kind, number, RunRequest.Why.NIGHT, timezone.now())


def _analysed(kind: str) -> QuerySet[Ledger]:
    """The trials of which a kind of run has something to say."""
    found = Ledger.objects.all()
    for model in _of(kind):
        found = found.filter(Exists(model._default_manager.filter(trial=OuterRef("trial"), voided=False)))
    return found


def _of(kind: str) -> list[type[Audited]]:
    return [apps.get_model(name) for name in settings.ANALYSED[kind]]


def _next_free(trial: UUID, kind: str) -> datetime:
    """A minute after the last run began, or now."""
    last = RunRequest.objects.filter(trial=trial, kind=kind).exclude(started_at=None).order_by("-started_at").first()
    now = timezone.now()
    return max(now, last.started_at + APART) if last and last.started_at else now


def _open(trial: UUID, kind: str, number: int, why: str, at: datetime, by: User | None = None) -> None:
    """One open request a trial and kind: the constraint swallows a second one."""
    RunRequest.objects.bulk_create(
        [RunRequest(trial_id=trial, kind=kind, number=number, why=why, by=by, next_try_at=at)], ignore_conflicts=True
    )

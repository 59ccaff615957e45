"""The worker's side of a run: claim one due request, compute it from a data cut, store the result.

A claim has two steps. First a stamp, committed at once: the page can say since when, and a worker that is killed over
and over still counts its attempts. Then the row lock on the alias `queue`, held while the work is done on `default`
under `ledger.standing`. A killed worker's connection lets the lock go and the next tick takes the request again; result
and done-stamp are one commit, so nothing is ever half stored or stored twice.
"""

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.utils import timezone

from trial import claims, notices, queries
from trial.models import NoticeKind, Trial
from trial.people import access
from trial.protocol_settings import ProtocolSettings
from trial.queries import Protocol
from trial.record import cuts, ledger
from trial.record.cuts import Cut
from trial.roles import May

from . import settings_sets
from .models import EndpointRun, RunRequest

logger = logging.getLogger(__name__)
QUEUE = "queue"
DEAD_AFTER = 10
LONGEST = "10min"  # a transaction that waits idle longer is given up by the database


def the_trial(trial: UUID, on: date, protocol: Protocol) -> UUID:
    """For an analysis that reads for each set of settings anew."""
    return trial


def named(versions: Mapping[str, str]) -> str:
    """Versions of an analysis and of the rules that it follows as one: "analysis 2, response 2, times 2"."""
    return ", ".join(f"{what} {version}" for what, version in versions.items())


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a kind of run computes, under `standing`: `read(trial, on, protocol)` once a cut, then the JSON result of
    each set of settings by `compute(what was read, on, settings)`.

    version: raise it whenever a result can change; the same cut is then computed anew.
    """

    version: str
    compute: Callable[[Any, date, ProtocolSettings], dict[str, Any]]
    read: Callable[[UUID, date, Protocol], Any] = the_trial
    sets: Callable[[ProtocolSettings], Mapping[str, ProtocolSettings]] = settings_sets.sets
    stored: Callable[[ProtocolSettings], dict[str, Any]] = settings_sets.stored


def work_one(analyses: Mapping[str, Analysis]) -> bool:
    """Claim one due request and carry it out; False when none is due. Safe beside itself and after a kill."""
    claimed = _stamp(analyses)
    if claimed is None:
        return False
    with transaction.atomic(using=QUEUE):
        with connections[QUEUE].cursor() as cursor:
            cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{LONGEST}'")
        request = claims.claimed(lambda: _due(analyses).filter(pk=claimed).first())
        if request is None:  # another worker was quicker
            return True
        try:
            with transaction.atomic(using=QUEUE):
                request.number = _carry_out(request, analyses[request.kind])
        except Exception as error:  # a bad trial must not stop the others
            logger.exception("run %s of trial %s failed", request.kind, request.trial_id)
            _failed(request, f"{type(error).__name__}: {error}")
        else:
            request.done_at, request.last_error = timezone.now(), ""
        request.save(using=QUEUE)
    return True


def _due(analyses: Mapping[str, Analysis]) -> Any:
    return (
        RunRequest.objects.using(QUEUE)
        .select_for_update(skip_locked=True)
        .filter(kind__in=list(analyses), done_at=None, dead_at=None, next_try_at__lte=timezone.now())
        .order_by("next_try_at")
    )


def _stamp(analyses: Mapping[str, Analysis]) -> UUID | None:
    """Mark the next due request as begun, in a transaction of its own; one that killed its workers is given up."""
    with transaction.atomic(using=QUEUE):
        request: RunRequest | None = _due(analyses).first()
        if request is None:
            return None
        request.attempts += 1
        request.started_at = timezone.now()
        if request.attempts > DEAD_AFTER:
            _failed(request, request.last_error or f"Stopped {DEAD_AFTER} times before it was done.")
        request.save(using=QUEUE)
        return request.pk


def _carry_out(request: RunRequest, analysis: Analysis) -> int:
    """Compute every set of settings from one cut and store what is new; gives the cut's number."""
    with ledger.standing():
        trial = Trial.objects.get(pk=request.trial_id)
        cut = cuts.latest(trial, access.today(trial))
        protocol = queries.protocol(cut.trial, with_doses=False)
        if protocol is None:
            return cut.number
        known = set(
            EndpointRun.objects.filter(trial=cut.trial, kind=request.kind, number=cut.number).values_list(
                "settings_hash", flat=True
            )
        )
        wanted = _runs(cut, request.kind, analysis, protocol, known)
        _compute(wanted, analysis, cut, protocol)
    # Each by itself: Django sends several rows as arrays, in which results of 100 kB are read more slowly.
    EndpointRun.objects.using(QUEUE).bulk_create([run for run, _ in wanted], batch_size=1, ignore_conflicts=True)
    return cut.number


def of_cut(cut: Cut, kind: str, analysis: Analysis) -> list[EndpointRun]:
    """What a run of this cut holds under each set of settings, the primary first, computed and not stored: for whoever
    reads the record as of it. Empty before the first protocol version.
    """
    protocol = queries.protocol(cut.trial, with_doses=False)
    if protocol is None:
        return []
    wanted = _runs(cut, kind, analysis, protocol)
    _compute(wanted, analysis, cut, protocol)
    return [run for run, _ in wanted]


def _runs(
    cut: Cut, kind: str, analysis: Analysis, protocol: Protocol, known: Collection[str] = ()
) -> list[tuple[EndpointRun, ProtocolSettings]]:
    """A run for each set of settings, still without its result. known: hashes of settings that are left out."""
    found = []
    for name, settings in analysis.sets(protocol.settings).items():
        run = _run(cut, kind, name, analysis.version, analysis.stored(settings))
        if run.settings_hash not in known:
            run.protocol_version = protocol.version.number
            found.append((run, settings))
    return found


def _compute(
    wanted: Sequence[tuple[EndpointRun, ProtocolSettings]], analysis: Analysis, cut: Cut, protocol: Protocol
) -> None:
    read = analysis.read(cut.trial, cut.on, protocol) if wanted else None
    for run, settings in wanted:
        run.result = analysis.compute(read, cut.on, settings)


def _run(cut: Cut, kind: str, name: str, version: str, stored: dict[str, Any]) -> EndpointRun:
    asked = ledger.canonical({"version": version, "name": name, "settings": stored})
    return EndpointRun(
        trial_id=cut.trial,
        kind=kind,
        number=cut.number,
        on=cut.on,
        cut_hash=cut.hash,
        settings_name=name,
        settings=stored,
        settings_hash=hashlib.sha256(asked.encode()).hexdigest(),
    )


def _failed(request: RunRequest, error: str) -> None:
    """Later again, twice as late each time; dead after ten, and those who may ask for a run are told once."""
    request.last_error = error
    request.next_try_at = timezone.now() + timedelta(seconds=2**request.attempts)
    if request.attempts < DEAD_AFTER:
        return
    request.dead_at = timezone.now()
    trial = Trial.objects.get(pk=request.trial_id)
    notices.post(
        trial=trial,
        to=[member.user for member in access.members(trial.pk, rights=[May.REQUEST_RUN])],
        key=f"run-dead-{request.pk}",
        kind=NoticeKind.ANALYSIS,
        page=f"{request.kind}/",
        subject=f"{trial.code}: the {request.get_kind_display().lower()} run could not be computed",
        text=f"It was tried {request.attempts} times and waits for the next change of the record. {error}",
    )

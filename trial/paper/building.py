"""The worker's side of a file: claim one that is due, build it, and let its parts be seen with the done-stamp.

As of a run (assessments/endpoints/queue.py) the claim has two steps: a stamp, committed at once, then the row lock on
the alias `queue`, held while the file is built; its parts are written in that transaction. A killed worker's connection
lets the lock go, nothing of the file is left, and the next tick takes the row again. How far it is stands on a
connection of its own, so that pages see it meanwhile.
"""

import hashlib
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import BinaryIO, cast
from uuid import UUID

from django.db import connections, transaction
from django.db.models import QuerySet
from django.utils import timezone

from .. import claims, notices
from ..models import Artifact, ArtifactPart, NoticeKind, Trial, User
from ..models.artifacts import PART
from ..refusals import Refused
from . import artifacts
from .artifacts import Progress, State

logger = logging.getLogger(__name__)
QUEUE = "queue"
MOST = 5  # attempts
LONGEST = "10min"  # a transaction that waits idle longer is given up by the database


def build_one() -> bool:
    """Claim one due file and build it; False when none is due. Safe beside itself and after a kill."""
    claimed = _stamp()
    if claimed is None:
        return False
    with transaction.atomic(using=QUEUE):
        with connections[QUEUE].cursor() as cursor:
            cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{LONGEST}'")
        artifact = claims.claimed(lambda: _due().filter(pk=claimed).first())
        if artifact is None:  # another worker was quicker
            return True
        try:
            with transaction.atomic(using=QUEUE), _progress(artifact) as progress:
                _carry_out(artifact, progress)
        except Refused as refusal:
            _failed(artifact, str(refusal), for_good=True)
        except Exception as error:  # one bad file must not stop the others
            logger.exception("%s %s of trial %s failed", artifact.kind, artifact.pk, artifact.trial_id)
            _failed(artifact, f"{type(error).__name__}: {error}")
        artifact.save(using=QUEUE)
    return True


def _due() -> QuerySet[Artifact]:
    waiting = Artifact.objects.using(QUEUE).select_for_update(skip_locked=True, no_key=True)
    return waiting.filter(
        kind__in=list(artifacts.builders()),
        state__in=[State.WAITING, State.BUILDING],
        next_try_at__lte=timezone.now(),
    ).order_by("next_try_at")


def _stamp() -> UUID | None:
    """Mark the next due file as begun, in a transaction of its own; one that killed its workers is given up."""
    with transaction.atomic(using=QUEUE):
        artifact = _due().first()
        if artifact is None:
            return None
        if artifact.attempts >= MOST:
            _failed(artifact, artifact.last_error or f"It was stopped {MOST} times before it was done.", for_good=True)
        else:
            artifact.attempts += 1
            artifact.state, artifact.started_at = State.BUILDING, timezone.now()
        artifact.save(using=QUEUE)
        return artifact.pk


def _carry_out(artifact: Artifact, progress: Progress) -> None:
    if why := artifacts.withheld(artifact.trial_id)(artifact):
        raise Refused(f"While it waited, a consent was withdrawn. {why}")
    progress(0, "Begun")
    with _Parts(artifact) as out:
        artifacts.builders()[artifact.kind].build(artifact, cast(BinaryIO, out), progress)
    progress(100, "Stored")
    artifact.size, artifact.sha256 = out.size, out.sha256
    artifact.state, artifact.built_at, artifact.last_error = State.DONE, timezone.now(), ""


class _Parts(io.BufferedIOBase):
    """What a builder writes to: each full part is stored at once, so that no file is held whole."""

    def __init__(self, artifact: Artifact) -> None:
        self._artifact, self._waiting, self._n = artifact, bytearray(), 0
        self._hash, self.size = hashlib.sha256(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        given = memoryview(data).cast("B")  # type: ignore[arg-type]
        self._waiting += given
        self._hash.update(given)
        self.size += len(given)
        while len(self._waiting) >= PART:
            self._store(PART)
        return len(given)

    def tell(self) -> int:
        return self.size

    def close(self) -> None:
        if not self.closed and self._waiting:
            self._store(len(self._waiting))
        super().close()

    def _store(self, length: int) -> None:
        part = ArtifactPart(artifact=self._artifact, n=self._n, bytes=bytes(self._waiting[:length]))
        part.save(using=QUEUE, force_insert=True)
        del self._waiting[:length]
        self._n += 1

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


@contextmanager
def _progress(artifact: Artifact) -> Iterator[Progress]:
    """Says how far the build is, on a connection of its own, which commits each word of it at once."""
    beside = connections[QUEUE].copy()
    said: list[tuple[int, str]] = []

    def say(percent: int, step: str) -> None:
        now = (min(max(percent, 0), 100), step[:120])
        if said[-1:] == [now]:
            return
        said[:] = [now]
        with beside.cursor() as cursor:
            cursor.execute(
                "UPDATE trial_artifactprogress SET percent = %s, step = %s, at = now() WHERE artifact_id = %s",
                [*now, artifact.pk],
            )

    try:
        yield say
    finally:
        beside.close()


def _failed(artifact: Artifact, error: str, *, for_good: bool = False) -> None:
    """Later again, twice as late each time; after the last attempt whoever asked is told once."""
    artifact.last_error = error[:2000]
    artifact.size, artifact.sha256, artifact.built_at = None, "", None
    artifact.next_try_at = timezone.now() + timedelta(seconds=2**artifact.attempts)
    if artifact.attempts < MOST and not for_good:
        return
    artifact.state, artifact.failed_at = State.FAILED, timezone.now()
    trial = Trial.objects.get(pk=artifact.trial_id)
    notices.post(
        trial=trial,
        to=[User.objects.get(pk=artifact.requested_by_id)],  # the row was read by another alias
        key=f"artifact-failed-{artifact.pk}",
        kind=NoticeKind.ANALYSIS,
        page=f"reports/{artifact.pk}/",
        subject=f"{trial.code}: {artifact.title} could not be built",
        text=f"{artifact.last_error} It can be asked for again.",
    )

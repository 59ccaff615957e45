"""Files that are built from a data cut by a worker, kept for good, and taken by who may: reports and datasets.

A request is a row (the worker's side is building.py). The same thing asked for twice, of one cut, is one file; one that
failed can be asked for again. What may no longer be read by anybody (`settings.PAST["hidden"]`: the values of a patient
who withdrew the consent to them) stays in the files that hold it, and those are no longer offered while that is so.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import BinaryIO, NamedTuple, NotRequired, TypedDict, Unpack
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Min, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string

from ..models import Artifact, ArtifactPart, ArtifactProgress, RowImage, User
from ..people import access
from ..people.access import Scope
from ..record import access_events, ledger
from ..record.cuts import Cut

State = Artifact.State
Progress = Callable[[int, str], None]  # percent, and what is being done, in words
WITHDRAWN = (
    "It holds values of a patient who has withdrawn the consent to them since it was built. It is kept and no longer "
    "offered. Ask for it again: the new one leaves that patient's values out."
)


@dataclass(frozen=True, slots=True)
class Builder:
    """What a kind of file is.

    label: in words, "Open report". may: whether this reader may have that file, or one like it.
    build: writes the file piece by piece and says how far it is; outside of any transaction, so that it may open
    `ledger.as_of(artifact.trial_id, artifact.number, without=rows)`. A Refused ends it at once with its sentence.
    because: the sentence for who may not have it, where there is more to say than that.
    patient: by number, whose values alone are in it; None: of many.
    """

    label: str
    build: Callable[[Artifact, BinaryIO, Progress], None]
    may: Callable[[Scope, Artifact], bool]
    because: Callable[[Scope, Artifact], str] = lambda scope, artifact: ""
    patient: Callable[[Artifact], int | None] = lambda artifact: None


_builders: dict[str, Builder] = {}


def register(kind: str, builder: Builder) -> None:
    """Say what a kind is; in a module that `settings.BUILDERS` names."""
    _builders[kind] = builder


def builders() -> Mapping[str, Builder]:
    """By kind, whatever door was opened first."""
    for module in settings.BUILDERS:
        import_module(module)
    return _builders


class Asked(TypedDict):
    """What is asked for.

    key: what of the kind is wanted, as "003" of casebooks. cut: `latest` for the record as it stands.
    sub_study: whether the file holds what a patient may withdraw (sBCMA).
    """

    kind: str
    key: str
    cut: Cut
    title: str
    filename: str
    media_type: str
    cut_name: NotRequired[str]
    sub_study: NotRequired[bool]


def request(*, by: User, http: HttpRequest | None = None, **asked: Unpack[Asked]) -> Artifact:
    """Ask for a file; the one that is there, or waits already, if it was asked for before.

    http: for the address that is recorded.
    Raises Http404 for a stranger; PermissionDenied, recorded, for who may not have it.
    """
    scope = access.scope(by, asked["cut"].trial)
    made = wanted(**asked)
    made.requested_by = by
    need(scope, made, http)
    found = _one(made)
    access_events.record(access_events.FILE_ASKED, user=by, request=http, trial=scope.trial, detail=said(found))
    return found


def wanted(**asked: Unpack[Asked]) -> Artifact:
    """The row of what is asked for, not stored."""
    cut = asked["cut"]
    made = Artifact(
        trial_id=cut.trial,
        kind=asked["kind"],
        key=asked["key"],
        title=asked["title"][:250],
        filename=asked["filename"][:150],
        media_type=asked["media_type"],
        cut=asked.get("cut_name", ""),
        number=cut.number,
        on=cut.on,
        cut_hash=cut.hash,
        next_try_at=timezone.now(),
    )
    if asked.get("sub_study"):
        held = _hidden(cut.trial).items()
        made.without = sorted(str(row) for row, hidden in held if _may_hold(made, hidden))
        made.without_hash = hashlib.sha256(ledger.canonical(made.without).encode()).hexdigest()
    return made


def _one(made: Artifact) -> Artifact:
    """The constraint swallows the second of two; it fails and is gone from the unfinished ones at the worst twice."""
    same = {name: getattr(made, name) for name in ("trial_id", "kind", "key", "number", "on", "without_hash")}
    while True:
        with transaction.atomic():
            Artifact.objects.bulk_create([made], ignore_conflicts=True)
            found = Artifact.objects.exclude(state=State.FAILED).filter(**same).first()
            if found is not None:
                ArtifactProgress.objects.bulk_create([ArtifactProgress(artifact=found)], ignore_conflicts=True)
                return found


def may(scope: Scope, artifact: Artifact) -> bool:
    builder = builders().get(artifact.kind)
    return builder is not None and builder.may(scope, artifact)


def need(scope: Scope, artifact: Artifact, http: HttpRequest | None = None) -> None:
    """Raise PermissionDenied where the reader may not have it, and record that he asked."""
    if may(scope, artifact):
        return
    access_events.record(
        access_events.FILE_REFUSED, user=scope.user, request=http, trial=scope.trial, detail=said(artifact)
    )
    builder = builders().get(artifact.kind)
    why = builder.because(scope, artifact) if builder else ""
    raise PermissionDenied(why or f"As {scope.role_label} you may not read this: {artifact.title}.")


def listed(scope: Scope, kinds: Collection[str]) -> QuerySet[Artifact]:
    """Those of the trial and these kinds, the last asked for first. Which of them the reader may have is `may`."""
    found = Artifact.objects.filter(trial=scope.trial, kind__in=list(kinds))
    return found.select_related("requested_by", "progress").order_by("-requested_at")


def find(trial: UUID, pk: UUID) -> Artifact | None:
    return Artifact.objects.filter(trial=trial, pk=pk).select_related("requested_by", "progress", "trial").first()


def withheld(trial: UUID) -> Callable[[Artifact], str]:
    """Of the trial's files: why one is no longer offered, "" where it is. Reads once for all of them."""
    hidden = _hidden(trial)

    def why(artifact: Artifact) -> str:
        if artifact.without is None:
            return ""
        left_out = set(artifact.without)
        held = any(_may_hold(artifact, one) and str(row) not in left_out for row, one in hidden.items())
        return WITHDRAWN if held else ""

    return why


class Hidden(NamedTuple):
    """A row that nobody may read today. first: the record's number when it came. patient: None of a row of many."""

    first: int
    patient: int | None


def _may_hold(artifact: Artifact, hidden: Hidden) -> bool:
    builder = builders().get(artifact.kind)
    patient = builder.patient(artifact) if builder else None
    return hidden.first <= artifact.number and patient in (None, hidden.patient)


def _hidden(trial: UUID) -> dict[UUID, Hidden]:
    rows: Mapping[UUID, int | None] = import_string(settings.PAST["whose_hidden"])(trial)
    if not rows:
        return {}
    images = RowImage.objects.filter(ledger__trial=trial, row__in=rows)
    found = dict(images.values("row").annotate(first=Min("number")).values_list("row", "first"))
    for name in settings.SEALED:
        found |= dict(apps.get_model(name)._default_manager.filter(pk__in=rows).values_list("pk", "number"))
    return {row: Hidden(first, rows[row]) for row, first in found.items()}


def left_out(artifact: Artifact) -> frozenset[UUID]:
    """The rows that it is built without, for `ledger.as_of(…, without=)`."""
    return frozenset(UUID(row) for row in artifact.without or ())


def stream(artifact: Artifact) -> Iterator[bytes]:
    """The file, a part at a time: nothing holds it whole."""
    n = 0
    while (
        part := ArtifactPart.objects.filter(artifact=artifact, n=n).values_list("bytes", flat=True).first()
    ) is not None:
        yield bytes(part)
        n += 1


def said(artifact: Artifact) -> str:
    """For the record of access: what it is, of which cut, and its hash once it has one."""
    hashed = f", SHA-256 {artifact.sha256}" if artifact.sha256 else ""
    return f"{artifact.title}, record number {artifact.number}{hashed}"

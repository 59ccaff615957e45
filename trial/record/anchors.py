"""Anchors: where every ledger stood, sealed in a chain of their own, after each signature and each day.

Access events and computed results take no lock, so they are not chained one by one. Each UTC day gets one anchor,
written when every request of that day is over: the number and SHA-256 of its access events and of its results, each
ledger's number and head, and the hash of the anchor before. Between two days an anchor follows each signature, with the
ledgers that moved. Whoever keeps one anchor's hash outside (settings.ANCHOR_TO) can show later that nothing up to it
was rewritten.

The time is the database's; where this process's differs, nothing is written (clocks.py).
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any, Protocol

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, QuerySet

from .. import clock, notices
from ..models import AccessEvent, Anchor, Ledger, ResultSeal, RightsReview, Signature
from . import clocks
from .ledger import canonical

START = "0" * 64
WAIT = timedelta(minutes=15)  # after midnight: no request of the day before is still under way (its limit is 60 s)


def write() -> int:
    """Anchor each day that is over and has none yet, then what was signed since; how many. Safe two at once."""
    if not clocks.agree():
        return 0
    written = 0
    try:
        for day in _days_over():
            _anchor(day)
            written += 1
        if _signed_since(_anchored()):
            _anchor(None)
            written += 1
    except IntegrityError:  # another worker was quicker
        pass
    return written


def verify(ledger: Ledger | None = None) -> list[str]:
    """What is wrong with the anchors, a sentence each. ledger: compare the heads of this one only."""
    return list(_wrong(ledger))


def latest() -> Anchor | None:
    return Anchor.objects.order_by("number").last()


def holds(kept: str) -> Anchor | None:
    """The anchor with a hash that was kept outside, None when the chain has none like it."""
    return Anchor.objects.filter(hash=kept).first()


def _days_over() -> Iterator[date]:
    """The days without an anchor up to yesterday; with no anchor yet, yesterday alone."""
    until = (clock.of_database() - WAIT).date()  # the first day that is not over
    last = _last_day()
    day = last + timedelta(days=1) if last else until - timedelta(days=1)
    while day < until:
        yield day
        day += timedelta(days=1)


def _last_day() -> date | None:
    return Anchor.objects.exclude(day=None).order_by("number").values_list("day", flat=True).last()


def _anchored() -> dict[str, int]:
    """The number of each ledger that was anchored last: of the last day, and since."""
    last = Anchor.objects.exclude(day=None).order_by("number").last()
    since = Anchor.objects.filter(number__gte=last.number if last else 0).order_by("number")
    return {pk: number for anchor in since for pk, number, _ in json.loads(anchor.body)["ledgers"]}


def _signed_since(anchored: dict[str, int]) -> bool:
    """Whether anybody has signed anything since the last anchor."""
    moved = {
        trial: anchored.get(str(pk), 0)
        for pk, trial, number in Ledger.objects.values_list("pk", "trial", "number")
        if number > anchored.get(str(pk), 0)
    }
    signed = list(Signature.objects.filter(trial__in=moved).values_list("trial").annotate(last=Max("rev")))
    if None in moved:  # the installation's: there the rights of a quarter are signed
        signed.append((None, RightsReview.objects.aggregate(last=Max("rev"))["last"] or 0))
    return any(rev > moved[trial] for trial, rev in signed)


def _anchor(day: date | None) -> Anchor:
    last = latest()
    number, prev = (last.number + 1, last.hash) if last else (1, START)
    at = clock.of_database()
    known = {} if day else _anchored()
    with transaction.atomic():
        heads = Ledger.objects.order_by("id").values_list("id", "number", "head")
        said: dict[str, Any] = {
            "number": number,
            "day": day.isoformat() if day else None,
            "at": at.isoformat(),
            "ledgers": [[str(pk), up_to, head] for pk, up_to, head in heads if up_to > known.get(str(pk), -1)],
            "prev": prev,
        }
        if day:
            before = _last_day()
            said |= {what: _seal(of, rows.iterator()) for what, (rows, of) in _of_days(before, day).items()}
        body = canonical(said)
        digest = hashlib.sha256(body.encode()).hexdigest()
        anchor = Anchor.objects.create(number=number, day=day, at=at, body=body, prev=prev, hash=digest)
        _send(anchor)
    return anchor


def _send(anchor: Anchor) -> None:
    notices.post_outside(
        settings.ANCHOR_TO,
        key=f"anchor-{anchor.number}",
        subject=str(anchor),
        text=(
            f"{anchor} (UTC) of this installation's record:\n\n{anchor.hash}\n\nKeep this message outside the "
            f"installation. `manage.py verify_ledger --anchor {anchor.hash}` says whether what it seals still stands."
        ),
    )


class Timed(Protocol):
    at: datetime


Plain = Callable[[Any], dict[str, Any]]
Sealed = dict[str, tuple[QuerySet[Any], Plain]]


def _of_days(after: date | None, until: date) -> Sealed:
    """What is sealed by the day, from after one to the end of another, with how a row is worded."""
    found: Sealed = {
        "access": (AccessEvent.objects.order_by("at", "id"), _access),
        "results": (ResultSeal.objects.order_by("at", "row"), _result),
    }
    return {
        what: (rows.filter(at__lt=_end(until), **({"at__gte": _end(after)} if after else {})), plain)
        for what, (rows, plain) in found.items()
    }


def _end(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, UTC)


def _seal(plain: Plain, rows: Iterable[Any]) -> dict[str, Any]:
    """How many, and the SHA-256 of their texts, a line each."""
    digest, count = hashlib.sha256(), 0
    for row in rows:
        digest.update(canonical(plain(row)).encode() + b"\n")
        count += 1
    return {"count": count, "sha256": digest.hexdigest()}


def _access(event: AccessEvent) -> dict[str, Any]:
    return {
        "id": str(event.pk),
        "at": event.at.astimezone(UTC).isoformat(),
        "user": str(event.user_id) if event.user_id else None,
        "trial": str(event.trial_id) if event.trial_id else None,
        "kind": event.kind,
        "address": event.address,
        "detail": event.detail,
    }


def _result(seal: ResultSeal) -> dict[str, Any]:
    return {
        "row": str(seal.row),
        "table": seal.table,
        "trial": str(seal.trial_id),
        "at": seal.at.astimezone(UTC).isoformat(),
        "sha256": seal.sha256,
    }


WHAT = {"access": "its access events are", "results": "the seals of its results are"}


def _wrong(ledger: Ledger | None) -> Iterator[str]:
    days = [day for day in Anchor.objects.order_by("number").values_list("day", flat=True) if day]
    sealed = _sealed_again(days)
    prev, day = START, days[0] if days else None
    heads = Heads(ledger)
    for number, anchor in enumerate(Anchor.objects.order_by("number").iterator(chunk_size=100), 1):
        if anchor.number != number or (anchor.day and anchor.day != day):
            yield f"{anchor}: an anchor before it is missing."
            return  # what follows would only say so again
        if hashlib.sha256(anchor.body.encode()).hexdigest() != anchor.hash:
            yield f"{anchor}: its text does not have the hash that was stored."
        if anchor.prev != prev:
            yield f"{anchor}: it does not follow the anchor before it."
        body = json.loads(anchor.body)
        if (body["number"], body["day"], body["prev"]) != (anchor.number, _iso(anchor.day), anchor.prev):
            yield f"{anchor}: a column differs from the sealed text."
        for what, found in sealed.items():
            if what in body and anchor.day and body[what] != found[anchor.day]:
                yield f"{anchor}: {WHAT[what]} not those that were sealed."
        for event in heads.rewritten(body["ledgers"]):
            yield f"{anchor}: event {event} of a ledger is not the one that was sealed; the chain was rewritten."
        if anchor.day:
            day = anchor.day + timedelta(days=1)
        prev = anchor.hash


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _sealed_again(days: list[date]) -> dict[str, dict[date, dict[str, Any]]]:
    """The seals of what stands now, by what it is and by the day of the anchor that holds it."""
    if not days:
        return {}
    first = days[0]

    def holding(row: Timed) -> date:
        return max(first, row.at.astimezone(UTC).date())

    return {
        what: {day: _seal(plain, ()) for day in days}
        | {day: _seal(plain, found) for day, found in groupby(rows.iterator(), holding)}
        for what, (rows, plain) in _of_days(None, days[-1]).items()
    }


class Heads:
    """Whether each ledger still has the head that an anchor saw: a chain that was rewritten whole has not."""

    def __init__(self, only: Ledger | None) -> None:
        self._only = str(only.pk) if only else None
        self._same: dict[str, tuple[int, str]] = {}  # most ledgers have not moved since the anchor before

    def rewritten(self, ledgers: Iterable[tuple[str, int, str]]) -> list[int]:
        """The numbers of the events that are not those that were sealed."""
        mine = [one for one in ledgers if one[1] and self._only in (None, one[0])]
        asked = [(pk, number, head) for pk, number, head in mine if self._same.get(pk) != (number, head)]
        stand = self._stand(asked)
        self._same |= {pk: (number, head) for pk, number, head in asked if (pk, number, head) in stand}
        return [number for pk, number, head in asked if (pk, number, head) not in stand]

    def _stand(self, asked: list[tuple[str, int, str]]) -> set[tuple[str, int, str]]:
        if not asked:
            return set()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT e.ledger_id::text, e.number, e.hash FROM trial_auditevent e"
                " JOIN unnest(%s::uuid[], %s::int[]) AS asked (ledger, number)"
                " ON e.ledger_id = asked.ledger AND e.number = asked.number",
                [[pk for pk, _, _ in asked], [number for _, number, _ in asked]],
            )
            return set(cursor.fetchall())

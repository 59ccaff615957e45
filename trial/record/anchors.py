"""The daily anchor: access events sealed by the day in a chain of their own, with the head of every ledger.

Access events take no lock, so they are not chained one by one. Each UTC day gets one anchor, written when every request
of that day is over: the number and SHA-256 of its access events, each ledger's number and head, and the hash of the
anchor before. Whoever keeps one anchor's hash outside can show later that no day up to it was rewritten.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.db import IntegrityError, transaction

from .. import clock
from ..models import AccessEvent, AuditEvent, DailyAnchor, Ledger
from .ledger import canonical

START = "0" * 64
WAIT = timedelta(minutes=15)  # after midnight: no request of the day before is still under way (its limit is 60 s)


def write() -> int:
    """Anchor every day that is over and has none yet; how many were written. Two at once write each day once."""
    last = latest()
    until = (clock.now(simulated=False) - WAIT).date()  # the first day that is not over
    day, written = last.day + timedelta(days=1) if last else until - timedelta(days=1), 0
    while day < until:
        try:
            with transaction.atomic():
                last = _anchor(day, last)
        except IntegrityError:
            return written  # another worker anchors the same days
        day, written = day + timedelta(days=1), written + 1
    return written


def verify(ledger: Ledger | None = None) -> list[str]:
    """What is wrong with the anchors, a sentence each. ledger: compare the heads of this one only."""
    return list(_wrong(ledger))


def latest() -> DailyAnchor | None:
    return DailyAnchor.objects.order_by("number").last()


def holds(kept: str) -> DailyAnchor | None:
    """The anchor with a hash that was kept outside, None when the chain has none like it."""
    return DailyAnchor.objects.filter(hash=kept).first()


def _anchor(day: date, last: DailyAnchor | None) -> DailyAnchor:
    events = AccessEvent.objects.filter(at__lt=_end(day)).order_by("at", "id")
    if last:
        events = events.filter(at__gte=_end(last.day))
    number, prev = (last.number + 1, last.hash) if last else (1, START)
    heads = Ledger.objects.order_by("id").values_list("id", "number", "head")
    body = canonical(
        {
            "number": number,
            "day": day.isoformat(),
            "access": _seal(events.iterator()),
            "ledgers": [[str(pk), at, head] for pk, at, head in heads],
            "prev": prev,
        }
    )
    return DailyAnchor.objects.create(
        number=number,
        day=day,
        at=clock.now(simulated=False),
        body=body,
        prev=prev,
        hash=hashlib.sha256(body.encode()).hexdigest(),
    )


def _end(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, UTC)


def _seal(events: Iterable[AccessEvent]) -> dict[str, Any]:
    """How many, and the SHA-256 of their texts, a line each."""
    digest, count = hashlib.sha256(), 0
    for event in events:
        digest.update(canonical(_plain(event)).encode() + b"\n")
        count += 1
    return {"count": count, "sha256": digest.hexdigest()}


def _plain(event: AccessEvent) -> dict[str, Any]:
    return {
        "id": str(event.pk),
        "at": event.at.astimezone(UTC).isoformat(),
        "user": str(event.user_id) if event.user_id else None,
        "trial": str(event.trial_id) if event.trial_id else None,
        "kind": event.kind,
        "address": event.address,
        "detail": event.detail,
    }


def _wrong(ledger: Ledger | None) -> Iterator[str]:
    anchors = list(DailyAnchor.objects.order_by("number"))
    if not anchors:
        return
    sealed = _sealed_again(anchors)
    prev, day = START, anchors[0].day
    for number, anchor in enumerate(anchors, 1):
        name = f"Daily anchor {anchor.number} of {anchor.day:%-d %b %Y}"
        if anchor.number != number or anchor.day != day:
            yield f"{name}: a day before it is missing."
            return  # what follows would only say so again
        if hashlib.sha256(anchor.body.encode()).hexdigest() != anchor.hash:
            yield f"{name}: its text does not have the hash that was stored."
        if anchor.prev != prev:
            yield f"{name}: it does not follow the anchor before it."
        body = json.loads(anchor.body)
        if (body["number"], body["day"], body["prev"]) != (anchor.number, anchor.day.isoformat(), anchor.prev):
            yield f"{name}: a column differs from the sealed text."
        if body["access"] != sealed.get(anchor.number, _seal([])):
            yield f"{name}: its access events are not those that were sealed."
        prev, day = anchor.hash, day + timedelta(days=1)
    yield from _heads(anchors, ledger)


def _sealed_again(anchors: list[DailyAnchor]) -> dict[int, dict[str, Any]]:
    """The seals of the events as they stand, by the number of the anchor that holds their day."""
    events = AccessEvent.objects.filter(at__lt=_end(anchors[-1].day)).order_by("at", "id").iterator()
    first = anchors[0].day

    def holding(event: AccessEvent) -> int:
        return max(0, (event.at.astimezone(UTC).date() - first).days) + 1

    return {number: _seal(found) for number, found in groupby(events, holding)}


def _heads(anchors: list[DailyAnchor], only: Ledger | None) -> Iterator[str]:
    """Whether each ledger still has the head that an anchor saw: a chain that was rewritten whole has not."""
    seen = [
        (anchor, pk, number, head)
        for anchor in anchors
        for pk, number, head in json.loads(anchor.body)["ledgers"]
        if number and (only is None or pk == str(only.pk))
    ]
    events = AuditEvent.objects.filter(number__in={number for _, _, number, _ in seen})
    hashes = {(str(pk), number): head for pk, number, head in events.values_list("ledger", "number", "hash")}
    for anchor, pk, number, head in seen:
        if hashes.get((pk, number)) != head:
            yield (
                f"Daily anchor {anchor.number} of {anchor.day:%-d %b %Y}: event {number} of a ledger is not the one "
                "that was sealed; the chain was rewritten."
            )

"""A whole trail as a zip with the texts that were hashed, and a program that checks them without this one.

Made piece by piece as it is sent: a trail may be longer than the memory of a process.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..models import Anchor, AuditEvent, Membership
from . import trail
from .trail import Trail

CHECKER = Path(__file__).with_name("verify_export.py")
AT_ONCE = 100  # events that are read and sent together


class _Sink:
    """What the zip has written since the last piece was taken."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


def as_zip(of: Trail) -> Iterator[bytes]:
    """The trail up to the number at which it was asked for; what is written meanwhile is not in it."""
    taken, sink = datetime.now(UTC), _Sink()
    with zipfile.ZipFile(sink, "w") as archive:  # it cannot seek, and need not
        for name, pieces in _files(of, taken):
            info = zipfile.ZipInfo(name, taken.timetuple()[:6])
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with archive.open(info, "w", force_zip64=True) as file:
                for piece in pieces:
                    file.write(piece.encode())
                    yield sink.take()
    yield sink.take()


def _files(of: Trail, taken: datetime) -> Iterator[tuple[str, Iterable[str]]]:
    yield CHECKER.name, [CHECKER.read_text()]
    yield "trail.json", [json.dumps(_about(of, taken), ensure_ascii=False, indent=1)]
    yield "trail.jsonl", _events(of)
    yield "anchors.jsonl", _anchors()


def _about(of: Trail, taken: datetime) -> dict[str, Any]:
    people = {str(person.pk): person.name for person in trail.authors(of)}
    members = Membership.objects.filter(trial=of.ledger.trial_id).values_list("user", "user__name")
    return {
        "trial": of.ledger.trial.code if of.ledger.trial else "installation",
        "ledger": str(of.ledger.pk),
        "number": of.ledger.number,
        "head": of.ledger.head,
        "taken": taken.isoformat(timespec="seconds"),
        "people": people | {str(pk): name for pk, name in members},  # the texts have their ids
    }


def _events(of: Trail) -> Iterator[str]:
    """An event a line: its number, its hash, and the text that has it; of one that is shut, what it follows."""
    shut, last = trail.sealed_from(of), 0
    while last < of.ledger.number:
        found = AuditEvent.objects.filter(ledger=of.ledger, number__gt=last, number__lte=of.ledger.number)
        events = list(found.order_by("number").values("number", "hash", "prev", "body")[:AT_ONCE])
        if not events:
            return
        yield _lines(
            {"number": one["number"], "hash": one["hash"]}
            | ({"prev": one["prev"]} if one["number"] in shut else {"body": one["body"]})
            for one in events
        )
        last = events[-1]["number"]


def _anchors() -> Iterator[str]:
    found, last = Anchor.objects.order_by("number").values("number", "hash", "body"), 0
    while anchors := list(found.filter(number__gt=last)[:AT_ONCE]):
        yield _lines(anchors)
        last = anchors[-1]["number"]


def _lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)

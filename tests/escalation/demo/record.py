"""What a record says, once ids, instants and hashes are replaced by their order of appearance: two runs compare."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from trial.models import AuditEvent, Ledger, Notice
from trial.record.ledger import canonical

NAMES = {
    "id": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "hash": r"[0-9a-f]{64}",
    "at": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)",
}
SEEN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in NAMES.items()))


@dataclass(frozen=True)
class Action:
    """One event, or the notices in the end. `line` tells two of them apart; `text` is for a reader."""

    line: str
    text: str


class Named:
    """Each id, instant and hash by the place at which it was seen first."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        return SEEN.sub(self._name, text)

    def _name(self, found: re.Match[str]) -> str:
        return self.names.setdefault(found[0], f"{found.lastgroup}-{len(self.names) + 1}")


def record() -> list[Action]:
    """Every action of every ledger with its row images, in order, then the notices that they posted."""
    named = Named()
    return [*_actions(named), _notices(named)]


def _actions(named: Named) -> Iterator[Action]:
    for ledger in Ledger.objects.order_by("pk"):
        for event in AuditEvent.objects.filter(ledger=ledger).order_by("number"):
            body = json.loads(named(event.body))
            images = [(image["table"], canonical(_told(image))) for image in body.pop("images")]
            digests = [f"{table} {_digest(said)}" for table, said in images]
            line = f"{event.number} {event.verb} {_digest(canonical(body))}: {', '.join(digests)}"
            yield Action(line, "\n".join([canonical(body), *(said for _, said in images)]))


def _told(image: dict[str, Any]) -> dict[str, Any]:
    """Without empty columns: a nullable one that is added later is no difference."""
    return image | {"image": {name: value for name, value in image["image"].items() if value is not None}}


def _notices(named: Named) -> Action:
    rows = Notice.objects.values_list("trial", "to", "key", "subject", "text")
    said = sorted(named(canonical([str(part) for part in row])) for row in rows)
    return Action(f"{len(said)} notices {_digest(canonical(said))}", "\n".join(said))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]

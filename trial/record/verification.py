"""Is the record what was written? Chain, images, live rows, accounts and results compared, in one snapshot.

docs/proof.md says what this covers and what lies beyond it.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal

from django.db import connection

from ..models import AuditEvent, Ledger
from . import guard
from . import ledger as record
from .catalogue import asked


def one_moment() -> AbstractContextManager[None]:
    """Everything inside is read as it stood at one moment, while people write. In a transaction that is under way: in
    that one.
    """
    return nullcontext() if connection.in_atomic_block else record.standing()


def verify(ledger: Ledger) -> list[str]:
    """What is wrong with one ledger, a sentence each; empty when everything agrees."""
    return [*_chain(ledger), *_rows(ledger), *_accounts(ledger), *_results(ledger), *_unopened(ledger)]


def _chain(ledger: Ledger) -> Iterator[str]:
    head, number = "0" * 64, 0
    for event in AuditEvent.objects.filter(ledger=ledger).order_by("number").iterator():
        number += 1
        name = f"Event {event.number}"
        if event.number != number:
            yield f"{name}: number {number} is missing before it."
            number = event.number
        if hashlib.sha256(event.body.encode()).hexdigest() != event.hash:
            yield f"{name}: its text does not have the hash that was stored."
        if event.prev != head:
            yield f"{name}: it does not follow the event before it."
        for what in _body(event, ledger):
            yield f"{name}: {what}"
        head = event.hash
    if (ledger.number, ledger.head) != (number, head):
        yield f"The ledger's head (number {ledger.number}) is not its last event ({number})."


def _body(event: AuditEvent, ledger: Ledger) -> list[str]:
    try:
        body = json.loads(event.body, parse_float=Decimal)
    except ValueError:
        return ["its text is none that the program writes."]
    columns = {
        "ledger": str(ledger.pk),
        "trial": str(ledger.trial_id) if ledger.trial_id else None,
        "number": event.number,
        "at": event.at.isoformat(),
        "by": str(event.by_id) if event.by_id else None,
        "acting_as": event.acting_as,
        "verb": event.verb,
        "reason": event.reason,
        "prev": event.prev,
        "written": event.written,
    }
    wrong = [f"column {k} differs from the sealed text." for k, v in columns.items() if body.get(k) != v]
    if record.canonical(body.get("images")) != record.canonical(record.images(ledger, event.number)):
        wrong.append("the row images differ from the sealed text.")
    return wrong


def _rows(ledger: Ledger) -> Iterator[str]:
    """Live rows against their last images; only top-level nulls are dropped, so a new column is no difference."""
    for model in record.audited_models():
        if (model.LEDGER == "") != (ledger.trial_id is None):
            continue
        table = model._meta.db_table
        mine = f'WHERE l."{model.LEDGER}" = %s' if model.LEDGER else "WHERE %s::uuid IS NULL"
        found = asked(
            f"""
            SELECT coalesce(live.id, last.row)::text, live.id IS NULL, last.row IS NULL FROM
            (SELECT l.id, ledger_trim(to_jsonb(l)) AS row FROM public."{table}" l {mine}) live
            FULL JOIN (
                SELECT DISTINCT ON (i.row) i.row, ledger_trim(i.image) AS image FROM public.trial_rowimage i
                WHERE i.ledger_id = %s AND i."table" = %s
                ORDER BY i.row, i.number DESC, i.seq DESC) last ON last.row = live.id
            WHERE live.row IS DISTINCT FROM last.image
            """,
            ledger.trial_id,
            ledger.pk,
            table,
        )
        for row, gone, unknown in found:
            what = "was removed" if gone else "was never recorded" if unknown else "differs from its last image"
            yield f"Row {row} of {table} {what}: it was changed behind the program's back."


def _accounts(ledger: Ledger) -> Iterator[str]:
    """Log-ins against what was decided about them: of everybody, or of the trial's people."""
    for email, unknown, named, moved in asked(
        """
        SELECT u.email, a.id IS NULL, u.name IS DISTINCT FROM a.name, u.email <> a.email FROM trial_user u
        LEFT JOIN trial_account a ON a.user_id = u.id AND NOT a.voided
        WHERE (%s::uuid IS NULL OR EXISTS (SELECT FROM trial_membership m WHERE m.user_id = u.id AND m.trial_id = %s))
            AND (a.id IS NULL OR u.name <> a.name OR u.is_active <> a.open OR u.email <> a.email)
        ORDER BY u.email
        """,
        ledger.trial_id,
        ledger.trial_id,
    ):
        other = "has another name" if named else "has another address" if moved else "is open or closed otherwise"
        what = "was never opened" if unknown else other
        yield f"The log-in of {email} {what}{'' if unknown else ' than was recorded'}: it was changed in the database."


def _results(ledger: Ledger) -> Iterator[str]:
    """Stored results of the trial against the SHA-256 that each had when it was stored."""
    for model in guard.sealed_models() if ledger.trial_id else ():
        table = model._meta.db_table
        found = asked(
            f"""
            SELECT coalesce(live.id, seal.row)::text, live.id IS NULL, seal.row IS NULL FROM
            (SELECT l.id, result_digest(to_jsonb(l)) AS digest FROM public."{table}" l WHERE l.trial_id = %s) live
            FULL JOIN (
                SELECT s.row, s.sha256 FROM public.trial_resultseal s WHERE s.trial_id = %s AND s."table" = %s) seal
                ON seal.row = live.id
            WHERE live.digest IS DISTINCT FROM seal.sha256
            """,
            ledger.trial_id,
            ledger.trial_id,
            table,
        )
        for row, gone, unknown in found:
            what = "was removed" if gone else "was never sealed" if unknown else "is not the one that was computed"
            yield f"Result {row} of {table} {what}: it was changed behind the program's back."


def _unopened(ledger: Ledger) -> Iterator[str]:
    """With the installation: trials that have no ledger, whose rows nothing would be compared with."""
    if ledger.trial_id is None:
        for (code,) in asked(
            "SELECT code FROM trial_trial WHERE id NOT IN (SELECT trial_id FROM trial_ledger"
            " WHERE trial_id IS NOT NULL) ORDER BY 1"
        ):
            yield f"The trial {code} was never opened: it was put into the database."

"""Is the record what was written? Chain, images and live rows compared; used by `verify_ledger`."""

import hashlib
import json
from decimal import Decimal

from django.db import connection

from ..models import AuditEvent, Ledger
from . import ledger as record


def verify(ledger: Ledger) -> list[str]:
    """What is wrong with one ledger, a sentence each; empty when everything agrees."""
    return [*_chain(ledger), *_rows(ledger)]


def guards() -> list[str]:
    """Audited tables whose triggers are missing or switched off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname IN ('ledger_guard', 'ledger_capture') AND t.tgenabled = 'O'"
            " AND c.relnamespace = 'public'::regnamespace GROUP BY 1"
        )
        found = dict(cursor.fetchall())
    return [
        f"Table {table} is not guarded: a trigger of the ledger is missing or switched off."
        for table in (model._meta.db_table for model in record.audited_models())
        if found.get(table) != 2
    ]


def _chain(ledger: Ledger) -> list[str]:
    wrong: list[str] = []
    head, number = "0" * 64, 0
    for event in AuditEvent.objects.filter(ledger=ledger).order_by("number").iterator():
        number += 1
        name = f"Event {event.number}"
        if event.number != number:
            wrong.append(f"{name}: number {number} is missing before it.")
            number = event.number
        if hashlib.sha256(event.body.encode()).hexdigest() != event.hash:
            wrong.append(f"{name}: its text does not have the hash that was stored.")
        if event.prev != head:
            wrong.append(f"{name}: it does not follow the event before it.")
        wrong += [f"{name}: {what}" for what in _body(event)]
        head = event.hash
    if (ledger.number, ledger.head) != (number, head):
        wrong.append(f"The ledger's head (number {ledger.number}) is not its last event ({number}).")
    return wrong


def _body(event: AuditEvent) -> list[str]:
    body = json.loads(event.body, parse_float=Decimal)
    columns = {
        "number": event.number,
        "at": event.at.isoformat(),
        "by": str(event.by_id) if event.by_id else None,
        "acting_as": event.acting_as,
        "verb": event.verb,
        "reason": event.reason,
        "prev": event.prev,
    }
    wrong = [f"column {k} differs from the sealed text." for k, v in columns.items() if body[k] != v]
    if record.canonical(body["images"]) != record.canonical(record.images(event.ledger, event.number)):
        wrong.append("the row images differ from the sealed text.")
    return wrong


def _rows(ledger: Ledger) -> list[str]:
    """Live rows against their last images; only top-level nulls are dropped, so a new column is no difference."""
    wrong: list[str] = []
    with connection.cursor() as cursor:
        for model in record.audited_models():
            if (model.LEDGER == "") != (ledger.trial_id is None):
                continue
            table = model._meta.db_table
            mine = f'WHERE l."{model.LEDGER}" = %s' if model.LEDGER else "WHERE %s::uuid IS NULL"
            cursor.execute(
                f"""
                SELECT coalesce(live.id, last.row)::text, live.id IS NULL, last.row IS NULL FROM
                (SELECT l.id, ledger_trim(to_jsonb(l)) AS row FROM public."{table}" l {mine}) live
                FULL JOIN (
                    SELECT DISTINCT ON (i.row) i.row, ledger_trim(i.image) AS image FROM public.trial_rowimage i
                    WHERE i.ledger_id = %s AND i."table" = %s
                    ORDER BY i.row, i.number DESC, i.seq DESC) last ON last.row = live.id
                WHERE live.row IS DISTINCT FROM last.image
                """,
                [ledger.trial_id, ledger.pk, table],
            )
            for row, gone, unknown in cursor.fetchall():
                what = "was removed" if gone else "was never recorded" if unknown else "differs from its last image"
                wrong.append(f"Row {row} of {table} {what}: it was changed behind the program's back.")
    return wrong

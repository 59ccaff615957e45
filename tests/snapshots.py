"""What an empty database holds after some legal moves, kept as rows: the next test need not make the moves again.

Only into an empty database: the rows bring the installation's ledger and its chain with them.
"""

from functools import cache

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model

from trial.models import Ledger

Rows = dict[str, str]  # by table, a JSON list of whole rows


def empty() -> bool:
    """Whether nothing was written yet: every action has a ledger."""
    return not Ledger.objects.exists()


def take() -> Rows:
    """Every row of the database as it stands in this transaction."""
    return difference({}, by_row())[0]


def by_row() -> dict[str, dict[str, str]]:
    """By table, and by the primary key of each row as text, the row."""
    found: dict[str, dict[str, str]] = {}
    one = """SELECT '{table}', "{key}"::text, to_jsonb(t)::text FROM "{table}" t"""
    parts = [one.format(table=table, key=model._meta.pk.column) for table, model in _models().items()]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        for table, key, row in cursor.fetchall():
            found.setdefault(table, {})[key] = row
    return found


def difference(before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]) -> tuple[Rows, Rows, bool]:
    """Rows that are new, rows that have changed, and whether any is gone."""
    new, changed = {}, {}
    for table, rows in after.items():
        were = before.get(table, {})
        if added := [row for key, row in rows.items() if key not in were]:
            new[table] = f"[{','.join(added)}]"
        if others := [row for key, row in rows.items() if key in were and were[key] != row]:
            changed[table] = f"[{','.join(others)}]"
    gone = any(rows.keys() - after.get(table, {}).keys() for table, rows in before.items())
    return new, changed, gone


def paste(rows: Rows, changed: Rows | None = None) -> None:
    """Write the rows as the owner and without their triggers: the images and the sealed events are among them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("RESET ROLE; SET LOCAL session_replication_role = replica")
        for table, said in (changed or {}).items():
            meta = _models()[table]._meta
            key, columns = meta.pk.column, ", ".join(f'"{field.column}"' for field in meta.concrete_fields)
            row = f'json_populate_record(NULL::"{table}", one)'
            cursor.execute(
                f'UPDATE "{table}" t SET ({columns}) = (SELECT {columns} FROM {row})'
                f" FROM json_array_elements(%s::json) one WHERE t.\"{key}\"::text = one->>'{key}'",
                [said],
            )
        for table, said in rows.items():
            cursor.execute(
                f'INSERT INTO "{table}" SELECT * FROM json_populate_recordset(NULL::"{table}", %s::json)', [said]
            )
        cursor.execute(f"SET LOCAL session_replication_role = origin; SET ROLE {settings.DATABASE_APP_ROLE}")


@cache
def _models() -> dict[str, type[Model]]:
    left = {"django_content_type", "auth_permission", "django_site"}  # written by migrations, in every database
    return {m._meta.db_table: m for m in apps.get_models() if m._meta.managed and m._meta.db_table not in left}

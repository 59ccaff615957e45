"""What an empty database holds after some legal moves, kept as rows: the next test need not make the moves again.

Only into an empty database: the rows bring the installation's ledger and its chain with them.
"""

from functools import cache

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model

from trial.models import Ledger

Rows = dict[str, dict[str, str]]  # by table, and by the primary key of each row as text, the whole row as JSON

# without the triggers, which seal and refuse
AS_OWNER = "RESET ROLE; SET LOCAL session_replication_role = replica"
AS_APPLICATION = f"SET LOCAL session_replication_role = origin; SET ROLE {settings.DATABASE_APP_ROLE}"


def empty() -> bool:
    """Whether nothing was written yet: every action has a ledger."""
    return not Ledger.objects.exists()


def take() -> Rows:
    """Every row of the database as it stands in this transaction."""
    return difference({}, by_row())[0]


def by_row() -> Rows:
    found: Rows = {}
    one = """SELECT '{table}', "{key}"::text, to_jsonb(t)::text FROM "{table}" t"""
    parts = [one.format(table=table, key=model._meta.pk.column) for table, model in _models().items()]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        for table, key, row in cursor.fetchall():
            found.setdefault(table, {})[key] = row
    return found


def difference(before: Rows, after: Rows) -> tuple[Rows, Rows, bool]:
    """Rows that are new, rows that have changed, and whether any is gone."""
    new, changed = {}, {}
    for table, rows in after.items():
        were = before.get(table, {})
        if added := {key: row for key, row in rows.items() if key not in were}:
            new[table] = added
        if others := {key: row for key, row in rows.items() if key in were and were[key] != row}:
            changed[table] = others
    gone = any(rows.keys() - after.get(table, {}).keys() for table, rows in before.items())
    return new, changed, gone


def together(steps: list[tuple[Rows, Rows]]) -> tuple[Rows, Rows]:
    """What several steps, each with its new and changed rows, leave."""
    new: Rows = {}
    changed: Rows = {}
    for added, others in steps:
        for table, rows in added.items():
            new.setdefault(table, {}).update(rows)
        for table, rows in others.items():
            for key, row in rows.items():
                (new if key in new.get(table, {}) else changed).setdefault(table, {})[key] = row
    return new, changed


def paste(rows: Rows, changed: Rows | None = None) -> None:
    """Write the rows as the owner and without their triggers: the images and the sealed events are among them."""
    said: list[str] = []
    texts: list[str] = []
    for table, of_table in (changed or {}).items():
        meta = _models()[table]._meta
        key, columns = meta.pk.column, ", ".join(f'"{field.column}"' for field in meta.concrete_fields)
        said.append(
            f'UPDATE "{table}" t SET ({columns}) = (SELECT {columns} FROM json_populate_record(NULL::"{table}", one))'
            f" FROM json_array_elements(%s::json) one WHERE t.\"{key}\"::text = one->>'{key}'"
        )
        texts.append(f"[{','.join(of_table.values())}]")
    for table, of_table in rows.items():
        said.append(f'INSERT INTO "{table}" SELECT * FROM json_populate_recordset(NULL::"{table}", %s::json)')
        texts.append(f"[{','.join(of_table.values())}]")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join([AS_OWNER, *said, AS_APPLICATION]), texts)


def clear() -> None:
    """Empty every table of what was committed, also those that refuse it."""
    parts = [f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in _models()]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{AS_OWNER}; {' UNION ALL '.join(parts)}")
        held = [f'DELETE FROM "{table}"' for (table,) in cursor.fetchall()]
        cursor.execute("; ".join([*held, AS_APPLICATION]))


@cache
def _models() -> dict[str, type[Model]]:
    left = {"django_content_type", "auth_permission", "django_site"}  # written by migrations, in every database
    models = (m for m in apps.get_models(include_auto_created=True) if m._meta.managed)
    return {m._meta.db_table: m for m in models if m._meta.db_table not in left}

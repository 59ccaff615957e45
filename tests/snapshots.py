"""What an empty database holds after some legal moves, kept as rows: the next test need not make the moves again.

Only into an empty database: the rows bring the installation's ledger and its chain with them.
"""

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from trial.models import Ledger

Rows = dict[str, str]  # by table, a JSON list of whole rows


def empty() -> bool:
    """Whether nothing was written yet: every action has a ledger."""
    return not Ledger.objects.exists()


def take() -> Rows:
    """Every row of the database as it stands in this transaction."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f'SELECT json_agg(to_jsonb(t))::text FROM "{table}" t')
            if rows := cursor.fetchone()[0]:
                found[table] = rows
    return found


def paste(rows: Rows) -> None:
    """Write the rows as the owner and without their triggers: the images and the sealed events are among them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("RESET ROLE; SET LOCAL session_replication_role = replica")
        for table, said in rows.items():
            cursor.execute(
                f'INSERT INTO "{table}" SELECT * FROM json_populate_recordset(NULL::"{table}", %s::json)', [said]
            )
        cursor.execute(f"SET LOCAL session_replication_role = origin; SET ROLE {settings.DATABASE_APP_ROLE}")


def _tables() -> list[str]:
    left = {"django_content_type", "auth_permission", "django_site"}  # written by migrations, in every database
    return [m._meta.db_table for m in apps.get_models() if m._meta.managed and m._meta.db_table not in left]

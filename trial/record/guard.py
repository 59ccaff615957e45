"""What the database itself refuses: triggers on audited tables and grants of the application role.

`manage.py migrate` ends with `install`, so that a new audited table is never without its triggers.
Safe to run again at any time; it touches no row.
"""

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from ..models import AccessEvent, AuditEvent, DailyAnchor, Ledger, RowImage
from .ledger import audited_models


def install(connection: BaseDatabaseWrapper) -> None:
    """Attach the triggers to every audited table and set the application role's grants, as the owner."""
    quote = connection.ops.quote_name
    role = quote(settings.DATABASE_APP_ROLE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_user")
        database, owner = cursor.fetchone()
        for model in audited_models():
            table = quote(model._meta.db_table)
            arguments = f"'{model.LEDGER}', '{'insert only' if model.INSERT_ONLY else ''}'"
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER ledger_guard BEFORE INSERT OR UPDATE OR DELETE ON {table}"
                f" FOR EACH ROW EXECUTE FUNCTION ledger_guard({arguments})"
            )
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER ledger_capture AFTER INSERT OR UPDATE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION ledger_capture()"
            )
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT TEMPORARY ON DATABASE {quote(database)} TO {role}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
        if owner == settings.DATABASE_APP_ROLE:
            return  # a single role cannot be kept from its own tables
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        narrow = {model._meta.db_table: "SELECT, INSERT, UPDATE" for model in audited_models()}
        narrow |= {model._meta.db_table: "SELECT, INSERT" for model in audited_models() if model.INSERT_ONLY}
        narrow |= {model._meta.db_table: "SELECT, INSERT" for model in (AuditEvent, AccessEvent, DailyAnchor)}
        narrow |= {RowImage._meta.db_table: "SELECT", Ledger._meta.db_table: "SELECT, INSERT, UPDATE (number, head)"}
        for name, grants in narrow.items():
            cursor.execute(f"REVOKE ALL ON {quote(name)} FROM {role}")
            cursor.execute(f"GRANT {grants} ON {quote(name)} TO {role}")

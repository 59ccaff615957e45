"""What the database itself refuses: triggers on audited tables and grants of the application role.

`manage.py migrate` ends with `install`, so that a new audited table is never without its triggers; `catalogue` compares
what stands in the database with what is said here. Safe to run again at any time; it touches no row.
"""

from collections.abc import Mapping, Sequence

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from ..models import AccessEvent, Anchor, Artifact, ArtifactPart, AuditEvent, Ledger, ResultSeal, RowImage
from .ledger import audited_models

EVERYTHING = ("SELECT", "INSERT", "UPDATE", "DELETE")
APPEND = ("SELECT", "INSERT")
CALLED = ("ledger_audits(name)", "ledger_trim(jsonb)", "result_digest(jsonb)")  # by the application's role itself


def sealed_models() -> list[type[models.Model]]:
    """Models of computed results, each row of which is sealed when it is stored."""
    return [apps.get_model(name) for name in settings.SEALED]


def functions() -> list[str]:
    """The definitions that follow from the models, beside those of the migrations."""
    tables = ", ".join(f"'{model._meta.db_table}'" for model in audited_models())
    return [
        "CREATE OR REPLACE FUNCTION ledger_audits(relation name) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ "
        f"SELECT relation IN ({tables}) $$;"
    ]


def triggers() -> list[str]:
    """As the database words them."""
    said = []
    for model in audited_models():
        table = model._meta.db_table
        arguments = f"'{model.LEDGER}', '{'insert only' if model.INSERT_ONLY else ''}'"
        said.append(
            f"CREATE TRIGGER ledger_guard BEFORE INSERT OR DELETE OR UPDATE ON public.{table}"
            f" FOR EACH ROW EXECUTE FUNCTION ledger_guard({arguments})"
        )
        said.append(
            f"CREATE TRIGGER ledger_capture AFTER INSERT OR UPDATE ON public.{table}"
            " FOR EACH ROW EXECUTE FUNCTION ledger_capture()"
        )
    said += [
        f"CREATE TRIGGER result_seal AFTER INSERT ON public.{model._meta.db_table}"
        " FOR EACH ROW EXECUTE FUNCTION result_seal()"
        for model in sealed_models()
    ]
    return said


def grants() -> Mapping[str, Sequence[str]]:
    """What the application's role may do, by table; on a table that is not named, EVERYTHING."""
    narrow: dict[str, Sequence[str]] = {model._meta.db_table: APPEND for model in sealed_models()}
    for model in audited_models():
        narrow[model._meta.db_table] = APPEND if model.INSERT_ONLY else ("SELECT", "INSERT", "UPDATE")
    for kept in (AuditEvent, AccessEvent, Anchor, ArtifactPart):
        narrow[kept._meta.db_table] = APPEND
    for written in (RowImage, ResultSeal):  # by the triggers alone
        narrow[written._meta.db_table] = ("SELECT",)
    narrow[Artifact._meta.db_table] = (*APPEND, "UPDATE")
    narrow[Ledger._meta.db_table] = (*APPEND, "UPDATE (number, head)")
    return narrow


def install(connection: BaseDatabaseWrapper) -> None:
    """Attach the triggers to every audited table and set the application role's grants, as the owner."""
    quote = connection.ops.quote_name
    role = quote(settings.DATABASE_APP_ROLE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_user")
        database, owner = cursor.fetchone()
        for definition in [*functions(), *triggers()]:
            cursor.execute(definition.replace("CREATE TRIGGER", "CREATE OR REPLACE TRIGGER"))
        cursor.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
        cursor.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p"
            " WHERE p.pronamespace = 'public'::regnamespace AND p.proowner = current_user::regrole"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC")
        cursor.execute(f"GRANT EXECUTE ON FUNCTION {', '.join(CALLED)} TO {role}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT TEMPORARY ON DATABASE {quote(database)} TO {role}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
        if owner == settings.DATABASE_APP_ROLE:
            return  # a single role cannot be kept from its own tables
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        cursor.execute(f"GRANT {', '.join(EVERYTHING)} ON ALL TABLES IN SCHEMA public TO {role}")
        for name, allowed in grants().items():
            cursor.execute(f"REVOKE ALL ON {quote(name)} FROM {role}")
            cursor.execute(f"GRANT {', '.join(allowed)} ON {quote(name)} TO {role}")

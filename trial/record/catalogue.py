"""Does the database still guard what it should? Its functions, triggers, owners and grants, compared with the code.

What is expected is read from the SQL of the migrations and from `guard`, never from a database: one whose guard was
replaced would say that it is as it should be.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, migrations

from . import guard

STATEMENT = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\s+(?P<function>\w+)\((?P<arguments>[^)]*)\)(?P<head>.*?)"
    r"AS\s+\$\$(?P<body>.*?)\$\$"
    r"|CREATE\s+TRIGGER\s+(?P<trigger>\w+)\s+(?P<when>BEFORE|AFTER)\s+(?P<events>.*?)\s+ON\s+(?:public\.)?(?P<table>\w+)"
    r"\s+(?P<does>FOR\s+EACH\s+ROW\s+EXECUTE\s+FUNCTION\s+\w+\(.*?\))",
    re.DOTALL,
)
EVENTS = ("INSERT", "DELETE", "UPDATE", "TRUNCATE")  # in the order in which PostgreSQL words them


@dataclass(frozen=True, slots=True)
class Function:
    """What makes a function what it is."""

    arguments: str
    body: str
    language: str
    definer: bool  # runs with the rights of its owner
    volatile: str
    settings: str  # that hold while it runs


@dataclass(frozen=True, slots=True)
class Catalogue:
    functions: Mapping[str, Function]
    triggers: Mapping[tuple[str, str], str]  # by table and name: the definition


@cache
def expected() -> Catalogue:
    functions, triggers = {}, {}
    for text in [*_migrations(), *guard.functions(), *guard.triggers()]:
        for found in STATEMENT.finditer(text):
            if name := found["function"]:
                functions[name] = _function(found)
            else:
                triggers[found["table"], found["trigger"]] = _trigger(found)
    return Catalogue(functions, triggers)


def wrong() -> list[str]:
    """What does not stand in the database as the code says, a sentence each."""
    owner = settings.DATABASE_OWNER_ROLE
    return [*_functions(owner), *_triggers(), *_tables(owner), *_grants(owner)]


def _migrations() -> Iterator[str]:
    """The SQL of our own migrations, app by app in the order of their numbers."""
    for config in apps.get_app_configs():
        folder = Path(config.path) / "migrations"
        if Path(config.path).parent != settings.BASE_DIR or not folder.is_dir():
            continue
        for found in sorted(pkgutil.iter_modules([str(folder)]), key=lambda module: module.name):
            module = importlib.import_module(f"{config.name}.migrations.{found.name}")
            for operation in module.Migration.operations:
                if isinstance(operation, migrations.RunSQL):
                    yield str(operation.sql)


def _function(found: re.Match[str]) -> Function:
    head = " ".join(found["head"].split())
    kept = re.findall(r"SET (\w+) = (.*?)(?= SET |$)", head)
    return Function(
        arguments=" ".join(found["arguments"].split()),
        body=found["body"],
        language=head.partition("LANGUAGE ")[2].split()[0],
        definer="SECURITY DEFINER" in head,
        volatile=next((word for word in ("IMMUTABLE", "STABLE") if word in head), "VOLATILE"),
        settings=_plain([f"{name}={value}" for name, value in kept]),
    )


def _trigger(found: re.Match[str]) -> str:
    events = set(found["events"].split(" OR "))
    said = " OR ".join(event for event in EVENTS if event in events)
    does = " ".join(found["does"].split())
    return f"CREATE TRIGGER {found['trigger']} {found['when']} {said} ON {found['table']} {does}"


def _plain(said: list[str]) -> str:
    """Settings of a function as both sides write them."""
    return "; ".join(sorted(one.replace("'", "").replace('"', "").replace(" ", "").lower() for one in said))


def _functions(owner: str) -> Iterator[str]:
    found = {}
    for name, arguments, body, language, definer, volatile, kept, owned_by, public in asked(
        """
        SELECT p.proname, pg_get_function_identity_arguments(p.oid), p.prosrc, l.lanname, p.prosecdef,
            CASE p.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' ELSE 'VOLATILE' END, p.proconfig,
            p.proowner::regrole::text,
            EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0)
        FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
        WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (
            SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
        """
    ):
        found[name] = Function(arguments, body, language, definer, volatile, _plain(kept or []))
        if name not in expected().functions:
            yield f"Function {name} is none of the program's."
            continue
        if owned_by != owner:
            yield f"Function {name} is owned by {owned_by}, not by {owner}."
        if public:
            yield f"Function {name} may be called by every role of the database."
    for name, function in expected().functions.items():
        if name not in found:
            yield f"Function {name} is missing."
        elif found[name] != function:
            yield f"Function {name} is not the one that the program installed."


def _triggers() -> Iterator[str]:
    found = {}
    for table, name, definition, enabled, internal in asked(
        "SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled = 'O', t.tgisinternal"
        " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'public'::regnamespace"
        " ORDER BY 1, 2"
    ):
        if not enabled:
            yield f"Table {table} is not guarded: its trigger {name} is switched off."
        if not internal:  # those of foreign keys are PostgreSQL's own
            found[table, name] = definition.replace("public.", "")
            if (table, name) not in expected().triggers:
                yield f"Table {table} has a trigger {name} that is none of the program's."
    for (table, name), definition in expected().triggers.items():
        if (table, name) not in found:
            yield f"Table {table} is not guarded: its trigger {name} is missing."
        elif found[table, name] != definition:
            yield f"Table {table} is not guarded: its trigger {name} is not the one that the program installed."


def _tables(owner: str) -> Iterator[str]:
    for table, owned_by, rewritten in asked(
        "SELECT c.relname, c.relowner::regrole::text, c.relrowsecurity OR EXISTS"
        " (SELECT FROM pg_rewrite r WHERE r.ev_class = c.oid AND c.relkind <> 'v')"
        " FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') ORDER BY 1"
    ):
        if owned_by != owner:
            yield f"Table {table} is owned by {owned_by}, not by {owner}."
        if rewritten:
            yield f"Table {table} has a rule or policy that is none of the program's."


def _grants(owner: str) -> Iterator[str]:
    role = settings.DATABASE_APP_ROLE
    if owner == role:  # a single role cannot be kept from its own tables
        return
    allowed = guard.grants()
    for table, right in asked(
        "SELECT c.relname, r FROM pg_class c, unnest(%s::text[]) r WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind IN ('r', 'p') AND has_table_privilege(%s, c.oid, r) ORDER BY 1, 2",
        [*guard.EVERYTHING, "TRUNCATE", "TRIGGER"],
        role,
    ):
        if right not in allowed.get(table, guard.EVERYTHING):
            yield f"Table {table}: the application's role {role} has the right to {right}."


def asked(statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

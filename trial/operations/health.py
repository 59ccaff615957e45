"""Whether the installation can do its work: database, migrations, broker, worker and beat. Says no more than that."""

import logging
import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader

from . import heartbeat

logger = logging.getLogger(__name__)


def checks() -> dict[str, dict[str, Any]]:
    """By name: {"ok": …} and, of worker and beat, the age of the last heartbeat in seconds."""
    return {**_database(), **_broker()}


def _database() -> dict[str, dict[str, Any]]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = set(cursor.fetchall())
    except (DatabaseError, InterfaceError) as why:
        logger.warning("readyz: no database: %s", type(why).__name__)
        return {"database": {"ok": False}, "migrations": {"ok": False}}
    return {"database": {"ok": True}, "migrations": {"ok": _migrations() <= applied}}


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """What this release brings, by the names of its files: they need not be loaded for that."""
    found = set()
    for app in apps.get_app_configs():
        name, _ = MigrationLoader.migrations_module(app.label)
        try:
            package = import_module(name) if name else None
        except ModuleNotFoundError:
            continue
        if package is not None:
            found |= {(app.label, module.name) for module in pkgutil.iter_modules(package.__path__)}
    return frozenset(found)


def _broker() -> dict[str, dict[str, Any]]:
    from redis import RedisError

    try:
        ages: Mapping[str, float | None] = heartbeat.ages()
    except RedisError as why:
        logger.warning("readyz: no broker: %s", type(why).__name__)
        return {name: {"ok": False} for name in ("broker", *heartbeat.NAMES)}
    beats = {
        name: {"ok": age is not None and age < heartbeat.LATE, "age_seconds": None if age is None else round(age)}
        for name, age in ages.items()
    }
    return {"broker": {"ok": True}, **beats}

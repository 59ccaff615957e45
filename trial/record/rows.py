"""The rows of a trial: many tables read in one statement, and models made of them that point to one another.

A row is the JSON that its image is: what an action wrote is laid over what it read before, and need not be read again.
By a query for each table the same takes a message, a plan and a compiled query for each.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import ForeignKey, Model, OneToOneField, QuerySet

from ..models import Audited, User

Row = Mapping[str, Any]
Rows = Mapping[type[Model], Mapping[str, Row]]  # of each model by id
M = TypeVar("M", bound=Model)

# Who had a role in the trial, by name: whoever gave a verdict or signed. The rest of an account is read when asked for.
PEOPLE = "SELECT id, name FROM trial_user WHERE id IN (SELECT user_id FROM trial_membership WHERE trial_id = %(trial)s)"
PYTHON: Mapping[str, Callable[[Any], Any]] = {  # of a JSON value, by the kind of its column; the others are as they are
    "DateField": date.fromisoformat,
    "DateTimeField": datetime.fromisoformat,
    "DecimalField": Decimal,
    "TimeField": time.fromisoformat,
}


def read(
    trial: UUID,
    models: Sequence[type[Model]],
    beside: str = "NULL",
    only: Mapping[type[Model], str] = MappingProxyType({}),
    given: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[Rows, Any]:
    """Every row of the trial in these tables, voided ones too, as they stand at one moment; and the value of `beside`.

    models: audited ones, and User for the names of the trial's people. only: by model a condition on its row t, where
    not all are wanted. given: what the conditions name.
    """
    with connection.cursor() as cursor:
        cursor.execute(_statement(tuple(models), beside, tuple(only.items())), {**given, "trial": trial})
        *said, value = cursor.fetchone()
    return {model: _by_id(rows) for model, rows in zip(models, said, strict=True)}, value


def laid_over(rows: Rows, images: Iterable[Mapping[str, Any]]) -> Rows:
    """The rows with the images of what was written since, in order of writing; images of other tables say nothing."""
    models = {model._meta.db_table: model for model in rows}
    changed: dict[type[Model], dict[str, Row]] = {}
    for image in images:
        if model := models.get(image["table"]):
            changed.setdefault(model, dict(rows[model]))[image["row"]] = image["image"]
    return {model: changed.get(model, said) for model, said in rows.items()}


class Made:
    """The models of rows. What a row points to is the model made of that row, where its table was read too."""

    def __init__(self, rows: Rows) -> None:
        """rows: a table that others point to stands before them."""
        self._made: dict[type[Model], dict[str, Any]] = {}
        ids = _Ids()
        for model, said in rows.items():
            self._made[model] = {key: make(model, row, ids) for key, row in said.items()}
            for pointer in _pointers(model):
                if pointer.related_model in self._made:
                    self._join(model, pointer, said)

    def all(self, model: type[M]) -> list[M]:
        return list(self._made[model].values())

    def _join(self, model: type[Model], pointer: "ForeignKey[Any, Any]", said: Mapping[str, Row]) -> None:
        pointing, targets, column = self._made[model], self._made[pointer.related_model], str(pointer.column)
        back = pointer.remote_field if isinstance(pointer, OneToOneField) and not pointer.remote_field.hidden else None
        if back:
            for target in targets.values():
                back.set_cached_value(target, None)
        for key, row in said.items():
            if target := targets.get(row[column]):
                pointer.set_cached_value(pointing[key], target)
                if back:
                    back.set_cached_value(target, pointing[key])


class _Ids(dict[str, UUID]):
    """Ids by their text, each parsed once: most of them stand in several rows."""

    def __missing__(self, said: str) -> UUID:
        return self.setdefault(said, UUID(said))


def make(model: type[M], row: Row, ids: _Ids | None = None) -> M:
    """The model of one row, as the ORM would read it. Columns that are not in it are read when they are asked for."""
    ids = _Ids() if ids is None else ids
    names, values = [], []
    for column, name, is_id, python in _columns(model):
        if column in row:
            value = row[column]
            if is_id and value is not None:
                value = ids[value]
            elif python and value is not None:
                value = python(value)
            names.append(name)
            values.append(value)
    return model.from_db(DEFAULT_DB_ALIAS, names, values)


def prefetched(owner: Model, name: str, rows: Sequence[Model], model: type[Model]) -> None:
    """Let `owner.NAME.all()` answer with these rows, as a prefetch does."""
    found: QuerySet[Model] = QuerySet(model)
    found._result_cache = list(rows)
    vars(owner).setdefault("_prefetched_objects_cache", {})[name] = found


@cache
def _pointers(model: type[Model]) -> "list[ForeignKey[Any, Any]]":
    return [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]


@cache
def _columns(model: type[Model]) -> list[tuple[str, str, bool, Callable[[Any], Any] | None]]:
    """Of each column its name, its attribute, whether it holds an id, and what makes Python of its JSON."""
    found = []
    for field in model._meta.concrete_fields:
        kind = (field.target_field if isinstance(field, ForeignKey) else field).get_internal_type()
        found.append((str(field.column), field.attname, kind == "UUIDField", PYTHON.get(kind)))
    return found


@cache
def _statement(models: tuple[type[Model], ...], beside: str, only: tuple[tuple[type[Model], str], ...]) -> str:
    conditions = dict(only)
    return f"SELECT {', '.join(_rows_of(model, conditions.get(model, 'true')) for model in models)}, {beside}"


def _rows_of(model: type[Model], condition: str) -> str:
    if model is User:
        return f"(SELECT json_agg(t) FROM ({PEOPLE}) t)::text"
    assert issubclass(model, Audited)
    of_trial = f't."{model.LEDGER}" = %(trial)s'
    return f'(SELECT json_agg(t) FROM "{model._meta.db_table}" t WHERE {of_trial} AND {condition})::text'


def _by_id(said: str | None) -> dict[str, Row]:
    return {row["id"]: row for row in json.loads(said, parse_float=Decimal)} if said else {}

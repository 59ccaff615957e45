"""Legal moves of a study are made by the services once in a process; a test that makes the same moves again, after the
same moves and at the same time, gets the rows that they left.

The rows are written when the test next asks the database something: those of several moves in a row, at once.
Whatever else writes in between, also what is refused and rolled back, is seen by the transaction's own counters, and
from there on every move is made by the services again. So it is in a test that replaces something of the program.
"""

import functools
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Model

from tests import snapshots
from tests.snapshots import Rows

COUNTED = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables"


@dataclass
class _State:
    """Where a study stands: what it was made of, move by move, and how many rows were written until then."""

    study: int
    moves: tuple[object, ...]
    written: int | None  # None: no statement was made since
    rows: list[tuple[Rows, Rows]]  # new and changed by moves, not written yet


@dataclass(frozen=True)
class _Move:
    new: Rows
    changed: Rows
    returned: Any
    attributes: dict[str, Any]  # of the study


SAME = object()  # what a move returns that returns its study


class Unknown(Exception):
    """An argument that cannot be compared with that of another test."""


_made: dict[tuple[object, ...], _Move] = {}
_state: _State | None = None
_replaced: Callable[[], bool] = bool


def under(replaced: Callable[[], bool]) -> None:
    """Begin a test: whether it has replaced something of the program until now."""
    global _state, _replaced
    _state, _replaced = None, replaced


def begin(study: object, made_of: object, rows: Rows) -> None:
    """This study is made of these rows, still to be written, in an empty database."""
    global _state
    if not connection.in_atomic_block:
        snapshots.paste(rows)
    else:
        if _first not in connection.execute_wrappers:
            connection.execute_wrappers.append(_first)
        _state = _State(id(study), (made_of,), None, [(rows, {})])


def move(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of the study that only its state, the study's time and its arguments decide."""

    @functools.wraps(method)
    def made(study: Any, *args: Any, **kwargs: Any) -> Any:
        global _state
        was = _state
        try:
            if was is None or was.study != id(study) or _replaced():
                raise Unknown
            if was.written is not None and was.written != _written():
                raise Unknown
            key = (*was.moves, (method.__name__, study.now, _said(args), _said(kwargs)))
        except Unknown:
            _settle()
            return method(study, *args, **kwargs)
        if known := _made.get(key):
            vars(study).update(deepcopy(known.attributes))
            rows = [*was.rows, (known.new, known.changed)]
            _state = _State(id(study), key, None, rows)
            return study if known.returned is SAME else deepcopy(known.returned)
        _settle()
        attributes, before = dict(vars(study)), snapshots.by_row()
        returned = method(study, *args, **kwargs)
        new, changed, gone = snapshots.difference(before, snapshots.by_row())
        if gone:
            return returned
        left = {name: value for name, value in vars(study).items() if attributes.get(name) is not value}
        kept = SAME if returned is study else deepcopy(returned)
        _made[key] = _Move(new, changed, kept, deepcopy(left))
        _state = _State(id(study), key, _written(), [])
        return returned

    return made


def _settle() -> None:
    """Write what is still to be written; a move that is now made has no state: those inside it are parts of it."""
    global _state
    if (was := _state) and was.rows:
        _write(was)
    _state = None


def _first(execute: Callable[..., Any], *statement: Any) -> Any:
    """Before a statement of the test, the rows of its moves."""
    if _state and _state.written is None:
        _write(_state)
    return execute(*statement)


def _write(state: _State) -> None:
    """By statements that no test counts."""
    counting = connection.execute_wrappers, connection.force_debug_cursor
    connection.execute_wrappers, connection.force_debug_cursor = [], False
    try:
        snapshots.paste(*snapshots.together(state.rows))
        state.rows, state.written = [], _written()
    finally:
        connection.execute_wrappers, connection.force_debug_cursor = counting


def _written() -> int:
    with connection.cursor() as cursor:
        cursor.execute(COUNTED)
        return int(cursor.fetchone()[0] or 0)


def _said(value: Any) -> object:
    match value:
        case None | bool() | int() | str() | Decimal() | date():
            return type(value).__name__, str(value)
        case Model():
            return value._meta.label, str(value.pk)
        case dict():
            return tuple((_said(k), _said(v)) for k, v in value.items())
        case list() | tuple() | set() | frozenset():
            return tuple(_said(one) for one in value)
    raise Unknown

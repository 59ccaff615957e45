"""Legal moves of a study are made by the services once in a process; a test that makes the same moves again, after the
same moves and at the same time, gets the rows that they left.

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

COUNTED = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables"


@dataclass(frozen=True)
class _State:
    """Where a study stands: what it was made of, move by move, and how many rows were written until then."""

    study: int
    moves: tuple[object, ...]
    written: int


@dataclass(frozen=True)
class _Move:
    new: snapshots.Rows
    changed: snapshots.Rows
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


def begin(study: object, made_of: object) -> None:
    """This study was just made, in an empty database."""
    global _state
    _state = _State(id(study), (made_of,), _written()) if connection.in_atomic_block else None


def move(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of the study that only its state, the study's time and its arguments decide."""

    @functools.wraps(method)
    def made(study: Any, *args: Any, **kwargs: Any) -> Any:
        global _state
        was, _state = _state, None  # none while the move is made: those inside it are parts of it
        try:
            if was is None or was.study != id(study) or _replaced() or was.written != _written():
                return method(study, *args, **kwargs)
            key = (*was.moves, (method.__name__, study.now, _said(args), _said(kwargs)))
        except Unknown:
            return method(study, *args, **kwargs)
        known = _made.get(key)
        if known:
            snapshots.paste(known.new, changed=known.changed)
            vars(study).update(deepcopy(known.attributes))
            returned = study if known.returned is SAME else deepcopy(known.returned)
        else:
            attributes, before = dict(vars(study)), snapshots.by_row()
            returned = method(study, *args, **kwargs)
            new, changed, gone = snapshots.difference(before, snapshots.by_row())
            if gone:
                return returned
            left = {name: value for name, value in vars(study).items() if attributes.get(name) is not value}
            kept = SAME if returned is study else deepcopy(returned)
            _made[key] = _Move(new, changed, kept, deepcopy(left))
        _state = _State(id(study), key, _written())
        return returned

    return made


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

"""Columns of numbers as the statistics filter is given them: read, or refused with the field's name and the rule.

Standard library only. Numbers come as int or Decimal (trial/jsonl.py) and go on as floats.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any


def block(said: Any, name: str, known: Sequence[str] | None = None) -> dict[str, Any]:
    """The object under `name`. A key not among `known` is refused: a misspelt option would be left at its default."""
    if not isinstance(said, dict):
        raise ValueError(f"{name}: must be an object")
    for key in said:
        if known is not None and key not in known:
            raise ValueError(f"{name}: {key!r} is unknown; known are {', '.join(known)}")
    return said


def column(said: dict[str, Any], name: str, length: int | None = None) -> list[Any]:
    """The list under `name`, as long as the others."""
    values = said.get(name)
    if not isinstance(values, list):
        raise ValueError(f"{name}: must be a list")
    if length is not None and len(values) != length:
        raise ValueError(f"{name}: must have as many values as the others, {length}, but has {len(values)}")
    return values


def number(value: Any, name: str) -> float:
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise ValueError(f"{name}: must hold numbers, got {value!r}")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise ValueError(f"{name}: must hold finite numbers, got {value}")
    return found


def numbers(said: dict[str, Any], name: str, length: int | None = None) -> list[float]:
    return [number(value, name) for value in column(said, name, length)]


def times(said: dict[str, Any], name: str) -> list[float]:
    """Follow-up times: not below 0."""
    found = numbers(said, name)
    for value in found:
        if value < 0:
            raise ValueError(f"{name}: must not be below 0, got {value:g}")
    return found


def flags(said: dict[str, Any], name: str, length: int | None = None) -> list[int]:
    """0 or 1; true and false are taken too."""
    found = []
    for value in column(said, name, length):
        if not isinstance(value, int | Decimal) or value not in (0, 1):
            raise ValueError(f"{name}: must hold 0 or 1, got {value!r}")
        found.append(int(value))
    return found


def groups(said: dict[str, Any], name: str, length: int) -> list[str]:
    """Groups as text."""
    found = []
    for value in column(said, name, length):
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise ValueError(f"{name}: must hold text or numbers, got {value!r}")
        found.append(str(value))
    return found


def choice(said: dict[str, Any], name: str, choices: Sequence[str]) -> str:
    """One of `choices`, the first when nothing is said."""
    value = said.get(name)
    if value is None:
        return choices[0]
    if value not in choices:
        raise ValueError(f"{name}: must be one of {', '.join(choices)}, got {value!r}")
    return str(value)


def level(said: dict[str, Any]) -> Decimal:
    """`conf_level`, 0.95 when nothing is said."""
    value = said.get("conf_level")
    if value is None:
        return Decimal("0.95")
    found = number(value, "conf_level")
    if not 0 < found < 1:
        raise ValueError(f"conf_level: must be above 0 and below 1, got {value}")
    return Decimal(value)


def whole(said: dict[str, Any], name: str) -> int:
    value = said.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name}: must be a whole number, got {value!r}")
    return value


def counts(said: dict[str, Any], name: str) -> list[list[int]]:
    """A two-by-two table of counts."""
    rows = column(said, name, 2)
    for row in rows:
        if not isinstance(row, list) or len(row) != 2:
            raise ValueError(f"{name}: must be two rows of two counts, got {row!r}")
        for count in row:
            if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= 1_000_000:
                raise ValueError(f"{name}: must hold counts from 0 to 1000000, got {count!r}")
    return rows

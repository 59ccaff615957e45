"""What keeps a stored JSON object from having the shape that was written, in words. Pure.

A row changed past the program may hold any JSON. What reads it asks here first, and says what it cannot read.
"""

from collections.abc import Mapping
from typing import Any

Shape = Mapping[str, tuple[type, ...]]
NAMES = {str: "a text", int: "a whole number", dict: "an object", list: "a list", type(None): "null"}


def wrong(part: Any, shape: Shape, name: str = "") -> str:
    """The first key of `part` that is missing or of another type; "" when all are as written. name: "" is the whole."""
    if not isinstance(part, dict):
        return f"{name or 'the whole'} must be an object"
    where = f" of {name}" if name else ""
    for key, types in shape.items():
        if key not in part:
            return f"{key}{where} is missing"
        if type(part[key]) not in types:
            return f"{key}{where} must be {' or '.join(NAMES[t] for t in types)}"
    return ""


def first_wrong(parts: list[Any], shape: Shape, name: str) -> str:
    """The same of a list of objects, the first of them being called `name` 1."""
    return next((said for k, part in enumerate(parts, 1) if (said := wrong(part, shape, f"{name} {k}"))), "")

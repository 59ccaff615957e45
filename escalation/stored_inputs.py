"""Whether the inputs stored with a decision still have the shape that was written. Pure.

A row changed past the program may hold any JSON. What reads it asks here first, and says what it cannot read.
"""

from collections.abc import Mapping
from typing import Any

SHAPE: Mapping[str, tuple[type, ...]] = {
    "variant": (str,),
    "levels": (int,),
    "start": (int,),
    "settings": (dict,),
    "closed_by_committee": (int, type(None)),
    "patients": (list,),
}
PATIENT: Mapping[str, tuple[type, ...]] = {
    "patient": (int,),
    "dose_level": (str,),
    "level": (int, type(None)),
    "outcome": (str,),
    "role": (str,),
}
NAMES = {str: "a text", int: "a whole number", dict: "an object", list: "a list", type(None): "null"}


def fault(inputs: Any) -> str:
    """The first thing that keeps stored inputs from being read, in words; "" when all can be.

    The shape alone: values of the right type that no engine knows are for the engine to refuse.
    """
    if wrong := _wrong(inputs, SHAPE, "the whole"):
        return wrong
    return next((wrong for k, p in enumerate(inputs["patients"], 1) if (wrong := _wrong(p, PATIENT, f"entry {k}"))), "")


def patients(inputs: Any) -> list[dict[str, Any]]:
    """The patients of stored inputs; nobody when they cannot be read."""
    return [] if fault(inputs) else inputs["patients"]


def _wrong(part: Any, shape: Mapping[str, tuple[type, ...]], name: str) -> str:
    if not isinstance(part, dict):
        return f"{name} must be an object"
    where = "" if shape is SHAPE else f" of {name}"
    for key, types in shape.items():
        if key not in part:
            return f"{key}{where} is missing"
        if type(part[key]) not in types:
            return f"{key}{where} must be {' or '.join(NAMES[t] for t in types)}"
    return ""

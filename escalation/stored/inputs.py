"""Whether the inputs stored with a decision still have the shape that was written. Pure."""

from typing import Any

from .shape import Shape, first_wrong, wrong

SHAPE: Shape = {
    "variant": (str,),
    "levels": (int,),
    "start": (int,),
    "settings": (dict,),
    "closed_by_committee": (int, type(None)),
    "patients": (list,),
}
PATIENT: Shape = {
    "patient": (int,),
    "dose_level": (str,),
    "level": (int, type(None)),
    "outcome": (str,),
    "role": (str,),
}


def fault(inputs: Any) -> str:
    """The first thing that keeps stored inputs from being read, in words; "" when all can be.

    The shape alone: values of the right type that no engine knows are for the engine to refuse.
    """
    return wrong(inputs, SHAPE) or first_wrong(inputs["patients"], PATIENT, "entry")


def patients(inputs: Any) -> list[dict[str, Any]]:
    """The patients of stored inputs; nobody when they cannot be read."""
    return [] if fault(inputs) else inputs["patients"]

"""Whether the engine's answer stored with a decision still has the shape that was written. Pure.

What cannot be read is never guessed: pages say so, and enrolment is closed until it is looked into.
"""

from typing import Any

from ..engine.terms import Action
from .shape import Shape, first_wrong, wrong

SHAPE: Shape = {  # of engine.as_json
    "action": (str,),
    "level": (int,),
    "slots": (int,),
    "mtd": (int, type(None)),
    "first_intolerable_level": (int, type(None)),
    "closed_from": (int, type(None)),
    "rule": (str,),
    "because": (str,),
    "flags": (list,),
    "tallies": (list,),
    "outside": (list,),
    "bracket": (dict, type(None)),
    "variant": (str,),
    "engine_version": (str,),
}
TALLY: Shape = dict.fromkeys(("level", "evaluable", "dlts", "pending", "replaced"), (int,))
OUTSIDE: Shape = {"role": (str,), **dict.fromkeys(("level", "n", "dlts", "pending"), (int,))}
CHOICE: Shape = {"action": (str,), "level": (int,)}


def fault(answer: Any) -> str:
    """The first thing that keeps a stored answer from being read, in words; "" when all can be.

    The shape alone: whether it is the answer that the engine gives to the inputs is for the replay.
    """
    if said := wrong(answer, SHAPE):
        return said
    if answer["action"] not in list(Action):
        return "action is none that an engine gives"
    said = first_wrong(answer["tallies"], TALLY, "tally") or first_wrong(answer["outside"], OUTSIDE, "outside")
    if said:
        return said
    if [tally["level"] for tally in answer["tallies"]] != list(range(1, len(answer["tallies"]) + 1)):
        return "tallies must be of levels 1, 2, 3 … in order"
    bracket = answer["bracket"]
    return "" if bracket is None else _ends(bracket)


def readable(answer: Any) -> dict[str, Any] | None:
    """The stored answer; None when it cannot be read."""
    return None if fault(answer) else answer


def _ends(bracket: dict[str, Any]) -> str:
    return wrong(bracket.get("best"), CHOICE, "best") or wrong(bracket.get("worst"), CHOICE, "worst")

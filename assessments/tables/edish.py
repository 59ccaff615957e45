"""Drug-induced serious hepatotoxicity: patients by the two limits of Hy's law. Pure (eDISH; FDA 2009).

Events hold answers, whether a limit was passed, and no values: the quadrants can be filled, the points not drawn.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

QUADRANTS: Mapping[str, str] = {
    "hy": "ALT or AST > 3 × ULN and bilirubin > 2 × ULN: Hy's law range",
    "temple": "ALT or AST > 3 × ULN alone: Temple's corollary",
    "cholestasis": "Bilirubin > 2 × ULN alone: cholestasis",
    "near": "Neither limit passed",
    "open": "An answer is missing",
}


class Answered(NamedTuple):
    """The answers of one event of a liver test; None is missing."""

    event: int
    patient: int
    transferase: bool | None
    bilirubin: bool | None

    @property
    def code(self) -> str:
        return f"{self.patient:03d}"

    @property
    def quadrant(self) -> str:
        if self.transferase is None or self.bilirubin is None:
            return "open"
        if self.transferase:
            return "hy" if self.bilirubin else "temple"
        return "cholestasis" if self.bilirubin else "near"


GRAVEST = ("near", "open", "cholestasis", "temple", "hy")


def quadrants(answers: Sequence[Answered]) -> dict[str, list[Answered]]:
    """Each patient once, by the gravest of his events; the quadrants in the order of QUADRANTS."""
    worst: dict[int, Answered] = {}
    for one in answers:
        known = worst.get(one.patient)
        if known is None or GRAVEST.index(one.quadrant) > GRAVEST.index(known.quadrant):
            worst[one.patient] = one
    return {name: [one for one in worst.values() if one.quadrant == name] for name in QUADRANTS}

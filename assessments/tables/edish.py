"""Drug-induced serious hepatotoxicity: patients by the two limits of Hy's law. Pure (eDISH; FDA 2009).

By values where events hold them: the peak of ALT or AST, whichever is the higher multiple of its upper limit of normal,
against that of bilirubin. By the answers about the limits otherwise, which fill a quadrant and give no point.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

TRANSFERASE, BILIRUBIN = Decimal(3), Decimal(2)  # the limits, × ULN
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
        return _quadrant(self.transferase, self.bilirubin)


class Peak(NamedTuple):
    """The peak of one event. times: × ULN."""

    event: int
    patient: int
    bilirubin: bool  # else of ALT or AST
    times: Decimal


@dataclass(frozen=True, slots=True)
class Point:
    """A patient with both: his highest of each, and the events that say so."""

    patient: int
    transferase: Peak
    bilirubin: Peak

    @property
    def code(self) -> str:
        return f"{self.patient:03d}"

    @property
    def quadrant(self) -> str:
        return _quadrant(self.transferase.times > TRANSFERASE, self.bilirubin.times > BILIRUBIN)


def _quadrant(transferase: bool, bilirubin: bool) -> str:
    if transferase:
        return "hy" if bilirubin else "temple"
    return "cholestasis" if bilirubin else "near"


def points(peaks: Iterable[Peak]) -> list[Point]:
    """Of each patient who has values of both, by number."""
    highest: dict[tuple[int, bool], Peak] = {}
    for one in peaks:
        known = highest.get((one.patient, one.bilirubin))
        if known is None or one.times > known.times:
            highest[one.patient, one.bilirubin] = one
    both = sorted(patient for patient, bilirubin in highest if bilirubin and (patient, False) in highest)
    return [Point(patient, highest[patient, False], highest[patient, True]) for patient in both]


GRAVEST = ("near", "open", "cholestasis", "temple", "hy")


def quadrants(answers: Sequence[Answered]) -> dict[str, list[Answered]]:
    """Each patient once, by the gravest of his events; the quadrants in the order of QUADRANTS."""
    worst: dict[int, Answered] = {}
    for one in answers:
        known = worst.get(one.patient)
        if known is None or GRAVEST.index(one.quadrant) > GRAVEST.index(known.quadrant):
            worst[one.patient] = one
    return {name: [one for one in worst.values() if one.quadrant == name] for name in QUADRANTS}

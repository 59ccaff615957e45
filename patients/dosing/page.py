"""One drug as a row of a table: what was planned, what was taken, and the intensity in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from trial.percentages import percent_text

from ..queries import plain
from .course import Course, Exposure, exposure, reductions


@dataclass(frozen=True, slots=True)
class OfDrug:
    """In a cycle, or over all of them. told: what did not go as planned."""

    drug: str
    unit: str
    found: Exposure
    told: Sequence[str] = ()
    recorded: str = ""
    reductions: int = 0  # over all cycles

    @property
    def planned(self) -> str:
        return plain(self.found.planned)

    @property
    def taken(self) -> str:
        return plain(self.found.taken)

    @property
    def intensity(self) -> str:
        return "–" if self.found.intensity is None else percent_text(self.found.intensity * 100)


def drugs(course: Course, cut: date) -> list[OfDrug]:
    """Each drug whose schedule is data, over every cycle begun."""
    return [
        OfDrug(drug, plan.unit, exposure(course, drug, cut), reductions=len(reductions(course, drug, cut)))
        for drug, plan in course.plans.items()
    ]

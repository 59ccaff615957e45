"""How the demo's events went: grades by study day, what was done about each drug, peaks. Made up, as all of it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Went:
    """grades: from which day on, which grade; none: one grade. actions: on each drug. peak: of a liver test."""

    grades: tuple[tuple[int, int], ...] = ()
    actions: tuple[str, str, str] = ("none", "none", "none")
    peak: Mapping[str, Any] = field(default_factory=dict)  # of a liver test, as a report says it


def _peak(value: str, unit: str, uln: str) -> dict[str, Any]:
    return {"peak_value": Decimal(value), "peak_unit": unit, "peak_uln": Decimal(uln)}


WENT = {  # by day of onset and term
    (4, "Nausea"): Went(((4, 1), (5, 2), (8, 1))),
    (8, "Hyperglycemia"): Went(((8, 1), (11, 2))),
    (10, "Fatigue"): Went(((10, 1), (13, 2), (20, 1)), ("reduced", "none", "none")),
    (16, "Platelet count decreased"): Went(((16, 4), (18, 2)), ("stopped", "stopped", "stopped")),
    (15, "Anemia"): Went(((15, 1), (19, 2), (25, 1)), ("none", "held", "none")),
    (74, "Alanine aminotransferase increased"): Went(peak=_peak("148", "U/L", "40")),
    (75, "Blood bilirubin increased"): Went(peak=_peak("1.5", "mg/dL", "1.2")),
    (18, "Neutrophil count decreased"): Went(((18, 2), (20, 3), (23, 1))),
}

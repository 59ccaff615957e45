"""What the numbers usually are that people type: outside these limits a number is asked about and stands with a reason.

One table for all of them, each limit with its source. What cannot be is refused where it is stored, without a way past.
Pure: standard library only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

D = Decimal


@dataclass(frozen=True, slots=True)
class Limit:
    """From `least` to `most` a number is not asked about. source: docs/domain.md by section, or a judgement."""

    least: Decimal
    most: Decimal
    unit: str
    source: str


def _up_to(most: str, unit: str, source: str) -> Limit:
    return Limit(D(0), D(most), unit, source)


LIMITS: Mapping[str, Limit] = {
    # Measured around a visit, in the rule's unit.
    "serum_m": _up_to("10", "g/dL", "ten times what is measurable (section 2)"),
    "urine_m": _up_to("20000", "mg/24 h", "a hundred times what is measurable (section 2)"),
    "kappa": _up_to("20000", "mg/L", "two hundred times what is measurable (section 2)"),
    "lambda": _up_to("20000", "mg/L", "two hundred times what is measurable (section 2)"),
    "ratio": Limit(D("0.0001"), D("10000"), "", "one chain at 20,000 mg/L beside the other at 2"),
    "spd": _up_to("200", "cm²", "judgement: eight lesions of 5 × 5 cm"),
    "lesions": _up_to("20", "", "judgement: more are not counted one by one"),
    "longest_diameter": _up_to("20", "cm", "judgement: a typed mm is ten times a cm"),
    "short_axis": _up_to("15", "cm", "judgement: a typed mm is ten times a cm"),
    "calcium": Limit(D(5), D(18), "mg/dL", "CTCAE grade 4 is above 13.5 (section 6); a third beyond, and 5 below"),
    "circulating_pc_percent": _up_to("60", "%", "judgement: PD asks for 50 % more (section 7)"),
    "circulating_pc_per_ul": _up_to("100000", "/µL", "five hundred times what PD asks for (section 7)"),
    "sbcma": _up_to("5000", "ng/mL", "sixty times the normal limit (section 9)"),
    "dilution": Limit(D(1), D(1000), "", "judgement: beyond it the reading is mostly error"),
    "liver_peak": Limit(
        D("0.5"), D(150), "× ULN", "CTCAE grade 4 of ALT is above 20 (section 6); seven times, and half"
    ),
    # Doses over the DLT window, as a multiple.
    "planned": Limit(D("0.25"), D(4), "× the schedule", "judgement: a reduction halves a dose, twice"),
    "taken": _up_to("1.1", "× planned", "missed doses are not made up (section 4)"),
    # Settings of a protocol, and its ladder.
    "a": _up_to("6", "patients", "cohorts of three, and rolling six (section 3)"),
    "b": _up_to("6", "patients", "cohorts of three, and rolling six (section 3)"),
    "window_days": Limit(D(7), D(63), "days", "one cycle of 28 days (section 2); a quarter to twice"),
    "cycle_days": Limit(D(7), D(56), "days", "28 days (section 2); a quarter to twice"),
    "slot_hold_days": _up_to("60", "days", "14 days (section 2); four times"),
    "emergent_days": Limit(D(7), D(90), "days", "30 days (section 2); a quarter to three times"),
    "assessment_interval_days": Limit(D(7), D(112), "days", "28 days (section 2); a quarter to four times"),
    "screening_days": _up_to("90", "days", "28 days (section 2); three times"),
    "screening_imaging_days": _up_to("120", "days", "42 days (section 2); three times"),
    "fraction": Limit(D("0.5"), D(1), "", "75 % (section 2)"),
    "measurable_serum": Limit(D("0.2"), D(5), "g/dL", "1.0 g/dL (section 2); a fifth to five times"),
    "measurable_urine": Limit(D(40), D(1000), "mg/24 h", "200 mg/24 h (section 2); a fifth to five times"),
    "measurable_flc": Limit(D(20), D(500), "mg/L", "100 mg/L (section 2); a fifth to five times"),
    "measurable_marrow": Limit(D(5), D(90), "%", "30 % (section 2)"),
    "step": Limit(D("0.25"), D(4), "× the next lower level", "one drug changes by a half to twice a step (section 1)"),
}


def wrong(name: str, value: Any) -> str:
    """The sentence about a number outside its limits; "" for one that is not asked about, or that nobody limits."""
    limit = LIMITS.get(name)
    if limit is None or value is None or limit.least <= value <= limit.most:
        return ""
    if value > limit.most:
        return f"more than {_said(limit.most, limit.unit)} is unlikely"
    return f"less than {_said(limit.least, limit.unit)} is unlikely"


def reworded(was: str, now: str | None, label: str) -> str:
    """Why an unlikely number stands, as corrected; `now` None leaves it. Raises ValueError where none would be left."""
    if now is None:
        return was
    if not now.strip():
        raise ValueError(f"{label}: the number is unlikely, and stands with a reason. Say it, or correct the number.")
    return now.strip()


def _said(number: Decimal, unit: str) -> str:
    return f"{number.normalize():f} {unit}".rstrip()

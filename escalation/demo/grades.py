"""How the demo's events went: grades by study day, and what was done about each drug. Made up, as all of it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Went:
    """grades: from which day on, which grade; none: one grade. actions: on each drug."""

    grades: tuple[tuple[int, int], ...] = ()
    actions: tuple[str, str, str] = ("none", "none", "none")


WENT = {  # by day of onset and term
    (4, "Nausea"): Went(((4, 1), (5, 2), (8, 1))),
    (8, "Hyperglycemia"): Went(((8, 1), (11, 2))),
    (10, "Fatigue"): Went(((10, 1), (13, 2), (20, 1)), ("reduced", "none", "none")),
    (16, "Platelet count decreased"): Went(((16, 4), (18, 2)), ("stopped", "stopped", "stopped")),
    (15, "Anemia"): Went(((15, 1), (19, 2), (25, 1)), ("none", "held", "none")),
    (18, "Neutrophil count decreased"): Went(((18, 2), (20, 3), (23, 1))),
}

"""The CTCAE terms that the DLT criteria know by name, and what they ask of each. Pure.

A term is known in any spelling and by its name in either CTCAE version: a count written "Anaemia", or the
"Thrombocytopenia" of 6.0, must not pass for a non-haematological event.
"""

from collections.abc import Iterable
from functools import cache

from ..terms import fold

NEUTROPHILS, PLATELETS, FEBRILE = "Neutrophil count decreased", "Platelet count decreased", "Febrile neutropenia"
WHITE_CELLS, LYMPHOCYTES, CD4 = (
    "White blood cell decreased",
    "Lymphocyte count decreased",
    "CD4 lymphocytes decreased",
)
ANEMIA, LEUKOCYTOSIS = "Anemia", "Leukocytosis"
THROMBOCYTOPENIA, LYMPHOPENIA = "Thrombocytopenia", "Lymphopenia"  # platelets and lymphocytes of 6.0
FATIGUE = "Fatigue"
HYPONATREMIA, HYPERGLYCEMIA = "Hyponatremia", "Hyperglycemia"
GUT = frozenset({"Nausea", "Vomiting", "Diarrhea", "Anorexia"})
ELECTROLYTES = frozenset(
    {
        HYPONATREMIA,
        "Hypernatremia",
        "Hypokalemia",
        "Hyperkalemia",
        "Hypocalcemia",
        "Hypercalcemia",
        "Hypomagnesemia",
        "Hypermagnesemia",
        "Hypophosphatemia",
        "Hyperphosphatemia",
    }
)
ALT, AST = "Alanine aminotransferase increased", "Aspartate aminotransferase increased"
BILIRUBIN = "Blood bilirubin increased"
LIVER = frozenset({ALT, AST, BILIRUBIN})
# The haematological terms unless the protocol names others, by CTCAE version (docs/domain.md, sections 4 and 6).
SEVEN: dict[str, tuple[str, ...]] = {
    "5.0": (ANEMIA, NEUTROPHILS, PLATELETS, WHITE_CELLS, LYMPHOCYTES, CD4, LEUKOCYTOSIS),
    "6.0": (ANEMIA, NEUTROPHILS, THROMBOCYTOPENIA, WHITE_CELLS, LYMPHOPENIA, CD4, LEUKOCYTOSIS),
}
# The questions that a criterion asks about a term; forms show just these.
HYS_LAW = ("alt_or_ast_above_3_uln", "bilirubin_above_2_uln", "alp_below_2_uln", "other_cause")
ASKS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((PLATELETS, THROMBOCYTOPENIA), ("bleeding", "transfusion")),
    HYPERGLYCEMIA: ("steroid_related", "controlled_within_72h"),
    **dict.fromkeys(GUT, ("controlled_within_72h",)),
    **dict.fromkeys(ELECTROLYTES, ("corrected_within_72h",)),
    HYPONATREMIA: ("corrected_within_72h", "asymptomatic"),
    **dict.fromkeys(LIVER, HYS_LAW),
}
DEATH_ASKS = ("due_to_myeloma", "outside_cause")
# Answers by which an exception of N1 clears an event, that its dates can speak against; those of hyperglycaemia have no
# hours.
WITHIN_72H: dict[str, str] = {
    **dict.fromkeys(GUT, "controlled_within_72h"),
    **dict.fromkeys(ELECTROLYTES, "corrected_within_72h"),
}

_RENAMED = {THROMBOCYTOPENIA: PLATELETS, "Thrombocytopenia in blood": PLATELETS, LYMPHOPENIA: LYMPHOCYTES}


@cache
def kind(term: str) -> str:
    """What the criteria compare: the 5.0 name of a term that they know, else the term folded."""
    folded = fold(term)
    return _KNOWN.get(folded, folded)


def kinds(terms: Iterable[str]) -> frozenset[str]:
    return frozenset(map(kind, terms))


_KNOWN = {fold(name): name for name in (*SEVEN["5.0"], FEBRILE, FATIGUE, *ASKS)} | {
    fold(name): known for name, known in _RENAMED.items()
}

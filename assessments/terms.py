"""A starter list of CTCAE v5.0 terms with their organ class and the grades that exist (NCI, public domain).

Terms, classes and grades only: MedDRA codes are licensed and not stored. Pure: standard library only.
"""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Term(NamedTuple):
    term: str
    soc: str
    grades: tuple[int, ...]


@cache
def all_terms() -> dict[str, Term]:
    """Every term by its exact name, in the order of organ class and name."""
    with (Path(__file__).parent / "ctcae_terms.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["term"]: Term(row["term"], row["soc"], tuple(map(int, row["grades"]))) for row in csv.DictReader(file)
        }


def find(text: str) -> list[Term]:
    """Terms that contain every word of `text`, in any order."""
    words = text.lower().split()
    return [term for term in all_terms().values() if all(word in term.term.lower() for word in words)]


def soc(term: str) -> str | None:
    """The organ class of a term; None for a term that is not in the list."""
    found = all_terms().get(term)
    return found.soc if found else None


def grades(term: str) -> tuple[int, ...]:
    """The grades that CTCAE defines for a term."""
    return all_terms()[term].grades

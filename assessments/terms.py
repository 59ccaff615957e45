"""Every CTCAE term of v5.0 and v6.0 with its organ class and the grades that exist, and the search among them.

Terms, classes and grades only (NCI, public domain): MedDRA codes are licensed and not stored. Pure: standard library
only, and the tables that come with this package.
"""

import csv
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import NamedTuple

VERSIONS = ("5.0", "6.0")
TABLES = {"5.0": "ctcae_terms_v5.csv", "6.0": "ctcae_terms_v6.csv"}
SYNONYMS = "ctcae_synonyms.csv"
BRITISH = (
    ("ae", "e"),
    ("oe", "e"),
    ("leuco", "leuko"),
    ("tumour", "tumor"),
    ("colour", "color"),
    ("isation", "ization"),
)
# What people write for a word of the terms; each stands for any of the others on its line.
ALIKE = {
    word: words
    for words in (
        ("decreased", "low", "lower", "reduced", "deficient"),
        ("increased", "high", "raised", "elevated", "elevation", "rise"),
        ("hemorrhage", "bleeding", "bleed"),
        ("pain", "ache", "sore"),
        ("infection", "infected"),
        ("edema", "swelling"),
    )
    for word in words
}


class Term(NamedTuple):
    term: str
    soc: str
    grades: tuple[int, ...]


@cache
def all_terms(version: str = "5.0") -> dict[str, Term]:
    """Every term by its exact name, in the order of organ class and name."""
    return {
        row["term"]: Term(row["term"], row["soc"], tuple(map(int, row["grades"]))) for row in _rows(TABLES[version])
    }


def soc(term: str, version: str = "5.0") -> str | None:
    """The organ class of a term; None for a term that is not in the list."""
    found = all_terms(version).get(term)
    return found.soc if found else None


def grades(term: str, version: str = "5.0") -> tuple[int, ...]:
    """The grades that CTCAE defines for a term."""
    return all_terms(version)[term].grades


def fold(text: str) -> str:
    """Words without what tells one way of writing them from another: case, blanks, British spelling."""
    words = " ".join(text.split()).lower()
    for british, american in BRITISH:
        words = words.replace(british, american)
    return words


def find(text: str, version: str = "5.0") -> list[Term]:
    """Terms that `text` may mean, the likeliest first: by its words in any order, other names, abbreviations, spelling.

    Every word that was asked for must begin a word of the term or of one of its other names. First come terms that are
    called just so, then those with all words in their own name, then those meant by another name; shorter ones first.
    """
    asked = _words(text)
    if not asked:
        return []
    ranked = [
        (min(ranks), place, term)
        for place, (term, names) in enumerate(_named(version))
        if (ranks := [_rank(asked, words, other=k > 0) for k, words in enumerate(names) if _fits(asked, words)])
    ]
    return [term for _, _, term in sorted(ranked, key=lambda found: found[:2])]


def _rank(asked: tuple[str, ...], words: tuple[str, ...], *, other: bool) -> tuple[int, int, int]:
    exactly = set(asked) == set(words)
    return (0 if exactly else 1, int(other), len(words) - len(asked))


def _fits(asked: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return all(any(_same(word, part) for word in words for part in ALIKE.get(each, (each,))) for each in asked)


def _same(word: str, part: str) -> bool:
    """Whether a part begins the word, or is its plural."""
    return word.startswith(part) or part in (f"{word}s", f"{word}es")


def _words(text: str) -> tuple[str, ...]:
    """The words to compare; what joins words parts them."""
    return tuple("".join(c if c.isalnum() else " " for c in fold(text)).split())


@cache
def _named(version: str) -> list[tuple[Term, list[tuple[str, ...]]]]:
    """Each term with its names in words: its own, its other ones, and each of those together with its own."""
    others = _synonyms()
    found = []
    for term in all_terms(version).values():
        own = _words(term.term)
        more = [_words(name) for name in others.get(term.term, ())]
        found.append((term, [own, *more, *((*own, *words) for words in more)]))
    return found


@cache
def _synonyms() -> dict[str, list[str]]:
    """Other names of a term, by its own."""
    found: dict[str, list[str]] = {}
    for row in _rows(SYNONYMS):
        found.setdefault(row["term"], []).append(row["synonym"])
    return found


def _rows(table: str) -> Iterable[dict[str, str]]:
    """The lines of a table that comes with this package; those that begin with # say where it comes from."""
    text = resources.files("assessments").joinpath(table).read_text(encoding="utf-8")
    return csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))

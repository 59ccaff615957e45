"""The tables of the design-properties page: what a row says, and its numbers in words, a column per design."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from trial import svg

from .. import words
from ..characteristics import Properties
from ..engine.terms import Rule
from . import figure
from .comparison import Assumed, Design, Ladder


@dataclass(frozen=True, slots=True)
class Head:
    """A column. rule: what its letters are, for one that is not 3+3."""

    name: str
    rule: str
    protocols: bool
    refused: str


@dataclass(frozen=True, slots=True)
class Cell:
    design: str
    said: str
    bar: SafeString = svg.EMPTY


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    cells: Sequence[Cell]
    rate: str = ""  # the assumed one, of a level
    above: bool = False
    total: bool = False


def heads(designs: Sequence[Design]) -> list[Head]:
    return [Head(_name(d), _sizes(d.rule), d.protocols, d.refused) for d in designs]


def recommended(designs: Sequence[Design], ladder: Ladder, assumed: Assumed) -> list[Row]:
    """P(MTD or top level tolerated) per level, the highest first; then none."""
    rows = _levels(designs, ladder, assumed, lambda found, k: found.p_recommended[k], bars=True)
    return [
        *rows,
        _row("No level is tolerated", designs, lambda d, f: f"{f.p_none:.6f}", lambda f: figure.bar(f.p_none)),
    ]


def patients(designs: Sequence[Design], ladder: Ladder, assumed: Assumed) -> list[Row]:
    """Expected patients per level and in all, and the share of them above the target."""
    rows = _levels(designs, ladder, assumed, lambda found, k: found.expected_patients[k])
    share = _row(
        "Overdose share", designs, lambda d, f: "nobody is to come" if d.overdose is None else f"{d.overdose:.4f}"
    )
    return [*rows, _row("All levels", designs, lambda d, f: f"{sum(f.expected_patients):.4f}", total=True), share]


def dlts(designs: Sequence[Design], ladder: Ladder, assumed: Assumed) -> list[Row]:
    """Expected patients with a DLT per level and in all."""
    rows = _levels(designs, ladder, assumed, lambda found, k: found.expected_dlts[k])
    return [*rows, _row("All levels", designs, lambda d, f: f"{sum(f.expected_dlts):.4f}", total=True)]


def curve_rows(points: Sequence[tuple[float, Properties]], assumed: float) -> list[dict[str, Any]]:
    """The curves as a table: a line per rate of the grid."""
    return [
        {"rate": f"{rate:.2f}", "here": rate == assumed, "cells": [f"{p:.6f}" for p in figure.values(found)]}
        for rate, found in points
    ]


def _levels(
    designs: Sequence[Design],
    ladder: Ladder,
    assumed: Assumed,
    value: Callable[[Properties, int], float],
    *,
    bars: bool = False,
) -> list[Row]:
    rows = []
    for k in reversed(range(len(ladder.labels))):
        rate = assumed.rates[k]
        above = rate > assumed.target
        cells = [
            Cell(
                _name(d),
                f"{value(d.found, k):.{6 if bars else 4}f}" if d.found else "–",
                figure.bar(value(d.found, k), above=above) if bars and d.found else svg.EMPTY,
            )
            for d in designs
        ]
        rows.append(Row(f"Level {ladder.labels[k]}", cells, f"{rate:g}", above))
    return rows


def _row(
    name: str,
    designs: Sequence[Design],
    said: Callable[[Design, Properties], str],
    drawn: Callable[[Properties], SafeString] = lambda found: svg.EMPTY,
    *,
    total: bool = False,
) -> Row:
    cells = [Cell(_name(d), said(d, d.found), drawn(d.found)) if d.found else Cell(_name(d), "–") for d in designs]
    return Row(name, cells, total=total)


def _name(design: Design) -> str:
    return words.design(design.rule)


def _sizes(rule: Rule) -> str:
    if rule.rolling or (rule.a, rule.b, rule.c, rule.d, rule.e) == (3, 3, 1, 1, 1):
        return ""
    return f"C = {rule.c}, D = {rule.d}, E = {rule.e}"

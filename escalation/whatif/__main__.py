"""What follows from here as a filter: `python -m escalation.whatif` (docs/validation.md)."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..engine.reading import read_patients, read_rule
from .outcomes import node_json, tree


def answer(line: Mapping[str, Any]) -> dict[str, Any]:
    """One line of the filter: the engine's input, `deep` and `rates`. Raises ValueError naming the field."""
    levels, start, closed, deep = (
        _whole(line, name, default)
        for name, default in (("levels", 0), ("start", 1), ("closed_by_committee", 0), ("deep", 2))
    )
    if not levels:
        raise ValueError("levels: missing; give the number of dose levels")
    rates = line.get("rates") or []
    if not isinstance(rates, list) or any(isinstance(r, bool) or not isinstance(r, int | Decimal) for r in rates):
        raise ValueError("rates: needs a list of numbers, one per level")
    root = tree(
        read_patients(line),
        levels=levels,
        rule=read_rule(line),
        start=start,
        closed_by_committee=closed or None,
        cohorts=deep,
        rates=[Fraction(rate) for rate in rates],
    )
    return node_json(root)


def _whole(line: Mapping[str, Any], name: str, default: int) -> int:
    value = line.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name}: needs a whole number")
    return value


if __name__ == "__main__":  # pragma: no cover (a test runs it as a process of its own)
    from trial.jsonl import serve

    serve(answer)

"""The engine as a filter: `python -m escalation.engine` (docs/validation.md)."""

from collections.abc import Mapping
from typing import Any

from .reading import as_json, read_design, read_patients
from .rule import recommend


def answer(line: Mapping[str, Any]) -> dict[str, Any]:
    """One line of the filter. Raises ValueError naming the field and the rule."""
    design = read_design(line)
    return as_json(recommend(read_patients(line), **design))


if __name__ == "__main__":  # pragma: no cover (a test runs it as a process of its own)
    from trial.jsonl import serve

    serve(answer)

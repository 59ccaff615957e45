"""The engine as a filter: `python -m escalation.engine` (docs/validation.md)."""

from collections.abc import Mapping
from typing import Any

from .reading import as_json, read_closed, read_patients, read_rule, read_start, whole
from .rule import recommend


def answer(line: Mapping[str, Any]) -> dict[str, Any]:
    """One line of the filter. Raises ValueError naming the field and the rule."""
    if line.get("levels") is None:
        raise ValueError("levels: missing; give the number of dose levels")
    levels = whole("levels", line["levels"])
    return as_json(
        recommend(
            read_patients(line),
            levels=levels,
            rule=read_rule(line),
            start=read_start(line),
            closed_by_committee=read_closed(line),
        )
    )


if __name__ == "__main__":  # pragma: no cover (a test runs it as a process of its own)
    from trial.jsonl import serve

    serve(answer)

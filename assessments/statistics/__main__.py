"""The validation filter of the statistics: `python -m assessments.statistics` (docs/validation-statistics.md)."""

from typing import Any

from .. import columns
from .estimates import Answer
from .reading import KINDS


def answer(line: dict[str, Any]) -> Answer:
    """One line: km, proportion, cox, roc or fisher. Keys beside it are not read."""
    asked = [name for name in KINDS if name in line]
    if len(asked) != 1:
        raise ValueError(f"line: must ask for exactly one of {', '.join(KINDS)}")
    kind = asked[0]
    answered, keys = KINDS[kind]
    return answered(columns.block(line[kind], kind, (*keys, "conf_level")))


if __name__ == "__main__":
    from trial.jsonl import serve

    serve(answer)

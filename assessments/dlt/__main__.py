"""DLT criteria and evaluability as a filter: `python -m assessments.dlt` (docs/validation-dlt.md)."""

from typing import Any

from .course import evaluability
from .criteria import suggest
from .reading import field, read_course, read_event, read_rules


def answer(line: dict[str, Any]) -> dict[str, Any]:
    """The validation filter (docs/validation.md)."""
    if "evaluability" in line:
        state, because = evaluability(read_course(field(line, "evaluability", dict)))
        return {"state": state, "because": because}
    rules = read_rules(line)
    found = suggest(read_event(field(line, "event", dict), rules.ctcae), rules)
    return {
        "suggested": found.suggested,
        "decides_on_day": found.decides_on_day,
        "criterion": found.criterion,
        "because": found.because,
    }


if __name__ == "__main__":
    from trial.jsonl import serve

    serve(answer)

"""DLT criteria and evaluability as a filter: `python -m assessments.dlt` (docs/validation-dlt.md)."""

from typing import Any

from .course import evaluability
from .event import CRITERIA, suggest
from .reading import field, read_course, read_event


def answer(line: dict[str, Any]) -> dict[str, Any]:
    """The validation filter (docs/validation.md)."""
    if "evaluability" in line:
        state, because = evaluability(read_course(field(line, "evaluability", dict)))
        return {"state": state, "because": because}
    criteria = field(line, "criteria", dict, {})
    for name, on in criteria.items():
        if name not in CRITERIA:
            raise ValueError(f"criteria: {name!r} is unknown; known are {', '.join(CRITERIA)}")
        if not isinstance(on, bool):
            raise ValueError(f"criteria: {name} must be true or false, got {on!r}")
    window_days = field(line, "window_days", int, 28)
    if window_days < 1:
        raise ValueError(f"window_days: must be at least 1, got {window_days}")
    found = suggest(read_event(field(line, "event", dict)), criteria, window_days)
    return {
        "suggested": found.suggested,
        "decides_on_day": found.decides_on_day,
        "criterion": found.criterion,
        "because": found.because,
    }


if __name__ == "__main__":
    from trial.jsonl import serve

    serve(answer)

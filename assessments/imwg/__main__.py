"""Response as a filter: `python -m assessments.imwg` (docs/validation-response.md)."""

from typing import Any

from .reading import assessments_of, best_json, day, known, settings_from, values_of
from .rule import evaluate


def answer(line: dict[str, Any]) -> dict[str, Any]:
    """The validation filter (docs/validation-response.md)."""
    known(line, ("id", "baseline", "assessments", "new_therapy_date", "settings"))
    found = evaluate(
        values_of(line.get("baseline"), "baseline"),
        assessments_of(line),
        settings_from(line.get("settings")),
        day(line, "new_therapy_date"),
    )
    return {
        "assessments": [
            {
                "date": one.date.isoformat(),
                "derived": one.derived,
                "confirmed": one.confirmed,
                "because": f"{one.because} {one.confirmation}",
            }
            for one in found.visits
        ],
        "best_confirmed": best_json(found.best_confirmed),
        "best_unconfirmed": best_json(found.best_unconfirmed),
    }


if __name__ == "__main__":
    from trial.jsonl import serve

    serve(answer)

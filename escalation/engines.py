"""Every engine whose answers are stored with decisions, by its version: the one table that reaches an older one.

When the engine's VERSION rises, its folder as it was stays as `engine_v<old>` and gets its line here, so that
a decision is replayed by the engine that it was made with.
"""

from collections.abc import Callable, Mapping
from typing import Any

from .engine import reading as engine_reading
from .engine import rule as engine
from .engine import terms
from .firm import Firmness, firmness

Answer = dict[str, Any]  # the recommendation as docs/validation.md prints it


def _present(inputs: dict[str, Any]) -> Answer:
    return engine_reading.as_json(recommend(inputs))


ANSWERS: Mapping[str, Callable[[dict[str, Any]], Answer]] = {terms.VERSION: _present}


def answer(version: str, inputs: dict[str, Any]) -> Answer | None:
    """What the engine of that version answers to inputs as they are stored; None when it is not kept here.

    Raises ValueError for inputs that somebody has spoilt so that it cannot read them.
    """
    kept = ANSWERS.get(version)
    try:
        return kept(inputs) if kept else None
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError("the stored inputs cannot be read") from error


def patients_of(inputs: dict[str, Any]) -> list[terms.Patient]:
    return [terms.Patient(p["level"], terms.Outcome(p["outcome"]), terms.Role(p["role"])) for p in inputs["patients"]]


def recommend(inputs: dict[str, Any]) -> terms.Recommendation:
    """The engine's answer to stored or fresh inputs."""
    return engine.recommend(patients_of(inputs), **_design(inputs))


def how_firm(inputs: dict[str, Any]) -> Firmness:
    """How few verdicts would change that answer."""
    return firmness(patients_of(inputs), **_design(inputs))


def _design(inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "levels": inputs["levels"],
        "rule": terms.Rule(variant=terms.Variant(inputs["variant"]), **inputs["settings"]),
        "start": inputs["start"],
        "closed_by_committee": inputs["closed_by_committee"],
    }

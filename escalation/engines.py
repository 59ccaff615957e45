"""Every engine whose answers are stored with decisions, by its version: the one table that reaches an older one.

When `engine.VERSION` rises, the module as it was stays as `engine_v<old>.py` and gets its line here, so that
a decision is replayed by the engine that it was made with.
"""

from collections.abc import Callable, Mapping
from typing import Any

from . import engine, queries

Answer = dict[str, Any]  # the recommendation as docs/validation.md prints it


def _present(inputs: dict[str, Any]) -> Answer:
    return engine.as_json(queries.answer(inputs))


ANSWERS: Mapping[str, Callable[[dict[str, Any]], Answer]] = {engine.VERSION: _present}


def answer(version: str, inputs: dict[str, Any]) -> Answer | None:
    """What the engine of that version answers to inputs as they are stored; None when it is not kept here.

    Raises ValueError for inputs that somebody has spoilt so that it cannot read them.
    """
    kept = ANSWERS.get(version)
    try:
        return kept(inputs) if kept else None
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError("the stored inputs cannot be read") from error

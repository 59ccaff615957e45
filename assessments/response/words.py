"""One answer in words, as people read it on a form and in a list of changes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from patients.queries import plain

from .entry import Answer
from .models import Measurement
from .parameters import PARAMETERS

MISSING = "missing"
State = Measurement.State


def measured(row: Measurement | None) -> str:
    """A stored answer; "missing" for none and for one that was taken back."""
    if row is None or row.voided:
        return MISSING
    return words(row.parameter, row.state, plain(row.entered), row.unit, row.answer)


def typed(answer: Answer | None) -> str:
    """An answer as it was typed."""
    if answer is None:
        return MISSING
    return words(answer.parameter, answer.state, plain(answer.entered), answer.unit, answer.answer)


def imaged(image: Mapping[str, Any] | None) -> str:
    """A stored answer as its image in the ledger has it."""
    if image is None or image["voided"]:
        return MISSING
    entered = image["entered"]
    number = "" if entered is None else plain(Decimal(str(entered)))
    return words(image["parameter"], image["state"], number, image["unit"], image["answer"])


def words(parameter: str, state: str, number: str, unit: str, answer: str) -> str:
    """number: "" for none. Missing, not done and below the limit are three different things."""
    if state == State.NOT_DONE:
        return "not done"
    if not number:
        return PARAMETERS[parameter].answers[answer].lower()
    below = "<" if state == State.BELOW else ""
    return f"{below}{number} {unit}".rstrip()

"""What somebody else changed in an assessment while a form on it was open, from the images of its rows."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from patients.queries import history
from trial.record.values import said

from . import words
from .entry import Answer
from .models import DiseaseAssessment, Measurement
from .parameters import PARAMETERS


def difference(
    trial: UUID, row: DiseaseAssessment, seen: int, visit_on: date | None = None, typed: Sequence[Answer] = ()
) -> list[tuple[str, str, str, str]]:
    """(what, as the person opened it, as it is now, as he typed it) of what was changed after number `seen`."""
    stored = {one.parameter: one for one in row.measurements.all()}
    past = history(trial, [row, *stored.values()])
    mine = {answer.parameter: answer for answer in typed}
    then = past.then(row.pk, seen) or {}
    found = [("Visit", said(then.get("visit_on")), said(row.visit_on), said(visit_on))]
    for name, known in PARAMETERS.items():
        one: Measurement | None = stored.get(name)
        image = past.then(one.pk, seen) if one else None
        was = _dated(words.imaged(image), image["sampled_on"] if image else None, then.get("visit_on"))
        now = _dated(words.measured(one), one.sampled_on if one else None, row.visit_on)
        yours = mine.get(name)
        text = _dated(words.typed(yours), yours.sampled_on if yours else None, visit_on) if typed else "–"
        found.append((known.label, was, now, text))
    return [line for line in found if line[1] != line[2]]


def _dated(text: str, sampled_on: Any, visit_on: Any) -> str:
    """The answer, with its day when that is not the visit's."""
    if text == words.MISSING or sampled_on == visit_on:
        return text
    return f"{text}, taken {said(sampled_on)}"

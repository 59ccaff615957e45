"""Which moment of the record a reader means: an action's number, the last one of a day, or what a meeting froze."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.utils.module_loading import import_string

from .. import dates, numbers
from ..models import Trial
from ..people.access import Frozen

CUT_RULE = "Data cut: write the record number of one frozen cut, like 123."
RULE = f"As of: write one record number, like 123, or one date, like {dates.TWO_FORMS}."


def number(trial: Trial, head: int, today: date, asked: Sequence[str]) -> int:
    """The record number meant. Raises ValueError: the rule that `asked` breaks, in a sentence.

    head: the trial's last number. asked: each value that the address gives.
    """
    if len(asked) != 1:
        raise ValueError(RULE)
    said = asked[0].strip()
    if (found := numbers.whole(said)) is not None:
        return _within(found, head)
    try:
        day = dates.read(said)
    except ValueError:
        raise ValueError(RULE) from None
    if day > today:
        raise ValueError(f"As of: {dates.shown(day)} is after today, {dates.shown(today)}.")
    last: int | None = import_string(settings.PAST["last_number_of"])(trial, day)
    if last is None:
        raise ValueError(f"As of: {dates.shown(day)} is before the trial's first action, no. 1.")
    return last


def cut(trial: Trial, asked: Sequence[str]) -> Frozen:
    """The cut meant, by its record number. Raises ValueError like `number`."""
    said = asked[0].strip() if len(asked) == 1 else ""
    record = numbers.whole(said)
    found: Frozen | None = import_string(settings.PAST["frozen"])(trial.pk, record) if record else None
    if found is None:
        raise ValueError(f"Data cut: no meeting froze a cut at record no. {said}." if record else CUT_RULE)
    return found


def _within(found: int, head: int) -> int:
    if found < 1:
        raise ValueError("As of: the record begins with no. 1.")
    if found > head:
        raise ValueError(f"As of: no. {found} is beyond the last action, no. {head}.")
    return found

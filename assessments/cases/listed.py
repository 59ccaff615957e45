"""Which cases the list shows, and in which order: page and endpoint go by it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from . import page
from .case import Case, Timed

STATES: Mapping[str, tuple[str, Callable[[Case, datetime], bool]]] = {
    "open": ("Open", lambda case, now: not _closed(case, now)),
    "due": (
        "Due, a clock runs",
        lambda case, now: any(one.clock.running and not one.clock.late(now) for one in case.clocks),
    ),
    "late": ("Late, or a reason owed", lambda case, now: any(_late(case, one, now) for one in case.clocks)),
    "closed": ("Closed", lambda case, now: _closed(case, now)),
}
LAST = datetime.max.replace(tzinfo=UTC)
ORDERS: Mapping[str, Callable[[Case], Any]] = {  # of what is due at the same time the newest first
    "due": lambda case: (case.next_due or LAST, -case.event.number),
    "number": lambda case: case.event.number,
    "patient": lambda case: (case.patient.number, case.event.number),
    "event": lambda case: (case.event.title, case.event.number),
}
SORTS = tuple(f"{way}{name}" for name in ORDERS for way in ("", "-"))


def _late(case: Case, timed: Timed, now: datetime) -> bool:
    """A clock that has run out and is not kept yet, or was not kept and nobody said why."""
    return case.reason_owed(timed, now) or (timed.clock.running and timed.clock.late(now))


def _closed(case: Case, now: datetime) -> bool:
    """Nothing is owed any more: no step, no clock, no reason."""
    return not page.waits(case) and not any(one.clock.running or case.reason_owed(one, now) for one in case.clocks)


def found(case: Case, sought: str) -> bool:
    """Whether all of these words stand in its number, patient, site, event or narrative."""
    event, patient = case.event, case.patient
    said = (case.code, event.code, patient.code, patient.site.code, event.title, event.soc, event.narrative or "")
    text = " ".join(said).casefold()
    return all(word in text for word in sought.casefold().split())


def levels(cases: Sequence[Case], ladder: Sequence[str]) -> list[str]:
    """The labels of the levels received, in the order of the ladder in force."""
    received = {case.level for case in cases} - {""}
    return [label for label in ladder if label in received] + sorted(received - set(ladder))

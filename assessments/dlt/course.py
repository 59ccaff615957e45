"""A patient's course: from his events, doses and days to his evaluability (docs/domain.md, section 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Course:
    """What evaluability asks of one patient. doses: (planned, taken) of each drug over the window."""

    as_of_day: int
    window_days: int
    dlt: str  # "none", "suspected", "adjudicated"
    doses: Mapping[str, tuple[Decimal, Decimal]]
    fraction: Decimal
    open_events: int
    confirmed: bool
    stopped_day: int | None = None
    stop_reason: str | None = None
    died_of_myeloma: bool = False
    stopped: bool | None = None  # None: once the stopped day is reached. A stop that is recorded has been, at its site

    def __post_init__(self) -> None:
        if self.dlt not in ("none", "suspected", "adjudicated"):
            raise ValueError(f"dlt: must be none, suspected or adjudicated, got {self.dlt!r}")
        if self.window_days < 1:
            raise ValueError(f"window_days: must be at least 1, got {self.window_days}")
        if not 0 < self.fraction <= 1:
            raise ValueError(f"fraction: must be above 0 and at most 1, got {self.fraction}")
        if self.open_events < 0:
            raise ValueError(f"open_events: cannot be below 0, got {self.open_events}")
        for drug, (planned, taken) in self.doses.items():
            if planned < 0 or taken < 0:
                raise ValueError(f"doses: {drug} cannot be below 0 mg")

    @property
    def short(self) -> list[str]:
        """Drugs of which too little was taken; exactly the fraction is enough."""
        return [drug for drug, (planned, taken) in self.doses.items() if taken < planned * self.fraction]


State = Literal["pending", "dlt", "completed", "not_evaluable"]


def evaluability(course: Course) -> tuple[State, str]:
    """(state, reason). Passing time is not a result: until the investigator confirms, a patient is pending."""
    if course.dlt == "adjudicated":
        return "dlt", "An adjudicated DLT."
    if course.dlt == "suspected":
        return "pending", "A suspected DLT waits for adjudication."
    if course.open_events:
        events = "event" if course.open_events == 1 else "events"
        return "pending", f"{course.open_events} {events} in the window still open."
    derived, because = derive(course)
    if derived == "pending" or course.confirmed:
        return derived, because
    return "pending", f"{because} Not confirmed by the investigator yet."


def derive(course: Course) -> tuple[State, str]:
    """What the investigator is asked to confirm, or "pending" while the window runs."""
    over = course.as_of_day > course.window_days
    short = course.short
    stopped = course.stopped_day is not None and course.stopped_day <= course.as_of_day
    if course.stopped is not None:
        stopped = course.stopped
    if short and (over or stopped):
        why = f"treatment stopped on day {course.stopped_day}" if stopped else "the window is complete"
        return "not_evaluable", f"Under {course.fraction * 100:f} % of {', '.join(short)} taken, and {why}.".replace(
            ".00 %", " %"
        )
    if course.died_of_myeloma:
        return "not_evaluable", "Death from myeloma inside the window."
    if not over:
        return "pending", f"Day {max(course.as_of_day, 1)} of the window of {course.window_days}."
    return "completed", "Window complete with enough of each drug and no DLT."


def combine(states: Sequence[str]) -> str:
    """A patient's DLT state from those of his events: "adjudicated" over "suspected" over "none"."""
    if "dlt" in states:
        return "adjudicated"
    return "suspected" if "suspected" in states else "none"

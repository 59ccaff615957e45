"""A patient's doses by cycle and drug: what was planned, what was said of it, and what follows. Pure and exact.

docs/domain.md, section 5. Planned is the schedule of the level received at the first dose, whole for each cycle begun
and the running one to the cut. Recorded is what people said: to which day of the cycle a drug is recorded, and the
days that did not go as planned. Between them no day is guessed: what is not recorded stays open.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from trial.dates import later

NOTHING = Decimal(0)
# "over": the treatment had ended, or the next cycle had begun; "open": not recorded yet
State = Literal["taken", "reduced", "held", "missed", "over", "open"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the level gives of one drug: how much over a day, and on which days of a cycle."""

    daily: Decimal
    days: frozenset[int]
    unit: str = "mg"
    times: int = 1  # how often on a day


@dataclass(frozen=True, slots=True)
class Change:
    """What was said of a day of a cycle that did not go as planned. taken: over the day."""

    day: int
    state: State
    taken: Decimal
    because: str = ""
    event: Hashable = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """Of one drug in one cycle: recorded to `last_day`, as planned but for the changes, which are by day."""

    last_day: int
    changes: Mapping[int, Change]


@dataclass(frozen=True, slots=True)
class Cycle:
    number: int
    began_on: date
    said: Mapping[str, Said]  # by drug

    def on(self, day: int) -> date:
        return later(self.began_on, day - 1)

    def day(self, on: date) -> int:
        return (on - self.began_on).days + 1


@dataclass(frozen=True, slots=True)
class Course:
    """Every cycle begun, in order. plans: by drug, of those whose schedule is data."""

    cycle_days: int
    plans: Mapping[str, Plan]
    cycles: Sequence[Cycle]
    ended_on: date | None = None  # the last day of treatment

    @property
    def recorded(self) -> bool:
        """Whether anything is recorded by cycle; else the totals of the window hold."""
        return any(cycle.said for cycle in self.cycles)

    def until(self, died_on: date | None) -> "Course":
        """The same course, of which no day is planned after the patient's death, whatever end is recorded."""
        ends = [on for on in (self.ended_on, died_on) if on]
        return replace(self, ended_on=min(ends, default=None))

    def cycle(self, number: int) -> Cycle | None:
        return next((cycle for cycle in self.cycles if cycle.number == number), None)

    def last_on(self, cycle: Cycle) -> date | None:
        """The last day on which a dose of the cycle can have been taken; None while it goes on."""
        following = self.cycle(cycle.number + 1)
        ends = [later(following.began_on, -1)] if following else []
        return min([*ends, *([self.ended_on] if self.ended_on else [])], default=None)


@dataclass(frozen=True, slots=True)
class Day:
    """One drug on one day: planned or taken. taken None: not recorded yet."""

    on: date
    cycle: int
    day: int
    planned: Decimal
    taken: Decimal | None
    state: State
    change: Change | None = None


def days(course: Course, drug: str, cut: date, only: int | None = None) -> Iterator[Day]:
    """Every day to the cut on which the drug was planned, or taken all the same, in order. only: of one cycle."""
    plan = course.plans[drug]
    for cycle in course.cycles:
        if only in (None, cycle.number):
            yield from _of_cycle(course, cycle, plan, cycle.said.get(drug), cut)


def _of_cycle(course: Course, cycle: Cycle, plan: Plan, said: Said | None, cut: date) -> Iterator[Day]:
    changes = said.changes if said else {}
    last = course.last_on(cycle)
    for day in sorted(plan.days | changes.keys()):
        on, change = cycle.on(day), changes.get(day)
        if on > cut:
            return
        planned = plan.daily if day in plan.days else NOTHING
        if last is not None and on > last:
            if planned:
                yield Day(on, cycle.number, day, planned, NOTHING, "over")
        elif change is not None:
            yield Day(on, cycle.number, day, planned, change.taken, change.state, change)
        elif said is not None and day <= said.last_day:
            yield Day(on, cycle.number, day, planned, planned, "taken")
        else:
            yield Day(on, cycle.number, day, planned, None, "open")


@dataclass(frozen=True, slots=True)
class Exposure:
    """One drug over some cycles, in the unit of the dose. Planned is whole; `waits` is its part not recorded yet."""

    cycles: int
    planned: Decimal
    taken: Decimal
    waits: Decimal
    days_taken: int  # on which some was taken
    reduced: int
    held: int
    missed: int
    open_days: int  # planned and not recorded
    first_on: date | None
    last_on: date | None  # of the last dose taken

    @property
    def intensity(self) -> Fraction | None:
        """Taken / planned of what is recorded; None while nothing is."""
        due = self.planned - self.waits
        return Fraction(self.taken) / Fraction(due) if due else None

    @property
    def days(self) -> int:
        """Of exposure: from the first dose of the drug to its last, both included."""
        return (self.last_on - self.first_on).days + 1 if self.first_on and self.last_on else 0


def exposure(course: Course, drug: str, cut: date, only: int | None = None) -> Exposure:
    """To the cut, over all cycles begun by then, or in one."""
    every = list(days(course, drug, cut, only))
    took = [day.on for day in every if day.taken]
    return Exposure(
        cycles=sum(cycle.began_on <= cut and only in (None, cycle.number) for cycle in course.cycles),
        planned=sum((day.planned for day in every), NOTHING),
        taken=sum((day.taken for day in every if day.taken), NOTHING),
        waits=sum((day.planned for day in every if day.state == "open"), NOTHING),
        days_taken=len(took),
        reduced=sum(day.state == "reduced" for day in every),
        held=sum(day.state == "held" for day in every),
        missed=sum(day.state == "missed" for day in every),
        open_days=sum(day.state == "open" for day in every),
        first_on=took[0] if took else None,
        last_on=took[-1] if took else None,
    )


def reductions(course: Course, drug: str, cut: date) -> list[Day]:
    """The days on which less was given than the step before; the first step is what was planned.

    A dose that stays where it was reduced to is no further reduction; after one as planned the next is one again. A
    day that was held or missed is no step.
    """
    found, before = [], course.plans[drug].daily
    for day in days(course, drug, cut):
        if day.state == "reduced" and day.taken is not None:
            if day.taken < before:
                found.append(day)
            before = day.taken
        elif day.state == "taken":
            before = course.plans[drug].daily
    return found


def last_taken(course: Course, only: int | None = None) -> date | None:
    """The last day on which a dose of any drug is recorded as taken, wherever the treatment is said to have ended.

    only: in one cycle.
    """
    whole = replace(course, ended_on=None)
    for cycle in reversed([one for one in course.cycles if only in (None, one.number)]):  # each begins after the other
        took = (exposure(whole, drug, date.max, cycle.number).last_on for drug in course.plans)
        if last := max((on for on in took if on), default=None):
            return last
    return None


def taken_in(course: Course, drug: str, window_days: int) -> Decimal | None:
    """What was taken of the drug in the window, which need not be cycle 1; None while a day of it is not recorded."""
    first = course.cycles[0]
    end = first.on(window_days)
    every = [day for day in days(course, drug, end) if day.on >= first.began_on]
    last = course.cycles[-1]
    reaches = course.ended_on is not None or last.on(course.cycle_days) >= end
    if not reaches or any(day.taken is None for day in every):
        return None
    return sum((day.taken for day in every if day.taken), NOTHING)


@dataclass(frozen=True, slots=True)
class Lost:
    """What was planned on a study day and not taken for an adverse event."""

    drug: str
    day: int  # of the study: 1 is that of the first dose
    amount: Decimal
    event: Hashable


def lost(course: Course, window_days: int) -> list[Lost]:
    """Held, reduced or missed for an adverse event in the window, by drug and day."""
    first = course.cycles[0]
    found = []
    for drug in course.plans:
        for day in days(course, drug, first.on(window_days)):
            change = day.change
            if change and change.event is not None and change.taken < day.planned:
                found.append(Lost(drug, first.day(day.on), day.planned - change.taken, change.event))
    return found

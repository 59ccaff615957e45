"""Doses missed for related toxicity, criterion N4 (docs/domain.md, section 4). Pure and exact: products of fractions.

What counts is the mg of days missed, held or reduced for related toxicity in the window, against the schedule of the
patient's level over the whole window. It is more than the limit on the first day on which the sum is, or on which a
stop for related toxicity makes it certain; exactly the limit is not more.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .event import Suggestion

Number = Decimal | int
Totals = Mapping[str, tuple[Number, Number]]  # (planned, taken) over the window, by drug
LIMIT = Decimal("0.25")


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a dose level gives of one drug: the amount at a time, on which days of a cycle, how often on each."""

    amount: Number
    days: frozenset[int]  # 1 is the first day of a cycle
    cycle_days: int
    times: int = 1  # a day

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise ValueError(f"amount: must be above 0, got {self.amount}")
        if self.times < 1:
            raise ValueError(f"times: must be at least 1 a day, got {self.times}")
        if wrong := next((day for day in sorted(self.days) if not 1 <= day <= self.cycle_days), None):
            raise ValueError(f"days: {wrong} is no day of a cycle of {self.cycle_days} days")

    def given(self, first: int, last: int) -> Fraction:
        """The amount scheduled from study day `first` to `last`, cycle after cycle."""
        days = sum((day - 1) % self.cycle_days + 1 in self.days for day in range(max(first, 1), last + 1))
        return Fraction(self.amount) * self.times * days


@dataclass(frozen=True, slots=True)
class Stop:
    """The last day of treatment. toxicity: whether it ended for related toxicity, None: not asked.

    drugs: those that were stopped for it; None: all of them.
    """

    day: int
    toxicity: bool | None = None
    drugs: frozenset[str] | None = None

    def missed(self, drug: str) -> bool | None:
        """Whether what the schedule had left of the drug is missed for related toxicity; None: not asked."""
        return self.toxicity and (self.drugs is None or drug in self.drugs)


def above_on(
    schedule: Schedule,
    window_days: int,
    missed: Iterable[tuple[int, Number]] = (),
    stopped_after: int | None = None,
    limit: Number = LIMIT,
) -> int | None:
    """The first study day on which more than the limit of the window's schedule is missed; None: never.

    missed: (study day, amount) missed, held or reduced for related toxicity. stopped_after: the last day of treatment,
    where it ended for related toxicity: all that the window's schedule has left is missed from then on.
    """
    most = Fraction(limit) * schedule.given(1, window_days)
    steps = sorted((day, Fraction(amount)) for day, amount in missed if 1 <= day <= window_days)
    if stopped_after is not None:
        steps = [(day, amount) for day, amount in steps if day <= stopped_after]
        steps.append((max(stopped_after, 1), schedule.given(stopped_after + 1, window_days)))
    total = Fraction(0)
    for day, amount in steps:
        if (total := total + amount) > most:
            return day
    return None


def stopped_short(
    schedules: Mapping[str, Schedule], stop: Stop | None, window_days: int, limit: Number = LIMIT
) -> list[str]:
    """Drugs of which a stop for related toxicity alone makes it certain that more than the limit is missed."""
    if stop is None:
        return []
    return [
        drug
        for drug, schedule in schedules.items()
        if stop.missed(drug) and above_on(schedule, window_days, stopped_after=stop.day, limit=limit) is not None
    ]


def missed_doses(
    *,
    doses: Totals,
    window_over: bool,
    because_of_toxicity: bool | None,
    schedules: Mapping[str, Schedule] | None = None,
    stop: Stop | None = None,
    window_days: int = 28,
    limit: Number = LIMIT,
) -> Suggestion:
    """More than the limit of any one drug missed because of related toxicity, of an event that doses were missed for.

    doses: totals over the whole window; a drug without a schedule goes by them alone, and so do the days before a stop.
    window_over: nothing more is taken in it, so what is not taken is missed.
    """
    for drug, (planned, taken) in doses.items():
        if planned < 0 or taken < 0:
            raise ValueError(f"doses: {drug} cannot be below 0 mg")
    known = schedules or {}
    short, over = [], []
    for drug in dict.fromkeys([*doses, *known]):
        schedule, total = known.get(drug), doses.get(drug)
        if schedule is not None and stop is not None and stop.toxicity is not None:
            if _with_stop(schedule, total, stop, drug, window_days, limit):
                over.append(drug)
        elif total is not None:
            whole = Fraction(total[0]) if schedule is None else schedule.given(1, window_days)
            if whole - Fraction(total[1]) > Fraction(limit) * whole:
                short.append(drug)
    if over or (short and window_over):
        words = f"more than the limit of {' and '.join([*over, *short] if window_over else over)} missed"
        if because_of_toxicity is False:
            return Suggestion(False, f"{words[0].upper()}{words[1:]}, but not because of related toxicity.")
        return by_cause(words, because_of_toxicity)
    if not short or because_of_toxicity is False:
        return Suggestion(False, "No drug was missed beyond the limit because of related toxicity.")
    return Suggestion("pending", f"Not taken yet, or missed: {' and '.join(short)}.", "N4")


def _with_stop(
    schedule: Schedule, total: tuple[Number, Number] | None, stop: Stop, drug: str, window_days: int, limit: Number
) -> bool:
    """The days before the stop by what was taken in all, those after it by the schedule and the stop's reason."""
    last = min(stop.day, window_days)
    before = max(Fraction(0), schedule.given(1, last) - Fraction(total[1])) if total else Fraction(0)
    after = schedule.given(last + 1, window_days) if stop.missed(drug) else Fraction(0)
    return before + after > Fraction(limit) * schedule.given(1, window_days)


@dataclass(frozen=True, slots=True)
class Missed:
    """What is recorded day by day as missed, held or reduced for adverse events in the window.

    days: (drug, study day, amount, event). related: of each of these events, None while that is not answered.
    whole: every day of the window is recorded.
    """

    days: Sequence[tuple[str, int, Number, Hashable]]
    related: Mapping[Hashable, bool | None]
    whole: bool

    def names(self, event: Hashable) -> bool:
        return any(cause == event for *_, cause in self.days)


def missed_by_days(
    *,
    missed: Missed,
    event: Hashable,
    because_of_toxicity: bool | None,
    named: bool,
    window_over: bool,
    schedules: Mapping[str, Schedule],
    stop: Stop | None = None,
    window_days: int = 28,
    limit: Number = LIMIT,
) -> Suggestion:
    """As `missed_doses`, by the days themselves: the sum over all related events counts, whichever of them is read.

    named: the site says of the event that doses were missed for it, as it can where days do not name one.
    """
    if because_of_toxicity is False:
        return Suggestion(False, "Doses were missed for it, but not because of related toxicity.")
    causes = {cause for cause, related in missed.related.items() if related is not False}
    over = []
    for drug, schedule in schedules.items():
        amounts = [(day, mg) for of, day, mg, cause in missed.days if of == drug and cause in causes]
        unasked = stop is not None and stop.toxicity is None and named
        after = stop.day if stop is not None and (unasked or stop.missed(drug)) else None
        if above_on(schedule, window_days, amounts, after, limit) is not None:
            over.append(drug)
    if over:
        return by_cause(f"more than the limit of {' and '.join(over)} missed", because_of_toxicity)
    if missed.whole or not window_over:
        return Suggestion(False, "No drug was missed beyond the limit because of related toxicity.")
    return Suggestion("pending", "The doses of the window are not recorded to its end.", "N4")


def by_cause(words: str, because_of_toxicity: bool | None) -> Suggestion:
    """Met, where related toxicity is the cause; suspected at once where that is not answered."""
    words = f"{words[0].upper()}{words[1:]}"
    if because_of_toxicity is None:
        return Suggestion("pending", f"{words}: because of related toxicity?", "N4", at_once=True)
    return Suggestion(True, f"{words}, because of related toxicity.", "N4")

"""The decision table of a protocol: evaluable patients, DLTs and pending at one level, and what is to be done.

Every cell is the engine's answer to a trial that stands there; no rule is written down a second time. What is done
depends on where the level is on the ladder, so there is an answer for each place. For people who read tables, not code.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from ..engine.rule import Count, failed, recommend
from ..engine.terms import Action, Outcome, Patient, Rule

MOST = 12  # patients a level: a table of more is not for people


class Place(StrEnum):
    """Where a level is on its ladder; all levels below it have passed on one cohort."""

    UNDERWAY = "underway"  # the level above is open and not used yet
    BELOW_CLOSED = "below_closed"  # the level above is closed
    TOP = "top"
    LOWEST = "lowest"  # nothing below it; the level above is open


class Answer(NamedTuple):
    """What is done. step: from this level to the one meant, -1 below; None: no level is tolerated."""

    action: Action
    step: int | None
    places: int = 0  # patients in all on this level, when it is filled


class Cell(NamedTuple):
    evaluable: int
    dlts: int
    pending: int


class Span(NamedTuple):
    """From low to high, both included."""

    low: int
    high: int

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Row:
    """Cells with the same answers. over: every state over the limit of DLTs, whatever the spans say."""

    evaluable: Span
    dlts: Span
    pending: Span
    answers: dict[Place, Answer]
    over: bool = False

    def holds(self, cell: Cell, rule: Rule) -> bool:
        over = failed(Count(*cell), rule)
        if self.over or over:
            return self.over and over and cell.pending in self.pending
        return cell.evaluable in self.evaluable and cell.dlts in self.dlts and cell.pending in self.pending


def cells(rule: Rule) -> list[Cell]:
    """Every state of a level with at most A + B patients on it, by evaluable, DLTs and pending."""
    six = rule.a + rule.b
    return [Cell(n, x, w) for n in range(six + 1) for x in range(n + 1) for w in range(six - n + 1)]


def patients(cell: Cell, rule: Rule, place: Place) -> tuple[list[Patient], int]:
    """A trial that stands at the cell, and its number of levels: the level is 2, or 1 at the lowest place."""
    level = 1 if place is Place.LOWEST else 2
    before = [] if place is Place.LOWEST else [Patient(1, Outcome.NO_DLT)] * rule.a
    if place is Place.BELOW_CLOSED:
        before += [Patient(3, Outcome.DLT)] * (rule.limit(rule.a) + 1)
    here = [Outcome.NO_DLT] * (cell.evaluable - cell.dlts) + [Outcome.DLT] * cell.dlts
    here += [Outcome.PENDING] * cell.pending
    levels = 3 if place in (Place.UNDERWAY, Place.BELOW_CLOSED) else 2
    return before + [Patient(level, outcome) for outcome in here], levels


def answer_at(cell: Cell, rule: Rule, place: Place) -> Answer:
    """The engine's answer at the cell, in steps from its level."""
    who, levels = patients(cell, rule, place)
    advice = recommend(who, levels=levels, rule=rule)
    level = 1 if place is Place.LOWEST else 2
    if advice.action is Action.NONE_TOLERATED:
        return Answer(advice.action, None)
    nobody = cell.evaluable + cell.pending == 0  # the trial has just gone up or down to it: what is done is to enrol
    action = Action.ENROL if nobody and advice.level == level else advice.action
    fills = action in (Action.ENROL, Action.EXPAND) and advice.level == level
    places = cell.evaluable + cell.pending + advice.slots if fills else 0
    return Answer(action, 0 if advice.action is Action.WAIT else advice.level - level, places)


@lru_cache(maxsize=32)
def table(rule: Rule) -> list[Row]:
    """The table in the order in which one looks up: what is over the limit of DLTs first, whatever the other counts;
    then by evaluable patients, DLTs and pending. Only pending ones that ask for the same share a row: a row for two
    numbers of evaluable patients or of DLTs would stand out of that order.

    Raises ValueError for a rule with more than `MOST` patients a level.
    """
    if rule.a + rule.b > MOST:
        raise ValueError(f"a, b: a decision table is made for at most {MOST} patients a level, got {rule.a + rule.b}")
    said = {cell: {place: answer_at(cell, rule, place) for place in Place} for cell in cells(rule)}
    over = [cell for cell in said if failed(Count(*cell), rule)]
    rows = [
        Row(Span(c.evaluable, c.evaluable), Span(c.dlts, c.dlts), Span(c.pending, c.pending), answers)
        for c, answers in said.items()
        if c not in over
    ]
    return _over(over, said) + _joined(rows)


def _over(over: Sequence[Cell], said: dict[Cell, dict[Place, Answer]]) -> list[Row]:
    same: dict[str, list[Cell]] = {}
    for cell in over:
        same.setdefault(str(said[cell]), []).append(cell)
    found = [Row(*_spans(group), said[group[0]], over=True) for group in same.values()]
    return sorted(found, key=lambda row: row.pending)


def _spans(group: Sequence[Cell]) -> tuple[Span, Span, Span]:
    n, x, w = (Span(min(values), max(values)) for values in zip(*group, strict=True))
    return n, x, w


def _joined(rows: Sequence[Row]) -> list[Row]:
    """Neighbours that differ only in the pending patients, put together; a level with nobody has its own line."""
    found = list(rows[:1])
    for row in rows[1:]:
        last = found[-1]
        if last is not found[0] and (last.evaluable, last.dlts, last.answers) == (row.evaluable, row.dlts, row.answers):
            found[-1] = replace(last, pending=Span(last.pending.low, row.pending.high))
        else:
            found.append(row)
    return found


# In words


PLACES = {
    Place.UNDERWAY: "On the way up",
    Place.BELOW_CLOSED: "The level above is closed",
    Place.TOP: "Top level",
    Place.LOWEST: "Lowest level",
}

COLUMNS = (Place.UNDERWAY, Place.LOWEST, Place.BELOW_CLOSED, Place.TOP)  # likes beside each other


def said(answer: Answer) -> str:
    """What is done, for a reader who knows no rule."""
    closes = "Close this level and all above. " if answer.step == -1 or answer.step is None else ""
    match answer.action:
        case Action.ENROL if answer.step == 0:
            return f"Enrol here, up to {answer.places}"
        case Action.EXPAND:
            return f"Enrol more here, up to {answer.places}"
        case Action.ESCALATE:
            return "Go up one level"
        case Action.WAIT:
            return "Wait for the pending patients"
        case Action.MTD:
            return f"{closes}The level below is the MTD" if closes else "This level is the MTD"
        case Action.TOP_TOLERATED:
            return "This level is tolerated; the MTD is not reached"
        case Action.NONE_TOLERATED:
            return f"{closes}No level is tolerated"
    return f"{closes}Go down one level"


def span(of: Span) -> str:
    return str(of.low) if of.low == of.high else f"{of.low}–{of.high}"


def limits(row: Row, rule: Rule) -> tuple[str, str, str]:
    """The columns of a row in words: evaluable, DLTs, pending."""
    if not row.over:
        return span(row.evaluable), span(row.dlts), span(row.pending)
    dlts = f"{rule.d + 1} or more"
    if rule.e > rule.d:
        dlts = f"more than {rule.d} of the first {rule.a}, or than {rule.e} of {rule.a + rule.b}"
    return "any", dlts, "any" if row.pending.low == 0 and row.pending.high > 0 else span(row.pending)

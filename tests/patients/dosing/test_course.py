"""A patient's doses by cycle and drug, from what was said of them. Amounts are counted by hand."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from patients.dosing.course import (
    Change,
    Course,
    Cycle,
    Lost,
    Plan,
    Said,
    days,
    exposure,
    last_taken,
    lost,
    reductions,
    taken_in,
)

FIRST = date(2026, 3, 2)
WEEKLY = Plan(Decimal(60), frozenset({1, 8, 15, 22}))
DAILY = Plan(Decimal(20), frozenset(range(1, 29)), times=2)


def whole(**changes):
    return Said(28, changes.get("changes", {}))


def course(*cycles, ended_on=None, **plans):
    return Course(28, plans or {"weekly": WEEKLY, "daily": DAILY}, list(cycles), ended_on)


def cycle(number, began, **said):
    return Cycle(number, FIRST + timedelta(days=began - 1), said)


def held(day, plan=WEEKLY, event="AE 1"):
    return {day: Change(day, "held", Decimal(0), "adverse_event", event)}


def test_as_planned_is_all_of_it():
    found = exposure(course(cycle(1, 1, weekly=Said(28, {}))), "weekly", date(2026, 4, 30))

    assert (found.planned, found.taken, found.intensity, found.days_taken) == (240, 240, 1, 4)
    assert (found.first_on, found.last_on, found.days) == (FIRST, date(2026, 3, 23), 22)


def test_a_reduction_and_a_hold_lower_taken_never_planned():
    changes = held(8) | {15: Change(15, "reduced", Decimal(40), "adverse_event", "AE 1")}
    found = exposure(
        course(cycle(1, 1, weekly=Said(28, changes)), cycle(2, 29, weekly=Said(28, {}))), "weekly", date.max
    )

    assert (found.planned, found.taken, found.held, found.reduced) == (480, 400, 1, 1)
    assert found.intensity == Fraction(5, 6)


def test_a_reduction_is_a_dose_below_the_step_before():
    """60 planned: 40, missed, 40, 30; then 60 as planned, 40."""
    because = ("adverse_event", "AE 1")
    first = {day: Change(day, "reduced", Decimal(mg), *because) for day, mg in ((1, 40), (15, 40), (22, 30))}
    first[8] = Change(8, "missed", Decimal(0), "patient")
    later = {8: Change(8, "reduced", Decimal(40), *because)}
    both = course(cycle(1, 1, weekly=Said(28, first)), cycle(2, 29, weekly=Said(14, later)))

    fell = reductions(both, "weekly", date.max)

    assert [(day.cycle, day.day) for day in fell] == [(1, 1), (1, 22), (2, 8)]
    assert len(reductions(both, "weekly", FIRST + timedelta(days=20))) == 1


def test_the_running_cycle_is_planned_to_the_cut_and_what_is_not_recorded_waits():
    running = course(cycle(1, 1, daily=Said(10, {})))
    found = exposure(running, "daily", FIRST + timedelta(days=13))

    assert (found.planned, found.taken, found.waits, found.open_days) == (280, 200, 80, 4)
    assert found.intensity == 1, "of what is recorded"
    assert exposure(running, "weekly", FIRST).intensity is None


def test_a_stop_ends_taken_and_leaves_the_cycle_planned_whole():
    stopped = course(cycle(1, 1, daily=Said(7, {})), ended_on=FIRST + timedelta(days=6))
    found = exposure(stopped, "daily", date.max)

    assert (found.planned, found.taken, found.intensity, found.open_days) == (560, 140, Fraction(1, 4), 0)


def test_a_cycle_cut_short_by_the_next_takes_no_dose_twice():
    both = course(cycle(1, 1, daily=Said(28, {})), cycle(2, 22, daily=Said(28, {})))
    every = list(days(both, "daily", date.max))

    assert len({day.on for day in every if day.taken}) == sum(day.taken is not None and day.taken > 0 for day in every)
    assert sum(day.state == "over" for day in every) == 7


def test_a_dose_moved_by_a_day_is_missed_and_taken():
    changes = {
        8: Change(8, "missed", Decimal(0), "patient"),
        9: Change(9, "taken", Decimal(60), "patient"),
    }
    found = exposure(course(cycle(1, 1, weekly=Said(28, changes))), "weekly", date.max)

    assert (found.planned, found.taken, found.missed, found.days_taken) == (240, 240, 1, 4)


def test_a_window_that_is_not_cycle_1_takes_the_days_that_lie_in_it():
    """35 days, cycle 2 a week late: days 29-35 are in no cycle; begun on day 33, its days 1-3 are in the window."""
    late = course(cycle(1, 1, daily=Said(28, {})), cycle(2, 33, daily=Said(3, {})))

    assert taken_in(late, "daily", 35) == 31 * 20
    assert taken_in(course(cycle(1, 1, daily=Said(28, {}))), "daily", 35) is None, (
        "cycle 2 has not begun, nor is it over"
    )
    assert taken_in(course(cycle(1, 1, daily=Said(20, {}))), "daily", 21) is None
    assert taken_in(course(cycle(1, 1, daily=Said(20, {}))), "daily", 20) == 400


def test_what_was_missed_for_an_event_names_it_with_its_study_day():
    changes = held(15) | {22: Change(22, "missed", Decimal(0), "patient")}
    said = course(cycle(1, 1, weekly=Said(28, {})), cycle(2, 31, weekly=Said(28, changes)))

    assert lost(said, 60) == [Lost("weekly", 45, Decimal(60), "AE 1")]
    assert lost(said, 28) == []


@pytest.mark.parametrize(("ended", "last"), [(None, 22), (10, 22)])
def test_the_last_dose_recorded_stands_whatever_the_stop_says(ended, last):
    ended_on = FIRST + timedelta(days=ended - 1) if ended else None
    assert last_taken(course(cycle(1, 1, weekly=Said(28, {})), ended_on=ended_on)) == FIRST + timedelta(days=last - 1)

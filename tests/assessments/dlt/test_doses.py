"""Doses missed for related toxicity (N4): the day on which it is more than 25 % of the window's schedule, by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.dlt.doses import Missed, Schedule, Stop, above_on, missed_by_days, missed_doses, stopped_short

WEEKLY = Schedule(Decimal(40), frozenset({1, 8, 15, 22}), 28)
TWICE = Schedule(Decimal(10), frozenset(range(1, 29)), 28, times=2)
ALTERNATE = Schedule(Decimal(40), frozenset(range(1, 29, 2)), 28)
DRUGS = {"selinexor": WEEKLY, "ruxolitinib": TWICE, "methylprednisolone": ALTERNATE}


def test_a_schedule_counts_what_it_gives():
    assert WEEKLY.given(1, 28) == 160
    assert TWICE.given(1, 28) == 560
    assert ALTERNATE.given(1, 28) == 560
    assert WEEKLY.given(9, 28) == 80
    assert WEEKLY.given(22, 40) == 120  # days 22, 29 and 36: the next cycle begins


@pytest.mark.parametrize(
    ("stop", "short"),
    [
        (Stop(21, toxicity=True), []),  # 1 of 4 weekly, 7 of 28, 3 of 14: exactly 25 % is not more
        (Stop(20, toxicity=True), ["ruxolitinib", "methylprednisolone"]),  # 8 of 28, 4 of 14 (21, 23, 25, 27)
        (Stop(14, toxicity=True), ["selinexor", "ruxolitinib", "methylprednisolone"]),
        (Stop(14, toxicity=True, drugs=frozenset({"selinexor"})), ["selinexor"]),
        (Stop(14, toxicity=False), []),  # another reason counts for evaluability alone
        (Stop(14), []),  # not asked: by the totals
        (Stop(28, toxicity=True), []),
        (Stop(40, toxicity=True), []),
        (None, []),
    ],
)
def test_a_stop_for_related_toxicity_makes_it_certain(stop, short):
    assert stopped_short(DRUGS, stop, 28) == short


@pytest.mark.parametrize(
    ("missed", "stopped", "day"),
    [
        ([(8, 40)], None, None),  # exactly 25 %
        ([(8, 40), (15, 1)], None, 15),
        ([(15, 1), (8, 40)], None, 15),  # in any order
        ([(8, 20), (15, 20), (22, 20)], None, 22),  # reduced by half three times
        ([(29, 160)], None, None),  # after the window
        ([(8, 40)], 21, 21),  # one missed, and the last one by the stop
        ([], 21, None),
        ([], 1, 1),
    ],
)
def test_the_first_day_on_which_it_is_more_than_the_limit(missed, stopped, day):
    assert above_on(WEEKLY, 28, missed, stopped_after=stopped) == day


@given(
    st.lists(st.tuples(st.integers(1, 28), st.integers(1, 60)), max_size=6),
    st.none() | st.integers(1, 28),
    st.integers(1, 27),
)
def test_what_is_above_on_a_day_stays_above(missed, stopped, until):
    known = [(day, amount) for day, amount in missed if day <= until]
    early = above_on(WEEKLY, 28, known)
    late = above_on(WEEKLY, 28, missed, stopped_after=stopped if stopped and stopped >= until else None)

    if early is not None:
        assert late is not None and late <= early
    if late is not None and stopped is None:
        assert sum(Fraction(amount) for day, amount in missed if day <= late) > 40


def ask(doses=None, schedules=DRUGS, stop=None, over=False, toxicity=True):
    said = missed_doses(
        doses=doses or {}, window_over=over or stop is not None, because_of_toxicity=toxicity,
        schedules=schedules, stop=stop, window_days=28,
    )  # fmt: skip
    return said.suggested, said.at_once


TAKEN = {"selinexor": (160, 80), "ruxolitinib": (560, 560), "methylprednisolone": (560, 560)}


@pytest.mark.parametrize(
    ("known", "answer"),
    [
        # on the day of the stop, before anybody has entered a dose
        ({"stop": Stop(9, toxicity=True)}, (True, False)),
        ({"stop": Stop(9, toxicity=True), "toxicity": None}, ("pending", True)),
        ({"stop": Stop(9, toxicity=True), "toxicity": False}, (False, False)),
        ({"stop": Stop(21, toxicity=True)}, (False, False)),
        # the days before a stop go by the totals: one of three given weeks missed, and the week after it
        ({"stop": Stop(21, toxicity=True), "doses": TAKEN}, (True, False)),
        # a stop for another reason: what came after it does not count, what was missed before it does
        ({"stop": Stop(9, toxicity=False), "doses": {"selinexor": (160, 80)}}, (False, False)),
        ({"stop": Stop(9, toxicity=False), "doses": {"selinexor": (160, 20)}}, (True, False)),
        ({"stop": Stop(9, toxicity=True, drugs=frozenset({"ruxolitinib"})), "doses": TAKEN}, (True, False)),
        # a stop that was not asked about, or a drug whose schedule is words alone: by the totals
        ({"stop": Stop(9), "doses": TAKEN}, (True, False)),
        ({"stop": Stop(9, toxicity=True), "doses": {"selinexor": (160, 80)}, "schedules": {}}, (True, False)),
        # the window runs: the rest may still be taken
        ({"doses": TAKEN}, ("pending", False)),
        ({"doses": TAKEN, "over": True}, (True, False)),
        ({"doses": {"selinexor": (160, 120)}, "over": True}, (False, False)),  # exactly 25 %
    ],
)
def test_an_event_that_doses_were_missed_for(known, answer):
    assert ask(**known) == answer


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": 0, "days": frozenset({1}), "cycle_days": 28}, "amount"),
        ({"amount": 1, "days": frozenset({29}), "cycle_days": 28}, "days"),
        ({"amount": 1, "days": frozenset({1}), "cycle_days": 28, "times": 0}, "times"),
    ],
)
def test_a_wrong_schedule_is_named(wrong, field):
    with pytest.raises(ValueError, match=f"^{field}"):
        Schedule(**wrong)


def by_days(days, *, whole=True, stop=None, event="a", related=True, named=False, over=True):
    """One drug, 20 mg every day of 28: the limit is 140 mg. days: (how many, event)."""
    held = [("daily", 1 + k, 20, of) for k, of in enumerate(of for many, of in days for _ in range(many))]
    said = missed_by_days(
        missed=Missed(held, {"a": related, "b": True, "no": False}, whole), event=event, because_of_toxicity=related,
        named=named, window_over=over, schedules={"daily": Schedule(20, frozenset(range(1, 29)), 28)}, stop=stop,
    )  # fmt: skip
    return said.suggested, said.at_once


def test_days_lost_for_related_events_add_up():
    assert by_days([(7, "a")]) == (False, False), "exactly a quarter is not more"
    assert by_days([(8, "a")]) == (True, False)
    assert by_days([(4, "a"), (4, "b")]) == (True, False)
    assert by_days([(7, "a"), (4, "no")]) == (False, False), "an unrelated event counts for evaluability alone"
    assert by_days([(7, "a"), (4, "taken back")]) == (False, False)
    assert by_days([(8, "a")], related=None) == ("pending", True), "a missing relation is suspected at once"
    assert by_days([(8, "a")], related=False) == (False, False)


def test_a_stop_adds_what_the_schedule_had_left_and_open_days_wait():
    toxic, wish = Stop(24, toxicity=True), Stop(24, toxicity=False)
    assert by_days([(4, "a")], stop=toxic) == (True, False), "4 held and 4 after the stop"
    assert by_days([(4, "a")], stop=wish) == (False, False)
    unasked = Stop(24)
    assert by_days([(4, "a")], stop=unasked) == (False, False)
    assert by_days([(4, "a")], stop=unasked, named=True) == (True, False), "its site says that doses were missed for it"
    assert by_days([(4, "a")], whole=False) == ("pending", False)
    assert by_days([(4, "a")], whole=False, over=False) == (False, False), "the window runs; the patient is pending"

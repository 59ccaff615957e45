"""Days at a grade: each stretch is judged by itself, whenever the event began (docs/domain.md, section 4)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.dlt.criteria import Rules, judge
from assessments.dlt.days import Step, Stretch, before, lasting, stretches
from assessments.dlt.event import Event
from trial.dates import study_day

FIRST = date(2026, 3, 2)
NEUTROPHILS = "Neutrophil count decreased"


@pytest.mark.parametrize(("away", "day"), [(0, 1), (27, 28), (28, 29), (-1, -1), (-14, -14)])
def test_the_day_before_the_first_dose_is_day_minus_1(away, day):
    assert study_day(FIRST + timedelta(days=away), FIRST) == day


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 400))
def test_days_are_counted_across_the_first_dose(on, more):
    first, last = study_day(on, FIRST), study_day(on + timedelta(days=more), FIRST)

    assert 0 not in (first, last)
    assert lasting(first, last) == more + 1
    assert before(first) == study_day(on - timedelta(days=1), FIRST)


def steps(*said):
    return [Step(day, grade) for day, grade in said]


def test_a_laboratory_stretch_ends_on_the_day_before_the_first_sample_that_is_not_at_the_grade():
    found = stretches(steps((10, 4), (17, 3)))

    assert found == [Stretch(3, 10, None), Stretch(4, 10, 16)]
    assert lasting(10, 16) == 7


def test_each_stretch_of_a_grade_stands_by_itself():
    found = stretches(steps((-3, 2), (5, 4), (7, 2), (12, 4), (15, 0)))

    assert found == [Stretch(2, -3, 14), Stretch(4, 5, 6), Stretch(4, 12, 14)]


def test_of_several_steps_of_one_day_the_highest_grade_counts():
    found = stretches(steps((3, 4), (5, 2), (5, 4), (9, 1)), end_day=10)

    assert found == [Stretch(1, 3, 10), Stretch(4, 3, 8)]


@pytest.mark.parametrize(
    ("said", "end", "field"),
    [(((0, 3),), None, "day"), (((1, 6),), None, "grade"), (((4, 3),), 3, "end_day")],
)
def test_a_wrong_step_is_named(said, end, field):
    with pytest.raises(ValueError, match=f"^{field}"):
        stretches(steps(*said), end)


def ask(term, *said, end=None, as_of=40, **known):
    found = stretches(steps(*said), end)
    worst = max(grade for _, grade in said)
    event = Event(
        term=term, grade=worst, onset_day=said[0][0], as_of_day=as_of, end_day=end, relations={"a": "possible"}, **known
    )
    answer = judge(event, Rules(), found)
    return answer.suggested, answer.criterion


@pytest.mark.parametrize(
    ("event", "answer"),
    [
        # the event began before the first dose: what counts is when its grade was reached
        ((NEUTROPHILS, (-5, 2), (6, 4), (13, 2)), (True, "H1")),
        ((NEUTROPHILS, (-5, 2), (6, 4), (12, 2)), (False, None)),
        (("Pneumonitis", (-5, 3), (20, 1)), (False, None)),  # as it was at baseline
        (("Pneumonitis", (-5, 3), (9, 4), (20, 1)), (True, "N1")),  # a worsening of it
        # a grade reached after the window does not count
        (("Pneumonitis", (20, 2), (29, 3)), (False, None)),
        (("Pneumonitis", (20, 2), (28, 3)), (True, "N1")),
        # two short stretches are not one long one
        ((NEUTROPHILS, (5, 4), (9, 3), (12, 4), (16, 2)), (False, None)),
        (("Fatigue", (5, 3), (9, 2), (12, 3), (16, 1)), (False, None)),
        (("Fatigue", (5, 3), (13, 2)), (True, "N1")),
        # 72 hours are counted from when grade 3 was reached
        (("Hypokalemia", (2, 1), (10, 3), (13, 1)), (False, None)),
        (("Hypokalemia", (2, 1), (10, 3), (14, 1)), (False, None)),
        (("Hypokalemia", (2, 1), (10, 3), (15, 1)), (True, "N1")),
        # the exceptions cover grade 3 alone
        (("Vomiting", (5, 3), (6, 4), (7, 1)), (True, "N1")),
    ],
)
def test_each_stretch_is_judged_by_itself(event, answer):
    assert ask(*event) == answer


def test_an_event_without_a_history_is_one_stretch():
    event = Event(term="Pneumonitis", grade=3, onset_day=5, as_of_day=9, relations={"a": "possible"})

    assert judge(event, Rules()) == judge(event, Rules(), [Stretch(3, 5)])


histories = st.lists(
    st.builds(Step, st.integers(-5, 35).filter(bool), st.integers(0, 5)),
    min_size=1,
    max_size=6,
    unique_by=lambda s: s.day,
)


@given(histories)
def test_stretches_hold_exactly_the_days_at_their_grade(history):
    ordered = sorted(history, key=lambda step: step.day)
    found = stretches(history)

    for day in (d for d in range(-5, 40) if d):
        held = [step.grade for step in ordered if step.day <= day]
        now = held[-1] if held else 0
        for grade in {step.grade for step in history if step.grade}:
            inside = [s for s in found if s.grade == grade and s.onset_day <= day and (s.end_day or 99) >= day]
            assert len(inside) == (now >= grade)

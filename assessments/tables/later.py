"""The cycles of each patient after his DLT window, from the facts of the count.

Later events are read by the criteria of the patient's protocol version as if they lay in the window (docs/domain.md,
section 4: they are shown beside the counts, never in them).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from patients.dosing.course import Course, Cycle, days, reductions
from trial import protocol_settings
from trial.dates import later

from ..count.queries import PatientFacts
from ..dlt.days import Step, Stretch, stretches
from ..events import judging
from ..events.facts import EventFacts
from .beyond import InCycle
from .rows import Treated

LAST_DAY = 100_000  # of a window that holds every day: the criteria ask for no other


def in_cycles(facts: Sequence[PatientFacts], patients: Sequence[Treated], on: date) -> list[InCycle]:
    """Of every treated patient each cycle with a day after his window, to the cut.

    on: of the cut, of which the patient's site may be a day ahead.
    """
    treated = {one.number: one for one in patients}
    return [
        found
        for f in facts
        if f.course is not None and f.window_ends_on is not None and (of := treated.get(f.patient.number))
        for found in _of_patient(f, f.course, of, f.window_ends_on, max(on, of.until))
    ]


def _of_patient(f: PatientFacts, course: Course, of: Treated, window_ends: date, on: date) -> list[InCycle]:
    begun = [cycle for cycle in course.cycles if cycle.began_on <= on]
    like = {e.event.number: day for e in f.events if (day := dlt_like(f, e, window_ends, of.until))}
    fell = [day.on for drug in course.plans for day in reductions(course, drug, on)]
    found = []
    for cycle, following in zip(begun, [*begun[1:], None], strict=False):  # none where none has begun
        first = max(cycle.began_on, later(window_ends, 1))
        last = later(following.began_on, -1) if following else min(of.until, on)
        if first <= last:
            events = [number for number, day in like.items() if first <= day <= last]
            reduced = any(first <= day <= last for day in fell)
            found.append(_in_cycle(of, course, cycle, (first, last), events, reduced))
    return found


def _in_cycle(
    of: Treated, course: Course, cycle: Cycle, span: tuple[date, date], events: Sequence[int], reduced: bool
) -> InCycle:
    first, last = span
    states = {
        day.state for drug in course.plans for day in days(course, drug, last, cycle.number) if day.on >= first
    }  # fmt: skip
    had: set[str] = {"held"} & states
    if reduced:
        had.add("reduced")
    if events:
        had.add("dlt")
    if of.stopped is not None and first <= of.stopped <= last:
        had.add("stopped")
    return InCycle(of.number, of.level, cycle.number, bool(cycle.said), frozenset(had), events)


def dlt_like(f: PatientFacts, e: EventFacts, window_ends: date, until: date) -> date | None:
    """The first day after the window from which the event would have been a DLT, or suspected as one, in it.

    A relation or an answer that is missing is read as in the window: suspected at once where the rules say so.
    """
    if e.judged is None or f.window_days is None:
        return None
    treatment = f.patient.treatment
    settings = protocol_settings.from_json(treatment.protocol.settings)
    rules = replace(judging.rules(settings), window_days=LAST_DAY)
    for stretch in _later_on(e, f.window_days):
        on = later(treatment.first_dose_on, stretch.onset_day - 1)
        if on > until:
            return None
        event = replace(
            e.judged, grade=stretch.grade or None, onset_day=stretch.onset_day, end_day=stretch.end_day,
            as_of_day=max(e.judged.as_of_day, stretch.onset_day),
        )  # fmt: skip
        said = judging.suggest(event, rules)
        if said.suggested is True or said.at_once:
            return on
    return None


def _later_on(e: EventFacts, window_days: int) -> list[Stretch]:
    """Its stretches of days at a grade that began after the window, by day; grade 0: the grade is not given yet."""
    assert e.judged is not None
    waits = [Stretch(0, step.day, e.judged.end_day) for step in e.steps if step.grade is None]
    known = [Step(step.day, step.grade) for step in e.steps if step.grade is not None]
    every = [*waits, *stretches(known, e.judged.end_day)]
    return sorted((one for one in every if one.onset_day > window_days), key=lambda one: (one.onset_day, -one.grade))

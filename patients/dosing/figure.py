"""A patient's doses over time: a lane a drug, under those of his adverse events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.safestring import SafeString

from trial import svg
from trial.dates import later
from trial.svg import Bar, Ink, Lane

from ..queries import plain
from .course import Course, Day, days

LOOK: dict[str, tuple[Ink, Ink, float]] = {  # fill, stroke and its width; the words stand on the bar as well
    "taken": (Ink.SOFT, Ink.ACCENT, 1.25),
    "reduced": (Ink.AMBERSOFT, Ink.AMBER, 1.25),
    "held": (Ink.SURFACE, Ink.AMBER, 2.5),
    "missed": (Ink.SURFACE, Ink.CONTROL, 1.25),
}

LEAST = 9  # days that a bar lasts at least to hold its words; the table says those of a shorter one


@dataclass(frozen=True, slots=True)
class Above:
    """An adverse event as the figure draws it. grade: 0 while none is given."""

    code: str
    title: str
    words: str
    grade: int
    start: date
    end: date
    goes_on: bool
    url: str


@dataclass(frozen=True, slots=True)
class Drawn:
    until: date
    figure: SafeString
    legend: SafeString


def drawn(course: Course, today: date, title: str, events: Sequence[Above] = ()) -> Drawn:
    """To date, or to a week after the end of treatment."""
    until = min(today, later(course.ended_on, 7)) if course.ended_on else today
    lanes = [*map(_event, events), Lane("Cycle", list(_cycles(course, until)))]
    lanes += [Lane(drug.capitalize(), list(_bars(course, drug, until))) for drug in course.plans]
    states = {day.state for drug in course.plans for day in days(course, drug, until)}
    legend = [
        (svg.rect(1, 3, 14, 10, fill=fill, stroke=stroke), state.capitalize())
        for state, (fill, stroke, _) in LOOK.items()
        if state in states
    ]
    first = course.cycles[0].began_on
    return Drawn(
        until=until,
        figure=svg.lanes_figure(
            lanes,
            key="doses",
            title=title,
            desc=f"{len(course.cycles)} cycles begun, a lane a drug, adverse events above; the table holds every day.",
            until=until,
            day_one=first,
            every=course.cycle_days,
        ),
        legend=svg.legend(legend),
    )


def _event(event: Above) -> Lane:
    fill, stroke = (Ink.REDSOFT, Ink.RED) if event.grade >= 3 else (Ink.AMBERSOFT, Ink.AMBER)
    bar = Bar(
        start=event.start, end=event.end, title=event.title, words=event.words, fill=fill, stroke=stroke,
        goes_on=event.goes_on, url=event.url,
    )  # fmt: skip
    return Lane(event.code, [bar])


def _cycles(course: Course, until: date) -> Iterator[Bar]:
    for cycle in course.cycles:
        end = min(course.last_on(cycle) or until, until)
        yield Bar(
            start=cycle.began_on,
            end=max(end, cycle.began_on),
            title=f"Cycle {cycle.number}",
            words=str(cycle.number),
            fill=Ink.SURFACE,
            stroke=Ink.CONTROL,
            goes_on=course.last_on(cycle) is None,
        )


def _bars(course: Course, drug: str, until: date) -> Iterator[Bar]:
    """Days in a row of one amount are one bar; its words stand where the amount changes."""
    unit, before = course.plans[drug].unit, ""
    every = [day for day in days(course, drug, until) if day.state in LOOK]
    for _, group in groupby(every, key=lambda day: (day.cycle, day.state, day.taken)):
        run = list(group)
        fill, stroke, width = LOOK[run[0].state]
        said = words(run[0], unit)
        yield Bar(
            start=run[0].on,
            end=later(run[-1].on, 1),
            title=f"{drug.capitalize()}: {said}, cycle {run[0].cycle}, day {run[0].day} to {run[-1].day}",
            words="" if said == before or (run[-1].on - run[0].on).days < LEAST else said.split(",")[0],
            fill=fill,
            stroke=stroke,
            width=width,
        )
        before = said


def words(day: Day, unit: str) -> str:
    """What was taken of a drug on a day: "60 mg", "held"."""
    match day.state:
        case "open":
            return "not recorded"
        case "over":
            return "not given, the cycle had ended"
        case "held" | "missed" if not day.taken:
            return day.state
        case state:
            return f"{plain(day.taken)} {unit}" + ("" if state == "taken" else f", {state}")

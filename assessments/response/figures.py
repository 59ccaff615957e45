"""The figures of one patient's course: what decides the category over time, with the limits of the categories."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils.safestring import SafeString

from trial import svg
from trial.dates import shown, study_day
from trial.percentages import percent_text
from trial.svg import Ink, Level, Moment, Reading, Steps

from ..imwg.lines import Limit, Line, Point
from ..imwg.sight import NAMES, number
from ..imwg.terms import Response
from . import signs
from .models import Measurement
from .queries import Course, Seen

MOST_TICKS = 12
MOST_DAYS = 3653  # from the first dose that are drawn; what is dated beyond is told under the figure


@dataclass(frozen=True, slots=True)
class PointRow:
    """A point of the figure in words, for the table under it."""

    code: str  # of the assessment; "" at baseline
    anchor: str
    on: date
    day: int
    value: str
    category: str
    progression: str


@dataclass(frozen=True, slots=True)
class CourseFigure:
    key: str
    name: str
    figure: SafeString
    limits: str
    rows: Sequence[PointRow]
    outside: Sequence[str]  # what is dated beyond the figure


def beyond(day: float) -> bool:
    """Whether a day, counted from the first dose, is too far from it to be drawn."""
    return not -MOST_DAYS <= day <= MOST_DAYS


def anchor(code: str) -> str:
    """Where an assessment stands on the patient's page."""
    return code.lower().replace(" ", "-")


def percent(change: Fraction) -> str:
    """A change with its sign: "−90.0 %", "+12.5 %", "0.0 %"."""
    sign = "−" if change < 0 else "+" if change > 0 else ""
    return f"{sign}{percent_text(abs(change))}"


def course_figures(course: Course, lines: Sequence[Line], cycle_days: int) -> list[CourseFigure]:
    """One figure for each deciding parameter. course: of a treated patient. cycle_days: between two ticks."""
    return [_figure(course, line, cycle_days) for line in lines]


def legend(course: Course) -> SafeString:
    """The shapes that stand in the figures."""
    entries = signs.legend(seen.derived for seen in course.visits if seen.derived)
    limit = svg.line(0, 8, 16, 8, stroke=Ink.RED, width=1.5, dash="6 4")
    return svg.legend(
        [(_baseline(8, 8), "Baseline"), *entries, (limit, "Progression from here on, counted from the nadir")]
    )


def cycles(last: int, cycle_days: int) -> list[tuple[float, str]]:
    """Ticks at starts of cycles up to day `last` after the first dose, itself day 1; few enough to be read."""
    count = max(1, -(-last // cycle_days))
    every = -(-count // MOST_TICKS)
    return [(n * cycle_days, str(n * cycle_days + 1)) for n in range(0, count + every, every)]


def _baseline(x: float, y: float) -> SafeString:
    return svg.circle(x, y, 4.5, fill=Ink.INK)


def _figure(course: Course, line: Line, cycle_days: int) -> CourseFigure:
    assert course.first_dose
    start = course.first_dose
    label, unit = NAMES[line.name]
    visits = {seen.row.code: seen for seen in course.visits}
    measured = [(visits[point.row], point) for point in line.points if point.row and point.value is not None]
    rows = [
        PointRow("", "", start, 1, f"{number(line.baseline)} {unit}", "baseline", ""),
        *(_row(line, seen, point, start) for seen, point in measured),
    ]
    every = _moments(course)
    moments = [moment for moment in every if not beyond(moment.at)]
    near = [(pair, row) for pair, row in zip(measured, rows[1:], strict=True) if not beyond((row.on - start).days)]
    outside = [f"{row.code} ({shown(row.on)})" for row in rows[1:] if beyond((row.on - start).days)]
    outside += [f"{one.words} (day {one.at + 1:.0f})" for one in every if beyond(one.at)]
    limits = [_limit(limit, unit) for limit in line.limits]
    last = max([(row.on - start).days for _, row in near] + [int(moment.at) for moment in moments], default=0)
    return CourseFigure(
        key=line.name,
        name=label,
        figure=svg.trend_figure(
            [
                Reading(at=0, value=float(line.baseline), sign=_baseline, words=f"Baseline: {rows[0].value}"),
                *(_reading(*pair, row, start) for pair, row in near),
            ],
            levels=[Level(float(one.value), f"{one.response} {_sign(one)} {number(one.value)}") for one in line.limits],
            rise=_rise(line, start),
            moments=moments,
            at=cycles(last, cycle_days),
            key=f"course-{line.name}",
            title=f"{label} of patient {course.patient.code} over time",
            desc=" ".join(f"Day {row.day}: {row.value}, {row.category}." for row in rows) + f" {'; '.join(limits)}.",
            x_name="day of treatment, from the first dose as day 1",
            y_name=f"{label}, {unit}",
        ),
        limits="; ".join(limits),
        rows=rows,
        outside=outside,
    )


def _row(line: Line, seen: Seen, point: Point, start: date) -> PointRow:
    unit = NAMES[line.name][1]
    return PointRow(
        code=seen.row.code,
        anchor=anchor(seen.row.code),
        on=point.date,
        day=study_day(point.date, start),
        value=_value(line, seen, point),
        category=seen.derived or "",
        progression="unknown" if point.progression is None else f"{number(point.progression)} {unit}",
    )


def _value(line: Line, seen: Seen, point: Point) -> str:
    """In the rule's unit; what is below a limit is drawn at it."""
    unit = NAMES[line.name][1]
    low = any(m.parameter == line.name and m.state == Measurement.State.BELOW for m in seen.measurements)
    value = number(point.value or Fraction(0))
    return f"{'below ' if low else ''}{value} {unit}"


def _reading(seen: Seen, point: Point, row: PointRow, start: date) -> Reading:
    confirmed = f", confirmed {seen.confirmed}" if seen.confirmed and seen.confirmed != seen.derived else ""
    return Reading(
        at=(row.on - start).days,
        value=float(point.value or 0),
        sign=signs.drawing(seen.derived or Response.NE),
        words=f"{row.code}, {row.on:%-d %b %Y}, day {row.day}: {row.value}, {row.category}{confirmed}",
        url=f"#{row.anchor}",
    )


def _sign(limit: Limit) -> str:
    return "<" if limit.below else "≤"


def _limit(limit: Limit, unit: str) -> str:
    word = "below" if limit.below else "up to"
    return f"{limit.response} {word} {number(limit.value)} {unit}"


def _rise(line: Line, start: date) -> Steps:
    """From one value to the next stands the limit that the next one is held against."""
    days, pieces = [0], []
    latest: Fraction | None = None
    for point in line.points:
        if point.value is None or beyond((point.date - start).days):
            continue
        days.append((point.date - start).days)
        if point.progression is not None:
            latest = point.progression
            pieces.append((days[-2], days[-1], float(latest)))
    return Steps(pieces, f"PD from {number(latest)}" if latest is not None else "")


def _moments(course: Course) -> list[Moment]:
    """Ends and changes of treatment, up to the day the page is read."""
    treatment, follow_up = course.patient.treatment, course.follow_up
    assert course.first_dose
    known = [
        (treatment.stopped_on, "treatment stopped"),
        (follow_up.new_therapy_on if follow_up else None, "new therapy"),
        (follow_up.died_on if follow_up else None, "death"),
    ]
    return [Moment((on - course.first_dose).days, words) for on, words in known if on]

"""What the Response pages show of derived courses: plain data in words, no questions to the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.urls import reverse
from django.utils.safestring import SafeString

from assessments.times import StandsOn, Time
from patients.queries import plain
from trial.dates import study_day

from ..imwg import lines as imwg_lines
from ..imwg import measure as imwg_measure
from ..imwg.amount import amount
from ..imwg.lines import Line
from ..imwg.sight import NAMES, amount_text, number
from ..imwg.terms import NUMBERS, Best, Response
from . import figures
from .assembly import AROUND_DAYS
from .figures import CourseFigure, anchor, percent
from .models import Measurement
from .parameters import PARAMETERS
from .queries import Course, Seen
from .words import measured as said

State = Measurement.State
TIMES = {
    "TTP": "Time to progression",
    "PFS": "Progression-free survival",
    "TTR": "Time to first response",
    "DOR": "Duration of response",
    "OS": "Overall survival",
}
SHORT = {"serum_m": "Serum", "urine_m": "Urine", "dflc": "dFLC", "marrow_pc": "Marrow"}
DECIDING = {  # what imwg names as deciding, in the words of the entry form
    **{name.replace("lambda", "lambda_"): parameter.label for name, parameter in PARAMETERS.items()},
    **{name: label for name, (label, _) in NAMES.items()},
}


@dataclass(frozen=True, slots=True)
class Agreement:
    """Derived beside the investigator's category over a course. states: what the filter asks for."""

    words: str
    tone: str
    states: frozenset[str]


@dataclass(frozen=True, slots=True)
class Row:
    """A patient in the list."""

    course: Course
    code: str
    url: str
    measurable: Sequence[str]
    best: Best
    unconfirmed: Best
    now: Response | None
    now_note: str  # what confirmation makes of it, where that is another thing
    last_on: date | None
    agreement: Agreement


def row(course: Course, trial: str) -> Row:
    """course: of a treated patient. trial: its code, for the links."""
    assert course.evaluation and course.times, "a treated patient has a course"
    last = course.last
    return Row(
        course=course,
        code=course.patient.code,
        url=reverse("assessments:response_patient", args=[trial, course.patient.code]),
        measurable=measurable(course),
        best=course.times.best_confirmed,
        unconfirmed=course.evaluation.best_unconfirmed,
        now=last.derived if last else None,
        now_note=_now_note(course, last),
        last_on=last.visit.date if last and last.visit else None,
        agreement=agreement(course),
    )


def _now_note(course: Course, last: Seen | None) -> str:
    if last is None or last.confirmed == last.derived:
        return ""
    if last.confirmed:
        return f"confirmed: {last.confirmed}"
    progression = course.evaluation.progression if course.evaluation else None
    since = "since" if last.derived == "PD" else "PD since"
    return f"{since} {progression.date:%-d %b %Y}" if progression else "after new therapy: does not count"


def measurable(course: Course) -> list[str]:
    """The parameters that were measurable at baseline, with their values: "Serum M-protein 3.2 g/dL"."""
    started = imwg_measure.start(course.baseline, course.settings)
    return [quantity(name, started.number(name)) for name in started.measurable]


def quantity(name: str, value: Fraction | None) -> str:
    label, unit = NAMES[name]
    return f"{label} {'not measured' if value is None else f'{number(value)} {unit}'}"


def agreement(course: Course) -> Agreement:
    visits = course.visits
    differ = [one for one in visits if one.differs]
    still, waiting = len(course.differences), len(course.unjudged)
    judged = len(visits) - waiting
    words, states = [], set()
    if still:
        words.append(f"{still} of {judged} differ{'s' if still == 1 else ''} without a reason")
        states.add("open")
    if resolved := len(differ) - still:
        words.append(f"{resolved} of {judged} differ{'s' if resolved == 1 else ''}, resolved")
        states.add("resolved")
    if judged and not differ:
        words.append(f"{judged} of {judged} agree{'s' if judged == 1 else ''}")
        states.add("agree")
    if waiting:
        words.append(f"{waiting} waiting for the investigator")
        states.add("waiting")
    return Agreement("; ".join(words) or "nothing to assess yet", "amber" if still else "", frozenset(states))


# ---- one patient ----


@dataclass(frozen=True, slots=True)
class Nadir:
    """Of one deciding parameter at a visit: the lowest before it, and from where a rise is progression."""

    label: str
    value: str
    progression: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Another visit whose samples are part of an assessment."""

    name: str
    anchor: str


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One assessment: what was derived of it, and what the investigator says.

    `seen.visit` None: before treatment, or part of the assessment at `whole`. with_it: what is part of this one.
    """

    seen: Seen
    anchor: str
    on: date
    day: int | None
    deciding: str
    change: str
    nadirs: Sequence[Nadir]
    whole: str
    with_it: Sequence[Joined]


@dataclass(frozen=True, slots=True)
class Cell:
    """A parameter at a visit as entered. besides: the canonical value where the unit is another, and the date."""

    label: str
    words: str
    besides: str = ""
    measured: bool = False


@dataclass(frozen=True, slots=True)
class TimeRow:
    key: str
    name: str
    time: Time | None
    source: str
    anchor: str


@dataclass(frozen=True, slots=True)
class PatientPage:
    course: Course
    visits: Sequence[VisitRow]
    labels: Sequence[str]
    values: Sequence[tuple[VisitRow, Sequence[Cell]]]
    times: Sequence[TimeRow]
    baseline: Sequence[tuple[str, str]]
    measurable: Sequence[str]
    agreement: Agreement
    followed: str
    best_change: str
    figures: Sequence[CourseFigure]
    legend: SafeString
    around: int = AROUND_DAYS


def patient(course: Course, cycle_days: int) -> PatientPage:
    lines = imwg_lines.lines(course.baseline, course.taken, course.settings) if course.first_dose else []
    evaluation = course.evaluation
    followed, best = (evaluation.followed, evaluation.best_change) if evaluation else (None, None)
    visits = [_visit(course, seen, lines) for seen in sorted(course.assessments, key=_on)]
    entered = {m.parameter for seen in course.assessments for m in seen.measurements}
    names = [name for name in PARAMETERS if name in entered]
    return PatientPage(
        course=course,
        visits=visits,
        labels=[PARAMETERS[name].label for name in names],
        values=[(one, _cells(one.seen, names)) for one in visits],
        times=_times(course),
        baseline=[
            (PARAMETERS[name].label, f"{value} {PARAMETERS[name].unit}".rstrip())
            for name, value in baseline(course).items()
        ],
        measurable=measurable(course),
        agreement=agreement(course),
        followed=NAMES[followed][0] if followed else "",
        best_change="" if best is None else percent(best),
        figures=figures.course_figures(course, lines, cycle_days),
        legend=figures.legend(course),
    )


def _on(seen: Seen) -> tuple[date, int]:
    return (seen.visit.date if seen.visit else seen.row.visit_on), seen.row.number


def _visit(course: Course, seen: Seen, lines: Sequence[Line]) -> VisitRow:
    visit, on = seen.visit, _on(seen)[0]
    points = [(line.name, p) for line in lines for p in line.points if p.row == seen.row.code]
    nadirs = [Nadir(SHORT[name], _amount(name, p.nadir), _amount(name, p.progression)) for name, p in points if visit]
    return VisitRow(
        seen=seen,
        anchor=anchor(seen.row.code),
        on=on,
        day=study_day(on, course.first_dose) if course.first_dose else None,
        deciding=DECIDING.get(visit.parameter, "") if visit and visit.parameter else "",
        change=percent(visit.change) if visit and visit.change is not None else "",
        nadirs=nadirs,
        whole=anchor(seen.belongs_to),
        with_it=[
            Joined(one.row.code, anchor(one.row.code)) for one in course.assessments if one.belongs_to == seen.row.code
        ],
    )


def _amount(name: str, value: Fraction | None) -> str:
    return "unknown" if value is None else f"{number(value)} {NAMES[name][1]}"


def _cells(seen: Seen, names: Sequence[str]) -> list[Cell]:
    stored: Mapping[str, Measurement] = {m.parameter: m for m in seen.measurements}
    return [_cell(name, stored.get(name), seen.row.visit_on) for name in names]


def _cell(name: str, measured: Measurement | None, visit_on: date) -> Cell:
    """Missing, not done and below the limit are three different things."""
    known, text = PARAMETERS[name], said(measured)
    if measured is None or measured.state == State.NOT_DONE:
        return Cell(known.label, text)
    besides = []
    if measured.unit != known.unit:
        besides.append(f"= {plain(measured.canonical)} {known.unit}")
    if measured.sampled_on != visit_on:
        besides.append(f"sampled {measured.sampled_on:%-d %b %Y}")
    if measured.baseline_until:
        besides.append(f"standard of care, baseline of a first dose until {measured.baseline_until:%-d %b %Y}")
    if measured.unusual:
        besides.append(f"unlikely, stands: {measured.unusual}")
    return Cell(known.label, text, ", ".join(besides), measured=True)


def baseline(course: Course) -> dict[str, str]:
    """Each value that counts as baseline, by parameter: a number in the rule's unit, or a word."""
    found = {}
    for name in PARAMETERS:
        field = "lambda_" if name == "lambda" else name
        value = getattr(course.baseline, field)
        if value is not None:
            found[name] = amount_text(amount(value)) if field in NUMBERS else _word(value)
    return found


def _word(value: str | int) -> str:
    """An answer in words; a count as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _times(course: Course) -> list[TimeRow]:
    if course.times is None:
        return []
    found = course.times
    every = {"TTP": found.ttp, "PFS": found.pfs, "TTR": found.ttr, "DOR": found.dor, "OS": found.os}
    return [TimeRow(key, TIMES[key], time, *_source(time)) for key, time in every.items()]


def _source(time: Time | None) -> tuple[str, str]:
    """The record that a time ends with, and where it stands on the page."""
    if time is None:
        return "", ""
    match time.stands_on:
        case StandsOn.ASSESSMENT:
            return (time.row, anchor(time.row)) if time.row else ("Disease assessment", "")
        case StandsOn.DEATH:
            return "Follow-up: death", "follow-up"
        case StandsOn.CONTACT:
            return "Follow-up: last contact", "follow-up"
        case StandsOn.RECORD:
            return "Last known alive", ""
        case StandsOn.THERAPY:
            return "Follow-up: new therapy", "follow-up"
        case StandsOn.CUT_OFF:
            return "Data cut-off", ""
        case StandsOn.START:
            return "First dose", ""

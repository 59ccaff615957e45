"""The figures of the whole trial: best changes, changes over time, and what became of each patient.

Drawn from derived courses as the page is read (docs/domain.md, section 12); rates and curves stand with the runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial

from django.utils.safestring import SafeString

from trial import svg
from trial.dates import study_day
from trial.svg import ChangeBar, ChangeLine, Event, Ink, Swimmer

from ..count.queries import PatientFacts
from ..imwg.sight import NAMES
from ..imwg.terms import BENEFIT, Response
from . import signs
from .figures import MOST_DAYS, beyond, cycles, percent
from .queries import Course, Seen

LIMITS = (-25.0, -50.0, -90.0)  # falls that MR, PR and VGPR ask of serum M-protein
WATERFALL = ("Parameter", "Best change", "Best confirmed")
SPIDER = ("Parameter", "Changes", "Last category")
SWIMMER = ("On treatment", "Confirmed response", "Progression", "DLT", "New therapy", "Death")
READS = {  # by the key of a figure: what is drawn, on pages and on paper
    "waterfall": (
        "Lowest change over the assessments before progression and new therapy, of serum M-protein where it was "
        "measurable at baseline, else of urine M-protein, else of dFLC. Colour and shape: best confirmed response, "
        "IMWG 2016. Lines at −25, −50 and −90 %; above +100 % drawn to there, with an arrow."
    ),
    "spider": (
        "Assessments that count: up to the first progression, and before new therapy. The shape at the end is the "
        "category derived last; the colour of the line is the best confirmed response; fine dots lead to the patient's "
        "number."
    ),
    "swimmer": (
        "By dose level received, then by time on treatment. A category stands where the confirmed response first "
        "reached it; the line below is the confirmed response, with a stroke where it ended."
    ),
}
LEVELS = (Ink.LEVEL1, Ink.LEVEL2, Ink.LEVEL3, Ink.LEVEL4)


@dataclass(frozen=True, slots=True)
class Row:
    """A patient in the table under a figure: his record, and the figure's facts in words, each with its column."""

    code: str
    url: str
    level: str
    named: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class WholeFigure:
    """n: patients drawn; without: those who have no value, who are named below the figure."""

    key: str
    name: str
    figure: SafeString
    legend: SafeString
    n: int
    without: Sequence[tuple[str, str]]  # code, address
    outside: Sequence[str]  # what is dated too far from the first dose to be drawn
    columns: Sequence[str]
    rows: Sequence[Row]

    @property
    def reads(self) -> str:
        return READS[self.key]


@dataclass(frozen=True, slots=True)
class Shown:
    """A treated patient with what the figures need beside his course. place: of the level, 0 = the lowest received."""

    course: Course
    url: str
    place: int
    dlts: Sequence[date]
    suspected: Sequence[date] = ()  # DLTs that are not adjudicated yet

    @property
    def code(self) -> str:
        return self.course.patient.code

    @property
    def best(self) -> Response:
        assert self.course.times
        return self.course.times.best_confirmed.response

    def day(self, on: date) -> int:
        """Days after the first dose."""
        assert self.course.first_dose
        return (on - self.course.first_dose).days


def onsets(f: PatientFacts) -> dict[str, list[date]]:
    """When his adjudicated and his suspected DLTs began; suspected by missed doses alone: the day of the stop."""
    began = {state: [e.event.onset_on for e in f.events if e.state == state] for state in ("dlt", "suspected")}
    stopped = f.patient.treatment.stopped_on if f.dlt == "suspected" and not began["suspected"] else None
    return {"dlts": began["dlt"], "suspected": began["suspected"] or ([stopped] if stopped else [])}


def whole_figures(shown: Sequence[Shown], cycle_days: int) -> list[WholeFigure]:
    """shown: treated patients."""
    return [waterfall(shown), spider(shown, cycle_days), swimmers(shown, cycle_days)] if shown else []


def waterfall(shown: Sequence[Shown]) -> WholeFigure:
    """The best change of each patient in the parameter measurable at baseline, before PD and new therapy."""
    changes = {one.code: _best_change(one) for one in shown}
    drawn = sorted(
        (one for one in shown if changes[one.code] is not None), key=lambda one: (-(changes[one.code] or 0), one.code)
    )
    rows = []
    bars = []
    for one in drawn:
        change = changes[one.code] or Fraction(0)
        words = f"{percent(change)} of {_followed(one)}"
        rows.append(_row(one, WATERFALL, [_followed(one), percent(change), one.best]))
        bars.append(
            ChangeBar(
                name=one.code,
                change=float(change),
                fill=signs.INKS[one.best],
                sign=signs.drawing(one.best),
                words=f"Patient {one.code}, level {one.course.level.label}: {words}, best confirmed {one.best}",
                url=one.url,
            )
        )
    return WholeFigure(
        key="waterfall",
        name="Best change from baseline",
        figure=svg.waterfall_figure(
            bars,
            lines=LIMITS,
            key="waterfall",
            title="Best change from baseline of each patient",
            desc=f"{len(bars)} of {len(shown)} treated patients, from the largest rise to the largest fall. "
            + " ".join(f"{bar.words}." for bar in bars),
            y_name="best change from baseline",
        )
        if bars
        else svg.EMPTY,
        legend=svg.legend(signs.legend(one.best for one in drawn)),
        n=len(drawn),
        without=[(one.code, one.url) for one in shown if changes[one.code] is None],
        outside=[],
        columns=WATERFALL,
        rows=rows,
    )


def spider(shown: Sequence[Shown], cycle_days: int) -> WholeFigure:
    """The changes of each patient over time, up to the first PD that counts and before new therapy."""
    measured = {one.code: _counting(one) for one in shown}
    drawn = [one for one in shown if measured[one.code]]
    lines, rows = [], []
    for one in drawn:
        points = [(one.day(on), change) for on, change, _ in measured[one.code] if not beyond(one.day(on))]
        assert one.course.first_dose
        last = measured[one.code][-1][2]
        said = ", ".join(
            f"day {study_day(on, one.course.first_dose)}: {percent(change)}" for on, change, _ in measured[one.code]
        )
        rows.append(_row(one, SPIDER, [_followed(one), said, last]))
        lines.append(
            ChangeLine(
                name=one.code,
                points=[(0.0, 0.0), *((float(day), float(change)) for day, change in points)],
                stroke=signs.INKS[one.best],
                end=signs.drawing(last),
                words=f"Patient {one.code}, level {one.course.level.label}, {_followed(one)}: {said}; last {last}",
                url=one.url,
            )
        )
    latest = int(max((day for line in lines for day, _ in line.points), default=0))
    return WholeFigure(
        key="spider",
        name="Change over time",
        figure=svg.spider_figure(
            lines,
            lines=LIMITS,
            at=cycles(latest, cycle_days),
            key="spider",
            title="Change from baseline of each patient over time",
            desc=f"{len(lines)} of {len(shown)} treated patients. " + " ".join(f"{line.words}." for line in lines),
            x_name="day of treatment, from the first dose as day 1",
            y_name="change from baseline",
        )
        if lines
        else svg.EMPTY,
        legend=svg.legend(signs.legend(measured[one.code][-1][2] for one in drawn)),
        n=len(drawn),
        without=[(one.code, one.url) for one in shown if not measured[one.code]],
        outside=[
            f"patient {one.code} ({_date(on)})" for one in drawn for on, *_ in measured[one.code] if beyond(one.day(on))
        ],
        columns=SPIDER,
        rows=rows,
    )


def swimmers(shown: Sequence[Shown], cycle_days: int) -> WholeFigure:
    """Time on treatment and what happened, by dose level, then the longest first."""
    found = [_swim(one) for one in shown]
    order = sorted(
        range(len(shown)), key=lambda k: (-shown[k].place, -found[k][0].treated, shown[k].course.patient.number)
    )
    lanes = [found[k][0] for k in order]
    kinds = [kind for k in order for kind in found[k][2]]
    return WholeFigure(
        key="swimmer",
        name="Time on treatment",
        figure=svg.swimmer_figure(
            lanes,
            at=cycles(int(max(max(one.known, one.treated) for one in lanes)), cycle_days),
            key="swimmer",
            title="Time on treatment of each patient, with response, progression, DLT and death",
            desc=" ".join(f"{one.words}." for one in lanes),
            x_name="day of treatment, from the first dose as day 1",
        ),
        legend=svg.legend(_legend(kinds, lanes)),
        n=len(lanes),
        without=[],
        outside=[words for k in order for words in found[k][3]],
        columns=SWIMMER,
        rows=[found[k][1] for k in order],
    )


def _row(one: Shown, columns: Sequence[str], cells: Sequence[str]) -> Row:
    return Row(one.code, one.url, one.course.level.label, list(zip(columns, cells, strict=True)))


def _best_change(one: Shown) -> Fraction | None:
    return one.course.evaluation.best_change if one.course.evaluation else None


def _followed(one: Shown) -> str:
    name = one.course.evaluation.followed if one.course.evaluation else None
    return NAMES[name][0] if name else "nothing measurable"


def _counting(one: Shown) -> list[tuple[date, Fraction, Response]]:
    """Changes of the assessments that count: none after the first PD or after new therapy began."""
    return [
        (seen.visit.date, seen.visit.change, seen.visit.derived)
        for seen in one.course.visits
        if seen.visit and seen.visit.confirmed is not None and seen.visit.change is not None
    ]


def _steps(visits: Sequence[Seen]) -> list[tuple[date, Response]]:
    """Where the confirmed category is a better one than ever before."""
    found: list[tuple[date, Response]] = []
    for seen in visits:
        confirmed = seen.confirmed
        if seen.visit is None or confirmed is None or confirmed not in {*BENEFIT, Response.SD}:
            continue
        if not found or confirmed.rank < found[-1][1].rank:
            found.append((seen.visit.date, confirmed))
    return found


def _swim(one: Shown) -> tuple[Swimmer, Row, list[str], list[str]]:
    course, treatment, follow_up = one.course, one.course.patient.treatment, one.course.follow_up
    assert course.times and course.evaluation
    died = follow_up.died_on if follow_up else None
    therapy = follow_up.new_therapy_on if follow_up else None
    stopped = treatment.stopped_on or treatment.left_study_on or died
    ends = stopped or course.times.os.on  # who goes on is drawn to the last day on which he is known to be alive
    steps = _steps(course.visits)
    progression = course.evaluation.progression
    response = course.times.dor
    marked: list[tuple[date, str, svg.Sign]] = [
        *((day, response.value, signs.drawing(response)) for day, response in steps),
        *((day, "dlt", _dlt) for day in one.dlts),
        *((day, "suspected", _suspected) for day in one.suspected),
        *([(progression.date, "PD", signs.drawing(Response.PD))] if progression else []),
        *([(therapy, "therapy", _therapy)] if therapy else []),
        *([(died, "death", _death)] if died else []),
    ]
    outside = [day for day in dict.fromkeys([ends, *(day for day, _, _ in marked)]) if beyond(one.day(day))]
    known = max([ends, course.times.os.on, *(day for day, _, _ in marked)])
    responses = [(_drawn(one, response.since), _drawn(one, response.on), response.event)] if response else []
    until = f"{f'to {_date(stopped)}' if stopped else f'ongoing {_date(ends)}'}, {one.day(ends)} days"
    cells = [
        until,
        _response_words(steps, one) if steps else "none assessed",
        _date(progression.date) if progression else "none",
        ", ".join([*map(_date, one.dlts), *(f"suspected {_date(day)}" for day in one.suspected)]) or "none",
        _date(therapy) if therapy else "none",
        _date(died) if died else "no",
    ]
    named = zip(SWIMMER, cells, strict=True)
    told = "; ".join(f"{name}: {cell}" for name, cell in named if cell not in ("none", "no", "none assessed"))
    swimmer = Swimmer(
        name=one.code,
        group=f"level {course.level.label}",
        fill=LEVELS[min(one.place, len(LEVELS) - 1)],
        treated=_drawn(one, ends),
        known=_drawn(one, known),
        goes_on=stopped is None,
        responses=responses,
        events=[Event(one.day(day), draw) for day, _, draw in marked if day not in outside],
        words=f"Patient {one.code}, level {course.level.label}: {told}",
        url=one.url,
    )
    beside = [f"patient {one.code} ({_date(day)})" for day in outside]
    return swimmer, _row(one, SWIMMER, cells), [kind for _, kind, _ in marked], beside


def _drawn(one: Shown, on: date) -> int:
    """Days after the first dose, cut where the figure ends."""
    return max(-MOST_DAYS, min(one.day(on), MOST_DAYS))


def _response_words(steps: Sequence[tuple[date, Response]], one: Shown) -> str:
    words = ", ".join(f"{response} {_date(day)}" for day, response in steps)
    dor = one.course.times.dor if one.course.times else None
    if dor is None:
        return words
    return f"{words}; responding {'until' if dor.event else 'at least until'} {_date(dor.on)}"


def _legend(kinds: Sequence[str], lanes: Sequence[Swimmer]) -> list[tuple[SafeString, str]]:
    responses = [Response(kind) for kind in kinds if kind in set(Response)]
    found = signs.legend(responses)
    others: Mapping[str, tuple[svg.Sign, str]] = {
        "dlt": (_dlt, "DLT"),
        "suspected": (_suspected, "DLT suspected"),
        "therapy": (_therapy, "New therapy"),
        "death": (_death, "Death"),
    }
    found += [(draw(8, 8), words) for kind, (draw, words) in others.items() if kind in kinds]
    if any(one.responses for one in lanes):
        found.append((svg.line(0, 8, 16, 8, stroke=Ink.ACCENT, width=2.5), "Responding, confirmed"))
    if any(one.goes_on for one in lanes):
        arrow = svg.polygon(((4, 3), (12, 8), (4, 13)), fill=Ink.INK2)
        found.append((arrow, "On treatment"))
    if any(one.known > one.treated for one in lanes):
        found.append((svg.line(0, 8, 16, 8, stroke=Ink.CONTROL, width=1.5), "In follow-up"))
    return found


def _date(day: date) -> str:
    return f"{day:%-d %b %Y}"


def _dlt(x: float, y: float) -> SafeString:
    return svg.triangle(x, y, 6, fill=Ink.RED)


def _suspected(x: float, y: float) -> SafeString:
    return svg.half_triangle(x, y, 5.5, ink=Ink.RED)


def _therapy(x: float, y: float) -> SafeString:
    """Onwards to something else: no category has a shape like it."""
    return svg.join(
        svg.polyline(((x + k, y - 5), (x + k + 5, y), (x + k, y + 5)), stroke=Ink.INK2, width=2.5) for k in (-5, 0)
    )


_death = partial(svg.cross, r=5, stroke=Ink.INK, width=3)

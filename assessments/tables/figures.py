"""The displays of safety: heat map of worst grades, and toxicity over time. All is said in words and shapes, too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.safestring import SafeString

from trial import svg
from trial.percentages import percent_text, range_text
from trial.svg import EMPTY, Ink, Scale

from .heat import HeatRow
from .incidence import DEATH, ENDED, EVENT, Followed, Step, at_risk

CELL, ROW, TOP = 34, 24, 44  # pixels
GRADES = (  # fill and ink of the number in it
    (Ink.SURFACE, Ink.INK2),
    (Ink.LEVEL1, Ink.INK),
    (Ink.LEVEL2, Ink.INK),
    (Ink.AMBER, Ink.SURFACE),
    (Ink.RED, Ink.SURFACE),
    (Ink.INK, Ink.SURFACE),
)
FOOT, RIGHT = 252, 1120
LOOKS = {
    EVENT: (Ink.ACCENT, None, "First grade 3 or higher"),
    DEATH: (Ink.RED, "7 4", "Died before one"),
    ENDED: (Ink.GOLD, "2 3", "Period over before one"),
}
MOST_TICKS = 12


def heat_figure(rows: Sequence[HeatRow], url: Callable[[int], str]) -> SafeString:
    """Patients by cycles. url: of a patient's record."""
    cycles = max((len(row.grades) for row in rows), default=0)
    if not cycles:
        return EMPTY
    left = max(svg.words_width(_name(row)) for row in rows) + 20
    parts = [svg.text(left, 14, "cycle", ink=Ink.INK2)]
    parts += [svg.text(left + CELL * (k + 0.5), 34, str(k + 1), ink=Ink.INK2, anchor="middle") for k in range(cycles)]
    for place, row in enumerate(rows):
        top = TOP + ROW * place
        drawn = [svg.text(left - 10, top + 16, _name(row), ink=Ink.INK, anchor="end")]
        drawn += [_cell(left + CELL * k, top, grade) for k, grade in enumerate(row.grades) if grade is not None]
        parts.append(svg.mark(svg.join(drawn), title=f"{_name(row)}: {heat_words(row)}", url=url(row.patient.number)))
    return svg.figure(
        left + CELL * cycles + 8,
        TOP + ROW * len(rows) + 8,
        key="heat",
        title="Worst grade of each patient in each cycle",
        desc=" ".join(f"{_name(row)}: {heat_words(row)}." for row in rows),
        parts=parts,
        cls="heat",
    )


def heat_words(row: HeatRow) -> str:
    """ "cycle 1 grade 3, cycle 2 none"; a patient is not followed after his period."""
    said = [
        f"cycle {k} {f'grade {grade}' if grade else 'none'}"
        for k, grade in enumerate(row.grades, 1)
        if grade is not None
    ]
    return ", ".join(said)


def heat_legend() -> SafeString:
    names = ["No event graded", *(f"Grade {grade}" for grade in range(1, 6))]
    signs = [
        svg.join((svg.rect(1, 1, 14, 14, fill=fill, stroke=Ink.CONTROL), _digit(8, 12, grade, ink, size=10)))
        for grade, (fill, ink) in enumerate(GRADES)
    ]
    return svg.legend(zip(signs, names, strict=True))


def _name(row: HeatRow) -> str:
    return f"{row.patient.code}, level {row.patient.level}"


def _cell(x: float, y: float, grade: int) -> SafeString:
    fill, ink = GRADES[grade]
    return svg.join(
        (
            svg.rect(x + 1, y + 1, CELL - 2, ROW - 2, fill=fill, stroke=Ink.LINE),
            _digit(x + CELL / 2, y + 16, grade, ink),
        )
    )


def _digit(x: float, y: float, grade: int, ink: Ink, size: float = 12) -> SafeString:
    return svg.text(x, y, str(grade) if grade else "·", ink=ink, anchor="middle", size=size)


@dataclass(frozen=True, slots=True)
class At:
    """A line of the table under the curve: the state at the end of a day."""

    day: int
    n_risk: int
    event: str
    death: str
    ended: str


def ticks(steps: Sequence[Step], cycle_days: int) -> list[int]:
    """Ends of cycles up to the last observation, in days after the first dose; few enough to be read."""
    last = steps[-1].days if steps else 0
    count = max(1, -(-last // cycle_days))
    every = -(-count // MOST_TICKS)
    return [k * cycle_days for k in range(0, count + every, every)]


def incidence_table(steps: Sequence[Step], patients: Sequence[Followed], cycle_days: int) -> list[At]:
    """At each tick up to the last observation; after it nothing is estimated."""
    found = []
    for day in ticks(steps, cycle_days):
        if not steps or day > steps[-1].days:
            continue
        now = next((one for one in reversed(steps) if one.days <= day), None)
        shares = (now.event, now.death, now.ended) if now else (0.0, 0.0, 0.0)
        event, death, ended = (percent_text(100 * share) for share in shares)
        found.append(At(day, at_risk(patients, day), f"{event}{_limits(now)}", death, ended))
    return found


def _limits(now: Step | None) -> str:
    if now is None or now.lower is None or now.upper is None:
        return ""
    return f" ({range_text(100 * now.lower, 100 * now.upper)})"


def incidence_figure(steps: Sequence[Step], patients: Sequence[Followed], cycle_days: int) -> SafeString:
    """Three curves that with those still followed add up to all; the band is of the first."""
    if not steps:
        return EMPTY
    days = ticks(steps, cycle_days)
    left = svg.words_width("At risk") + 30
    x, y = Scale(0, days[-1], left, RIGHT - 24), Scale(0, 1, FOOT, 24)
    parts = [
        svg.y_axis(
            y, left, RIGHT - 24, [0, 0.25, 0.5, 0.75, 1],
            labels=["0 %", "25 %", "50 %", "75 %", "100 %"], name="share of patients",
        ),
        svg.x_axis(x, FOOT, days, labels=[str(day) for day in days], name="days after the first dose"),
        _band(steps, x, y),
    ]  # fmt: skip
    for end, (ink, dash, words) in LOOKS.items():
        points = [(0.0, 0.0), *((float(one.days), float(getattr(one, end))) for one in steps)]
        corners = [(x(day), y(share)) for day, share in svg.steps(points)]
        curve = svg.polyline(corners, stroke=ink, width=2.25, dash=dash, cls="curve")
        parts.append(svg.mark(curve, title=f"{words}: {percent_text(100 * getattr(steps[-1], end))} at the end"))
    parts.append(svg.text(8, FOOT + 60, "At risk", ink=Ink.INK, bold=True))
    parts += [svg.text(x(day), FOOT + 60, str(at_risk(patients, day)), ink=Ink.INK, anchor="middle") for day in days]
    table = incidence_table(steps, patients, cycle_days)
    return svg.figure(
        RIGHT,
        FOOT + 72,
        key="incidence",
        title="Cumulative incidence of the first event of grade 3 or higher",
        desc=" ".join(f"Day {row.day}: {row.event}, at risk {row.n_risk}." for row in table),
        parts=parts,
        cls="incidence",
    )


def incidence_legend() -> SafeString:
    return svg.legend(
        (svg.line(0, 8, 16, 8, stroke=ink, width=2.5, dash=dash), words) for ink, dash, words in LOOKS.values()
    )


def _band(steps: Sequence[Step], x: Scale, y: Scale) -> SafeString:
    """One rectangle a step: where a limit is not estimable there is none."""
    pieces = []
    for one, following in pairwise(steps):
        if one.lower is not None and one.upper is not None:
            a, b, low, high = x(one.days), x(following.days), y(one.lower), y(one.upper)
            pieces.append(svg.polygon(((a, low), (b, low), (b, high), (a, high)), fill=Ink.ACCENT, opacity=0.13))
    return svg.join(pieces)

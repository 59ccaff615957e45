"""The dose ladder: patients in order of entry, dose levels upward, what became of each.

docs/domain.md, section 12: DLT a red filled triangle, none a dark filled circle, pending half-filled with its days
left, not evaluable a grey cross; lines between cohorts; a banner for each level. The table says the same in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.html import format_html
from django.utils.safestring import SafeString

from trial import svg
from trial.svg import Ink

from ..words import FROM_PAPER


class LevelState(StrEnum):
    UNUSED = "unused"
    PASSED = "passed"
    OPEN = "open"  # the level that the trial stands at
    HELD = "held"  # the same, while enrolment is held
    CLOSED = "closed"


class PatientState(StrEnum):
    NO_DLT = "no_dlt"
    DLT = "dlt"
    PENDING = "pending"
    SUSPECTED = "suspected"
    NOT_EVALUABLE = "not_evaluable"


@dataclass(frozen=True, slots=True)
class LadderLevel:
    label: str  # "Level 3"
    doses: str  # "60 / 15 / 40 mg"
    banner: str = ""  # "0/3 DLT · tolerated"
    state: LevelState = LevelState.UNUSED


@dataclass(frozen=True, slots=True)
class LadderPatient:
    number: str  # "012"
    level: int  # index into the levels, lowest first
    state: PatientState
    cohort: int
    days_left: int | None = None  # until the window is over; 0: over, answers are awaited
    url: str = ""
    apart: str = ""  # "expansion" or "backfill": outside the count
    paper: bool = False  # treated outside the system, entered from paper


WORDS: dict[PatientState, str] = {
    PatientState.NO_DLT: "No DLT",
    PatientState.DLT: "DLT",
    PatientState.PENDING: "Pending",
    PatientState.SUSPECTED: "DLT suspected, pending",
    PatientState.NOT_EVALUABLE: "Not evaluable, replaced",
}
LEVEL_WORDS: dict[LevelState, str] = {
    LevelState.UNUSED: "not opened",
    LevelState.PASSED: "passed",
    LevelState.OPEN: "open",
    LevelState.HELD: "open, enrolment held",
    LevelState.CLOSED: "closed",
}
_HERE = {LevelState.OPEN, LevelState.HELD}
STEP = 56  # pixels from level to level
_CLOSE = 34  # steps below have room for one line
_R = 6.5
_TOP = 36
_WHOLE = 40  # patients whom the page shows at once, drawn closer
_CLOSEST = 11.0  # pixels from patient to patient, then: numbers stand upright


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the columns of patients stand, in pixels."""

    left: float  # of the first column
    gap: float  # from column to column
    banners: float  # the room for them at the right
    upright: bool  # the numbers, because the columns are closer than they are wide
    step: float  # from level to level

    @property
    def r(self) -> float:
        """The radius of a mark."""
        return min(_R, self.gap * 0.42)

    @property
    def foot(self) -> float:
        """The room for the numbers."""
        return 76 if self.upright else 62


def sign(state: PatientState, x: float, y: float, r: float = _R) -> SafeString:
    """The shape of a patient's state, the same in figure and legend."""
    match state:
        case PatientState.NO_DLT:
            return svg.circle(x, y, r, fill=Ink.INK, stroke=Ink.SURFACE)
        case PatientState.DLT:
            return svg.triangle(x, y, r, fill=Ink.RED)
        case PatientState.PENDING:
            return svg.half_circle(x, y, r, ink=Ink.AMBER)
        case PatientState.SUSPECTED:
            return svg.half_triangle(x, y, r, ink=Ink.RED)
        case PatientState.NOT_EVALUABLE:
            return svg.cross(x, y, r * 0.7, stroke=Ink.INK2)


def outcome(patient: LadderPatient) -> str:
    """The patient's state in words, with the days left where they count."""
    words = WORDS[patient.state]
    if patient.days_left is None or patient.state not in {PatientState.PENDING, PatientState.SUSPECTED}:
        return words
    if patient.days_left <= 0:
        return f"{words}, window over, answers awaited"
    return f"{words}, {patient.days_left} {'day' if patient.days_left == 1 else 'days'} left"


def ladder_figure(
    levels: Sequence[LadderLevel],
    patients: Sequence[LadderPatient],
    *,
    key: str = "ladder",
    as_of: str = "",
    width: int = 776,
    step: float = STEP,
) -> SafeString:
    """The figure in its scroll box, with the legend.

    levels: lowest first. patients: in order of entry. width: what the page has for it. Up to 40 patients are drawn so
    close that all are in sight; a longer trial grows beyond it and scrolls in its own box, the level names staying.
    step: from level to level, 25 at least.
    """
    grid = _grid(levels, patients, width, whole=_WHOLE, step=step)
    return format_html(
        '<div class="figure-box" id="{}-box" data-end="{}" tabindex="0" role="region" '
        'aria-label="Dose ladder, scrolls">{}{}</div>{}',
        key,
        svg.num(grid.left + grid.gap * len(patients)),
        ladder_svg(levels, patients, key=key, as_of=as_of, width=width, step=step),
        _sticky_names(levels, patients, grid),
        ladder_legend(patients),
    )


def ladder_svg(
    levels: Sequence[LadderLevel],
    patients: Sequence[LadderPatient],
    *,
    key: str = "ladder",
    as_of: str = "",
    width: int = 776,
    whole: int = _WHOLE,
    step: float = STEP,
) -> SafeString:
    """The bare figure, as the reports use it. whole: up to so many patients it stays within `width`, if it can."""
    grid = _grid(levels, patients, width, whole=whole, step=step)
    plot = max(grid.gap * len(patients), 120, width - grid.left - grid.banners)
    full = grid.left + plot + grid.banners
    height = _height(levels, grid)
    columns = [grid.left + grid.gap * (i + 0.5) for i in range(len(patients))]
    parts = [
        *_levels(levels, grid, plot, f"{key}-hatch"),
        *_cohort_lines(patients, columns, height - grid.foot + 28),
        _course(levels, patients, columns, grid),
        *_patients(levels, patients, columns, grid, key),
        _names(levels, grid),
    ]
    return svg.figure(
        full,
        height,
        key=key,
        title="Dose ladder: patients in order of entry by dose level",
        desc=describe(levels, patients, as_of),
        parts=parts,
        defs=svg.hatch(f"{key}-hatch"),
        cls="ladder",
    )


def describe(levels: Sequence[LadderLevel], patients: Sequence[LadderPatient], as_of: str = "") -> str:
    """What the figure shows, in one or two sentences, for those who do not see it."""
    counts = [f"{level.label} {banner(level)}" for level in levels]
    told = f"{len(patients)} {'patient' if len(patients) == 1 else 'patients'}. {'; '.join(counts)}."
    return f"{told} As of {as_of}." if as_of else told


def cohort_words(patient: LadderPatient) -> str:
    """Its number, and what sets the patient apart."""
    parts = [str(patient.cohort), patient.apart, FROM_PAPER if patient.paper else ""]
    return ", ".join(part for part in parts if part)


def banner(level: LadderLevel) -> str:
    """What stands at the level's right end."""
    return level.banner or LEVEL_WORDS[level.state]


def _y(levels: Sequence[LadderLevel], index: int, grid: _Grid) -> float:
    return _TOP + grid.step * (len(levels) - 1 - index)


def _height(levels: Sequence[LadderLevel], grid: _Grid) -> float:
    return _TOP + grid.step * max(len(levels) - 1, 0) + grid.foot


def _grid(
    levels: Sequence[LadderLevel], patients: Sequence[LadderPatient], width: float, *, whole: int, step: float
) -> _Grid:
    left = _names_width(levels, step)
    banners = max((svg.words_width(banner(level), 14) for level in levels), default=0) + 20  # 12.5, some bold
    fits, least = min(54.0, (width - left - banners) / max(len(patients), 1)), _least_gap(patients)
    if fits >= least:
        return _Grid(left, fits, banners, upright=False, step=step)
    if len(patients) <= whole:  # a little over the width rather than three times as wide
        return _Grid(left, max(fits, _CLOSEST), banners, upright=True, step=step)
    return _Grid(left, least, banners, upright=False, step=step)


def _least_gap(patients: Sequence[LadderPatient]) -> float:
    longest = max((len(patient.number) for patient in patients), default=3)
    return max(30.0, longest * 7.2 + 8)


def _names_width(levels: Sequence[LadderLevel], step: float) -> float:
    every = ((svg.words_width(level.label, 14), svg.words_width(level.doses, 12)) for level in levels)
    labels = (label + doses + 8 if doses and step < _CLOSE else max(label, doses) for label, doses in every)
    return max(max(labels, default=0) + 20, svg.words_width("Patient, by entry", 12) + 12)


def _names(levels: Sequence[LadderLevel], grid: _Grid) -> SafeString:
    parts = []
    for index, level in enumerate(levels):
        y = _y(levels, index, grid)
        one_line = grid.step < _CLOSE or not level.doses
        name, dose = (y + 4, y + 4) if one_line else (y - 3, y + 13)
        beside = svg.words_width(level.label, 14) + 8 if one_line else 0
        parts += [
            svg.text(4, name, level.label, ink=Ink.INK, size=13, bold=True, cls="level-name"),
            svg.text(4 + beside, dose, level.doses, size=12),
        ]
    parts.append(svg.text(4, _height(levels, grid) - 14, "Patient, by entry", size=12))
    return svg.join(parts)


def _sticky_names(levels: Sequence[LadderLevel], patients: Sequence[LadderPatient], grid: _Grid) -> SafeString:
    """A copy of the level names that stays at the left while a long ladder scrolls."""
    if not patients:
        return svg.EMPTY
    width, height = grid.left, _height(levels, grid)
    parts = [svg.rect(0, 0, width - 6, height, fill=Ink.SURFACE), _names(levels, grid)]
    return svg.hidden_figure(width, height, parts=parts, cls="figure-axis")


def _levels(levels: Sequence[LadderLevel], grid: _Grid, plot: float, pattern: str) -> list[SafeString]:
    parts = []
    left, high = grid.left, min(46, grid.step - 4)
    for index, level in enumerate(levels):
        y = _y(levels, index, grid)
        band = (left, y - high / 2, plot, high)
        inner = []
        if level.state in _HERE:
            held = level.state is LevelState.HELD
            inner.append(svg.rect(*band, fill=Ink.AMBERSOFT if held else Ink.SOFT, radius=4, cls="band"))
        elif level.state is LevelState.CLOSED:
            inner.append(svg.hatched(*band, pattern=pattern))
        inner += [
            svg.line(left, y, left + plot, y, stroke=Ink.LINE, dash="3 4"),
            svg.text(
                left + plot + 12,
                y + 4,
                banner(level),
                ink=Ink.INK if level.state in _HERE else Ink.INK2,
                size=12.5,
                bold=level.state in _HERE,
                cls="level-banner",
            ),
        ]
        title = f"{level.label}, {level.doses}: {banner(level)}"
        parts.append(svg.mark(svg.join(inner), title=title, cls=f"level level-{level.state}"))
    return parts


def _cohort_lines(patients: Sequence[LadderPatient], columns: Sequence[float], bottom: float) -> list[SafeString]:
    return [
        svg.line(x, 10, x, bottom, stroke=Ink.CONTROL, dash="2 3", cls="cohort-line")
        for x, one, other in (
            ((columns[i] + columns[i + 1]) / 2, patients[i], patients[i + 1]) for i in range(len(patients) - 1)
        )
        if one.cohort != other.cohort
    ]


def _course(
    levels: Sequence[LadderLevel], patients: Sequence[LadderPatient], columns: Sequence[float], grid: _Grid
) -> SafeString:
    points = [(x, _y(levels, patient.level, grid)) for x, patient in zip(columns, patients, strict=True)]
    return svg.polyline(points, stroke=Ink.CONTROL, width=1, cls="course") if len(points) > 1 else svg.EMPTY


def _patients(
    levels: Sequence[LadderLevel],
    patients: Sequence[LadderPatient],
    columns: Sequence[float],
    grid: _Grid,
    key: str,
) -> list[SafeString]:
    parts = []
    height = _height(levels, grid)
    for place, (x, patient) in enumerate(zip(columns, patients, strict=True)):
        y = _y(levels, patient.level, grid)
        inner = [
            svg.rect(x - grid.gap / 2, 8, grid.gap, height - 12, fill=Ink.NONE, radius=4, cls="hit"),
            svg.circle(x, y, grid.r + 3, fill=_ground(levels[patient.level])),
            sign(patient.state, x, y, grid.r),
            _frame(x, y, grid.r + 4) if patient.apart else svg.EMPTY,
            _paper(x, height - 9) if patient.paper else svg.EMPTY,
            _number(x, height - 14, patient, grid),
        ]
        waits = patient.state in {PatientState.PENDING, PatientState.SUSPECTED}
        if waits and patient.days_left is not None:
            above = 26 if grid.upright and place % 2 else 13  # beside one another they would overlap
            days = f"{max(patient.days_left, 0)}{' d' if grid.gap > 16 else ''}"
            inner.append(svg.text(x, y - above, days, size=12, anchor="middle", cls="days"))
        parts.append(
            svg.mark(
                svg.join(inner),
                title=f"Patient {patient.number}, {levels[patient.level].label}, cohort {cohort_words(patient)}: "
                f"{outcome(patient)}",
                cls=f"patient patient-{patient.state}",
                url=patient.url,
                key=f"{key}-{patient.number}",
            )
        )
    return parts


def _number(x: float, y: float, patient: LadderPatient, grid: _Grid) -> SafeString:
    if grid.upright:
        return svg.text(x + 4, y, patient.number, size=12, turn=-90, cls="patient-number")
    return svg.text(x, y, patient.number, size=12, anchor="middle", cls="patient-number")


def _frame(x: float, y: float, r: float = _R + 4) -> SafeString:
    """A square around the mark of a patient outside the count."""
    corners = [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r), (x - r, y - r)]
    return svg.polyline(corners, stroke=Ink.INK2, width=1.25, dash="3 2", cls="apart")


def _paper(x: float, y: float) -> SafeString:
    """A double line under the number of a patient who was entered from paper."""
    lines = [svg.line(x - 11, y + dy, x + 11, y + dy, stroke=Ink.INK2, cls="paper") for dy in (0, 3)]
    return svg.join(lines)


def _ground(level: LadderLevel) -> Ink:
    """What lies behind a mark, so that the course of the trial stops short of it."""
    return {LevelState.OPEN: Ink.SOFT, LevelState.HELD: Ink.AMBERSOFT}.get(level.state, Ink.SURFACE)


def ladder_legend(patients: Sequence[LadderPatient]) -> SafeString:
    words = {
        PatientState.NO_DLT: "No DLT",
        PatientState.DLT: "DLT",
        PatientState.PENDING: "Pending, days left",
        PatientState.SUSPECTED: "DLT suspected, pending",
        PatientState.NOT_EVALUABLE: "Not evaluable, replaced",
    }
    used = {patient.state for patient in patients}
    shown = [state for state in PatientState if state in used or state is not PatientState.SUSPECTED]
    signs = [(sign(state, 8, 8), words[state]) for state in shown]
    if any(patient.apart for patient in patients):
        signs.append((_frame(8, 8, 7), "Outside the count: expansion or backfill"))
    if any(patient.paper for patient in patients):
        signs.append((_paper(8, 7), f"Outside the system, {FROM_PAPER}"))
    return svg.legend(signs)

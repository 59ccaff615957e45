"""Levels on the dashboard: how many of the evaluable had a DLT, and every patient by the worst grade."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from assessments.binomial import Proportion
from assessments.tables.adverse import ALL, Counts, adverse_table
from assessments.tables.page import Cell, Links, proportion_words
from assessments.tables.queries import Safety
from assessments.tables.summary import DltRate, dlt_rates
from trial import svg
from trial.svg import Ink

from ..display.reader import View

COUNTS = {"treated": "Treated", "pending": "Pending", "left_out": "Not evaluable"}
BANDS = {"low": "Grade 1–2", "high": "3–4", "five": "5", "open": "Not graded"}
SHOWS = {"treated": "treatment-treated", "pending": "count-pending", "left_out": "count-left_out"}
NONE = "No event"
BAR = 76


@dataclass(frozen=True, slots=True)
class BoardLevel:
    label: str
    current: bool
    counts: Sequence[tuple[str, Cell]]  # treated, and of them who has no part in the rate
    rate: Cell  # "1/6 · 16.7 % (0.4–64.1)"
    bar: SafeString
    grades: Sequence[tuple[str, Cell]]  # by the name of the band


def level_rows(view: View, safety: Safety, outcomes: Mapping[int, str]) -> tuple[Sequence[str], Sequence[BoardLevel]]:
    """The names of the bands, and the levels that somebody received, the highest first; the ladder has the others."""
    worst = adverse_table(safety.emergent, safety.patients, safety.levels).lines[0].counts
    bands = {name: words for name, words in BANDS.items() if name != "open" or worst[ALL].open}
    links = Links(view.url("assessments:safety_patients"), {})
    here = view.here.protocol.level(view.here.position).label if view.here.position else ""
    rates = dlt_rates(safety.patients, outcomes, safety.levels)
    rows = [_row(rate, worst[rate.level], bands, links, current=rate.level == here) for rate in reversed(rates)]
    return [NONE, *bands.values()], rows


def _row(rate: DltRate, worst: Counts, bands: Mapping[str, str], links: Links, *, current: bool) -> BoardLevel:
    def cell(x: int, **asked: str) -> Cell:
        return Cell(str(x), links(level=rate.level, **asked) if x else "")

    grades = [(words, cell(getattr(worst, name), show="adverse", band=name)) for name, words in bands.items()]
    return BoardLevel(
        label=rate.level,
        current=current,
        counts=[(words, cell(getattr(rate, name), show=SHOWS[name])) for name, words in COUNTS.items()],
        rate=Cell(proportion_words(rate.rate), cell(rate.rate.x, show="count-dlt").url),
        bar=_bar(rate.rate),
        grades=[(NONE, Cell(str(rate.treated - worst.any))), *grades],
    )


def _bar(rate: Proportion) -> SafeString:
    """The exact interval with its estimate, from 0 to 100 %."""
    if rate.estimate is None or rate.lower is None or rate.upper is None:
        return SafeString("")
    x = svg.Scale(0, 1, 5, BAR - 5)
    parts = [
        svg.line(x(0), 8, x(1), 8),
        svg.line(x(rate.lower), 8, x(rate.upper), 8, stroke=Ink.ACCENT, width=3),
        svg.circle(x(rate.estimate), 8, 4),
    ]
    return svg.hidden_figure(BAR, 16, parts=parts, cls="rate-bar")

"""eDISH drawn: peak of bilirubin against peak of ALT or AST, both as multiples of normal, on axes of logarithms."""

from collections.abc import Callable, Sequence
from math import ceil, floor, log10

from django.utils.safestring import SafeString

from trial import svg
from trial.svg import Ink, Scale

from .edish import BILIRUBIN, TRANSFERASE, Point

WIDTH, LEFT, RIGHT, TOP, FOOT = 776, 60, 752, 34, 380
NAMES = {"hy": "Hy's law range", "temple": "Temple's corollary", "cholestasis": "Cholestasis", "near": "Neither limit"}


def edish_figure(points: Sequence[Point], url: Callable[[int], str]) -> SafeString:
    """One mark a patient; red triangles lie in the range of Hy's law. url: of a patient's record."""
    if not points:
        return svg.EMPTY
    x, across = _axis([float(one.transferase.times) for one in points], LEFT, RIGHT)
    y, up = _axis([float(one.bilirubin.times) for one in points], FOOT, TOP)
    limit_x, limit_y = x(log10(TRANSFERASE)), y(log10(BILIRUBIN))
    parts = [
        svg.y_axis(
            y, LEFT, RIGHT, [log10(v) for v in up], labels=[f"{v:g}" for v in up], name="peak total bilirubin, × ULN"
        ),
        svg.x_axis(
            x, FOOT, [log10(v) for v in across], labels=[f"{v:g}" for v in across], name="peak ALT or AST, × ULN"
        ),
        svg.line(limit_x, TOP, limit_x, FOOT, stroke=Ink.INK2, dash="4 4"),
        svg.line(LEFT, limit_y, RIGHT, limit_y, stroke=Ink.INK2, dash="4 4"),
        svg.text(RIGHT - 4, TOP + 14, NAMES["hy"], ink=Ink.RED, anchor="end", bold=True),
        svg.text(RIGHT - 4, FOOT - 8, NAMES["temple"], anchor="end"),
        svg.text(LEFT + 6, TOP + 14, NAMES["cholestasis"]),
        svg.text(LEFT + 6, FOOT - 8, NAMES["near"]),
    ]
    for one in points:
        at = x(log10(one.transferase.times)), y(log10(one.bilirubin.times))
        parts.append(svg.mark(_sign(one.quadrant, *at), title=words(one), url=url(one.patient)))
        parts.append(svg.text(at[0] + 9, at[1] + 4, one.code, size=11))
    return svg.figure(
        WIDTH,
        FOOT + 48,
        key="edish",
        title="Peak total bilirubin against peak ALT or AST, as multiples of the upper limit of normal",
        desc=" ".join(words(one) for one in points),
        parts=parts,
        cls="edish",
    )


def edish_legend() -> SafeString:
    signs = {"hy": NAMES["hy"], "near": "Elsewhere"}
    return svg.legend((_sign(quadrant, 8, 8), name) for quadrant, name in signs.items())


def words(one: Point) -> str:
    """ "Patient 003: ALT or AST 4.2, bilirubin 2.5 × ULN, Hy's law range."."""
    values = f"ALT or AST {times(one.transferase.times)}, bilirubin {times(one.bilirubin.times)} × ULN"
    return f"Patient {one.code}: {values}, {NAMES[one.quadrant]}."


def times(value: object) -> str:
    return f"{float(value):.3g}"  # type: ignore[arg-type]


def _sign(quadrant: str, x: float, y: float) -> SafeString:
    return svg.triangle(x, y, 6, fill=Ink.RED) if quadrant == "hy" else svg.circle(x, y, 5, fill=Ink.ACCENT)


def _axis(values: Sequence[float], start: float, end: float) -> tuple[Scale, list[float]]:
    """A scale of logarithms from a tenth to a hundred, or as far as values go; its ticks: powers of ten, 2 and 3."""
    low = min(-1, floor(log10(min(values))))
    high = max(2, ceil(log10(max(values))))
    ticks = sorted([10.0**k for k in range(low, high + 1)] + [2.0, 3.0])
    return Scale(low, high, start, end), ticks

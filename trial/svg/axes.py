"""Values on pixels: scales, ticks, axes and the corners of a step curve."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from django.utils.safestring import SafeString

from .ink import Ink, Number
from .shapes import join, line, num, text


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` on pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: Number) -> float:
        span = self.high - self.low
        return self.start if span == 0 else self.start + (float(value) - self.low) / span * (self.end - self.start)


def ticks(low: Number, high: Number, about: int = 6) -> list[float]:
    """Round values from `low` to `high`, `about` so many, in steps of 1, 2 or 5 times a power of ten."""
    if high <= low or about < 1:
        return [float(low)]
    rough = (high - low) / about
    power = 10 ** floor(log10(rough))
    step = power * next((factor for limit, factor in ((1.5, 1), (3.5, 2), (7.5, 5)) if rough / power < limit), 10)
    first = floor(low / step + 0.999999)
    return [round(n * step, 10) for n in range(first, floor(high / step + 1e-6) + 1)]


def x_axis(
    scale: Scale, y: Number, at: Sequence[Number], *, labels: Sequence[str] | None = None, name: str = ""
) -> SafeString:
    """Ticks with their words below the line at `y`, and the axis's name with its unit."""
    words = labels if labels is not None else [num(value) for value in at]
    parts = [line(scale.start, y, scale.end, y, stroke=Ink.CONTROL, cls="axis")]
    for value, word in zip(at, words, strict=True):
        parts += [
            line(scale(value), y, scale(value), y + 4, stroke=Ink.CONTROL),
            text(scale(value), y + 18, word, anchor="middle"),
        ]
    if name:
        parts.append(text((scale.start + scale.end) / 2, y + 36, name, anchor="middle"))
    return join(parts)


def y_axis(
    scale: Scale,
    x: Number,
    right: Number,
    at: Sequence[Number],
    *,
    labels: Sequence[str] | None = None,
    name: str = "",
) -> SafeString:
    """Lines across from `x` to `right` with their words at the left; the name stands above, never turned."""
    words = labels if labels is not None else [num(value) for value in at]
    parts = []
    for value, word in zip(at, words, strict=True):
        parts += [
            line(x, scale(value), right, scale(value), cls="grid"),
            text(x - 8, scale(value) + 4, word, anchor="end"),
        ]
    if name:
        parts.append(text(x, min(scale.start, scale.end) - 10, name, anchor="start"))
    return join(parts)


def steps(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The corners of a step curve that holds each value until the next point."""
    corners: list[tuple[float, float]] = []
    for x, y in points:
        if corners:
            corners.append((x, corners[-1][1]))
        corners.append((x, y))
    return corners


def words_width(words: str, size: Number = 12) -> float:
    """About how wide the words will be: wide enough, in the fonts that serve the page."""
    return sum(0.34 if char in " .,:;|il'·/" else 0.62 for char in words) * float(size) + 2

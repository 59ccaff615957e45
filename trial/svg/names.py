"""Names of lines in a column at the right, each led to from its line's end: never under a line."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from .axes import words_width
from .ink import Ink
from .labels import spread
from .shapes import line, text
from .whole import mark

SIZE = 11
APART = 13.0  # from name to name: a line of their size
GUTTER = 34.0  # between the figure and the names, for the leader lines


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Where a line ends, and its name there. words: the tooltip; url: the record."""

    x: float
    y: float
    name: str
    words: str
    url: str = ""


def room(names: Sequence[str]) -> float:
    """The width that the column takes at the right of the figure."""
    return GUTTER + max((words_width(name, SIZE) for name in names), default=0) + 4


def least_height(names: int) -> float:
    """How high a figure must be for so many names."""
    return APART * names


def column(ends: Sequence[End], *, right: float, low: float, high: float) -> tuple[list[SafeString], list[SafeString]]:
    """The leader lines, to be drawn under the lines, and the names. right: where the figure ends; low, high: its top
    and foot."""
    heights = spread([end.y + 4 for end in ends], apart=APART, low=low + 4, high=high)
    leaders, names = [], []
    for end, height in zip(ends, heights, strict=True):
        leaders.append(
            line(end.x + 7, end.y, right + GUTTER - 5, height - 4, stroke=Ink.CONTROL, dash="1 3", cls="leader")
        )
        name = text(right + GUTTER, height, end.name, ink=Ink.INK, size=SIZE, cls="name")
        names.append(mark(name, title=end.words, url=end.url))
    return leaders, names

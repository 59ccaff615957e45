"""The figure kit: marks, text, axes and whole figures as SVG, from plain numbers.

Each mark carries a class and the literal colour as an attribute. On the page the stylesheet wins, so a figure
follows light and dark; in print and in Typst the attribute serves. Nothing is styled inline: the content policy
forbids it. Words are escaped by `format_html`; shape and a table under the figure say all that a colour says.
"""

from .alone import alone
from .axes import Scale, steps, ticks, words_width, x_axis, y_axis
from .changes import ChangeBar, ChangeLine, spider_figure, waterfall_figure
from .ink import EMPTY, FONT, PAINT, Ink, Number
from .lanes import Bar, Lane, Point, Sign, lanes_figure
from .shapes import (
    circle,
    cross,
    diamond,
    half_circle,
    half_triangle,
    join,
    line,
    num,
    polygon,
    polyline,
    rect,
    shape,
    square,
    text,
    triangle,
)
from .survival import AtRisk, Curve, survival_figure
from .swimmer import Event, Swimmer, swimmer_figure
from .trend import Level, Moment, Reading, Steps, trend_figure
from .whole import figure, hatch, hatched, hidden_figure, legend, mark

__all__ = [
    "EMPTY",
    "FONT",
    "PAINT",
    "AtRisk",
    "Bar",
    "ChangeBar",
    "ChangeLine",
    "Curve",
    "Event",
    "Ink",
    "Lane",
    "Level",
    "Moment",
    "Number",
    "Point",
    "Reading",
    "Scale",
    "Sign",
    "Steps",
    "Swimmer",
    "alone",
    "circle",
    "cross",
    "diamond",
    "figure",
    "half_circle",
    "half_triangle",
    "hatch",
    "hatched",
    "hidden_figure",
    "join",
    "lanes_figure",
    "legend",
    "line",
    "mark",
    "num",
    "polygon",
    "polyline",
    "rect",
    "shape",
    "spider_figure",
    "square",
    "steps",
    "survival_figure",
    "swimmer_figure",
    "text",
    "ticks",
    "trend_figure",
    "triangle",
    "waterfall_figure",
    "words_width",
    "x_axis",
    "y_axis",
]

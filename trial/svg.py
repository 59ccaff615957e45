"""The figure kit: marks, text, axes and whole figures as SVG, from plain numbers.

Each mark carries a class and the literal colour as an attribute. On the page the stylesheet wins, so a figure
follows light and dark; in print and in Typst the attribute serves. Nothing is styled inline: the content policy
forbids it. Words are escaped by `format_html`; shape and a table under the figure say all that a colour says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import floor, log10

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

Number = int | float


class Ink(StrEnum):
    """A colour by its meaning; `PAINT` holds what it looks like in light and in print."""

    NONE = "none"
    INK = "ink"
    INK2 = "ink2"
    LINE = "line"
    CONTROL = "control"
    SURFACE = "surface"
    ACCENT = "accent"
    SOFT = "soft"
    RED = "red"
    REDSOFT = "redsoft"
    AMBER = "amber"
    AMBERSOFT = "ambersoft"
    GREEN = "green"
    GREENSOFT = "greensoft"
    BLUE = "blue"
    VIOLET = "violet"
    GOLD = "gold"
    LEVEL1 = "level1"
    LEVEL2 = "level2"
    LEVEL3 = "level3"
    LEVEL4 = "level4"


PAINT: dict[Ink, str] = {
    Ink.NONE: "none",
    Ink.INK: "#14212b",
    Ink.INK2: "#4a5b68",
    Ink.LINE: "#dde4e8",
    Ink.CONTROL: "#788b97",
    Ink.SURFACE: "#ffffff",
    Ink.ACCENT: "#0b6477",
    Ink.SOFT: "#e1f0f3",
    Ink.RED: "#b3261e",
    Ink.REDSOFT: "#fbe9e7",
    Ink.AMBER: "#8a5a00",
    Ink.AMBERSOFT: "#fdf3dc",
    Ink.GREEN: "#1b6e3c",
    Ink.GREENSOFT: "#e4f3e9",
    Ink.BLUE: "#1f57a8",
    Ink.VIOLET: "#6a4bb0",
    Ink.GOLD: "#94690a",
    Ink.LEVEL1: "#cfdae0",
    Ink.LEVEL2: "#a9c3cd",
    Ink.LEVEL3: "#7fa8b6",
    Ink.LEVEL4: "#4f8799",
}
FONT = "system-ui, 'Liberation Sans', 'DejaVu Sans', sans-serif"
EMPTY = SafeString("")


def num(value: Number) -> str:
    """A coordinate: at most two decimals, none when whole."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def join(parts: Iterable[SafeString]) -> SafeString:
    """Marks one after the other."""
    return format_html_join("", "{}", ((part,) for part in parts))


def _attributes(pairs: Iterable[tuple[str, object]]) -> SafeString:
    return format_html_join(
        "",
        ' {}="{}"',
        (
            (name.rstrip("_").replace("_", "-"), num(value) if isinstance(value, int | float) else value)
            for name, value in pairs
            if value is not None
        ),
    )


def shape(
    tag: str,
    *,
    fill: Ink | None = None,
    stroke: Ink | None = None,
    width: Number | None = None,
    dash: str | None = None,
    cls: str = "",
    opacity: Number | None = None,
    **geometry: Number | str | None,
) -> SafeString:
    """One SVG element with its colours as class and as attribute."""
    fill = Ink.NONE if fill is None else fill
    classes = " ".join(part for part in (cls, f"fill-{fill}", f"stroke-{stroke}" if stroke else "") if part)
    return format_html(
        "<{}{}/>",
        mark_safe(tag),  # a literal of this module's callers, never a person's word
        _attributes(
            [
                ("class", classes),
                *geometry.items(),
                ("fill", PAINT[fill]),
                ("stroke", PAINT[stroke] if stroke else None),
                ("stroke-width", width),
                ("stroke-dasharray", dash),
                ("opacity", opacity),
            ]
        ),
    )


def line(
    x1: Number,
    y1: Number,
    x2: Number,
    y2: Number,
    *,
    stroke: Ink = Ink.LINE,
    width: Number = 1,
    dash: str | None = None,
    cls: str = "",
) -> SafeString:
    return shape("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, width=width, dash=dash, cls=cls)


def rect(
    x: Number,
    y: Number,
    width: Number,
    height: Number,
    *,
    fill: Ink = Ink.SOFT,
    stroke: Ink | None = None,
    radius: Number | None = None,
    opacity: Number | None = None,
    cls: str = "",
) -> SafeString:
    return shape(
        "rect",
        fill=fill,
        stroke=stroke,
        opacity=opacity,
        cls=cls,
        x=x,
        y=y,
        width_=max(width, 0),
        height=max(height, 0),
        rx=radius,
    )


def circle(
    x: Number, y: Number, r: Number, *, fill: Ink = Ink.INK, stroke: Ink | None = None, width: Number = 2, cls: str = ""
) -> SafeString:
    return shape("circle", cx=x, cy=y, r=r, fill=fill, stroke=stroke, width=width if stroke else None, cls=cls)


def polyline(
    points: Iterable[tuple[Number, Number]],
    *,
    stroke: Ink = Ink.INK,
    width: Number = 2,
    dash: str | None = None,
    cls: str = "",
) -> SafeString:
    path = " ".join(f"{num(x)},{num(y)}" for x, y in points)
    return shape("polyline", points=path, stroke=stroke, width=width, dash=dash, cls=cls)


def polygon(
    points: Iterable[tuple[Number, Number]],
    *,
    fill: Ink = Ink.INK,
    stroke: Ink | None = None,
    width: Number | None = None,
    opacity: Number | None = None,
    cls: str = "",
) -> SafeString:
    path = " ".join(f"{num(x)},{num(y)}" for x, y in points)
    return shape("polygon", points=path, fill=fill, stroke=stroke, width=width, opacity=opacity, cls=cls)


def triangle(
    x: Number, y: Number, r: Number, *, fill: Ink = Ink.RED, stroke: Ink | None = None, cls: str = ""
) -> SafeString:
    """A triangle that looks as large as a circle of radius `r` at the same place."""
    corners = ((x, y - 1.15 * r), (x + 1.1 * r, y + 0.9 * r), (x - 1.1 * r, y + 0.9 * r))
    return polygon(corners, fill=fill, stroke=stroke, width=2 if stroke else None, cls=cls)


def diamond(x: Number, y: Number, r: Number, *, fill: Ink = Ink.GOLD, cls: str = "") -> SafeString:
    return polygon(((x, y - r), (x + r, y), (x, y + r), (x - r, y)), fill=fill, cls=cls)


def square(x: Number, y: Number, r: Number, *, fill: Ink = Ink.GREEN, cls: str = "") -> SafeString:
    return rect(x - r, y - r, 2 * r, 2 * r, fill=fill, cls=cls)


def cross(x: Number, y: Number, r: Number, *, stroke: Ink = Ink.INK2, width: Number = 2.5, cls: str = "") -> SafeString:
    path = f"M{num(x - r)} {num(y - r)}L{num(x + r)} {num(y + r)}M{num(x + r)} {num(y - r)}L{num(x - r)} {num(y + r)}"
    return shape("path", d=path, stroke=stroke, width=width, cls=cls)


def half_circle(x: Number, y: Number, r: Number, *, ink: Ink = Ink.AMBER, cls: str = "") -> SafeString:
    """A ring whose right half is filled: something under way."""
    half = f"M{num(x)} {num(y - r)}A{num(r)} {num(r)} 0 0 1 {num(x)} {num(y + r)}Z"
    return join(
        [
            circle(x, y, r, fill=Ink.SURFACE, stroke=ink, width=2, cls=cls),
            shape("path", d=half, fill=ink),
        ]
    )


def half_triangle(x: Number, y: Number, r: Number, *, ink: Ink = Ink.RED, cls: str = "") -> SafeString:
    """An open triangle whose right half is filled: suspected, not yet settled."""
    half = ((x, y - 1.15 * r), (x + 1.1 * r, y + 0.9 * r), (x, y + 0.9 * r))
    return join([triangle(x, y, r, fill=Ink.SURFACE, stroke=ink, cls=cls), polygon(half, fill=ink)])


def text(
    x: Number,
    y: Number,
    words: object,
    *,
    ink: Ink = Ink.INK2,
    size: Number = 12,
    anchor: str | None = None,
    bold: bool = False,
    cls: str = "",
    turn: Number | None = None,
) -> SafeString:
    """Words at a place; `anchor` is start, middle or end, `turn` degrees."""
    attributes = _attributes(
        [
            ("class", " ".join(part for part in (cls, f"fill-{ink}") if part)),
            ("x", x),
            ("y", y),
            ("font-size", size),
            ("font-family", FONT),
            ("font-weight", "600" if bold else None),
            ("text-anchor", anchor),
            ("transform", f"rotate({num(turn)} {num(x)} {num(y)})" if turn is not None else None),
            ("fill", PAINT[ink]),
        ]
    )
    return format_html("<text{}>{}</text>", attributes, words)


def mark(parts: SafeString, *, title: str, cls: str = "", url: str = "", key: str = "") -> SafeString:
    """A group that stands for one fact: `title` is its tooltip, `url` the record that a click opens.

    The figure is one image to a screen reader, so nothing in it takes the focus: the same records are
    links in the table under it. `key` names the group for the glow of a change.
    """
    attributes = _attributes(
        [
            ("class", f"mark {cls}".rstrip()),
            ("data-href", url or None),
            ("data-glow", key or None),
        ]
    )
    return format_html("<g{}><title>{}</title>{}</g>", attributes, title, parts)


def figure(
    width: Number,
    height: Number,
    *,
    key: str,
    title: str,
    desc: str,
    parts: Iterable[SafeString],
    defs: SafeString = EMPTY,
    cls: str = "",
) -> SafeString:
    """A whole figure. `key` is unique on its page; `title` and `desc` are read in its place."""
    attributes = _attributes(
        [
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("class", f"fig {cls}".rstrip()),
            ("width", width),
            ("height", height),
            ("viewBox", f"0 0 {num(width)} {num(height)}"),
            ("role", "img"),
            ("aria-labelledby", f"{key}-title {key}-desc"),
        ]
    )
    return format_html(
        '<svg{}><title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}{}</svg>',
        attributes,
        key,
        title,
        key,
        desc,
        format_html("<defs>{}</defs>", defs) if defs else EMPTY,
        join(parts),
    )


def hidden_figure(width: Number, height: Number, *, parts: Iterable[SafeString], cls: str = "") -> SafeString:
    """A drawing without words of its own: a legend's mark, or a copy that screen readers skip."""
    attributes = _attributes(
        [
            ("class", f"fig {cls}".rstrip()),
            ("width", width),
            ("height", height),
            ("viewBox", f"0 0 {num(width)} {num(height)}"),
            ("aria-hidden", "true"),
            ("focusable", "false"),
        ]
    )
    return format_html("<svg{}>{}</svg>", attributes, join(parts))


def legend(entries: Iterable[tuple[SafeString, str]]) -> SafeString:
    """Marks drawn at (8, 8) beside their words, as a list under the figure."""
    items = ((hidden_figure(16, 16, parts=[sign]), words) for sign, words in entries)
    return format_html('<ul class="legend">{}</ul>', format_html_join("", "<li>{}{}</li>", items))


def hatch(key: str, *, ink: Ink = Ink.CONTROL) -> SafeString:
    """A pattern of slanted lines, used as fill="url(#key)"."""
    stripe = shape("path", d="M-2 8L8 -2M0 14L14 0M6 16L16 6", stroke=ink, width=1)
    return format_html(
        '<pattern id="{}" width="12" height="12" patternUnits="userSpaceOnUse">{}</pattern>',
        key,
        stripe,
    )


def hatched(x: Number, y: Number, width: Number, height: Number, *, pattern: str, cls: str = "") -> SafeString:
    attributes = _attributes(
        [
            ("class", f"hatched {cls}".rstrip()),
            ("x", x),
            ("y", y),
            ("width", width),
            ("height", height),
            ("fill", f"url(#{pattern})"),
            ("opacity", 0.45),
        ]
    )
    return format_html("<rect{}/>", attributes)


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

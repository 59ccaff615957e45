"""The marks: each an SVG element with its colours as class and as attribute."""

from collections.abc import Iterable

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from .ink import FONT, PAINT, Ink, Number


def num(value: Number) -> str:
    """A coordinate: at most two decimals, none when whole."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def join(parts: Iterable[SafeString]) -> SafeString:
    """Marks one after the other."""
    return mark_safe("".join(conditional_escape(part) for part in parts))


def attributes(pairs: Iterable[tuple[str, object]]) -> SafeString:
    """Names are keywords of this module's callers; every value but a number is escaped.

    Put together by hand: a figure has a thousand attributes, and format_html would take most of the page's time.
    """
    said = [(name.rstrip("_").replace("_", "-"), _value(value)) for name, value in pairs if value is not None]
    return mark_safe("".join(f' {name}="{value}"' for name, value in said))


def _value(value: object) -> str:
    return num(value) if isinstance(value, int | float) else conditional_escape(str(value))


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
    said = attributes(
        [
            ("class", classes),
            *geometry.items(),
            ("fill", PAINT[fill]),
            ("stroke", PAINT[stroke] if stroke else None),
            ("stroke-width", width),
            ("stroke-dasharray", dash),
            ("opacity", opacity),
        ]
    )
    return mark_safe(f"<{tag}{said}/>")  # the tag is a literal of this module's callers, never a person's word


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
    given = attributes(
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
    return format_html("<text{}>{}</text>", given, words)

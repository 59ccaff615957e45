"""Whole figures: their frame with its words, the groups that stand for one fact, legends and patterns."""

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .ink import EMPTY, Ink, Number
from .shapes import attributes, join, num, shape


def mark(parts: SafeString, *, title: str, cls: str = "", url: str = "", key: str = "") -> SafeString:
    """A group that stands for one fact: `title` is its tooltip, `url` the record that a click opens.

    The figure is one image to a screen reader, so nothing in it takes the focus: the same records are
    links in the table under it. `key` names the group for the glow of a change.
    """
    given = attributes(
        [
            ("class", f"mark {cls}".rstrip()),
            ("data-href", url or None),
            ("data-glow", key or None),
        ]
    )
    return format_html("<g{}><title>{}</title>{}</g>", given, title, parts)


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
    given = attributes(
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
        given,
        key,
        title,
        key,
        desc,
        format_html("<defs>{}</defs>", defs) if defs else EMPTY,
        join(parts),
    )


def hidden_figure(width: Number, height: Number, *, parts: Iterable[SafeString], cls: str = "") -> SafeString:
    """A drawing without words of its own: a legend's mark, or a copy that screen readers skip."""
    given = attributes(
        [
            ("class", f"fig {cls}".rstrip()),
            ("width", width),
            ("height", height),
            ("viewBox", f"0 0 {num(width)} {num(height)}"),
            ("aria-hidden", "true"),
            ("focusable", "false"),
        ]
    )
    return format_html("<svg{}>{}</svg>", given, join(parts))


def legend(entries: Iterable[tuple[SafeString, str]]) -> SafeString:
    """Marks drawn at (8, 8) beside their words, as a list under the figure."""
    items = ((hidden_figure(16, 16, parts=[sign]), words) for sign, words in entries)
    return format_html('<ul class="legend">{}</ul>', format_html_join("", "<li>{}{}</li>", items))


def hatch(key: str, *, ink: Ink = Ink.CONTROL) -> SafeString:
    """A pattern of slanted lines, used as fill="url(#key)". Each line goes on in the tiles beside it."""
    stripe = shape("path", d="M-1 7L7 -1M-1 13L13 -1M5 13L13 5", stroke=ink, width=1)
    return format_html(
        '<pattern id="{}" width="12" height="12" patternUnits="userSpaceOnUse">{}</pattern>',
        key,
        stripe,
    )


def hatched(x: Number, y: Number, width: Number, height: Number, *, pattern: str, cls: str = "") -> SafeString:
    given = attributes(
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
    return format_html("<rect{}/>", given)

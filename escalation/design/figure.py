"""Figures of the design properties: bars in the cells of a table, and the curves over one level's rate.

Colour, stroke and sign differ from curve to curve, and a table stands under them: nobody depends on colour.
"""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from trial import svg
from trial.svg import Ink

from ..characteristics import Properties

_WIDTH, _LEFT, _TOP, _BOTTOM = 776, 56, 58, 334
_BAR = 120
INKS = (Ink.ACCENT, Ink.VIOLET, Ink.GOLD, Ink.BLUE, Ink.RED, Ink.GREEN)
DASHES = (None, "7 4", "2 3", "10 3 2 3")


def bar(probability: float, *, above: bool = False) -> SafeString:
    """A probability as a bar beside its number. above: the level's assumed rate is over the target."""
    x = svg.Scale(0, 1, 0, _BAR)
    parts = [
        svg.rect(0, 1, _BAR, 8, fill=Ink.NONE, stroke=Ink.LINE, radius=1),
        svg.rect(0, 1, x(probability), 8, fill=Ink.RED if above else Ink.ACCENT, radius=1),
    ]
    return svg.hidden_figure(_BAR, 10, parts=parts, cls="rate-bar")


def curves(
    points: Sequence[tuple[float, Properties]], labels: Sequence[str], *, level: int, assumed: float, design: str
) -> SafeString:
    """P(recommended) of each level, and of none, over the rate of `level`; the assumed rate is a dashed upright."""
    named = names(labels)
    x, y = svg.Scale(0, 1, _LEFT, _WIDTH - 24), svg.Scale(0, 1, _BOTTOM, _TOP)
    at = [0, 0.2, 0.4, 0.6, 0.8, 1]
    parts = [
        svg.y_axis(y, _LEFT, _WIDTH - 24, at),
        svg.text(_LEFT, _TOP - 34, "probability of being recommended"),
        svg.x_axis(x, _BOTTOM, at, name=f"assumed true DLT rate of level {labels[level - 1]}"),
        svg.line(x(assumed), _TOP, x(assumed), _BOTTOM, stroke=Ink.CONTROL, dash="4 4"),
        svg.text(x(assumed), _TOP - 8, f"assumed {assumed:g}", anchor="middle"),
    ]
    for k, name in enumerate(named):
        ink, dash = _look(k)
        line = [(x(rate), y(values(found)[k])) for rate, found in points]
        marked = [_sign(k, *place) for place in line[:: max(1, len(line) // 5)]]
        drawn = [svg.polyline(line, stroke=ink, width=2, dash=dash, cls="curve"), *marked]
        parts.append(svg.mark(svg.join(drawn), title=f"{name}: {design}"))
    figure = svg.figure(
        _WIDTH,
        _BOTTOM + 48,
        key="design-curves",
        title=f"What {design} recommends, by the assumed true DLT rate of level {labels[level - 1]}",
        desc="One curve for each level and one for no level. The table under the figure has the numbers.",
        parts=parts,
        cls="curves",
    )
    return format_html(
        '<div class="figure-box" tabindex="0" role="region" aria-label="Curves, scrolls">{}</div>{}',
        figure,
        svg.legend([(_key(k), name) for k, name in enumerate(named)]),
    )


def names(labels: Sequence[str]) -> list[str]:
    """The curves: no level, then the levels from the lowest."""
    return ["No level", *(f"Level {label}" for label in labels)]


def values(found: Properties) -> list[float]:
    """In the order of `names`."""
    return [found.p_none, *found.p_recommended]


def _look(k: int) -> tuple[Ink, str | None]:
    if k == 0:  # no level
        return Ink.INK2, "1 4"
    return INKS[(k - 1) % len(INKS)], DASHES[(k - 1) % len(DASHES)]


def _sign(k: int, x: float, y: float) -> SafeString:
    ink = _look(k)[0]
    match k % 5:
        case 0:
            return svg.cross(x, y, 4, stroke=ink, width=2)
        case 1:
            return svg.circle(x, y, 4, fill=ink)
        case 2:
            return svg.square(x, y, 3.5, fill=ink)
        case 3:
            return svg.triangle(x, y, 4.5, fill=ink)
    return svg.diamond(x, y, 5, fill=ink)


def _key(k: int) -> SafeString:
    ink, dash = _look(k)
    return svg.join([svg.line(0, 8, 16, 8, stroke=ink, width=2, dash=dash), _sign(k, 8, 8)])

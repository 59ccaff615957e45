"""The shape and colour of each response category, the same in every figure and legend (docs/domain.md, section 12)."""

from collections.abc import Iterable
from functools import partial

from django.utils.safestring import SafeString

from trial import svg
from trial.svg import Ink

from ..imwg.terms import Response

INKS = {
    Response.SCR: Ink.GREEN,
    Response.CR: Ink.GREEN,
    Response.VGPR: Ink.GREEN,
    Response.PR: Ink.BLUE,
    Response.MR: Ink.VIOLET,
    Response.SD: Ink.GOLD,
    Response.PD: Ink.RED,
    Response.NE: Ink.CONTROL,
}


def sign(response: Response, x: float, y: float, r: float = 5) -> SafeString:
    """The category at a place; an open shape is a fainter one of the same family."""
    ink = INKS[response]
    match response:
        case Response.SCR:
            return svg.join([svg.square(x, y, r, fill=ink), svg.circle(x, y, r * 0.45, fill=Ink.SURFACE)])
        case Response.CR:
            return svg.square(x, y, r, fill=ink)
        case Response.VGPR:
            side = 2 * r - 2
            return svg.shape(
                "rect", fill=Ink.SURFACE, stroke=ink, width=2, x=x - r + 1, y=y - r + 1, width_=side, height=side
            )
        case Response.PR:
            return svg.triangle(x, y, -r, fill=ink)  # on its tip: upright ones are DLTs
        case Response.MR:
            return svg.circle(x, y, r, fill=ink)
        case Response.SD:
            return svg.diamond(x, y, r * 1.25, fill=ink)
        case Response.PD:
            return svg.cross(x, y, r * 0.85, stroke=ink)
        case Response.NE:
            return svg.circle(x, y, r - 1, fill=Ink.SURFACE, stroke=ink)


def drawing(response: Response) -> svg.Sign:
    """The category as a figure of marks takes it."""
    return partial(sign, response)


def legend(responses: Iterable[Response]) -> list[tuple[SafeString, str]]:
    """Entries for `svg.legend`, best first."""
    return [(sign(one, 8, 8), one.value) for one in sorted(set(responses), key=lambda one: one.rank)]

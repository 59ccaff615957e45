"""The parameters that decide a patient's category, over time, with the lines that divide the categories. Pure.

For figures and tables: values, nadirs and limits come from the rule itself (imwg_derive, imwg_progress).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from .derive import FALLS, URINE_PR, URINE_VGPR
from .measure import Start, histories, nadir, start
from .progress import rises_to
from .terms import Assessment, CategorySettings, Response, Values


@dataclass(frozen=True, slots=True)
class Point:
    """One assessment's value. nadir: before it; progression: from which value on it is one. None: not known.

    Of a value below a limit each is the limit, from which it may be away downwards only.
    """

    date: date
    value: Fraction | None
    nadir: Fraction | None
    progression: Fraction | None
    row: str | None


@dataclass(frozen=True, slots=True)
class Limit:
    """Up to `value` the parameter allows `response`, above it nothing as good. below: not at the value itself."""

    response: Response
    value: Fraction
    below: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One deciding parameter, a name of `imwg_sight.NAMES`, from its baseline on. limits: the lowest first."""

    name: str
    baseline: Fraction
    limits: tuple[Limit, ...]
    points: tuple[Point, ...]


def lines(baseline: Values, assessments: Sequence[Assessment], settings: CategorySettings) -> list[Line]:
    """The deciding parameters: serum and urine M-protein as far as measurable, else dFLC, else marrow; or none."""
    started = start(baseline, settings)
    decides = started.decides
    names = [n for n in ("serum_m", "urine_m") if n in started.measurable] if decides == "m_protein" else [decides]
    return [_line(name, started, assessments, settings) for name in names if name and started.number(name) is not None]


def _line(name: str, started: Start, assessments: Sequence[Assessment], settings: CategorySettings) -> Line:
    base = started.number(name)
    assert base is not None
    ordered = sorted(assessments, key=lambda one: one.date)
    past = histories(started, ordered)[name]
    points = []
    for one in ordered:
        if one.values is None:
            continue
        low = nadir(name, started.amount(name), past.before(one.date), settings)
        rise = None if low is None else rises_to(name, low)
        points.append(Point(one.date, started.number(name, one.values), low.most if low else None, rise, one.row))
    return Line(name, base, limits(name, base), tuple(points))


def limits(name: str, base: Fraction) -> tuple[Limit, ...]:
    """Up to which value each category is allowed. What allows sCR is VGPR here: more than a fall decides above that."""
    found = [
        Limit(Response.VGPR if response is Response.SCR else response, base * (100 - percent) / 100)
        for percent, response in FALLS[name]
    ]
    if name == "urine_m":
        partial = next(one for one in found if one.response is Response.PR)
        if partial.value < URINE_PR <= base:
            found.remove(partial)
            found.append(partial := Limit(Response.PR, Fraction(URINE_PR), True))
        good = Limit(Response.VGPR, Fraction(URINE_VGPR), True)
        found.append(good if good.value <= partial.value else replace(partial, response=Response.VGPR))
    return tuple(sorted(found, key=lambda one: (one.value, one.response.rank)))

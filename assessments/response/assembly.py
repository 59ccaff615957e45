"""From samples to the assessments that the response criteria judge (docs/domain.md, section 7). Pure.

Baseline is the last value of each parameter on or before the first dose. After it, the samples of one visit are one
assessment, dated by the latest sample that its category needs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..imwg.amount import Below
from ..imwg.derive import category_of
from ..imwg.measure import Start, start
from ..imwg.terms import Assessment, CategorySettings, Response, Values
from .parameters import PARAMETERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One answer. value: canonical unit; with `below` it is the limit. None and no answer: not done."""

    parameter: str
    sampled_on: date
    value: Decimal | None = None
    below: bool = False
    answer: str = ""

    @property
    def done(self) -> bool:
        return self.value is not None or bool(self.answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The answers of one visit. row: whatever the caller knows the visit by."""

    row: str
    visit_on: date
    measured: Sequence[Measured]


@dataclass(frozen=True, slots=True)
class Assembled:
    baseline: Values
    assessments: tuple[Assessment, ...]


def values_of(measured: Iterable[Measured]) -> Values:
    """What stands in the answers. Not done counts like missing; below the limit is passed on as such."""
    said: dict[str, object] = {}
    for one in measured:
        if not one.done:
            continue
        field = "lambda_" if one.parameter == "lambda" else one.parameter
        if PARAMETERS[one.parameter].units:
            said[field] = Below(one.value) if one.below and one.value is not None else one.value
        else:
            said[field] = one.answer == "yes" if one.answer in ("yes", "no") else one.answer
    return Values(**said)  # type: ignore[arg-type]


def baseline(visits: Sequence[Taken], first_dose: date) -> Values:
    """The last value of each parameter on or before the first dose; a ratio only of the sample of its chains."""
    last: dict[str, tuple[date, object]] = {}
    for visit in sorted(visits, key=lambda one: one.visit_on):
        before = [one for one in visit.measured if one.sampled_on <= first_dose and one.done]
        values = values_of(before)
        dated = {one.parameter: one.sampled_on for one in before}
        for name, on in dated.items():
            field = "lambda_" if name == "lambda" else name
            if field not in last or last[field][0] <= on:
                last[field] = on, getattr(values, field)
    if {"ratio", "kappa", "lambda_"} <= last.keys() and last["ratio"][0] < max(last["kappa"][0], last["lambda_"][0]):
        del last["ratio"]
    return Values(**{name: value for name, (_, value) in last.items()})  # type: ignore[arg-type]


def assemble(visits: Sequence[Taken], first_dose: date, settings: CategorySettings) -> Assembled:
    """A course as `imwg.evaluate` takes it; a visit after the first dose without any result is in it, empty."""
    before = baseline(visits, first_dose)
    started = start(before, settings)
    later = [(visit, [one for one in visit.measured if one.sampled_on > first_dose and one.done]) for visit in visits]
    found: list[Assessment] = []
    for visit, measured in sorted(later, key=lambda one: _last(*one)):
        if measured:
            found.append(_dated(visit, measured, started, found, settings))
        elif visit.visit_on > first_dose and not any(one.done for one in visit.measured):
            found.append(Assessment(date=visit.visit_on, values=Values(), row=visit.row))
    return Assembled(before, tuple(found))


def _last(visit: Taken, measured: Sequence[Measured]) -> date:
    return max((one.sampled_on for one in measured), default=visit.visit_on)


def _dated(
    visit: Taken, measured: Sequence[Measured], started: Start, before: Sequence[Assessment], settings: CategorySettings
) -> Assessment:
    """The visit's assessment, dated by the latest sample that is needed for its category."""

    def of(on: date, taken: Sequence[Measured]) -> Assessment:
        return Assessment(date=on, values=values_of(taken), row=visit.row)

    def category(one: Assessment) -> Response:
        return category_of(one, started, before, settings).response

    days = sorted({one.sampled_on for one in measured})
    last = days[-1]
    if len(days) > 1:
        whole = category(of(last, measured))
        for day in days[:-1]:
            if category(of(day, [one for one in measured if one.sampled_on <= day])) == whole:
                last = day
                break
    return of(last, measured)

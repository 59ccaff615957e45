"""From samples to the assessments that the response criteria judge (docs/domain.md, section 7). Pure.

Baseline is the last value of each parameter on or before the first dose. After it, the samples of one visit are one
assessment, dated by the latest sample that its category needs; so are those of two visits that lie within a week.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from ..imwg.amount import Below
from ..imwg.derive import category_of
from ..imwg.measure import Start, start
from ..imwg.terms import Assessment, CategorySettings, Response, Values
from .parameters import PARAMETERS

AROUND_DAYS = 7  # samples this near to the serum sample belong to its assessment (docs/domain.md, section 7)
SERUM = "serum_m"
# What is asked at each visit: with one of these and no serum sample near, a visit is still an assessment of its own.
EACH_VISIT = {SERUM, "urine_m", "kappa", "lambda", "ratio", "ife_serum", "ife_urine"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One answer. value: canonical unit; with `below` it is the limit. None and no answer: not done.

    baseline_until: of a sample from before the consent the last day of a first dose whose baseline it may be.
    """

    parameter: str
    sampled_on: date
    value: Decimal | None = None
    below: bool = False
    answer: str = ""
    baseline_until: date | None = None

    def of_baseline(self, first_dose: date) -> bool:
        """Taken on or before the first dose, and not too long before where it was taken before the consent."""
        return self.sampled_on <= first_dose and (self.baseline_until is None or first_dose <= self.baseline_until)

    @property
    def done(self) -> bool:
        return self.value is not None or bool(self.answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The answers of one visit. row: whatever the caller knows the visit by."""

    row: str
    visit_on: date
    measured: Sequence[Measured]


Visited = tuple[Taken, Sequence[Measured]]  # a visit with those of its results that are looked at


@dataclass(frozen=True, slots=True)
class Assembled:
    """joined: of a visit that belongs to another one's assessment, that one; both by their rows."""

    baseline: Values
    assessments: tuple[Assessment, ...]
    joined: Mapping[str, str] = field(default_factory=dict)


def values_of(measured: Iterable[Measured]) -> Values:
    """What stands in the answers. Not done counts like missing; below the limit is passed on as such."""
    said: dict[str, object] = {}
    for one in measured:
        if not one.done:
            continue
        name = "lambda_" if one.parameter == "lambda" else one.parameter
        if PARAMETERS[one.parameter].whole and one.value is not None:
            said[name] = int(one.value)
        elif PARAMETERS[one.parameter].units:
            said[name] = Below(one.value) if one.below and one.value is not None else one.value
        else:
            said[name] = one.answer == "yes" if one.answer in ("yes", "no") else one.answer
    return Values(**said)  # type: ignore[arg-type]


def baseline(visits: Sequence[Taken], first_dose: date) -> Values:
    """The last value of each parameter on or before the first dose; a ratio only of the sample of its chains."""
    last: dict[str, tuple[date, object]] = {}
    for visit in sorted(visits, key=lambda one: one.visit_on):
        before = [one for one in visit.measured if one.of_baseline(first_dose) and one.done]
        values = values_of(before)
        dated = {one.parameter: one.sampled_on for one in before}
        for parameter, on in dated.items():
            name = "lambda_" if parameter == "lambda" else parameter
            if name not in last or last[name][0] <= on:
                last[name] = on, getattr(values, name)
    if {"ratio", "kappa", "lambda_"} <= last.keys() and last["ratio"][0] < max(last["kappa"][0], last["lambda_"][0]):
        del last["ratio"]
    return Values(**{name: value for name, (_, value) in last.items()})  # type: ignore[arg-type]


def assemble(visits: Sequence[Taken], first_dose: date, settings: CategorySettings) -> Assembled:
    """A course as `imwg.evaluate` takes it; a visit after the first dose without any result is in it, empty."""
    before = baseline(visits, first_dose)
    started = start(before, settings)
    later = [(visit, [one for one in visit.measured if one.sampled_on > first_dose and one.done]) for visit in visits]
    groups = together([(visit, measured) for visit, measured in later if measured])
    empty: list[Visited] = [
        (visit, []) for visit, _ in later if visit.visit_on > first_dose and not any(one.done for one in visit.measured)
    ]
    found: list[Assessment] = []
    whole = [(group[0][0], [one for _, measured in group for one in measured]) for group in groups]
    for visit, measured in sorted([*whole, *empty], key=lambda one: _last(*one)):
        if measured:
            found.append(_dated(visit, measured, started, found, settings))
        else:
            found.append(Assessment(date=visit.visit_on, values=Values(), row=visit.row))
    joined = {visit.row: group[0][0].row for group in groups for visit, _ in group[1:]}
    return Assembled(before, tuple(found), joined)


def together(visits: Sequence[Visited]) -> list[list[Visited]]:
    """Visits with results in groups, an assessment each; first stands the one that the others belong to.

    That is the visit with the serum sample, or where none is near, the earliest of them. A visit that could belong to
    two goes to the nearer, to the earlier at a tie; two that hold the same parameter stay two.
    """
    ordered = sorted(visits, key=lambda one: _last(*one))
    groups = [[one] for one in ordered if _day(one, SERUM)]
    alone = _gather(groups, [one for one in ordered if not _day(one, SERUM)])
    while first := next((one for one in alone if _parameters(one) & EACH_VISIT), None):
        groups.append([first])
        alone = _gather(groups[-1:], [one for one in alone if one is not first])
    return [*groups, *([one] for one in alone)]


def _gather(groups: Sequence[list[Visited]], others: Sequence[Visited]) -> list[Visited]:
    """Put each of the others into the group that it belongs to; those that belong to none are returned."""
    left = dict(enumerate(others))
    near = sorted(
        (days, place, k)
        for place, group in enumerate(groups)
        for k, one in left.items()
        if (days := _apart(group[0], one)) <= timedelta(days=AROUND_DAYS)
    )
    for _, place, k in near:
        if k in left and not any(_parameters(left[k]) & _parameters(one) for one in groups[place]):
            groups[place].append(left.pop(k))
    return [left[k] for k in sorted(left)]


def _apart(first: Visited, other: Visited) -> timedelta:
    """From the sample that a group stands on to the farthest of another visit."""
    on = _day(first, SERUM) or min(one.sampled_on for one in first[1])
    return max(abs(one.sampled_on - on) for one in other[1])


def _day(visited: Visited, parameter: str) -> date | None:
    return next((one.sampled_on for one in visited[1] if one.parameter == parameter), None)


def _parameters(visited: Visited) -> set[str]:
    return {one.parameter for one in visited[1]}


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

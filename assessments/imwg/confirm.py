"""Confirmation: what a sequence of categories is worth (docs/domain.md, section 7, "Confirmation").

Standing once for response and for times. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from .terms import BENEFIT, Best, PdSource, Response, ResponseSettings, best

LONG_PAIR_DAYS = 84  # a confirming pair further apart draws a warning
AT_ONCE = (PdSource.IMAGING, PdSource.MARROW, PdSource.DEATH)
SEVERITY = {source: place for place, source in enumerate((PdSource.LABORATORY, *AT_ONCE))}


@dataclass(frozen=True, slots=True)
class Step:
    """The category of one date; of several on one day the worst, so that dates are different and rising.

    no_pd: of an NE: nothing was measurable, and no progression was seen. So it is no second value of a PD, and it is
    adequate for the times to progression.
    """

    date: date
    response: Response
    pd_source: PdSource | None = None
    no_pd: bool = False

    @property
    def at_once(self) -> bool:
        """A PD that needs no second one."""
        return self.response is Response.PD and self.pd_source in AT_ONCE


@dataclass(frozen=True, slots=True)
class Said:
    """What confirmation makes of one step."""

    step: Step
    counts: bool
    own: Response | None  # what this step is confirmed as by itself; None when it does not count
    confirmed: Response | None  # that, or the best confirmed so far
    because: str
    warning: str = ""
    by_death: bool = False  # a PD by laboratory values whose second value is the death from myeloma

    @property
    def adequate(self) -> bool:
        return self.counts and self.own is not Response.NE

    @property
    def adequate_for_progression(self) -> bool:
        """For TTP and PFS: also an NE at which a progression would have been seen."""
        return self.adequate or (self.counts and self.step.response is Response.NE and self.step.no_pd)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A whole sequence confirmed. said: one for each step, by date."""

    said: tuple[Said, ...]
    best_confirmed: Best
    best_unconfirmed: Best
    progression: Said | None


def worst_of_day(steps: Sequence[Step]) -> Step:
    """NE is worse than a response, but never hides a PD; a PD that counts at once is worse than one that may not."""
    return max(
        steps,
        key=lambda step: (
            step.response is Response.PD,
            step.response.rank,
            SEVERITY[step.pd_source or PdSource.LABORATORY],
            not step.no_pd,
        ),
    )


def one_a_day(steps: Sequence[Step]) -> list[Step]:
    """Sorted, the worst of each day."""
    ordered = sorted(steps, key=lambda step: step.date)
    return [worst_of_day(list(day)) for _, day in groupby(ordered, key=lambda step: step.date)]


def confirm(
    steps: Sequence[Step],
    settings: ResponseSettings,
    new_therapy: date | None = None,
    death: date | None = None,
) -> Confirmed:
    """Confirm the steps of one patient, in any order; nothing after the first PD or new therapy counts.

    death: from myeloma, and known. It stands as the second value of a PD by laboratory values after which no
    evaluable assessment follows; new therapy in between does not matter.
    """
    limit = None if settings.new_therapy == "ignore" else new_therapy
    days = _without_unconfirmed_pd(one_a_day(steps), settings, death)
    said: list[Said] = []
    so_far: Response | None = None
    progressed: date | None = None
    for place, step in enumerate(day.step for day in days):
        if progressed or (limit and step.date > limit):
            why = f"PD since {progressed}" if progressed else f"After new therapy began on {limit}"
            said.append(Said(step, False, None, None, f"{why}: does not count."))
            continue
        own, because, warning = _own(place, days, settings, limit)
        if own is not Response.PD and so_far and so_far.rank < own.rank:
            confirmed = so_far if own is not Response.NE else own
            because += f" The best confirmed so far, {so_far}, stays."
        else:
            confirmed = own
        said.append(Said(step, True, own, confirmed, because, warning, days[place].by_death))
        if own is Response.PD:
            progressed = step.date
        elif own is not Response.NE:
            so_far = best([own, *([so_far] if so_far else [])])
    counting = [one for one in said if one.counts]
    return Confirmed(
        tuple(said),
        _best([(one.own, one.step.date) for one in counting if one.own]),
        _best([(_seen(one.step, limit), one.step.date) for one in counting]),
        next((one for one in said if one.own is Response.PD), None),
    )


def _best(found: Sequence[tuple[Response, date]]) -> Best:
    if not found:
        return Best(Response.NE, None)
    return Best(*min(found, key=lambda one: (one[0].rank, one[1])))


def _seen(step: Step, limit: date | None) -> Response:
    """A response of the day on which new therapy starts does not count: stable at most."""
    return Response.SD if step.date == limit and step.response in BENEFIT else step.response


@dataclass(frozen=True, slots=True)
class _Taken:
    """A step and what it is taken as: a PD by laboratory values without a second one is NE."""

    step: Step
    response: Response
    second: Step | None = None  # the PD that confirms it
    by_death: bool = False  # the second is the death from myeloma


def _without_unconfirmed_pd(steps: Sequence[Step], settings: ResponseSettings, death: date | None) -> list[_Taken]:
    raw = [_Taken(step, step.response) for step in steps]
    followed = raw
    if death and raw and raw[-1].step.date <= death:
        followed = [*raw, _Taken(Step(death, Response.PD, PdSource.DEATH), Response.PD)]
    taken = []
    for place, one in enumerate(raw):
        if one.response is Response.PD and settings.pd_confirmation and not one.step.at_once:
            after = _next(followed, place, settings, of_pd=True)
            second = after.step if after and after.response is Response.PD else None
            by_death = second is not None and after is followed[-1] and followed is not raw
            taken.append(_Taken(one.step, Response.PD if second else Response.NE, second, by_death))
        else:
            taken.append(one)
    return taken


def _next(days: Sequence[_Taken], place: int, settings: ResponseSettings, *, of_pd: bool = False) -> _Taken | None:
    """What may confirm the step at `place`: the next evaluable one, if it is not too far away.

    of_pd: of a PD; then an NE at which a progression would have been seen is evaluable, and is none.
    """
    for one in days[place + 1 :]:
        if one.response is Response.NE and not (of_pd and one.step.no_pd):
            if settings.ne == "break":
                return None
            continue
        apart = (one.step.date - days[place].step.date).days
        allowed = settings.max_confirmation_days
        return None if allowed is not None and apart > allowed else one
    return None


def _own(
    place: int, days: Sequence[_Taken], settings: ResponseSettings, limit: date | None
) -> tuple[Response, str, str]:
    """What the step at `place` is by itself, why, and a warning about a distant pair."""
    step, taken = days[place].step, days[place].response
    if taken is Response.PD:
        return _progression(days[place])
    if step.response is Response.PD:
        return Response.NE, "PD by laboratory values that no second PD confirms: not evaluable.", ""
    if taken is Response.NE:
        return taken, "Not evaluable.", ""
    if taken is Response.SD:
        return taken, "Stable disease needs no confirmation.", ""
    if step.date == limit:
        return Response.SD, f"{taken} of the day on which new therapy began does not count.", ""
    after = _next(days, place, settings)
    if after is None:
        return Response.SD, f"{taken} is not confirmed: no evaluable assessment follows{_within(settings)}.", ""
    if limit and after.step.date > limit:
        return Response.SD, f"{taken} is not confirmed: the next assessment is after new therapy began.", ""
    if after.response is Response.PD:
        return Response.SD, f"{taken} is not confirmed: PD on {after.step.date} follows.", ""
    distant = _distant(step, after.step)
    if after.response.at_least(taken):
        return taken, f"{taken} is confirmed by {after.response} on {after.step.date}.", distant
    return after.response, f"{taken} is followed by {after.response} on {after.step.date}, which counts.", distant


def _progression(taken: _Taken) -> tuple[Response, str, str]:
    step, second = taken.step, taken.second
    match step.pd_source:
        case PdSource.DEATH:
            return Response.PD, "PD, then death from it: counts at once.", ""
        case PdSource.IMAGING:
            return Response.PD, "PD on imaging counts at once.", ""
        case PdSource.MARROW:
            return Response.PD, "PD by marrow counts at once.", ""
    if second is None:
        return Response.PD, "The first PD counts.", ""
    what = f"the death from myeloma on {second.date}" if taken.by_death else f"PD on {second.date}"
    return Response.PD, f"PD by laboratory values is confirmed by {what}.", _distant(step, second)


def _within(settings: ResponseSettings) -> str:
    allowed = settings.max_confirmation_days
    return "" if allowed is None else f" within {allowed} days"


def _distant(step: Step, other: Step) -> str:
    apart = (other.date - step.date).days
    return f"{step.date} and {other.date} are {apart} days apart." if apart > LONG_PAIR_DAYS else ""

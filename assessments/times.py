"""Times to an event: TTP, PFS, time to first response, DOR, OS (docs/domain.md, section 8).

Every rule is a setting (section 2). Days = date - date. As a filter: `python -m assessments.times`
(docs/validation-response.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from .imwg.confirm import Confirmed, Step, confirm
from .imwg.reading import assessments_of, best_json, choice, day, known, settings_from
from .imwg.terms import BENEFIT, Assessment, Best, Response, ResponseSettings, Visit

VERSION = "3"  # of the rules of times, stored with each endpoint run; raise it whenever an answer can change
CAUSES = ("progression", "other")
# What a line may carry beside what is read: the words and answers of the reference timelines.
ANNOTATIONS = ("title", "note", "expected", "expected_bor", "alternatives")


class StandsOn(StrEnum):
    """The record that a time ends with."""

    ASSESSMENT = "assessment"
    DEATH = "death"
    CONTACT = "contact"
    RECORD = "record"  # another record of a day on which the patient was alive
    THERAPY = "therapy"  # the first day of another anti-myeloma therapy
    CUT_OFF = "cut_off"
    START = "start"  # nothing adequate after it: day 0


@dataclass(frozen=True, slots=True)
class Alive:
    """A day on which the patient is known to have been alive, and by what: "onset of AE 3"."""

    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What happened to one patient. Raises ValueError, which names the field and the rule.

    assessments: with a response each, in any order; `given` makes them from derived visits.
    data_cutoff: what lies after it is not known, but that who is alive later was alive then.
    alive: what else shows that he was alive on a day, for OS alone.
    """

    start_of_therapy: date
    assessments: tuple[Assessment, ...] = ()
    new_therapy_date: date | None = None
    death_date: date | None = None
    death_cause: str | None = None  # "progression" (myeloma) or "other"
    last_contact_date: date | None = None
    data_cutoff: date | None = None
    alive: tuple[Alive, ...] = ()

    def __post_init__(self) -> None:
        if self.death_cause not in (None, *CAUSES):
            raise ValueError(f"death_cause: must be one of {', '.join(CAUSES)} or null, got {self.death_cause!r}")
        if self.data_cutoff and self.data_cutoff < self.start_of_therapy:
            raise ValueError(f"data_cutoff: {self.data_cutoff} is before start_of_therapy {self.start_of_therapy}")
        for one in self.assessments:
            if one.response is None:
                raise ValueError(f"assessments: {one.date} needs a response")
        if self.death_date is None:
            return
        if self.death_date < self.start_of_therapy:
            raise ValueError(f"death_date: {self.death_date} is before start_of_therapy {self.start_of_therapy}")
        last = max((one.date for one in self.assessments), default=self.death_date)
        if last > self.death_date:
            raise ValueError(f"assessments: {last} is after death_date {self.death_date}")


@dataclass(frozen=True, slots=True)
class Time:
    """One time: `days` from `since` to `on`, with an event there or censored."""

    event: bool
    since: date
    on: date
    stands_on: StandsOn
    because: str
    row: str | None = None  # of the assessment it stands on

    @property
    def days(self) -> int:
        return (self.on - self.since).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """A patient's times; dor is None without a confirmed response from the threshold on."""

    ttp: Time
    pfs: Time
    ttr: Time
    dor: Time | None
    os: Time
    best_confirmed: Best


def given(visits: Iterable[Visit]) -> tuple[Assessment, ...]:
    """Derived visits as the assessments of a timeline."""
    return tuple(
        Assessment(date=v.date, response=v.derived, pd_source=v.pd_source, row=v.row, no_pd=v.no_pd, missed=v.missed)
        for v in visits
    )


def times(timeline: Timeline, settings: ResponseSettings) -> Times:
    """Every time of one patient."""
    course = _Course(timeline, settings)
    responded = course.first_response()
    return Times(
        ttp=course.to_progression(),
        pfs=course.to_progression_or_death(),
        ttr=course.to_response(responded),
        dor=None if responded is None else course.of_response(responded),
        os=course.overall(),
        best_confirmed=course.confirmed.best_confirmed,
    )


class _Course:
    """A timeline as known at the cut-off, with its confirmed categories."""

    def __init__(self, timeline: Timeline, settings: ResponseSettings) -> None:
        self.settings = settings
        self.start = timeline.start_of_therapy
        self.cut = timeline.data_cutoff
        self.timeline = timeline
        self.seen = [one for one in timeline.assessments if one.date > self.start and self._known(one.date)]
        self.death = timeline.death_date if self._known(timeline.death_date) else None
        therapy = timeline.new_therapy_date if self._known(timeline.new_therapy_date) else None
        self.limit = therapy if settings.new_therapy == "censor" else None
        steps = [Step(one.date, one.response, one.pd_source, one.no_pd) for one in self.seen if one.response]
        of_myeloma = self.death if timeline.death_cause == "progression" else None
        self.confirmed: Confirmed = confirm(steps, settings, self.limit, of_myeloma)
        found = self.confirmed.progression
        self.progression = found
        self.progressed = found.step.date if found else None
        self.adequate = [said.step.date for said in self.confirmed.said if said.adequate]
        # For TTP and PFS also what shows no progression where nothing was measurable.
        self.followed = [said.step.date for said in self.confirmed.said if said.adequate_for_progression]
        # A death after new therapy began is no event of this treatment; OS alone counts it.
        self.counted_death = None if self.death and self.limit and self.death > self.limit else self.death

    def _known(self, on: date | None) -> bool:
        return on is not None and (self.cut is None or on <= self.cut)

    # The times.

    def to_progression(self) -> Time:
        """TTP; a death without PD is an event only from myeloma and by the setting."""
        return self._to_progression(self.start, self.followed)

    def to_progression_or_death(self) -> Time:
        """PFS."""
        if self.progressed:
            return self._progression(self.start, self.progressed, self.followed)
        if self.counted_death:
            return self._died(self.start, self.counted_death, "death", self.followed)
        return self._censored(self.start, self.followed)

    def first_response(self) -> date | None:
        """The date of the first confirmed response from the threshold on."""
        threshold = Response(self.settings.response_threshold)
        said = self.confirmed.said
        return next((one.step.date for one in said if one.own in BENEFIT and one.own.at_least(threshold)), None)

    def to_response(self, responded: date | None) -> Time:
        """Time to first response; without one censored as TTP is, at a PD that came first."""
        if responded:
            because = f"event: first confirmed response on {responded}"
            return Time(True, self.start, responded, StandsOn.ASSESSMENT, because, self._row(responded))
        if not self.progressed:
            return self._censored(self.start, self.adequate)
        met = self._progression(self.start, self.progressed, self.adequate)
        if not met.event:
            return met
        because = f"censored: PD on {self.progressed} without a confirmed response"
        return Time(False, self.start, met.on, StandsOn.ASSESSMENT, because, met.row)

    def of_response(self, responded: date) -> Time:
        """DOR, from the first confirmed response."""
        if not self.progressed and self.counted_death and self.settings.dor_death == "event":
            return self._died(responded, self.counted_death, "death without PD", self.adequate)
        return self._to_progression(responded, self.adequate)

    def overall(self) -> Time:
        """OS: to death, else to the last day known alive, but not beyond the cut-off."""
        if self.death:
            return Time(True, self.start, self.death, StandsOn.DEATH, f"event: death on {self.death}")
        alive = self._alive()
        if self.cut and (self.timeline.death_date or any(one.on > self.cut for one in alive)):
            because = f"censored: alive at the data cut-off {self.cut}"
            return Time(False, self.start, self.cut, StandsOn.CUT_OFF, because)
        last = max(alive, key=lambda one: one.on, default=None)  # of several on one day the first
        if last is None:
            because = "censored: no contact after the first dose, day 0"
            return Time(False, self.start, self.start, StandsOn.START, because)
        return last

    # What they are made of.

    def _alive(self) -> list[Time]:
        """Each day after the first dose on which he is known to have been alive, as OS censored there."""
        known = self.timeline
        found = [
            (known.last_contact_date, StandsOn.CONTACT, "last contact", None),
            *(
                (one.date, StandsOn.ASSESSMENT, "last assessment", one.row)
                for one in known.assessments
                if not one.missed
            ),
            *((one.on, StandsOn.RECORD, f"last known alive, {one.by}", None) for one in known.alive),
            (known.new_therapy_date, StandsOn.THERAPY, "last known alive, new therapy began", None),
        ]
        return [
            Time(False, self.start, on, stands_on, f"censored: {what} {on}", row)
            for on, stands_on, what, row in found
            if on and on > self.start
        ]

    def _of_myeloma(self) -> bool:
        return self.timeline.death_cause == "progression" and self.settings.ttp_myeloma_death == "event"

    def _to_progression(self, since: date, adequate: Sequence[date]) -> Time:
        if self.progressed:
            return self._progression(since, self.progressed, adequate)
        if self.counted_death and self._of_myeloma():
            return self._died(since, self.counted_death, "death from myeloma without recorded PD", adequate)
        return self._censored(since, adequate)

    def _progression(self, since: date, on: date, adequate: Sequence[date]) -> Time:
        if missed := self._missed(since, on, "PD", adequate):
            return missed
        found, because = self.progression, f"event: PD on {on}"
        if found and found.by_death:
            because += f", confirmed by the death from myeloma on {self.death}"
        if found and found.warning:
            because += f" ({found.warning.rstrip('.')})"
        return Time(True, since, on, StandsOn.ASSESSMENT, because, self._row(on))

    def _died(self, since: date, on: date, what: str, adequate: Sequence[date]) -> Time:
        if missed := self._missed(since, on, "death", adequate):
            return missed
        return Time(True, since, on, StandsOn.DEATH, f"event: {what} on {on}")

    def _missed(self, since: date, on: date, what: str, adequate: Sequence[date]) -> Time | None:
        """Censored at the last adequate assessment before an event that follows too many missed ones.

        n are missed when the window of the n-th planned after the last has passed before the event.
        """
        allowed = self.settings.missed_assessments
        if allowed is None:
            return None
        before = [one for one in adequate if one < on]
        last = before[-1] if before else self.start
        if (on - last).days <= allowed * self.settings.assessment_interval_days + self.settings.assessment_window_days:
            return None
        return self._censored_at(since, before, f", {allowed} or more assessments missed before {what} on {on}")

    def _censored(self, since: date, adequate: Sequence[date]) -> Time:
        begun = f", new therapy began on {self.limit}" if self.limit else ""
        return self._censored_at(since, adequate, begun)

    def _censored_at(self, since: date, adequate: Sequence[date], why: str) -> Time:
        if not adequate:
            because = f"censored: no adequate assessment after the first dose, day 0{why}"
            return Time(False, since, self.start, StandsOn.START, because)
        last = adequate[-1]
        because = f"censored: last adequate assessment {last}{why}"
        return Time(False, since, last, StandsOn.ASSESSMENT, because, self._row(last))

    def _row(self, on: date) -> str | None:
        """The row of the assessment that gave its day the category."""
        step = next((one.step for one in self.confirmed.said if one.step.date == on), None)
        return next(
            (one.row for one in self.seen if one.date == on and step and one.response is step.response),
            None,
        )


def answer(line: dict[str, Any]) -> dict[str, Any]:
    """The validation filter (docs/validation-response.md)."""
    dates = ("new_therapy_date", "death_date", "last_contact_date", "data_cutoff")
    known(line, ("id", "start_of_therapy", "assessments", *dates, "death_cause", "settings", *ANNOTATIONS))
    start = day(line, "start_of_therapy")
    if start is None:
        raise ValueError("start_of_therapy: is needed")
    timeline = Timeline(
        start_of_therapy=start,
        assessments=tuple(assessments_of(line, measured=False)),
        death_cause=choice(line, "death_cause", CAUSES),
        new_therapy_date=day(line, "new_therapy_date"),
        death_date=day(line, "death_date"),
        last_contact_date=day(line, "last_contact_date"),
        data_cutoff=day(line, "data_cutoff"),
    )
    found = times(timeline, settings_from(line.get("settings")))
    return {
        "TTP": _json(found.ttp),
        "PFS": _json(found.pfs),
        "TTR": _json(found.ttr),
        "DOR": found.dor and _json(found.dor),
        "OS": _json(found.os),
        "best_confirmed": best_json(found.best_confirmed),
    }


def _json(time: Time) -> dict[str, Any]:
    return {"event": int(time.event), "days": time.days, "because": time.because}


if __name__ == "__main__":
    from trial.jsonl import serve

    serve(answer)

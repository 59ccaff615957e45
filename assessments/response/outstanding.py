"""What is still to be entered, judged or explained about the response of a trial's patients, derived on each read.

An assessment is planned the protocol's interval after the last one (after the first dose for the first), as the rule of
missed assessments counts (assessments/times.py); it is missed when its window has passed. The baseline is planned for
the day of the first dose at the latest, and missed after it while no visit until then is entered. None is asked for any
more after the first progression that counts, the start of new therapy, death, the withdrawal of the consent, or the end
of the study; the end of treatment alone ends nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from patients.consent import withdrawn
from patients.consent.models import Covers
from patients.consent.withdrawn import Withdrawn
from trial import clock
from trial.clock import Today
from trial.dates import later
from trial.models import Site
from trial.record import ledger
from trial.record.kept import Kept

from ..imwg.terms import ResponseSettings, settings_of
from . import queries
from .models import DiseaseAssessment
from .queries import Course


class Kind(StrEnum):
    ASSESSMENT = "assessment"  # to be entered by the site's coordinator
    CATEGORY = "category"  # to be given by the site's investigator
    DIFFERENCE = "difference"  # to be explained by the site's investigator
    QUESTION = "question"  # to be answered by the site's coordinator: what the values leave open


@dataclass(frozen=True, slots=True)
class Outstanding:
    """One thing to do for one patient. planned, last_day, baseline: an assessment's; row: of the others.

    missed: its last day is over at the site. question: the first that an assessment leaves open; its page asks all.
    """

    kind: Kind
    patient: UUID
    planned: date | None = None
    last_day: date | None = None
    row: DiseaseAssessment | None = None
    baseline: bool = False
    missed: bool = False
    question: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read, for the days that it was read for."""

    today: date
    sites: Mapping[str, date]  # today by time zone
    found: list[Outstanding]

    def holds(self, today: Today) -> bool:
        return self.today == today.on and all(today.at(zone) == on for zone, on in self.sites.items())


_kept: Kept[_Found] = Kept(most=64)


def outstanding(trial: UUID, on: date | Today) -> list[Outstanding]:
    """Of every treated patient by number, by today at his site; kept until the record or one of those days moves."""
    today = clock.day(on)
    if ledger.in_the_past():
        return _read(trial, today).found
    number, head = ledger.head_of(trial)
    known = _kept.get(trial, head)
    if known and known.holds(today):
        return known.found
    read = _read(trial, today)
    if ledger.head_of(trial) == (number, head):  # nothing was written while it was read
        _kept.put(trial, head, read)
    return read.found


def _read(trial: UUID, today: Today) -> _Found:
    sites: dict[str, date] = {zone: today.at(zone) for zone in _zones(trial)}
    found: list[Outstanding] = []
    protocol = queries.in_force(trial)
    if protocol.response_rules == "none":
        return _Found(today.on, sites, found)
    settings = settings_of(protocol)
    courses = sorted(queries.timelines(trial, today, settings), key=lambda one: one.patient.number)
    left = withdrawn.of_trial(trial)
    for course in courses:
        on = sites[course.patient.site.time_zone]
        consented = not left.get(course.patient.slot_id, Withdrawn()).over(Covers.VISITS, on)
        found += of_course(course, on, settings, consented)
    return _Found(today.on, sites, found)


def _zones(trial: UUID) -> set[str]:
    """Of all sites: on each of their midnights something may begin to be due."""
    return set(Site.objects.filter(trial=trial).values_list("time_zone", flat=True))


def of_course(course: Course, on: date, settings: ResponseSettings, consented: bool) -> Iterable[Outstanding]:
    """What one treated patient's course waits for on the day `on` of his site."""
    patient = course.patient.pk
    if consented and asked(course):
        first = course.first_dose
        if first and not any(seen.of_baseline(first) for seen in course.assessments):
            yield Outstanding(Kind.ASSESSMENT, patient, planned=first, last_day=first, baseline=True, missed=on > first)
        planned, window = next_planned(course, settings), settings.assessment_window_days
        if on >= later(planned, -window):
            last = later(planned, window)
            yield Outstanding(Kind.ASSESSMENT, patient, planned=planned, last_day=last, missed=on > last)
    for seen in course.unjudged:
        yield Outstanding(Kind.CATEGORY, patient, row=seen.row)
    for seen in course.differences:
        yield Outstanding(Kind.DIFFERENCE, patient, row=seen.row)
    for seen in course.visits:
        if seen.questions:
            yield Outstanding(Kind.QUESTION, patient, row=seen.row, question=seen.questions[0])


def asked(course: Course) -> bool:
    """Whether assessments of a treated patient are still asked for."""
    assert course.evaluation, "only a treated patient has planned assessments"
    followed = course.follow_up
    ended = course.evaluation.progression or (followed and (followed.died_on or followed.new_therapy_on))
    return not ended and course.patient.treatment.left_study_on is None


def next_planned(course: Course, settings: ResponseSettings) -> date:
    """The day on which the next assessment after the first dose is planned."""
    assert course.first_dose, "only a treated patient has planned assessments"
    visits = [seen.row.visit_on for seen in course.assessments if seen.row.visit_on > course.first_dose]
    return later(max(visits, default=course.first_dose), settings.assessment_interval_days)

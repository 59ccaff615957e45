"""From what is known of a treated patient to his response and times: assembled, judged, concluded.

Judged once for all settings that give an assessment the same category; concluded for each of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assessments import times
from assessments.times import Timeline, Times
from patients.follow_up.models import FollowUp
from patients.models import Patient

from ..imwg import rule as imwg
from ..imwg.derive import Derived, derive
from ..imwg.measure import Start
from ..imwg.terms import CategorySettings, Evaluation, ResponseSettings
from .assembly import Assembled, Taken, assemble


@dataclass(frozen=True, slots=True)
class Known:
    """What a treated patient's course follows from, as known on a clinical date. visits: those until then."""

    patient: Patient
    first_dose: date
    follow_up: FollowUp | None
    visits: Sequence[Taken]


@dataclass(frozen=True, slots=True)
class Judged:
    """With the category of each assessment, before confirmation."""

    known: Known
    assembled: Assembled
    start: Start
    categories: Sequence[Derived]


@dataclass(frozen=True, slots=True)
class Concluded:
    """With what the categories come to under one set of settings."""

    judged: Judged
    evaluation: Evaluation
    times: Times


def judged(known: Known, settings: CategorySettings) -> Judged:
    """All settings that are alike in `of_categories` share it."""
    assembled = assemble(known.visits, known.first_dose, settings)
    start, categories = derive(assembled.baseline, assembled.assessments, settings)
    return Judged(known, assembled, start, categories)


def concluded(judged: Judged, on: date, settings: ResponseSettings) -> Concluded:
    """The response and the times as known on the clinical date `on`."""
    first_dose, follow_up = judged.known.first_dose, judged.known.follow_up
    therapy = follow_up.new_therapy_on if follow_up else None
    evaluation = imwg.conclude(
        judged.start, judged.categories, settings, therapy if therapy and therapy <= on else None
    )
    return Concluded(judged, evaluation, times.times(_timeline(first_dose, evaluation, follow_up, on), settings))


def _timeline(first_dose: date, evaluation: Evaluation, follow_up: FollowUp | None, on: date) -> Timeline:
    assessments = times.given(evaluation.visits)
    if follow_up is None:
        return Timeline(start_of_therapy=first_dose, assessments=assessments, data_cutoff=on)
    unknown = FollowUp.Cause.UNKNOWN
    return Timeline(
        start_of_therapy=first_dose,
        assessments=assessments,
        new_therapy_date=follow_up.new_therapy_on,
        death_date=follow_up.died_on,
        death_cause=follow_up.death_cause if follow_up.death_cause not in ("", unknown) else None,
        last_contact_date=follow_up.last_contact_on,
        data_cutoff=on,
    )

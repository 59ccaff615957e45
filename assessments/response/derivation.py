"""From what is known of a treated patient to his response and times: assembled, judged, concluded.

Judged once for all settings that give an assessment the same category; concluded for each of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from assessments import times
from assessments.times import Alive, Timeline, Times
from patients.follow_up.models import FollowUp
from patients.models import Patient

from ..imwg import rule as imwg
from ..imwg.derive import Derived, derive
from ..imwg.measure import Start
from ..imwg.terms import CategorySettings, Evaluation, ResponseSettings
from . import alive
from .assembly import Assembled, Taken, assemble


@dataclass(frozen=True, slots=True)
class Known:
    """What a treated patient's course follows from, as known on a clinical date. visits: those until then.

    alive: what shows him alive on a day beside visits, treatment and follow-up (`alive.of_patients`).
    """

    patient: Patient
    first_dose: date
    follow_up: FollowUp | None
    visits: Sequence[Taken]
    alive: Sequence[Alive] = ()


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
    timeline = _timeline(judged.known, on)
    evaluation = imwg.conclude(
        judged.start,
        judged.categories,
        settings,
        new_therapy=_known(timeline.new_therapy_date, on),
        death=_known(timeline.death_date, on) if timeline.death_cause == "progression" else None,
    )
    assessed = replace(timeline, assessments=times.given(evaluation.visits))
    return Concluded(judged, evaluation, times.times(assessed, settings))


def _known(day: date | None, on: date) -> date | None:
    return day if day and day <= on else None


def _timeline(known: Known, on: date) -> Timeline:
    """All but the assessments."""
    follow_up = known.follow_up
    lived = (*alive.of_treatment(known.patient.treatment), *alive.of_visits(known.visits), *known.alive)
    bare = Timeline(start_of_therapy=known.first_dose, data_cutoff=on, alive=lived)
    if follow_up is None:
        return bare
    unknown = FollowUp.Cause.UNKNOWN
    return replace(
        bare,
        new_therapy_date=follow_up.new_therapy_on,
        death_date=follow_up.died_on,
        death_cause=follow_up.death_cause if follow_up.death_cause not in ("", unknown) else None,
        last_contact_date=follow_up.last_contact_on,
    )

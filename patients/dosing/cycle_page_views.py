"""What the page of a patient's doses shows: each drug in all, each cycle by drug, and the doses over time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django.urls import reverse

from assessments.count.queries import PatientFacts
from assessments.events.facts import EventFacts
from assessments.exposure.owed import owed
from patients import queries
from patients.dosing import cycles, figure
from patients.dosing.course import Course, Cycle, Day, days, exposure
from patients.dosing.cycle_forms import AsPlannedForm
from patients.dosing.models import DoseDay
from patients.dosing.page import OfDrug, drugs
from patients.queries import plain
from trial.forms import shown
from trial.people.access import Scope
from trial.roles import May


def shown_page(scope: Scope, f: PatientFacts) -> dict[str, Any]:
    course, today = f.course, scope.today_at(f.patient.site)
    assert course is not None
    rows = cycles.of_patient(f.patient.pk)
    may, code = scope.may(May.RECORD_DOSING), f.patient.code
    events = {e.event.pk: e for e in f.events}
    first = owed(course, today)
    return {
        "f": f,
        "today": today,
        "patient": f.patient,
        "level": f.level,
        "doses": queries.dose_card(f.level.pk),
        "drugs": drugs(course, today),
        "words": [dose for dose in queries.doses(f.level.pk) if dose.drug.name not in course.plans],
        "cycles": [_cycle(scope, f, course, cycle, today, events, rows, may) for cycle in reversed(course.cycles)],
        "first_owed": first[0].number if first else None,
        "next": course.cycles[-1].number + 1,
        "start_url": _start_url(scope, f, course) if may else "",
        "may": may,
        "totals": f.doses and not course.recorded,
        "figure": figure.drawn(course, today, f"Doses of patient {code} over time", _lanes(scope, f.events, today)),
        "told": list(_table(scope, course, today, events)),
        "record": queries.history(scope.trial.pk, [*rows.starts, *rows.doses, *rows.days]).told(scope),
    }


def _cycle(
    scope: Scope, f: PatientFacts, course: Course, cycle: Cycle, today: date, events: Mapping[Any, EventFacts],
    rows: cycles.Rows, may: bool,
) -> dict[str, Any]:  # fmt: skip
    """One cycle; it may be recorded as planned while a planned day that has gone by is not recorded."""
    found = [_of_drug(course, cycle, drug, today, events) for drug in course.plans]
    args = [scope.trial.code, f.patient.code, cycle.number]
    open_days = not_recorded(course, cycle, today)
    last = course.last_on(cycle)
    day = cycle.day(min(today, last) if last else today)
    rev = max((row.rev for row in rows.of_cycle(cycle.number)), default=0)
    return {
        "number": cycle.number,
        "began_on": cycle.began_on,
        "day": day if 1 <= day <= course.cycle_days and last is None else None,
        "length": course.cycle_days,
        "drugs": found,
        "open_days": open_days,
        "form": AsPlannedForm(rev=rev) if may and open_days else None,
        "as_planned_url": reverse("patients:cycle_as_planned", args=args),
        "change_url": reverse("patients:cycle", args=args) if may else "",
        "correct_url": reverse("patients:correct_cycle", args=args) if may else "",
    }


def _start_url(scope: Scope, f: PatientFacts, course: Course) -> str:
    if course.ended_on:
        return ""
    name = "cycle2" if course.cycles[-1].number == 1 else "start_cycle"
    return reverse(f"patients:{name}", args=[scope.trial.code, f.patient.code])


def not_recorded(course: Course, cycle: Cycle, today: date) -> int:
    """Planned days of the cycle that have gone by and of which nothing is recorded, of the drug that has most."""
    return max((exposure(course, drug, today, cycle.number).open_days for drug in course.plans), default=0)


def _of_drug(course: Course, cycle: Cycle, drug: str, today: date, events: Mapping[Any, EventFacts]) -> OfDrug:
    every = list(days(course, drug, today, cycle.number))
    said = cycle.said.get(drug)
    unit = course.plans[drug].unit
    told = [_said(run, unit, events) for run in _runs(every) if run[0].change]
    return OfDrug(
        drug, unit, exposure(course, drug, today, cycle.number), told, f"to day {said.last_day}" if said else ""
    )


def _runs(every: Sequence[Day]) -> Iterator[list[Day]]:
    """Days in a row of which the same was said."""
    for _, run in groupby(every, key=_alike):
        yield list(run)


def _alike(day: Day) -> tuple[object, ...]:
    said = day.change
    return (day.cycle, day.state, day.taken, said and (said.because, said.event, said.note))


def _said(run: Sequence[Day], unit: str, events: Mapping[Any, EventFacts]) -> str:
    """ "held days 8–14: AE 3, Nausea" of days of one cycle."""
    first, last, said = run[0], run[-1], run[0].change
    assert said is not None
    span = f"day {first.day}" if first is last else f"days {first.day}–{last.day}"
    what = {"reduced": f"reduced to {plain(said.taken)} {unit}", "taken": f"{plain(said.taken)} {unit} taken"}
    words = what.get(said.state, said.state)
    if said.state == "missed" and said.taken:
        words = f"missed in part, {plain(said.taken)} {unit} taken"
    event = events.get(said.event)
    why = f"{event.event.code}, {event.event.title}" if event else DoseDay.Because(said.because).label
    return f"{words} {span}: {why}{f' ({said.note})' if said.note else ''}"


def _lanes(scope: Scope, events: Sequence[EventFacts], today: date) -> list[figure.Above]:
    """The events, which stand above the doses."""
    return [
        figure.Above(
            code=e.event.code,
            title=f"{e.event.code}: {e.event.title}, {e.event.graded}",
            words=f"{f'G{e.event.grade} ' if e.event.grade else ''}{e.event.title}",
            grade=e.event.grade or 0,
            start=e.event.onset_on,
            end=e.event.ended_on or max(today, e.event.onset_on),
            goes_on=e.event.ended_on is None,
            url=reverse("assessments:event", args=[scope.trial.code, e.event.number]),
        )
        for e in sorted(events, key=lambda e: (e.event.onset_on, e.event.number))
    ]


def _table(scope: Scope, course: Course, today: date, events: Mapping[Any, EventFacts]) -> Iterator[dict[str, Any]]:
    """The figure as rows: each run of days of a drug, with the event behind it."""
    for drug, plan in course.plans.items():
        for run in _runs(list(days(course, drug, today))):
            first, last = run[0], run[-1]
            event = events.get(first.change.event) if first.change else None
            yield {
                "drug": drug,
                "cycle": first.cycle,
                "span": shown(first.on) if first is last else f"{shown(first.on)} to {shown(last.on)}",
                "what": _said(run, plan.unit, events) if first.change else figure.words(first, plan.unit),
                "url": reverse("assessments:event", args=[scope.trial.code, event.event.number]) if event else "",
            }

"""Doses of one patient by cycle: recording a cycle as planned or with its changes, and when cycles began."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from assessments.count.queries import PatientFacts
from assessments.exposure import services
from assessments.exposure.services import DayChange
from patients.consent import withdrawn
from patients.consent.models import Covers
from patients.dosing import cycle_forms, cycle_starts, cycles, forms
from patients.dosing.course import Course, Cycle
from patients.dosing.models import CycleDoses, DoseDay
from patients.queries import plain
from trial import queries as ground
from trial.forms import VoidForm, shown
from trial.kept_page import kept_page
from trial.people.access import Scope
from trial.roles import May

from ..common import BOTH, act, beside, find, recorded
from .cycle_page_views import not_recorded, shown_page

OWN_PAGES = {1: "correct_first_dose", 2: "correct_cycle2"}


@require_GET
def doses(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, _, f = find(request, trial, number)
    _course(f)
    return kept_page(request, scope, "patients/dosing/cycles.html", lambda: shown_page(scope, f))


@BOTH
def as_planned(request: HttpRequest, trial: str, number: int, cycle: int) -> HttpResponse:
    """One step: all that is not recorded of the cycle yet went as planned."""
    scope, f, course, found = _cycle(request, trial, number, cycle)
    rows = _rows(f, cycle)
    form = cycle_forms.AsPlannedForm(request.POST or None, rev=_rev(rows))
    names = {drug.name: drug.pk for drug in ground.drugs(scope.trial.pk)}
    over = None
    if rows and not not_recorded(course, found, scope.today_at(f.patient.site)):
        last = max(rows, key=lambda row: row.rev)
        what = f"Every planned day of cycle {cycle} that has gone by is recorded."
        correct = reverse("patients:cycle", args=[scope.trial.code, f.patient.code, cycle])
        over = recorded(scope, last, what, correct=correct)

    def save(said: dict[str, Any]) -> None:
        services.record_cycle(
            trial=scope.trial.pk, patient=f.patient.pk, cycle=cycle,
            doses={names[drug]: _known(found, drug) for drug in course.plans}, rev=said["rev"], by=scope.user,
            key=said["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        done=f"Cycle {cycle} of patient {f.patient.code} is recorded as planned.",
        over=over,
        state=f"From {shown(found.began_on)}. Days that are recorded otherwise stay so; all others count as planned.",
        submit=f"Cycle {cycle} as planned",
        **_beside(scope, f, f"Cycle {cycle} as planned"),
    )  # fmt: skip


@BOTH
def change(request: HttpRequest, trial: str, number: int, cycle: int) -> HttpResponse:
    scope, f, course, found = _cycle(request, trial, number, cycle)
    drugs = {str(drug.pk): drug for drug in ground.drugs(scope.trial.pk) if drug.name in course.plans}
    last = course.last_on(found)
    today = scope.today_at(f.patient.site)
    reach = min(course.cycle_days, found.day(min(today, last) if last else today))
    form = cycle_forms.ChangeForm(
        request.POST or None,
        rev=_rev(_rows(f, cycle)),
        drugs=[(key, drug.name.capitalize()) for key, drug in drugs.items()],
        events=[(str(e.event.pk), f"{e.event.code}: {e.event.title}, from {e.event.onset.shown}") for e in f.events],
        steps=_steps(list(drugs.values()), course),
        first_day=f"Day 1 is {shown(found.began_on)}.",
        reach=max(reach, 1),
    )

    def save(said: dict[str, Any]) -> None:
        drug = drugs[said["drug"]]
        services.record_cycle(
            trial=scope.trial.pk, patient=f.patient.pk, cycle=cycle,
            doses={drug.pk: _with(found, drug.name, course, said)}, last_day=said["last_day"], rev=said["rev"],
            reason=said["reason"], by=scope.user, key=said["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        done=f"Doses of cycle {cycle} of patient {f.patient.code} are recorded.",
        state=f"From {shown(found.began_on)}, {course.cycle_days} days. What was planned stays planned: a hold or a "
        "reduction lowers what was taken.",
        submit="Record these days",
        take_back=(
            reverse("patients:void_cycle", args=[scope.trial.code, f.patient.code, cycle]),
            "Take the doses of this cycle back",
            "they were entered for the wrong patient.",
        ) if _rows(f, cycle) else (),
        **_beside(scope, f, f"Doses of cycle {cycle}"),
    )  # fmt: skip


@BOTH
def void(request: HttpRequest, trial: str, number: int, cycle: int) -> HttpResponse:
    scope, f, _, found = _cycle(request, trial, number, cycle)
    rows = _rows(f, cycle)
    if not rows and request.method == "GET":
        raise Http404("No doses of this cycle are recorded.")
    form = VoidForm(request.POST or None, row=max(rows, key=lambda row: row.rev, default=f.patient))

    def save(said: dict[str, Any]) -> None:
        services.take_cycle_back(
            trial=scope.trial.pk, patient=f.patient.pk, cycle=cycle, rev=said["rev"], reason=said["reason"],
            by=scope.user, key=said["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        done=f"The doses of cycle {cycle} of patient {f.patient.code} are taken back.",
        state=f"Cycle {cycle}, from {shown(found.began_on)}.",
        because="For doses entered for the wrong patient; others are corrected. They stay in the audit trail.",
        submit="Take the doses back",
        danger=True,
        **_beside(scope, f, f"Take the doses of cycle {cycle} back"),
    )  # fmt: skip


@BOTH
def start(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, _, f = find(request, trial, number, May.RECORD_DOSING)
    course = _course(f)
    cycle = course.cycles[-1].number + 1
    today = scope.today_at(f.patient.site)
    despite = withdrawn.of(f.patient.slot_id).over(Covers.TREATMENT, today) is not None
    form = cycle_forms.StartForm(request.POST or None, cycle=cycle, despite=despite)

    def save(said: dict[str, Any]) -> None:
        cycle_starts.start_cycle(
            trial=scope.trial.pk, patient=f.patient.pk, number=cycle, on=said["on"], reason=said.get("reason", ""),
            by=scope.user, key=said["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        done=f"Cycle {cycle} of patient {f.patient.code} is recorded.",
        state=f"Cycle {cycle - 1} began on {shown(course.cycles[-1].began_on)}; a cycle has {course.cycle_days} days.",
        submit=f"Record cycle {cycle}",
        **_beside(scope, f, f"Start cycle {cycle}"),
    )  # fmt: skip


@BOTH
def correct_start(request: HttpRequest, trial: str, number: int, cycle: int) -> HttpResponse:
    """Those of the first two cycles stand in the treatment, each with a page of its own."""
    scope, _, f = find(request, trial, number, May.RECORD_DOSING)
    if name := OWN_PAGES.get(cycle):
        return redirect(f"patients:{name}", trial, f.patient.code)
    row = next((one for one in cycles.of_patient(f.patient.pk).starts if one.number == cycle), None)
    if row is None:
        raise Http404("No such cycle from the third on.")
    form = forms.CorrectDayForm(
        request.POST or None,
        label=f"First day of cycle {cycle}",
        now=row.began_on,
        rev=row.rev,
        may_be_empty=f"Empty it when cycle {cycle} has not begun.",
    )

    def save(said: dict[str, Any]) -> None:
        cycle_starts.correct_cycle(
            trial=scope.trial.pk, patient=f.patient.pk, number=cycle, on=said["on"], rev=said["rev"],
            reason=said["reason"], by=scope.user, key=said["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        done=f"The start of cycle {cycle} of patient {f.patient.code} is corrected.",
        state=f"Recorded: {shown(row.began_on)}.",
        because="Days of the cycle are counted from it: check its doses.",
        submit=f"Correct cycle {cycle}",
        **_beside(scope, f, f"Correct cycle {cycle}"),
    )  # fmt: skip


def _course(f: PatientFacts) -> Course:
    if f.course is None:
        raise Http404("This patient has had no dose.")
    return f.course


def _cycle(request: HttpRequest, trial: str, number: int, cycle: int) -> tuple[Scope, PatientFacts, Course, Cycle]:
    scope, _, f = find(request, trial, number, May.RECORD_DOSING)
    course = _course(f)
    found = course.cycle(cycle)
    if found is None:
        raise Http404("This cycle has not begun.")
    return scope, f, course, found


def _beside(scope: Scope, f: PatientFacts, title: str) -> dict[str, Any]:
    return beside(scope, f, title) | {"then": reverse("patients:cycles", args=[scope.trial.code, f.patient.code])}


def _rows(f: PatientFacts, cycle: int) -> list[CycleDoses | DoseDay]:
    """What is recorded of a cycle, that was not taken back."""
    return cycles.of_patient(f.patient.pk).of_cycle(cycle)


def _rev(rows: Sequence[Any]) -> int:
    return max((row.rev for row in rows), default=0)


def _steps(drugs: Sequence[Any], course: Course) -> str:
    """The daily amounts below the planned one to which each drug is reduced, one after the other, in words."""
    found = []
    for drug in drugs:
        plan = course.plans[drug.name]
        if lower := [plain(step) for step in cycles.steps(drug) if step < plan.daily]:
            found.append(f"{drug.name} {', then '.join(lower)} {plan.unit}")
    return f"Steps a day: {'; '.join(found)}." if found else ""


def _known(cycle: Cycle, drug: str) -> list[DayChange]:
    """What is recorded of the drug in the cycle already, as the service takes it."""
    said = cycle.said.get(drug)
    return [
        DayChange(one.day, one.state, one.taken, one.because, _event(one.event), one.note)
        for one in (said.changes.values() if said else ())
    ]


def _event(key: object) -> UUID | None:
    return key if isinstance(key, UUID) else None


def _with(cycle: Cycle, drug: str, course: Course, said: Mapping[str, Any]) -> list[DayChange]:
    """What is recorded, with the days of the form in its place."""
    first, last = said["day"], said["until"] or said["day"]
    planned = course.plans[drug].days
    span = range(first, min(last, first + course.cycle_days) + 1)
    days = [day for day in span if day in planned or said["state"] == DoseDay.State.TAKEN] or [first]
    kept = [one for one in _known(cycle, drug) if one.day not in span]
    if said["state"] == cycle_forms.AS_PLANNED:
        return kept
    event = UUID(said["event"]) if said["event"] else None
    taken = Decimal(0) if said["taken"] is None else said["taken"]
    return [*kept, *(DayChange(day, said["state"], taken, said["because"], event, said["note"]) for day in days)]

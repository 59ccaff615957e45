"""The list of patients: the filter that the tally links to, sorting, other sites' patients as far as one may see."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from assessments.count import queries as count_queries
from assessments.count.queries import PatientFacts
from assessments.events import sight
from escalation.situation.situation import Situation
from patients.consent import withdrawn
from patients.consent.models import Covers
from patients.consent.withdrawn import Withdrawn
from patients.patient import forms
from trial.forms import shown
from trial.people.access import Scope
from trial.roles import May
from trial.sheets.paging import page_of
from trial.sorting import sort

from ..common import enter

STATES = {  # outcome: (DLT column, tone)
    "not_dosed": ("–", ""),
    "pending": ("none so far", ""),
    "suspected": ("suspected", "amber"),
    "dlt": ("DLT", "red"),
    "no_dlt": ("no DLT", "green"),
    "not_evaluable": ("not evaluable", ""),
}


@require_GET
def patient_list(request: HttpRequest, trial: str) -> HttpResponse:
    scope, here = enter(request, trial)
    facts = here.facts if here else []
    filtered = forms.PatientFilter(
        request.GET if set(request.GET) & {"level", "count", "group"} else None,
        protocol=here.protocol if here else None,
    )
    found = list(facts)
    if filtered.is_bound:
        found = [f for f in facts if filtered.fits(f)] if filtered.is_valid() else []
    numbered = [f for f in found if sight.numbered(scope, f)]
    order = sort(request, ("number", "site", "level", "window"), "number")
    numbered.sort(key=_sort_key(order.name, here), reverse=order.down)
    page = page_of(request, numbered, 50)
    left = withdrawn.of_trial(scope.trial.pk)
    dosed = sum(f.dosed for f in facts)
    context = {
        "rows": [_row(scope, f, f.died_on is not None, left.get(f.patient.slot_id, Withdrawn())) for f in page],
        "page": page,
        "filter": filtered,
        "total": len(facts),
        "fits": len(found),
        "sorts": order.links,
        "elsewhere": [_unnumbered(f) for f in found if not sight.numbered(scope, f)],
        "state": f"{len(facts)} enrolled, {dosed} dosed, {sum(forms.COUNTED['pending'](f) for f in facts)} pending"
        if facts
        else "Nobody is enrolled yet",
        "request_url": reverse("patients:request_slot", args=[trial])
        if scope.may(May.REQUEST_SLOT) and here is not None and here.cohort is not None and not here.conclusion
        else "",
        "trial_url": reverse("escalation:trial", args=[trial]),
    }
    return render(request, "patients/patient/list.html", context, status=422 if filtered.errors else 200)


def _sort_key(name: str, here: Situation | None) -> Callable[[PatientFacts], Any]:
    keys: dict[str, Callable[[PatientFacts], Any]] = {
        "number": lambda f: f.patient.number,
        "site": lambda f: (f.patient.site.code, f.patient.number),
        "level": lambda f: (here.protocol.position(f.level.pk) or 0 if here else 0, f.patient.number),
        "window": lambda f: (f.window_day or 0, f.patient.number),
    }
    return keys[name]


def _row(scope: Scope, f: PatientFacts, died: bool, left: Withdrawn) -> dict[str, Any]:
    code, open_here = f.patient.code, scope.sees(f.patient.site_id)
    words, tone = STATES[f.outcome]
    due, due_on = next_step(scope, f, left) if open_here else ("", None)
    doing, doing_tone = status(f, died, left.over(Covers.TREATMENT, scope.today_at(f.patient.site)))
    return {
        "number": code,
        "url": reverse("patients:patient", args=[scope.trial.code, code]) if open_here else "",
        "site": f.patient.site.code if open_here else "other",
        "level": f.level.label,
        "status": doing if open_here else "dosed" if f.dosed else "enrolled",
        "status_tone": doing_tone if open_here else "",
        "dlt": words,
        "dlt_tone": tone,
        "paper": open_here and f.patient.from_paper,
        "due": due,
        "due_on": due_on,
        "overdue": due_on is not None and due_on <= scope.today_at(f.patient.site) and due.startswith("Co"),
        **window(f),
    }


def window(f: PatientFacts) -> dict[str, Any]:
    """The window bar. A window that is over says so: its day goes on counting, the bar does not."""
    if f.window_day is None or f.window_days is None:
        return {"window_note": "not started"}
    tone = {"dlt": "red", "suspected": "amber", "no_dlt": "green"}.get(f.outcome, "")
    if f.window_day > f.window_days:
        return {"window_note": f"ended {shown(f.window_ends_on)}" if f.window_ends_on else "over"}
    return {"day": f.window_day, "days": f.window_days, "window_tone": tone}


def next_step(scope: Scope, f: PatientFacts, left: Withdrawn) -> tuple[str, date | None]:
    """What the record asks for next; no first dose of who has withdrawn from treatment."""
    if not f.dosed and left.over(Covers.TREATMENT, scope.today_at(f.patient.site)):
        return "", None
    return count_queries.next_due(f)


def status(f: PatientFacts, died: bool, left: date | None = None) -> tuple[str, str]:
    """Where the patient stands in the study, in words and tone. A death outdoes what else was recorded or not.

    left: the day on which he withdrew from treatment.
    """
    if died:
        return "died", ""
    treatment = getattr(f.patient, "treatment", None)
    if treatment is None:
        return ("withdrawn before the first dose", "") if left else ("enrolled", "accent")
    if treatment.left_study_on:
        return "left the study", ""
    return ("stopped", "") if treatment.stopped_on else ("on treatment", "accent")


def _unnumbered(f: PatientFacts) -> str:
    """A patient of another site, as a coordinator may know him."""
    if f.window_day is None or f.window_days is None:
        return f"Level {f.level.label}: a patient is enrolled and not dosed yet"
    if f.window_day > f.window_days:
        return f"Level {f.level.label}: a patient is past the window"
    return f"Level {f.level.label}: a patient is on {f.window_said}"

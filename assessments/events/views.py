"""Adverse events: the list, one event with its history, voiding."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from assessments.count.queries import PatientFacts
from assessments.event_words import Criterion
from assessments.events import expected, judging, liver, queries, services, sight
from assessments.events.changes import changes, difference
from assessments.events.facts import EventFacts, waits_for_the_investigator
from assessments.events.sponsor import differing
from assessments.models import AdverseEvent, Relation
from patients import queries as patients
from patients.common import BOTH, act, standing
from patients.queries import plain
from trial import instants
from trial.dates import shown, study_day
from trial.forms import VoidForm
from trial.people.access import Scope
from trial.roles import May
from trial.sheets.paging import page_of
from trial.sorting import sort

from ..review.common import criteria, questions, verdict_rows, why_not
from ..review.common import shown as shown_event
from .common import all_events, enter, event_of, position
from .list_forms import EventFilter

TONES = {
    "none": ("", ""),
    "open": ("still open", "amber"),
    "suspected": ("suspected", "amber"),
    "dlt": ("DLT", "red"),
    "not_dlt": ("not a DLT", ""),
}
ORDERS: dict[str, Callable[[PatientFacts, EventFacts], Any]] = {
    "number": lambda f, e: e.event.number,
    "patient": lambda f, e: (f.patient.number, e.event.number),
    "grade": lambda f, e: (e.event.grade or 0, e.event.number),
    "onset": lambda f, e: (e.event.onset_on, e.event.number),
}


@require_GET
def event_list(request: HttpRequest, trial: str) -> HttpResponse:
    scope, here = enter(request, trial)
    mine = [(f, e) for f, e in all_events(here) if scope.sees(f.patient.site_id)]
    people = sorted({f.patient.code for f in (here.facts if here else ()) if scope.sees(f.patient.site_id)})
    asked = set(request.GET) & set(EventFilter.base_fields)
    filtered = EventFilter(
        request.GET if asked else None,
        patients=people,
        levels=[lv.label for lv in here.protocol.levels] if here else [],
    )
    found = mine
    if filtered.is_bound:
        shows = filtered.fits if filtered.is_valid() else lambda *_: False
        found = [(f, e) for f, e in mine if shows(f, e, position(here, f))]
    order = sort(request, ORDERS, "-number")
    found.sort(key=lambda pair: ORDERS[order.name](*pair), reverse=order.down)
    page = page_of(request, found, 50)
    waiting = sum(e.in_review for _, e in mine)
    context = {
        "rows": [_row(scope, f, e) for f, e in page],
        "page": page,
        "filter": filtered,
        "total": len(mine),
        "fits": len(found),
        "sorts": order.links,
        "waiting": waiting,
        "may_report": scope.may(May.REPORT_EVENT) and bool(people),
        "people": people,
    }
    return render(request, "assessments/events/events.html", context, status=422 if filtered.errors else 200)


def _row(scope: Scope, f: PatientFacts, e: EventFacts) -> dict[str, Any]:
    words, tone = TONES[e.state]
    return {
        "event": e.event,
        "url": reverse("assessments:event", args=[scope.trial.code, e.event.number]),
        "patient": f.patient.code,
        "patient_url": reverse("patients:patient", args=[scope.trial.code, f.patient.code]),
        "level": f.level.label,
        "day": e.day_words if f.dosed and not e.event.onset_known else "",
        "related": judging.related(e.relations),
        "words": words,
        "tone": tone,
    }


@require_GET
def event_page(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here = enter(request, trial)
    event, f = event_of(scope, here, number)
    e = next((e for e in f.events if e.event.pk == event.pk), None)
    words, tone = TONES[e.state] if e else ("", "")
    treatment = getattr(f.patient, "treatment", None)
    queries.with_details([event])
    sponsor = getattr(event, "sponsor", None)
    lines = _drugs(scope, event)
    context = {
        "row": event,
        "drugs": lines,
        "dose_changes": queries.dose_changes(event),
        "differing": any(line["differs"] for line in lines),
        "sponsor": sponsor,
        "may_assess": scope.may(May.ASSESS_EVENT) and not event.voided,
        "waits": _waits(scope, event),
        "serious": [Criterion(said).label for said in event.serious_criteria or ()],
        "expected": expected.expectedness(event, expected.lists(scope.trial.pk)),
        "peak": _peak(event),
        "aware": instants.shown(event.aware_at, f.patient.site.time_zone)
        if event.aware_at
        else shown(event.aware_on)
        if event.aware_on
        else "",
        "event": shown_event(scope, f, e) if e else None,
        "f": f,
        "day": study_day(event.onset_on, treatment.first_dose_on) if treatment and not event.onset_known else None,
        "words": words,
        "tone": tone,
        "because": e.suggestion.because if e else "",
        "criteria": criteria(f, e) if e else [],
        "verdicts": verdict_rows(scope, e) if e else [],
        "turn": e is not None and sight.turn(scope, f, e),
        "why_not": why_not(scope, f, e) if e and e.state != "none" else "",
        "questions": questions(event),
        "history": changes(scope.trial.pk, event),
        "may_write": scope.may(May.REPORT_EVENT) and not event.voided,
        "level": f.level,
        "doses": patients.dose_card(f.level.pk),
        "treatment": treatment,
    }
    return render(request, "assessments/events/event.html", context)


def _waits(scope: Scope, event: AdverseEvent) -> str:
    """What the investigator is asked for; "" for nothing, or for somebody else."""
    if event.voided or not scope.may(May.GRADE_EVENT):
        return ""
    return "Grade and relate" if waits_for_the_investigator(event) else ""


def _peak(event: AdverseEvent) -> str:
    """ "160 U/L, 4 × ULN (40)"; "" where none is recorded."""
    if event.peak_times is None or event.peak_value is None or event.peak_uln is None:
        return ""
    said = f"{plain(event.peak_value)} {event.peak_unit}, {liver.said_times(event.peak_times)}"
    return f"{said} ({plain(event.peak_uln)})"


def _drugs(scope: Scope, event: AdverseEvent) -> list[dict[str, Any]]:
    """Of each drug what investigator and sponsor say of it, and what was done."""
    degrees = dict(Relation.Degree.choices)
    investigator = {row.drug.name: row.degree for row in event.relations.all() if not row.voided}
    sponsor = {row.drug.name: row.degree for row in event.sponsor_relations.all()}
    actions = {row.drug.name: row.get_action_display() for row in event.actions.all()}
    apart = differing(investigator, sponsor)
    return [
        {
            "drug": drug,
            "investigator": degrees.get(investigator.get(drug, ""), "not answered yet"),
            "sponsor": degrees.get(sponsor.get(drug, ""), "–"),
            "action": actions.get(drug, "–"),
            "differs": drug in apart,
        }
        for drug in queries.drug_names(scope.trial.pk)
    ]


@BOTH
def void(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here = enter(request, trial, May.REPORT_EVENT)
    event, f = event_of(scope, here, number)
    standing(request, event, reverse("assessments:event", args=[trial, number]))
    form = VoidForm(request.POST or None, row=event)
    return act(
        request, scope, form,
        lambda said: services.void_event(trial=scope.trial.pk, event=event.pk, by=scope.user, **said),
        done=f"{event.code} is voided; it stays in the record.",
        changed=lambda: difference(scope.trial.pk, event, form.cleaned_data["rev"]),
        row=event,
        f=f,
        back=reverse("assessments:event", args=[trial, number]),
        template="assessments/events/void.html",
    )  # fmt: skip

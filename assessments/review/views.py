"""DLT reading: the queue, and one event beside the criteria with the verdict of the person who reads."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessments.count.queries import PatientFacts
from assessments.events import forms, judging, sight
from assessments.events.facts import EventFacts
from assessments.models import DltVerdict, Relation
from assessments.review import forms as review
from assessments.review import services
from trial import protocol_settings
from trial.people.access import Scope
from trial.refusals import Refused

from ..events.common import all_events, enter


@require_GET
def queue(request: HttpRequest, trial: str) -> HttpResponse:
    scope, here = enter(request, trial)
    waiting = [(f, e) for f, e in all_events(here) if e.in_review and sight.reads(scope, f)]
    rows = [_waiting(scope, f, e) for f, e in waiting]
    rows.sort(key=lambda row: (not row["current"], row["since"]))
    return render(request, "assessments/review.html", {"queue": rows})


def _waiting(scope: Scope, f: PatientFacts, e: EventFacts) -> dict[str, Any]:
    return {
        "code": e.event.code,
        "url": reverse("assessments:verdict", args=[scope.trial.code, e.event.number]),
        "patient": f.patient.code,
        "term": e.event.title,
        "grade": e.event.grade,
        "day": f"day {e.onset_day}",
        "waits_for": sight.waits_for(scope, f, e),
        "current": sight.turn(scope, f, e),
        "since": e.event.reported_at,
    }


@require_http_methods(["GET", "POST"])
def verdict(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here = enter(request, trial)
    found = next(((f, e) for f, e in all_events(here) if e.event.number == number and sight.reads(scope, f)), None)
    if found is None:
        raise Http404("No such event.")
    f, e = found
    treatment = getattr(f.patient, "treatment", None)
    settings = protocol_settings.from_json(treatment.protocol.settings) if treatment else None
    turn = sight.turn(scope, f, e)
    form = review.VerdictForm(request.POST or None, criteria=settings.criteria if settings else {})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                services.give_verdict(
                    trial=scope.trial.pk, event=e.event.pk, is_dlt=said["is_dlt"] == "yes", criterion=said["criterion"],
                    reason=said["reason"], by=scope.user, key=said["key"],
                )  # fmt: skip
            except Refused as refusal:
                form.refused(refusal)
                status = 409
            else:
                messages.success(request, f"Your verdict on {e.event.code} is recorded.")
                return redirect("assessments:verdict", trial, number)
    context = {
        "queue_url": reverse("assessments:review", args=[trial]),
        "event": shown(scope, f, e),
        "criteria": criteria(f, e),
        "verdicts": verdict_rows(scope, e),
        "reading_as": dict(DltVerdict.Reader.choices).get(sight.reader(scope, f, e), ""),
        "form": form if turn or form.errors else None,
        "why_not": why_not(scope, f, e),
    }
    return render(request, "assessments/review.html", context, status=status)


def criteria(f: PatientFacts, e: EventFacts) -> list[judging.Criterion]:
    """Met and not met by the record as it is today, under the protocol version of the first dose."""
    treatment = getattr(f.patient, "treatment", None)
    if treatment is None or e.judged is None:
        return []
    return judging.criteria(e.judged, protocol_settings.from_json(treatment.protocol.settings))


def shown(scope: Scope, f: PatientFacts, e: EventFacts) -> dict[str, Any]:
    event = e.event
    code, sees = f.patient.code, scope.sees(f.patient.site_id)
    degrees = dict(Relation.Degree.choices)
    return {
        "code": event.code,
        "url": reverse("assessments:event", args=[scope.trial.code, event.number]) if sees else "",
        "term": event.title,
        "soc": event.soc,
        "grade": event.grade,
        "onset": f"{event.onset_on:%-d %b %Y}, day {e.onset_day}",
        "end": f"{event.ended_on:%-d %b %Y}" if event.ended_on else "",
        "window": f"{event.code} · day {e.onset_day} of the {f.window_days}-day window · level {f.level.label}",
        "level": f"level {f.level.label}",
        "patient": code,
        "patient_url": reverse("patients:patient", args=[scope.trial.code, code]) if sees else "",
        "relations": [
            {"drug": drug[0].upper() + drug[1:], "words": degrees[said] if said else "not answered yet"}
            for drug, said in e.relations.items()
        ],
        "questions": questions(event.qualifiers),
    }


def questions(given: dict[str, Any]) -> list[tuple[str, str]]:
    words = {True: "yes", False: "no", None: "not known yet"}
    return [(text, words[given[name]]) for name, text in forms.QUESTIONS.items() if name in given]


def verdict_rows(scope: Scope, e: EventFacts) -> list[dict[str, Any]]:
    return [
        {
            "reader": v.get_reader_display(),
            "by": v.by.name,
            "at": v.given_at,
            "is_dlt": v.is_dlt,
            "criterion": v.criterion,
            "reason": v.reason,
        }
        for v in sight.verdicts(scope, e)
    ]


def why_not(scope: Scope, f: PatientFacts, e: EventFacts) -> str:
    """Why this person gives no verdict now, in words that give no other reader away."""
    if e.state in ("dlt", "not_dlt"):
        return f"{e.event.code} is adjudicated: {'a DLT' if e.state == 'dlt' else 'not a DLT'}."
    if not e.in_review:
        return f"{e.event.code} is not in DLT review."
    mine = sight.reader(scope, f, e)
    if any(v.by_id == scope.user.pk for v in e.verdicts):
        if sight.opened(e):
            return "You have answered. The first two verdicts differ; the third reader decides."
        return "You have answered. The other reader's verdict is shown when both are given."
    if mine == DltVerdict.Reader.THIRD:
        return "The third reader answers when the first two differ; their verdicts are shown then."
    if mine == DltVerdict.Reader.FIRST:
        return "The investigator's verdict of your site is given already."
    if mine == DltVerdict.Reader.SECOND:
        return "The second verdict is given already."
    return "The event waits for its readers. Their verdicts are shown when both are given."

"""DLT reading: the queue, and one event beside the criteria with the verdict of the person who reads."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessments.count.queries import PatientFacts
from assessments.events import sight
from assessments.events.facts import EventFacts
from assessments.models import DltVerdict
from assessments.review import forms as review
from assessments.review import services
from trial import protocol_settings
from trial.people.access import Scope
from trial.refusals import Refused
from trial.roles import May

from ..events.common import all_events, enter
from .common import criteria, shown, verdict_rows, why_not

READERS = (May.READ_FIRST, May.READ_SECOND, May.READ_THIRD)


@require_GET
def queue(request: HttpRequest, trial: str) -> HttpResponse:
    scope, here = enter(request, trial)
    waiting = [(f, e) for f, e in all_events(here) if e.in_review and sight.reads(scope, f)]
    rows = [_waiting(scope, f, e) for f, e in waiting]
    rows.sort(key=lambda row: (not row["current"], row["since"]))
    return render(request, "assessments/review/review.html", {"queue": rows})


def _waiting(scope: Scope, f: PatientFacts, e: EventFacts) -> dict[str, Any]:
    return {
        "code": e.event.code,
        "url": reverse("assessments:verdict", args=[scope.trial.code, e.event.number]),
        "patient": f.patient.code,
        "term": e.event.title,
        "graded": e.event.graded,
        "day": e.day_words,
        "waits_for": sight.waits_for(scope, f, e),
        "current": sight.turn(scope, f, e),
        "since": e.event.reported_at,
    }


@require_http_methods(["GET", "POST"])
def verdict(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here = enter(request, trial)
    if request.method == "POST" and not any(scope.may(right) for right in READERS):
        raise PermissionDenied(f"As {scope.role_label} you may not give a DLT verdict.")
    found = next(((f, e) for f, e in all_events(here) if e.event.number == number and sight.reads(scope, f)), None)
    if found is None:
        raise Http404("No such event.")
    f, e = found
    treatment = getattr(f.patient, "treatment", None)
    settings = protocol_settings.from_json(treatment.protocol.settings) if treatment else None
    turn = sight.turn(scope, f, e)
    form = review.VerdictForm(
        request.POST or None,
        criteria=settings.criteria if settings else {},
        ctcae=settings.ctcae_version if settings else "5.0",
    )
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
    return render(request, "assessments/review/review.html", context, status=status)

"""The Efficacy page: the last run under a set of settings, how the wanted run stands, the patients behind a number."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from assessments.events.common import enter
from trial.people import access
from trial.polled import polled
from trial.roles import May

from . import present, queries, services, settings_sets
from .forms import RunPatients
from .models import Kind

KIND = Kind.EFFICACY
LEVEL = "level"


@require_GET
def efficacy(request: HttpRequest, trial: str) -> HttpResponse:
    """`?settings=s1` shows a sensitivity analysis whole; `?by=level` a curve for each dose level."""
    scope, _ = enter(request, trial, May.READ_EFFICACY)
    name = settings_sets.named(request.GET.get("settings", ""))
    by = request.GET.get("by", "")
    if by not in ("", LEVEL):
        raise Http404("Curves are of all, or by level.")
    seen = queries.token(scope, KIND)  # before the reads: what comes in between shows as a change
    run = queries.latest(scope.trial.pk, KIND, name)
    here = reverse("assessments:efficacy", args=[trial])
    patients = reverse("assessments:efficacy_patients", args=[trial])
    context: dict[str, Any] = {
        "page": present.page(run, patients, queries.of_same_cut(run), by_level=by == LEVEL) if run else None,
        "columns": present.COLUMNS.values(),
        "progress": queries.progress(scope.trial.pk, KIND),
        "changes": queries.changes_since(run) if run else 0,
        "may_run": scope.may(May.REQUEST_RUN),
        "name": name,
        "others": settings_sets.others(name),
        "url": here,
        "full_url": request.get_full_path(),
        "seen": seen,
        "pulse_url": reverse("assessments:efficacy_pulse", args=[trial]),
    }
    return render(request, "assessments/endpoints/efficacy.html", context)


@require_GET
def patients(request: HttpRequest, trial: str) -> HttpResponse:
    """The patients behind a number of the page, each with his derived times and their reasons."""
    scope, _ = enter(request, trial, May.READ_EFFICACY)
    name = settings_sets.chosen(request.GET.get("settings", ""))
    run = queries.latest(scope.trial.pk, KIND, name)
    levels = run.result["levels"] if run else []
    form = RunPatients(request.GET or {"settings": settings_sets.PRIMARY}, levels=levels)
    everybody = run.result["patients"] if run else []
    found = [patient for patient in everybody if form.fits(patient)] if form.is_valid() else []
    context = {
        "kind": KIND,
        "back": reverse("assessments:efficacy", args=[trial]),
        "filter": form,
        "run": run,
        "settings_name": settings_sets.called(name),
        "rows": [_row(trial, patient) for patient in found],
        "total": len(everybody),
        "endpoints": present.ENDPOINTS,
    }
    return render(request, "assessments/endpoints/efficacy_patients.html", context, status=422 if form.errors else 200)


@require_POST
def run_again(request: HttpRequest, trial: str, kind: str) -> HttpResponse:
    """Ask for a run of that kind now; pressed twice it is still one. Then the page, which has the kind's name."""
    scope = access.enter(request, trial, May.REQUEST_RUN)
    services.ask(trial=scope.trial.pk, kind=kind, by=scope.user)
    messages.success(request, "A run is requested. This page shows it by itself when it is done.")
    return redirect(f"assessments:{kind}", trial)


@polled
def pulse(request: HttpRequest, trial: str, kind: str) -> str:
    """Whether the kind's page still holds."""
    return queries.token(access.enter(request, trial, May.READ_EFFICACY), kind)


def _row(trial: str, patient: dict[str, Any]) -> dict[str, Any]:
    times = []
    for key in present.ENDPOINTS:
        time = patient["times"][key]
        words = "–" if time is None else f"{time['days']} days, {'event' if time['event'] else 'censored'}"
        times.append({"key": key, "words": words, "because": time["because"] if time else "Does not apply."})
    code = f"{patient['number']:03d}"
    return patient | {"code": code, "url": reverse("patients:patient", args=[trial, code]), "shown_times": times}

"""The results of the sub-study: what the biomarker page shows of the last run, and the patients behind a number."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from assessments.endpoints import queries as runs
from assessments.endpoints import settings_sets
from assessments.endpoints.models import EndpointRun, Kind
from assessments.events.common import enter
from trial.people.access import Scope
from trial.roles import May

from . import present
from .results_forms import ResultPatients, told

KIND = Kind.BIOMARKER


def context(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    """For the biomarker page, empty without the right to read results over all cohorts.

    `?settings=s1` shows a sensitivity analysis, `?split=tertile` the curves of another division.
    """
    if not scope.may(May.READ_EFFICACY):
        return {}
    code = scope.trial.code
    name = settings_sets.named(request.GET.get("settings", ""))
    seen = runs.token(scope, KIND)  # before the reads: what comes in between shows as a change
    run = runs.latest(scope.trial.pk, KIND, name)
    here, patients = (reverse(f"assessments:{page}", args=[code]) for page in ("biomarker", "biomarker_patients"))
    return {
        "reads_results": True,
        "results": present.page(run, here, patients, _split(request, run)) if run else None,
        "progress": runs.progress(scope.trial.pk, KIND),
        "changes": runs.changes_since(run) if run else 0,
        "may_run": scope.may(May.REQUEST_RUN),
        "others": settings_sets.others(name),
        "full_url": request.get_full_path(),
        "seen": seen,
        "pulse_url": reverse("assessments:biomarker_pulse", args=[code]),
    }


def _split(request: HttpRequest, run: EndpointRun) -> str:
    """Raises Http404: the curves of another division would stand under the name."""
    said = request.GET.get("split", "")
    if said and said not in present.splits(run):
        raise Http404("No such division of the patients.")
    return said


@require_GET
def patients(request: HttpRequest, trial: str) -> HttpResponse:
    """The patients behind a number: values, groups, best response and times of one assay's analysis."""
    scope, _ = enter(request, trial, May.READ_EFFICACY)
    name = settings_sets.chosen(request.GET.get("settings", ""))
    run = runs.latest(scope.trial.pk, KIND, name)
    assays = run.result["assays"] if run else []
    landmark = run.result["landmark"] if run else 0
    asked = request.GET or {"settings": name, "assay": "0" if assays else ""}
    form = ResultPatients(asked, assays=assays, landmark=landmark)
    valid = form.is_valid()
    assay = assays[int(form.cleaned_data["assay"] or 0)] if valid and assays else None
    everybody = assay["patients"] if assay else []
    rows = [told(patient, assay["lower_limit"]) for patient in everybody if form.fits(patient)] if assay else []
    shown = {
        "kind": KIND,
        "back": reverse("assessments:biomarker", args=[trial]),
        "filter": form,
        "run": run,
        "settings_name": settings_sets.called(name),
        "assay": assay["name"] if assay else "",
        "rows": [row | {"url": reverse("patients:patient", args=[trial, row["code"]])} for row in rows],
        "total": len(everybody),
    }
    return render(request, "assessments/biomarker/results_patients.html", shown, status=200 if valid else 422)

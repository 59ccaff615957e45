"""The page of the data sets: exports that were asked for, asking for one, and each data set by itself.

How one export stands, and its file, are the pages of every file that is built (escalation/reports).
"""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from trial.people import access
from trial.people.access import Scope
from trial.polled import polled
from trial.refusals import Refused

from ..reports import page
from ..reports.common import listed
from . import exports
from .forms import ExportForm

A_PAGE = 10


@require_http_methods(["GET", "POST"])
def sets(request: HttpRequest, trial: str) -> HttpResponse:
    """The list, and the form that asks."""
    scope = access.enter(request, trial)
    exports.admit(scope, "Data sets", request)
    cuts = page.cuts(scope.trial.pk)
    if request.method == "GET":
        return _sets(request, scope, ExportForm(cuts=cuts))
    form = ExportForm(request.POST, cuts=cuts)
    if not form.is_valid():
        return _sets(request, scope, form, status=422)
    try:
        made = exports.request(
            trial=scope.trial.pk, format=form.cleaned_data["format"], number=form.number, by=scope.user, http=request
        )
    except Refused as refusal:
        form.add_error(refusal.field, str(refusal))
        return _sets(request, scope, form, status=409)
    return redirect("escalation:paper", scope.trial.code, made.pk)


def _sets(request: HttpRequest, scope: Scope, form: ExportForm, status: int = 200) -> HttpResponse:
    rows = page.rows(scope, [page.DATASETS])
    shown = listed(request, scope, form, rows, at_once=A_PAGE, pulse="escalation:datasets_pulse")
    shown["datasets"] = exports.offered(scope)
    return render(request, "escalation/datasets/datasets.html", shown, status=status)


@polled
def pulse(request: HttpRequest, trial: str) -> str:
    """Whether the list still holds."""
    return page.token(page.rows(access.enter(request, trial, exports.RIGHT), [page.DATASETS]))


@require_GET
def one(request: HttpRequest, trial: str, name: str) -> HttpResponseBase:
    """One data set of the record as it stands."""
    scope = access.enter(request, trial)
    try:
        filename, file = exports.single(scope, name, request)
    except Http404 as none:
        return render(request, "escalation/datasets/unknown.html", {"scope": scope, "why": str(none)}, status=404)
    return FileResponse(file, as_attachment=True, filename=filename, content_type="application/json")

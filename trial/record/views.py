"""The audit trail: read by filter, verified, taken out as a file."""

import csv
from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from ..kept_page import kept_page
from ..people import access
from ..people.access import Scope
from ..roles import May
from ..sorting import sort
from . import access_events, anchors, catalogue, export, trail, verification
from .forms import AuditFilter

TEMPLATE = "trial/record/audit.html"
EVENTS_A_PAGE = 25
VALUE_ON_A_PAGE = 300  # characters; the export has it whole
COLUMNS = ("number", "at (UTC)", "by", "acting as", "verb", "reason", "rows", "changes", "SHA-256", "previous SHA-256")
SHUT = "shut until the second verdict is given"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@require_GET
def audit(request: HttpRequest, trial: str) -> HttpResponse:
    scope = access.enter(request, trial, May.READ_AUDIT)
    return kept_page(request, scope, TEMPLATE, lambda: _shown(request, scope), status=_status)


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest, trial: str) -> HttpResponse:
    """Check the chain, the row images and the live rows of this trial against each other, now."""
    scope = access.enter(request, trial, May.READ_AUDIT)
    if request.method == "GET":  # a page number or a reload under the result
        return redirect(f"{reverse('trial:audit', args=[trial])}?{request.GET.urlencode()}")
    with verification.one_moment():
        ledger = trail.of_trial(scope.trial, scope.user).ledger
        wrong = [*catalogue.wrong(), *verification.verify(ledger), *anchors.verify(ledger)]
    result = f"{len(wrong)} differences" if wrong else "everything agrees"
    access_events.record(
        access_events.VERIFY,
        user=scope.user,
        request=request,
        trial=scope.trial,
        detail=f"{result} at number {ledger.number}",
    )
    verified = {"wrong": wrong, "number": ledger.number, "head": ledger.head, "anchor": anchors.latest()}
    return _page(request, scope, verified=verified)


def _page(request: HttpRequest, scope: Scope, **more: Any) -> HttpResponse:
    shown = _shown(request, scope) | more
    return render(request, TEMPLATE, shown, status=_status(shown))


def _status(shown: Mapping[str, Any]) -> int:
    return 422 if shown["form"].errors else 200


def _shown(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    """What the filter cannot read is said at its field, and finds nothing."""
    of = trail.of_trial(scope.trial, scope.user)
    form = _filter(request, of)
    asked = form.asked()
    order = sort(request, trail.ORDERS, "-number")
    events = trail.events(of, **asked, sort=order.name, down=order.down)
    if form.errors:
        events = events.none()
    page = Paginator(events, EVENTS_A_PAGE).get_page(request.GET.get("page"))
    entries = trail.entries(of, list(page), most=VALUE_ON_A_PAGE)
    return {
        "scope": scope,
        "form": form,
        "page": page,
        "entries": entries,
        "filtered": bool(asked),
        "sorts": order.links,
        "sort": request.GET.get("sort", ""),
    }


def _filter(request: HttpRequest, of: trail.Trail) -> AuditFilter:
    people = [(str(person.pk), person.name) for person in trail.authors(of)]
    return AuditFilter(request.GET, people=people, verbs=trail.verbs(of))


@require_GET
def as_csv(request: HttpRequest, trial: str) -> HttpResponse:
    """The filtered trail as CSV; that it was taken out is recorded."""
    scope = access.enter(request, trial, May.READ_AUDIT)
    of = trail.of_trial(scope.trial, scope.user)
    form = _filter(request, of)
    asked = form.asked()
    if form.errors:  # a file of everything would pass for a file of what was asked
        return _page(request, scope)
    found = list(trail.events(of, **asked, down=False))
    words = ", ".join(f"{name}: {value}" for name, value in asked.items()) or "everything"
    access_events.record(
        access_events.EXPORT,
        user=scope.user,
        request=request,
        trial=scope.trial,
        detail=f"audit trail, {len(found)} events, {words}",
    )
    name = f"{scope.trial.code}-audit-{of.ledger.number}.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    for entry in trail.entries(of, found):
        writer.writerow([_cell(value) for value in _line(entry)])
    return response


@require_GET
def proof(request: HttpRequest, trial: str) -> StreamingHttpResponse:
    """The whole trail with the texts that were hashed, to be checked elsewhere; that it was taken out is recorded."""
    scope = access.enter(request, trial, May.READ_AUDIT)
    of = trail.of_trial(scope.trial, scope.user)
    access_events.record(
        access_events.EXPORT,
        user=scope.user,
        request=request,
        trial=scope.trial,
        detail=f"audit trail with its proof, {of.ledger.number} events",
    )
    name = f"{scope.trial.code}-trail-{of.ledger.number}.zip"
    return StreamingHttpResponse(
        export.as_zip(of),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _line(entry: trail.Entry) -> list[str]:
    event = entry.event
    rows = "; ".join(change.name for change in entry.changes)
    changes = [
        f"{change.name} {column.name}: {column.was} → {column.now}"
        if not change.new
        else f"{change.name} {column.name}: {column.now}"
        for change in entry.changes
        for column in change.columns
    ]
    changes += [f"{change.name}: {SHUT}" for change in entry.changes if change.shut]
    by = event.by.name if event.by else "system"
    return [
        str(event.number),
        event.at.isoformat(),
        by,
        entry.acting_as,
        event.verb,
        SHUT if entry.shut else entry.reason,
        rows,
        "; ".join(changes),
        event.hash,
        event.prev,
    ]


def _cell(value: str) -> str:
    """A spreadsheet must not take text for a formula."""
    return f"'{value}" if value.startswith(FORMULA) else value

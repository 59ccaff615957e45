"""The audit trail of a trial, and of the installation: read by filter, verified, taken out as a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from ..kept_page import kept_page
from ..models import AuditEvent, Trial, User
from ..people import access
from ..people.access import Scope
from ..roles import May
from ..sorting import sort
from . import access_events, anchors, catalogue, download, export, trail, verification
from .forms import AuditFilter
from .trail import Trail

TEMPLATE = "trial/record/audit.html"
EVENTS_A_PAGE = 25
VALUE_ON_A_PAGE = 300  # characters; the export has it whole
AT_ONCE = 200  # events that an export reads together
COLUMNS = ("number", "at (UTC)", "by", "acting as", "verb", "reason", "rows", "changes", "SHA-256", "previous SHA-256")
SHUT = "shut until the second verdict is given"


@dataclass(frozen=True, slots=True)
class _Whose:
    """Whose trail is read, by whom, and where its parts stand."""

    of: Trail
    reader: User
    scope: Scope | None  # None: the installation's

    @property
    def trial(self) -> Trial | None:
        return self.scope.trial if self.scope else None

    @property
    def code(self) -> str:
        return self.scope.trial.code if self.scope else "installation"

    def url(self, part: str = "") -> str:
        if self.scope:
            return reverse(f"trial:{part or 'audit'}", args=[self.scope.trial.code])
        return reverse(f"trial:installation{part and '_'}{part}")


@require_GET
def audit(request: HttpRequest, trial: str) -> HttpResponse:
    whose = _of_trial(request, trial)
    assert whose.scope is not None
    return kept_page(request, whose.scope, TEMPLATE, lambda: _shown(request, whose), status=_status)


@require_GET
def installation(request: HttpRequest) -> HttpResponse:
    """The installation's own ledger: accounts, who administers, and what was signed about rights."""
    return _page(request, _of_installation(request))


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest, trial: str) -> HttpResponse:
    return _verify(request, _of_trial(request, trial))


@require_http_methods(["GET", "POST"])
def verify_installation(request: HttpRequest) -> HttpResponse:
    return _verify(request, _of_installation(request))


@require_GET
def as_csv(request: HttpRequest, trial: str) -> HttpResponseBase:
    return _as_csv(request, _of_trial(request, trial))


@require_GET
def csv_of_installation(request: HttpRequest) -> HttpResponseBase:
    return _as_csv(request, _of_installation(request))


@require_GET
def proof(request: HttpRequest, trial: str) -> StreamingHttpResponse:
    return _proof(request, _of_trial(request, trial))


@require_GET
def proof_of_installation(request: HttpRequest) -> StreamingHttpResponse:
    return _proof(request, _of_installation(request))


def _of_trial(request: HttpRequest, trial: str) -> _Whose:
    scope = access.enter(request, trial, May.READ_AUDIT)
    return _Whose(trail.of_trial(scope.trial, scope.user), scope.user, scope)


def _of_installation(request: HttpRequest) -> _Whose:
    reader = access.person(request)
    if not access.installation_may(reader, May.READ_ACCESS):
        raise PermissionDenied("You may not read the record of the installation.")
    return _Whose(trail.of_installation(), reader, None)


def _verify(request: HttpRequest, whose: _Whose) -> HttpResponse:
    """Check the chain, the row images and the live rows of this ledger against each other, now."""
    if request.method == "GET":  # a page number or a reload under the result
        return redirect(f"{whose.url()}?{request.GET.urlencode()}")
    ledger = whose.of.ledger
    with verification.one_moment():
        ledger.refresh_from_db()
        wrong = [*catalogue.wrong(), *verification.verify(ledger), *anchors.verify(ledger)]
    result = f"{len(wrong)} differences" if wrong else "everything agrees"
    access_events.record(
        access_events.VERIFY,
        user=whose.reader,
        request=request,
        trial=whose.trial,
        detail=f"{result} at number {ledger.number}",
    )
    verified = {"wrong": wrong, "number": ledger.number, "head": ledger.head, "anchor": anchors.latest()}
    return _page(request, whose, verified=verified)


def _page(request: HttpRequest, whose: _Whose, **more: Any) -> HttpResponse:
    shown = _shown(request, whose) | more
    return render(request, TEMPLATE, shown, status=_status(shown))


def _status(shown: Mapping[str, Any]) -> int:
    return 422 if shown["form"].errors else 200


def _shown(request: HttpRequest, whose: _Whose) -> dict[str, Any]:
    """What the filter cannot read is said at its field, and finds nothing."""
    form = _filter(request, whose)
    asked = form.asked()
    order = sort(request, trail.ORDERS, "-number")
    events = trail.events(whose.of, **asked, sort=order.name, down=order.down)
    if form.errors:
        events = events.none()
    page = Paginator(events, EVENTS_A_PAGE).get_page(request.GET.get("page"))
    return {
        "scope": whose.scope,
        "form": form,
        "page": page,
        "entries": trail.entries(whose.of, list(page), most=VALUE_ON_A_PAGE),
        "filtered": bool(asked),
        "sorts": order.links,
        "sort": request.GET.get("sort", ""),
        "here": whose.url(),
        "export_url": whose.url("audit_export" if whose.scope else "export"),
        "proof_url": whose.url("audit_proof" if whose.scope else "proof"),
        "verify_url": whose.url("verify"),
    }


def _filter(request: HttpRequest, whose: _Whose) -> AuditFilter:
    people = [(str(person.pk), person.name) for person in trail.authors(whose.of)]
    return AuditFilter(request.GET, people=people, verbs=trail.verbs(whose.of), rows=whose.scope is not None)


def _as_csv(request: HttpRequest, whose: _Whose) -> HttpResponseBase:
    """The filtered trail as CSV; that it was taken out is recorded."""
    form = _filter(request, whose)
    asked = form.asked()
    if form.errors:  # a file of everything would pass for a file of what was asked
        return _page(request, whose)
    found = trail.events(whose.of, **asked, down=False)
    words = ", ".join(f"{name}: {value}" for name, value in asked.items()) or "everything"
    access_events.record(
        access_events.EXPORT,
        user=whose.reader,
        request=request,
        trial=whose.trial,
        detail=f"audit trail, {found.count()} events, {words}",
    )
    return download.as_csv(f"{whose.code}-audit-{whose.of.ledger.number}.csv", COLUMNS, _lines(whose.of, found))


def _lines(of: Trail, found: QuerySet[AuditEvent]) -> Iterator[list[str]]:
    events = found.iterator(chunk_size=AT_ONCE)
    while together := list(islice(events, AT_ONCE)):
        yield from (_line(entry) for entry in trail.entries(of, together))


def _proof(request: HttpRequest, whose: _Whose) -> StreamingHttpResponse:
    """The whole trail with the texts that were hashed, to be checked elsewhere; that it was taken out is recorded."""
    number = whose.of.ledger.number
    access_events.record(
        access_events.EXPORT,
        user=whose.reader,
        request=request,
        trial=whose.trial,
        detail=f"audit trail with its proof, {number} events",
    )
    name = f"{whose.code}-trail-{number}.zip"
    return StreamingHttpResponse(
        export.as_zip(whose.of),
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

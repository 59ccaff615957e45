"""The audit trail of a trial, and of the installation: read by filter, verified, taken out as a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

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
from ..sheets.answers import whole
from ..sheets.paging import page_of
from ..sheets.table import Cell
from ..sorting import sort
from . import access_events, anchors, catalogue, export, found, pages, trail, verification
from .forms import AuditFilter
from .trail import Trail

TEMPLATE = "trial/record/audit.html"
EVENTS_A_PAGE = 25
VALUE_ON_A_PAGE = 300  # characters; the export has it whole
AT_ONCE = 200  # events that an export reads together
COLUMNS = (
    "number",
    "at (UTC)",
    "by",
    "acting as",
    "verb",
    "what",
    "reason",
    "patient",
    "table",
    "row",
    "field",
    "old",
    "new",
    "SHA-256",
    "previous SHA-256",
)
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
    whose = _whose(request, trial)
    assert whose.scope is not None
    return kept_page(request, whose.scope, TEMPLATE, lambda: _shown(request, whose), status=_status)


@require_GET
def installation(request: HttpRequest) -> HttpResponse:
    """The installation's own ledger: accounts, who administers, and what was signed about rights."""
    return _page(request, _whose(request))


def _whose(request: HttpRequest, trial: str | None = None) -> _Whose:
    if trial is None:
        return _Whose(trail.of_installation(), access.enter_installation(request, May.READ_ACCESS), None)
    scope = access.enter(request, trial, May.READ_AUDIT)
    return _Whose(trail.of_trial(scope.trial, scope.user), scope.user, scope)


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest, trial: str | None = None) -> HttpResponse:
    """Check the chain, the row images and the live rows of this ledger against each other, now."""
    whose = _whose(request, trial)
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
    order = sort(request, trail.ORDERS, "-number")
    events, asked = _found(whose, form, sort=order.name, down=order.down)
    page = page_of(request, events, EVENTS_A_PAGE)
    rows = pages.of(whose.scope.trial.code, responses=whose.scope.reads_responses) if whose.scope else pages.nowhere
    return {
        "scope": whose.scope,
        "form": form,
        "page": page,
        "entries": trail.entries(whose.of, list(page), page=rows, most=VALUE_ON_A_PAGE),
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
    tables = found.tables(of_trial=whose.scope is not None)
    return AuditFilter(request.GET, people=people, verbs=trail.verbs(whose.of), tables=tables)


def _found(whose: _Whose, form: AuditFilter, **order: Any) -> tuple[QuerySet[AuditEvent], dict[str, Any]]:
    """The events that the filter asks for, none where it has an error; and what it asks."""
    asked = form.asked()
    row, field = asked.get("row", ""), asked.get("field", "")
    rows = found.named(whose.of.ledger, row) if row else None
    if rows is not None and rows.nothing:
        form.add_error("row", f"No such record: {row}.")
    if field and not found.fields(field):
        form.add_error("field", f"No such field: {field}.")
    plain = {name: value for name, value in asked.items() if name not in ("row", "table", "field")}
    if form.errors:
        return trail.events(whose.of).none(), asked
    numbers = found.numbers(whose.of, rows, table=asked.get("table", ""), field=field)
    return trail.events(whose.of, **plain, numbers=numbers, **order), asked


@require_GET
def whole_trail(request: HttpRequest, trial: str | None = None) -> HttpResponseBase:
    """The filtered trail as CSV or XLSX; that it was taken out is recorded."""
    whose = _whose(request, trial)
    form = _filter(request, whose)
    events, asked = _found(whose, form, down=False)
    if form.errors:  # a file of everything would pass for a file of what was asked
        return _page(request, whose)
    filters = [f"{name}: {value}" for name, value in asked.items()]
    number = whose.of.ledger.number
    return whole(
        request,
        reader=whose.reader,
        scope=whose.scope,
        name=f"{whose.code}-audit-{number}",
        table=(COLUMNS, _lines(whose.of, events)),
        title="Audit trail",
        moment=f"record no. {number}",
        filters=filters,
        detail=f"audit trail, {events.count()} events, {', '.join(filters) or 'everything'}",
    )


def _lines(of: Trail, events: QuerySet[AuditEvent]) -> Iterator[list[Cell]]:
    one_by_one = events.iterator(chunk_size=AT_ONCE)
    while together := list(islice(one_by_one, AT_ONCE)):
        for entry in trail.entries(of, together):
            yield from _values(entry)


@require_GET
def proof(request: HttpRequest, trial: str | None = None) -> StreamingHttpResponse:
    """The whole trail with the texts that were hashed, to be checked elsewhere; that it was taken out is recorded."""
    whose = _whose(request, trial)
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


def _values(entry: trail.Entry) -> Iterator[list[Cell]]:
    """A line for each value that was changed; one for what is shut, and where all was left as it was."""
    event = entry.event
    reason = SHUT if entry.shut else entry.reason
    sealed = [event.hash, event.prev]
    head: list[Cell] = [event.number, event.at.isoformat()]
    own = [*head, entry.who, entry.acting_as, event.verb, entry.verb, reason]
    follows = [*head, f"follows from no. {event.number}", "", event.verb, entry.verb, ""]
    if not entry.changes:
        yield [*own, "", "", "", "", "", "", *sealed]
    for change in entry.changes:
        row = [*(follows if change.follows else own), change.patient, change.table, change.what]
        if change.shut:
            yield [*row, "", "", SHUT, *sealed]
        for column in change.columns:
            yield [*row, column.name, column.was, column.now, *sealed]

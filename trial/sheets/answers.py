"""How a file is sent, and how it is refused."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render

from ..models import User
from ..people.access import Scope
from ..record import access_events
from . import asked, formats
from .table import About, Cell, Table


def whole(
    request: HttpRequest,
    *,
    reader: User,
    scope: Scope | None,
    name: str,
    table: tuple[Sequence[str], Iterator[Sequence[Cell]]],
    title: str,
    moment: str,
    filters: Sequence[str],
    detail: str,
) -> HttpResponseBase:
    """A table that has an address of its own, read while it is sent; as CSV unless another form is asked for.

    detail: what of it is taken, for the record of that.
    """
    wanted = asked.of(request)
    form = (wanted and wanted.form) or "csv"
    if form not in formats.OF_TABLE:
        return refused(request, f"This is taken as {' or '.join(formats.OF_TABLE)}, not as {form}.", 400)
    today = scope.today if scope else datetime.now(UTC).date()
    trial = scope.trial if scope else None
    about = About(
        title, moment, filters, today, trial=trial.code if trial else "", whole=trial.title if trial else "",
        made_up=made_up(scope),
    )  # fmt: skip
    media_type, pieces = formats.of_table(Table(about, *table), form)
    return recorded(request, reader, scope, f"{name}.{form}", media_type, pieces, f"{detail}, as {form.upper()}")


def made_up(scope: Scope | None) -> str:
    """What every page says of data that are no trial's."""
    if scope is None:
        return ""
    said = [
        scope.trial.label,
        "simulated patients and clock" if scope.trial.simulated else "",
        "illustrative protocol settings" if scope.trial.illustrative else "",
    ]
    return "; ".join(filter(None, said))


def recorded(
    request: HttpRequest,
    reader: User,
    scope: Scope | None,
    name: str,
    media_type: str,
    pieces: Iterator[bytes],
    detail: str,
) -> StreamingHttpResponse:
    """The file; that it was taken out is recorded."""
    trial: Any = scope and scope.trial
    access_events.record(access_events.EXPORT, user=reader, request=request, trial=trial, detail=detail)
    return StreamingHttpResponse(
        pieces, content_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def refused(request: HttpRequest, why: str, status: int) -> HttpResponse:
    wanted = asked.of(request)
    query = wanted.rest.urlencode() if wanted else ""
    page = f"{request.path}?{query}" if query else request.path
    return render(request, "trial/sheets/refused.html", {"why": why, "page": page, "status": status}, status=status)

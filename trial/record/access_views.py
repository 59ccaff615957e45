"""What is recorded about access: read by filter, taken out as a file; by auditors of a trial, administrators of all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from .. import clock
from ..models import AccessEvent, Trial, User
from ..people import access
from ..people.access import Scope
from ..roles import May
from ..sheets.answers import whole
from ..sheets.paging import page_of
from ..sorting import sort
from . import access_log
from .forms import AccessFilter

EVENTS_A_PAGE = 50
COLUMNS = ("at (UTC)", "who", "e-mail", "what", "detail", "trial", "address")


@dataclass(frozen=True, slots=True)
class _Log:
    """Whose events are read, by whom, and where its parts stand."""

    events: QuerySet[AccessEvent]
    reader: User
    scope: Scope | None  # None: the installation

    @property
    def trial(self) -> Trial | None:
        return self.scope.trial if self.scope else None

    def url(self, part: str = "") -> str:
        if self.scope:
            return reverse(f"trial:trial_access{part}", args=[self.scope.trial.code])
        return reverse(f"trial:access{part}")


def _log(request: HttpRequest, trial: str | None) -> _Log:
    if trial is None:
        return _Log(access_log.of_installation(), access.enter_installation(request, May.READ_ACCESS), None)
    scope = access.enter(request, trial, May.READ_ACCESS)
    return _Log(access_log.of_trial(scope.trial.pk), scope.user, scope)


@require_GET
def page(request: HttpRequest, trial: str | None = None) -> HttpResponse:
    """What the filter cannot read is said at its field, and finds nothing."""
    log = _log(request, trial)
    form = _filter(request, log)
    asked = form.asked()
    order = sort(request, access_log.ORDERS, "-at")
    found = access_log.filtered(log.events, **asked, sort=order.name, down=order.down)
    page = page_of(request, found.none() if form.errors else found, EVENTS_A_PAGE)
    shown: dict[str, Any] = {
        "scope": log.scope,
        "form": form,
        "page": page,
        "filtered": bool(asked),
        "sorts": order.links,
        "sort": request.GET.get("sort", ""),
        "here": log.url(),
        "export_url": log.url("_export"),
        "rights_url": log.url("_rights"),
        "record_url": "" if log.scope else reverse("trial:installation"),
    }
    return render(request, "trial/record/access.html", shown, status=422 if form.errors else 200)


@require_GET
def export(request: HttpRequest, trial: str | None = None) -> HttpResponseBase:
    log = _log(request, trial)
    form = _filter(request, log)
    asked = form.asked()
    if form.errors:  # a file of everything would pass for a file of what was asked
        return page(request, trial)
    found = access_log.filtered(log.events, **asked, down=False)
    filters = [f"{name}: {value}" for name, value in asked.items()]
    return whole(
        request,
        reader=log.reader,
        scope=log.scope,
        name=f"{log.scope.trial.code if log.scope else 'installation'}-access",
        table=(COLUMNS, _lines(found)),
        title="Access events",
        moment=f"{clock.of_database():%-d %b %Y %H:%M} UTC",
        filters=filters,
        detail=f"access events, {', '.join(filters) or 'everything'}",
    )


def _lines(found: QuerySet[AccessEvent]) -> Iterator[Sequence[str]]:
    for event in found.iterator(chunk_size=1000):
        yield (
            event.at.isoformat(),
            event.user.name if event.user else "",
            event.user.email if event.user else "",
            event.kind,
            event.detail,
            event.trial.code if event.trial else "",
            event.address or "",
        )


def _filter(request: HttpRequest, log: _Log) -> AccessFilter:
    people = [(str(person.pk), person.name) for person in access_log.people(log.events)]
    return AccessFilter(request.GET, people=people, kinds=access_log.kinds(log.events))

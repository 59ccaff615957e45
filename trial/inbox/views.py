"""The notices of the signed-in person, and of the installation those that could not be sent."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from .. import mail
from ..models import NoticeKind
from ..people import access
from ..roles import May
from ..sheets.paging import page_of
from . import queries, services
from .forms import KindsForm

A_PAGE = 25


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    person = access.person(request)
    page = page_of(request, queries.notices(person), A_PAGE)
    shown = {"page": page, "unread": queries.unread(person), "mail": mail.is_set_up(), "email": person.email}
    return render(request, "trial/inbox/inbox.html", shown)


@require_POST
def open_notice(request: HttpRequest, notice: UUID) -> HttpResponse:
    """Mark it as read and go to the page that it tells of."""
    person = access.person(request)
    row = queries.notice(person, notice)
    if row is None:
        raise Http404("No such notice.")
    services.read(by=person, notice=row.pk)
    return redirect(row.path or "trial:inbox")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    read = services.read(by=access.person(request))
    messages.success(request, f"{read} notice{'' if read == 1 else 's'} marked as read.")
    return redirect("trial:inbox")


@require_http_methods(["GET", "POST"])
def kinds(request: HttpRequest) -> HttpResponse:
    person = access.person(request)
    choices = queries.choices()
    chosen = [kind for kind, _ in choices if kind not in queries.off(person)]
    form = KindsForm(request.POST or None, choices=choices, initial={"mailed": chosen})
    if request.method == "POST" and form.is_valid():
        services.choose(by=person, mailed=form.cleaned_data["mailed"])
        messages.success(request, "Your choice is kept.")
        return redirect("trial:inbox")
    shown = {"form": form, "always": [kind.label for kind in NoticeKind if kind in NoticeKind.always()]}
    return render(request, "trial/inbox/kinds.html", shown, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def undelivered(request: HttpRequest) -> HttpResponse:
    """For administrators: to whom and why not; what a notice says is for its reader alone."""
    person = access.person(request)
    if request.method == "POST":
        again = services.try_again(by=person)
        messages.success(request, f"{again} notice{'' if again == 1 else 's'} will be tried again within seconds.")
        return redirect("trial:undelivered")
    if not access.installation_may(person, May.MANAGE_PEOPLE):
        raise PermissionDenied("Only an administrator sees which notices could not be sent.")
    page = page_of(request, queries.undelivered(), A_PAGE)
    shown = {"page": page, "mail": mail.is_set_up(), "outbox": queries.outbox()}
    return render(request, "trial/inbox/undelivered.html", shown)

"""People: who works in a trial and as what, and its sites."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from .. import queries
from ..done import Done, Gone, last
from ..forms import ReasonForm, ServiceForm
from ..models import Membership, User
from ..refusals import Refused
from ..roles import May, Role
from ..sorting import sort
from . import access, services
from .access import Scope
from .forms import MemberForm, SiteForm

BOTH = ["GET", "POST"]
NEVER = datetime.min.replace(tzinfo=UTC)
MEMBERS: dict[str, Callable[[Membership], Any]] = {
    "name": lambda m: m.user.name.lower(),
    "role": lambda m: (m.get_role_display(), m.user.name.lower()),
    "site": lambda m: (m.site.code if m.site else "", m.user.name.lower()),
    "signed_in": lambda m: (m.user.last_login or NEVER, m.user.name.lower()),
    "since": lambda m: (m.since, m.user.name.lower()),
}


@require_GET
def people(request: HttpRequest, trial: str) -> HttpResponse:
    scope = _members_or_administrator(request, trial)
    members = list(queries.people(scope.trial.pk))
    order = sort(request, MEMBERS, "role")
    shown = {
        "scope": scope,
        "members": sorted((m for m in members if m.until is None), key=MEMBERS[order.name], reverse=order.down),
        "sorts": order.links,
        "former": [m for m in members if m.until is not None],
        "sites": queries.sites(scope.trial.pk),
        "missing": _missing({m.role for m in members if m.until is None}),
        "may_manage": scope.may(May.MANAGE_PEOPLE),
    }
    return render(request, "trial/people/people.html", shown)


def _members_or_administrator(request: HttpRequest, trial: str) -> Scope:
    """Members see with whom they work; the administrator manages them and sees nothing else of the trial."""
    try:
        return access.enter(request, trial)
    except PermissionDenied:
        return access.enter(request, trial, May.MANAGE_PEOPLE)


def _missing(roles: set[str]) -> list[str]:
    """Roles without which no patient can be treated."""
    needed = (Role.MEDICAL_MONITOR, Role.DSMB, Role.INVESTIGATOR, Role.COORDINATOR)
    return [str(role.label).lower() for role in needed if role not in roles]


@require_http_methods(BOTH)
def add_site(request: HttpRequest, trial: str) -> HttpResponse:
    scope = access.enter(request, trial, May.MANAGE_PEOPLE)
    form = SiteForm(request.POST or None)

    def write() -> str:
        site = services.add_site(trial=scope.trial.pk, by=scope.user, **form.cleaned_data)
        return f"Site {site} was added."

    return form_page(request, scope, form, write, heading="Add a site", submit="Add the site")


@require_http_methods(BOTH)
def add_member(request: HttpRequest, trial: str) -> HttpResponse:
    scope = access.enter(request, trial, May.MANAGE_PEOPLE)
    free = _others(queries.people_without_role(scope.trial.pk), scope.user)
    chosen = {"user": request.GET.get("person", "")}  # whose account was opened just now
    form = MemberForm(request.POST or None, people=free, sites=queries.sites(scope.trial.pk), initial=chosen)

    def write() -> str:
        member = services.add_member(trial=scope.trial.pk, by=scope.user, **form.cleaned_data)
        return f"{member.user.name} has the role {member.get_role_display()} now."

    return form_page(request, scope, form, write, heading="Add a person", submit="Give the role")


def _others(people: Sequence[User], by: User) -> list[User]:
    """Nobody gives himself a role."""
    return [person for person in people if person != by]


@require_http_methods(BOTH)
def end_membership(request: HttpRequest, trial: str, membership: UUID) -> HttpResponse:
    scope = access.enter(request, trial, May.MANAGE_PEOPLE)
    member = queries.people(scope.trial.pk).filter(pk=membership).first()
    if member is None:
        raise Http404("No such membership.")
    if member.until is not None:
        what = f"The role of {member.user.name} ended on {member.until:%-d %b %Y}."
        raise Gone(Done(what, last(member.pk)), reverse("trial:people", args=[trial]))
    form = ReasonForm(request.POST or None)

    def write() -> str:
        services.end_membership(
            trial=scope.trial.pk, membership=member.pk, reason=form.cleaned_data["reason"], by=scope.user
        )
        return f"{member.user.name} no longer works in this trial."

    return form_page(
        request,
        scope,
        form,
        write,
        heading=f"End the role of {member.user.name}",
        submit="End the role",
        danger=True,
        note=f"{member.user.name} is {member.get_role_display().lower()} since {member.since:%-d %b %Y} and will see "
        "nothing of this trial any more. What was written and signed stays.",
    )


def form_page(
    request: HttpRequest, scope: Scope, form: ServiceForm, write: Callable[[], str], **shown: object
) -> HttpResponse:
    """A form of one service call, below People: back there when it is done."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                messages.success(request, write())
            except Refused as refusal:
                form.refused(refusal)
                status = 409
            else:
                return redirect("trial:people", scope.trial.code)
    return render(request, "trial/people/people_form.html", {"scope": scope, "form": form} | shown, status=status)

"""Accounts of the installation: the list, each with what was decided about it, and what administrators do to it."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from .. import mail, queries
from ..done import Done, last
from ..forms import ReasonForm, ServiceForm
from ..inbox import queries as inbox
from ..models import Account, User
from ..refusals import Refused
from ..roles import May, Role
from ..sorting import sort
from . import access, account_page, factor, links, services, suspensions
from . import accounts as verbs
from .forms import AccountForm, AddressForm, ConfirmForm

BOTH = ["GET", "POST"]
NEVER = datetime.min.replace(tzinfo=UTC)
ACCOUNTS: dict[str, Callable[[Any], Any]] = {  # with the counts that the query adds
    "name": lambda a: a.name.lower(),
    "email": lambda a: a.user.email.lower(),
    "state": lambda a: (not a.open, a.name.lower()),
    "trials": lambda a: (a.trials, a.name.lower()),
    "signed_in": lambda a: (a.user.last_login or NEVER, a.name.lower()),
}


@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    _administrator(request)
    order = sort(request, ACCOUNTS, "name")
    found = sorted(queries.accounts_with_sign_in(), key=ACCOUNTS[order.name], reverse=order.down)
    shown = {"accounts": found, "sorts": order.links, "mail": mail.is_set_up(), "outbox": inbox.outbox()}
    return render(request, "trial/people/accounts.html", shown)


@require_GET
def account(request: HttpRequest, user: UUID) -> HttpResponse:
    _administrator(request)
    found = _account(user)
    return render(request, "trial/people/account.html", {"account": found, "page": account_page.of(found)})


@require_http_methods(BOTH)
def open_account(request: HttpRequest, trial: str = "") -> HttpResponse:
    """trial: in which the person is then given a role; without one it is opened in the list of accounts."""
    by = access.enter(request, trial, May.MANAGE_PEOPLE).user if trial else _administrator(request)
    form = AccountForm(request.POST or None)
    mailed = mail.is_set_up()
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            password = "" if mailed else secrets.token_urlsafe(12)
            try:
                opened = _open(form, password, by)
            except Refused as refusal:
                form.refused(refusal)
                status = 409
            else:
                then = _then(trial, opened)
                if password and opened.check_password(password):
                    return _handed_over(request, opened, password, opened=True, then=then)
                words = "a link to choose a password goes to" if mailed else "the password was shown once; it is for"
                messages.info(request, f"{opened.name} has the account: {words} {opened.email}.")
                return redirect(then or "trial:accounts")
    back = reverse("trial:people", args=[trial]) if trial else reverse("trial:accounts")
    shown = {"form": form, "mail": mailed, "back": back, "trial": trial}
    return render(request, "trial/people/account_form.html", shown, status=status)


def _then(trial: str, opened: User) -> str:
    """Where an account that was opened for a trial is given its role; "" for one that was not."""
    return f"{reverse('trial:add_member', args=[trial])}?person={opened.pk}" if trial else ""


def _open(form: Form, password: str, by: User) -> User:
    said = form.cleaned_data
    role = Role.ADMINISTRATOR if said["administrator"] else ""
    return services.open_account(
        email=said["email"], name=said["name"], password=password, role=role, by=by, key=said["key"]
    )


def _handed_over(
    request: HttpRequest, user: User, password: str, *, opened: bool = False, then: str = ""
) -> HttpResponse:
    """A password, in this answer and nowhere else. then: the step after it in a trial."""
    shown = {"of": user, "password": password, "opened": opened, "then": then}
    return render(request, "trial/people/account_password.html", shown)


@require_http_methods(BOTH)
def close_account(request: HttpRequest, user: UUID) -> HttpResponse:
    by, found, form = _administrator(request), _account(user), ReasonForm(request.POST or None)

    def write() -> str:
        services.close_account(user=user, reason=form.cleaned_data["reason"], by=by)
        return f"The account of {found.name} is closed."

    return _form_page(
        request, found, form, write,
        heading=f"Close the account of {found.name}", submit="Close the account", danger=True, over=_closed(found),
        state=f"{found.name} is signed out everywhere, API tokens end, and roles in trials give no rights. What "
        "was written and signed stays.",
    )  # fmt: skip


@require_http_methods(BOTH)
def reopen_account(request: HttpRequest, user: UUID) -> HttpResponse:
    by, found, form = _administrator(request), _account(user), ReasonForm(request.POST or None)

    def write() -> str:
        verbs.reopen(user=user, by=by, **form.cleaned_data)
        return f"The account of {found.name} is open again; its signing is suspended."

    return _form_page(
        request, found, form, write,
        heading=f"Open the account of {found.name} again", submit="Open it again",
        over=f"The account of {found.name} is open." if found.open else "",
        state=f"Roles in trials that nobody has ended give their rights again. {SUSPENDS}",
    )  # fmt: skip


@require_http_methods(BOTH)
def change_address(request: HttpRequest, user: UUID) -> HttpResponse:
    by, found, form = _administrator(request), _account(user), AddressForm(request.POST or None)
    mailed = mail.is_set_up()

    def write() -> str:
        changed = verbs.change_address(user=user, by=by, **form.cleaned_data)
        if changed.new_email:
            return f"A link has gone to {changed.new_email}: {changed.name} takes the address by it, within a day."
        return f"{changed.name} signs in with {changed.email} now; its signing is suspended."

    way = "A link goes to the new address, and its owner takes it by that" if mailed else "It is the log-in from now on"
    return _form_page(
        request, found, form, write,
        heading=f"Change the address of {found.name}", submit="Change the address", over=_closed(found),
        state=f"Recorded: {found.user.email}. {way}; both addresses are told. {SUSPENDS}",
    )  # fmt: skip


@require_http_methods(BOTH)
def new_password(request: HttpRequest, user: UUID) -> HttpResponse:
    by, found, form = _administrator(request), _account(user), ReasonForm(request.POST or None)
    mailed = mail.is_set_up()

    def write() -> str | HttpResponse:
        password = verbs.new_password(user=user, by=by, **form.cleaned_data)
        if password:
            return _handed_over(request, found.user, password)
        gone = f"a link to choose another goes to {found.user.email}" if mailed else "the new one was shown once"
        return f"The password of {found.name} is ended; {gone}."

    way = "a link to choose another goes to the person" if mailed else "another is shown to you once, to be handed over"
    return _form_page(
        request, found, form, write,
        heading=f"New password for {found.name}", submit="End the present password", danger=True, over=_closed(found),
        state=f"The present one ends now, with all sessions and API tokens; {way}. {SUSPENDS}",
    )  # fmt: skip


@require_http_methods(BOTH)
def remove_factor(request: HttpRequest, user: UUID) -> HttpResponse:
    by, found, form = _administrator(request), _account(user), ReasonForm(request.POST or None)

    def write() -> str:
        verbs.remove_factor(user=user, by=by, **form.cleaned_data)
        return f"The second factor of {found.name} is taken away."

    return _form_page(
        request, found, form, write,
        heading=f"Take away the second factor of {found.name}", submit="Take it away", danger=True,
        over=_closed(found) or ("" if factor.enrolled(found.user) else f"{found.name} has no second factor."),
        state=f"For a device that is lost. The recovery codes go with it, sessions and API tokens end. {SUSPENDS}",
    )  # fmt: skip


@require_http_methods(BOTH)
def end_sessions(request: HttpRequest, user: UUID) -> HttpResponse:
    by, found, form = _administrator(request), _account(user), ReasonForm(request.POST or None)

    def write() -> str:
        verbs.end_sessions(user=user, by=by, **form.cleaned_data)
        return f"{found.name} is signed out everywhere."

    return _form_page(
        request, found, form, write,
        heading=f"End the sessions of {found.name}", submit="Sign out everywhere", danger=True, over=_closed(found),
        state=f"{found.name} is signed out in every browser, and every API token ends. The password stays.",
    )  # fmt: skip


@require_http_methods(BOTH)
def confirm(request: HttpRequest, user: UUID) -> HttpResponse:
    """By another administrator; where there is none, by another signer, who sees no more of the account than this."""
    person, found = access.person(request), _account(user)
    rows = suspensions.standing(found.user)
    administers = access.installation_may(person, May.MANAGE_PEOPLE)
    if not administers and person not in suspensions.confirmers(found.user, rows):
        raise PermissionDenied("Another administrator confirms who this is; where there is none, another signer.")
    form = ConfirmForm(request.POST or None)

    def write() -> str:
        suspensions.confirm(user=user, by=person, **form.cleaned_data)
        return f"{found.name} may sign again."

    happened = "; ".join(suspensions.words(row) for row in rows)
    still = suspensions.missing(found.user, rows) if rows else []
    return _form_page(
        request, found, form, write,
        heading=f"Is it {found.name}?", submit="Yes, let the person sign again",
        state=(f"Signing of {found.name} is suspended: {happened}." if rows else "Nothing is suspended.")
        + (f" {found.name} has still to {suspensions.said(still)}." if still else ""),
        back="" if administers else "trial:home",
        over="" if rows else f"Nothing suspends the signing of {found.name}.",
    )  # fmt: skip


@login_not_required
@require_http_methods(BOTH)
def take_address(request: HttpRequest, token: str) -> HttpResponse:
    """By the link that went to the new address."""
    try:
        if request.method == "POST":
            taken = verbs.take_address(token=token)
            messages.success(request, f"The address is yours. Sign in with {taken.email} and your password.")
            return redirect("account_login")
        return render(request, "trial/people/address.html", {"account": links.read(token)})
    except Refused as refusal:
        return render(request, "trial/people/address.html", {"refusal": str(refusal)}, status=409)


SUSPENDS = "Signing is suspended until the person has logged in and somebody else has confirmed who it is."


def _form_page(
    request: HttpRequest,
    about: Account,
    form: ServiceForm,
    write: Callable[[], str | HttpResponse],
    *,
    back: str = "",
    over: str = "",
    **shown: object,
) -> HttpResponse:
    """A form of one service call: back to the account when it is done, or where `back` says.

    over: why there is nothing to do.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                done = write()
            except Refused as refusal:
                form.refused(refusal)
                status = 409
            else:
                if isinstance(done, HttpResponse):
                    return done
                messages.success(request, done)
                return redirect(back) if back else redirect("trial:account", about.user_id)
    shown |= {"form": form, "account": about, "back": back, "over": Done(over, last(about.pk)) if over else None}
    return render(request, "trial/people/account_act.html", shown, status=status)


def _closed(about: Account) -> str:
    return "" if about.open else f"The account of {about.name} is closed. Nothing is changed about it until it is open."


def _account(user: UUID) -> Account:
    found = queries.accounts_with_sign_in().filter(user=user).first()
    if found is None:
        raise Http404("No such account.")
    return found


def _administrator(request: HttpRequest) -> User:
    person = access.person(request)
    if not access.installation_may(person, May.MANAGE_PEOPLE):
        raise PermissionDenied("Only an administrator may manage accounts.")
    return person

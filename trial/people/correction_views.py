"""Corrections of names and what stands beside them, a page each: a site, the trial, a person."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from .. import queries
from ..refusals import Refused
from ..roles import May
from . import access, corrections
from .forms import CorrectSiteForm, CorrectTrialForm, NameForm
from .views import BOTH, form_page


@require_http_methods(BOTH)
def site(request: HttpRequest, trial: str, site: UUID) -> HttpResponse:
    scope = access.enter(request, trial, May.MANAGE_PEOPLE)
    row = next((one for one in queries.sites(scope.trial.pk) if one.pk == site), None)
    if row is None:
        raise Http404("No such site.")
    form = CorrectSiteForm(request.POST or None, site=row)

    def write() -> str:
        corrected = corrections.correct_site(trial=scope.trial.pk, site=row.pk, by=scope.user, **form.cleaned_data)
        return f"Site {corrected} is corrected."

    return form_page(
        request, scope, form, write,
        heading=f"Correct site {row.code}",
        note=f"Recorded: {row.code} {row.name}, {row.time_zone}. A new time zone says when a day of the site ends; no "
        "stored date moves.",
        submit="Correct the site",
    )  # fmt: skip


@require_http_methods(BOTH)
def trial(request: HttpRequest, trial: str) -> HttpResponse:
    scope = access.enter(request, trial, May.MANAGE_PEOPLE)
    form = CorrectTrialForm(request.POST or None, trial=scope.trial)

    def write() -> str:
        corrections.correct_trial(trial=scope.trial.pk, by=scope.user, **form.cleaned_data)
        return "The trial is corrected."

    return form_page(
        request, scope, form, write,
        heading="Correct title and sponsor of the trial",
        note=f"Recorded: {scope.trial.title}. The code {scope.trial.code} is in every address and stays.",
        submit="Correct the trial",
    )  # fmt: skip


@require_http_methods(BOTH)
def name(request: HttpRequest, user: UUID) -> HttpResponse:
    """One's own name, or anybody's for an administrator."""
    person = access.person(request)
    own = person.pk == user
    if not own and not access.installation_may(person, May.MANAGE_PEOPLE):
        raise PermissionDenied("Only an administrator may correct another person's name.")
    account = queries.accounts().filter(user=user).first()
    if account is None:
        raise Http404("No such account.")
    form = NameForm(request.POST or None, account=account)
    back = reverse("trial:home") if own else reverse("trial:accounts")
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                corrections.correct_name(user=account.user_id, by=person, **form.cleaned_data)
            except Refused as refusal:
                form.refused(refusal)
                status = 409
            else:
                messages.success(request, f"The name is {form.cleaned_data['name']} now.")
                return redirect(back)
    shown = {"form": form, "account": account, "own": own, "back": back}
    return render(request, "trial/people/account_name.html", shown, status=status)

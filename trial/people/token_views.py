"""REST tokens of the signed-in person: made, shown once, revoked."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from ..posted import prove
from ..record import access_events
from . import access
from . import tokens as store
from .token_forms import TokenForm


@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The list and the form; a new token's secret stands in the answer to its POST and nowhere else."""
    person = access.person(request)
    form = TokenForm(request.POST or None)
    made, secret, status = None, "", 200
    if request.method == "POST":
        status = 422
        whole = form.is_valid()  # false of an empty body too, whose form has no errors
        if whole:
            prove(request, form, "No token was made.")
        if whole and not form.errors:
            said = form.cleaned_data
            made, secret = store.create(user=person, name=said["name"], scopes=said["scopes"], days=said["days"])
            access_events.record(access_events.TOKEN_MADE, user=person, request=request, detail=made.prefix)
            form, status = TokenForm(), 201
    shown = {"tokens": store.of(person), "form": form, "made": made, "secret": secret, "now": timezone.now()}
    return render(request, "trial/people/tokens.html", shown, status=status)


@require_POST
def revoke(request: HttpRequest, token: UUID) -> HttpResponse:
    person = access.person(request)
    mine = next((t for t in store.of(person) if t.pk == token), None)
    if mine is None:
        raise Http404("No such token.")
    if mine.revoked_at is None:
        store.revoke(mine)
        access_events.record(access_events.TOKEN_REVOKED, user=person, request=request, detail=mine.prefix)
    messages.success(request, f"The token {mine.name} opens nothing any more.")
    return redirect("trial:tokens")

"""What the pages of patients share: entering with the situation, and a page of one form to one service."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from assessments import sight
from escalation import queries as escalation
from escalation.standing import Situation
from trial.forms import ServiceForm
from trial.people import access
from trial.people.access import Scope
from trial.refusals import Refused
from trial.roles import May

BOTH = require_http_methods(["GET", "POST"])
TEMPLATE = "patients/act.html"


def enter(request: HttpRequest, trial: str, right: May = May.READ) -> tuple[Scope, Situation | None]:
    """The person's scope and where the trial stands, computed once for page and frame."""
    scope = access.enter(request, trial, right)
    here = escalation.here(scope)
    request.situation = here  # type: ignore[attr-defined]
    return scope, here


def act(
    request: HttpRequest, scope: Scope, form: ServiceForm, save: Callable[[dict[str, Any]], object], *,
    back: str, done: str, template: str = TEMPLATE, **besides: Any,
) -> HttpResponse:  # fmt: skip
    """A page with one form to one service: shown, refused with the sentence beside the field, or done."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                save(form.cleaned_data)
            except Refused as refusal:
                here = getattr(request, "situation", None)
                sentence = sight.veiled(str(refusal), scope, here.facts if here else [])
                form.refused(Refused(sentence, field=refusal.field))
                status = 409
            else:
                messages.success(request, done)
                return redirect(back)
    return show(request, form, back=back, status=status, template=template, **besides)


def show(
    request: HttpRequest, form: ServiceForm, *,
    back: str, status: int = 200, template: str = TEMPLATE, **besides: Any,
) -> HttpResponse:  # fmt: skip
    return render(request, template, {"form": form, "back": back, **besides}, status=status)

"""A form that was sent: whole and signed or not, handed to its service, shown again when that refuses."""

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict

from trial.forms import ServiceForm
from trial.people import proof
from trial.people.access import Scope
from trial.people.proof_forms import SignedForm
from trial.refusals import Refused

Form = TypeVar("Form", bound=ServiceForm)
Made = TypeVar("Made")


def take(
    request: HttpRequest,
    form: Form,
    *,
    act: Callable[[Form], Made],
    said: Callable[[Made], str],
    to: Callable[[Made], HttpResponse],
    shown: Callable[[Form], HttpResponse],
    refused: Callable[[Refused], HttpResponse],
) -> HttpResponse:
    """Give the form to its service `act`; then `said` tells the person what was made, and `to` leads on.

    shown: the page with this form, which is not whole, or whose proof of the person is wrong (422).
    refused: the page with the service's sentence (409).
    """
    if request.method != "POST":  # a form that is shown again as it was typed is not sent
        return shown(form)
    whole = form.is_valid()  # false of an empty body too, whose form has no errors
    if whole and isinstance(form, SignedForm):
        prove(request, form)
    if not whole or form.errors:
        return shown(form)
    try:
        made = act(form)
    except Refused as refusal:
        return refused(refusal)
    messages.success(request, said(made))
    return to(made)


def prove(request: HttpRequest, form: SignedForm, undone: str = "Nothing was signed.") -> None:
    """Take the proof of a whole form; what is wrong with it stands beside its fields, with what was not done."""
    said = form.cleaned_data
    given = proof.given(request, password=said["password"], code=said["code"])
    form.proof = given.proof
    for field, sentence in given.faults.items():
        form.add_error(field, f"{sentence} {undone}" if field == "password" else sentence)


def sent(scope: Scope, form: ServiceForm) -> dict[str, Any]:
    """What a service is given of a whole form: its answers, whose they are, and what was its proof.

    A choice of several parts is left to the caller, who names them.
    """
    answers = {name: value for name, value in form.cleaned_data.items() if name != "choice"}
    if isinstance(form, SignedForm):
        del answers["password"], answers["code"]
        answers["proof"] = form.proof
    return {"trial": scope.trial.pk, "by": scope.user, **answers}


def afresh(request: HttpRequest, **now: str) -> QueryDict:
    """What was typed, with `now` in place of what has changed since: the person reads it and sends it again."""
    typed = request.POST.copy()
    typed["key"] = str(uuid.uuid4())
    for name, value in now.items():
        typed[name] = value
    return typed


def answered(form: Form, refusal: Refused) -> Form:
    """The form with the service's sentence beside what was typed."""
    form.is_valid()
    form.refused(refusal)
    return form

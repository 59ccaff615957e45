"""After a corrected date: the facts of the patient that contradict it or want checking, and that they were checked."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from escalation.outstanding import moved
from patients.dosing import forms
from trial.roles import May

from ..common import BOTH, act, beside, find


@BOTH
def dates(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """Who corrected a date comes here; without anything to look at, to the patient."""
    right = May.RECORD_DOSING if request.method == "POST" else May.READ_PATIENTS
    scope, here, f = find(request, trial, number, right)
    found = moved.of(here, moved.rows(f))
    if request.method == "GET" and not found.items:
        return redirect("patients:patient", trial, f.patient.code)
    form = forms.CheckedForm(request.POST or None, rev=found.number)

    def save(typed: dict[str, Any]) -> None:
        moved.check(
            trial=scope.trial.pk, patient=f.patient.pk, seen=typed["rev"], note=typed["note"], by=scope.user,
            key=typed["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        template="patients/dosing/dates.html",
        done=f"The facts of patient {f.patient.code} are checked and stand.",
        state="; ".join(move.text for move in found.moves) or "Two facts contradict each other.",
        moved=found,
        nothing=not found.asked or not scope.may(May.RECORD_DOSING),
        submit="They are checked and stand",
        **beside(scope, f, "After a corrected date"),
    )  # fmt: skip

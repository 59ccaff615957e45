"""A consent that is taken back."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from patients import queries
from patients.enrolment import forms, services
from patients.models import Consent
from trial.forms import shown
from trial.roles import May

from ..common import BOTH, act, enter

WITHDRAWN = {
    Consent.Kind.TRIAL: "From that day nothing new may be recorded under it; what was recorded before stays in the "
    "record. Before enrolment the patient can then not be enrolled. Treatment is stopped in a step of its own.",
    Consent.Kind.BIOMARKER: "From that day no new sBCMA value can be stored, and none of this patient goes into later "
    "analyses. The consent to the trial is another one and stays.",
}


@BOTH
def withdraw(request: HttpRequest, trial: str, number: int, consent: UUID) -> HttpResponse:
    scope, _ = enter(request, trial, May.RECORD_CONSENT)
    slot = queries.slot(scope.trial.pk, number)
    if slot is None or not scope.sees(slot.site_id):
        raise Http404("No such slot.")
    row = next((c for c in slot.consents.all() if c.pk == consent), None)
    if row is None:
        raise Http404("No such consent.")
    form = forms.WithdrawForm(request.POST or None)
    kind = Consent.Kind(row.kind)

    def save(said: dict[str, Any]) -> None:
        services.withdraw_consent(
            trial=scope.trial.pk, consent=row.pk, on=said["on"], reason=said["reason"], by=scope.user, key=said["key"]
        )

    patient = getattr(slot, "patient", None)
    back = (
        reverse("patients:patient", args=[trial, patient.code])
        if patient
        else reverse("patients:slot", args=[trial, number])
    )
    return act(
        request, scope, form, save,
        back=back,
        done=f"The withdrawal of the consent ({kind.label}) is recorded.",
        title=f"Withdraw the consent, {kind.label}",
        state=f"Version {row.version}, signed {shown(row.given_on)}.",
        because=WITHDRAWN[kind],
        submit="Record the withdrawal",
        danger=True,
        patient=patient,
    )  # fmt: skip

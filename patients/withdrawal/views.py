"""A patient's withdrawal from the trial: recorded, corrected, taken back."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from escalation.enrolment import withdrawals
from patients.consent import withdrawn
from patients.consent.models import Covers, Deviation, Withdrawal
from patients.models import Slot
from patients.withdrawal import forms, queries, services
from trial import queries as ground
from trial.done import Done
from trial.forms import VoidForm, shown
from trial.people.access import Scope
from trial.roles import May

from ..common import BOTH, act, again, enter, page_of, recorded, since, slot_of, standing, typed

TEMPLATE = "patients/withdrawal/form.html"
LATER = (
    "What is recorded already and lies after the day of the withdrawal is then listed as a deviation, and the "
    "investigator is asked for the reason."
)


@BOTH
def record(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, _ = enter(request, trial, May.RECORD_CONSENT)
    slot = slot_of(scope, number)
    treatment = getattr(getattr(slot, "patient", None), "treatment", None)
    on_treatment = treatment is not None and treatment.stopped_on is None
    drugs = [drug.name for drug in ground.drugs(scope.trial.pk)] if on_treatment else None
    form = forms.WithdrawalForm(request.POST or None, drugs=drugs)

    def save(answers: dict[str, Any]) -> None:
        services.record_withdrawal(trial=scope.trial.pk, slot=slot.pk, by=scope.user, **form.asked)

    return act(
        request, scope, form, save,
        back=page_of(scope, slot),
        over=_withdrew(scope, slot),
        done="The withdrawal is recorded.",
        template=TEMPLATE,
        title=f"Withdrawal from the trial, {_who(slot)}",
        state="What is recorded stays, and what began before may still be followed to its end.",
        because=f"{_follows(slot, on_treatment)} {LATER}".strip(),
        submit="Record the withdrawal",
        danger=True,
        patient=getattr(slot, "patient", None),
    )  # fmt: skip


@BOTH
def correct(request: HttpRequest, trial: str, number: int, withdrawal: UUID) -> HttpResponse:
    scope, row = _withdrawal(request, trial, number, withdrawal)
    form = forms.CorrectWithdrawalForm(request.POST or None, row=row)

    def save(answers: dict[str, Any]) -> None:
        services.correct_withdrawal(trial=scope.trial.pk, withdrawal=row.pk, by=scope.user, **answers)

    return act(
        request, scope, form, save,
        back=page_of(scope, row.slot),
        done="The withdrawal is corrected.",
        template=TEMPLATE,
        title=f"Correct the withdrawal, {_who(row.slot)}",
        state=_said(row),
        because="What it forbids follows from it as corrected. The end of treatment is corrected on its own.",
        submit="Save correction",
        patient=getattr(row.slot, "patient", None),
        void_url=reverse("patients:void_withdrawal", args=[trial, number, row.pk]),
        changed=lambda: since(scope, row, form, typed(form, ("covers", "on", "public_records"))),
    )  # fmt: skip


@BOTH
def void(request: HttpRequest, trial: str, number: int, withdrawal: UUID) -> HttpResponse:
    scope, row = _withdrawal(request, trial, number, withdrawal)
    form = VoidForm(request.POST or None, row=row)
    here = getattr(request, "situation", None)
    place = withdrawals.comes_back(row, here) if here else ""

    def save(answers: dict[str, Any]) -> None:
        withdrawals.void_withdrawal(
            trial=scope.trial.pk, withdrawal=row.pk, rev=answers["rev"], reason=answers["reason"], by=scope.user,
            key=answers["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        back=page_of(scope, row.slot),
        done=lambda: f"The withdrawal is taken back.{_now(scope, row) if place else ''}",
        title=f"Take back the withdrawal, {_who(row.slot)}",
        state=_said(row),
        because="For a withdrawal that was recorded by mistake. A patient who changes his mind signs a consent again, "
        "which is recorded as such. An end of treatment that was recorded with it stays until it is corrected. "
        f"{place}",
        submit="Take back",
        danger=True,
        patient=getattr(row.slot, "patient", None),
    )  # fmt: skip


@BOTH
def deviation(request: HttpRequest, trial: str, deviation: UUID) -> HttpResponse:
    scope, _ = enter(request, trial, May.EXPLAIN_DEVIATION)
    row = queries.deviation(scope.trial.pk, deviation)
    if row is None or not scope.sees(row.patient.site_id):
        raise Http404("No such deviation.")
    back = reverse("patients:patient", args=[trial, row.patient.code])
    standing(request, row, back)
    form = forms.DeviationForm(request.POST or None, row=row)

    def save(answers: dict[str, Any]) -> None:
        services.explain_deviation(trial=scope.trial.pk, deviation=row.pk, by=scope.user, **answers)

    code = row.patient.code
    return act(
        request, scope, form, save,
        back=back,
        over=recorded(scope, row, f"The reason is given: {row.reason}", "reason", correct="?correct=1")
        if not row.owed and not again(request)
        else None,
        done=f"The reason is recorded: patient {code}, {row.fact}.",
        title=f"Reason for a deviation, patient {code}",
        state=f"{row.fact[0].upper()}{row.fact[1:]}, {shown(row.on)}: after the withdrawal, {shown(row.withdrawn_on)}.",
        because=_found(row),
        submit="Save the reason" if row.owed else "Save correction",
        patient=row.patient,
        changed=lambda: since(scope, row, form, {"reason": ("Reason for the deviation", form.cleaned_data["why"])}),
    )  # fmt: skip


def _withdrew(scope: Scope, slot: Slot) -> Done | None:
    """From all contact, and nothing was signed since: there is no more to withdraw from."""
    if all(span.covers != Covers.CONTACT or span.until for span in withdrawn.of(slot.pk).spans):
        return None
    row = max((w for w in queries.of_slot(slot.pk) if w.covers == Covers.CONTACT), key=lambda w: w.on)
    correct = reverse("patients:correct_withdrawal", args=[scope.trial.code, slot.number, row.pk])
    return recorded(scope, row, _said(row), correct=correct)


def _found(row: Deviation) -> str:
    why = "What is recorded stays as it is and counts as before."
    if row.found_late:
        why += " It was recorded before the withdrawal was, so nobody has been asked yet why it was done."
    return f"{why} If its day is wrong, correct that instead: the deviation ends with it."


def _withdrawal(request: HttpRequest, trial: str, number: int, withdrawal: UUID) -> tuple[Scope, Withdrawal]:
    scope, _ = enter(request, trial, May.RECORD_CONSENT)
    row = queries.one(scope.trial.pk, withdrawal)
    if row is None or row.slot.number != number or not scope.sees(row.slot.site_id):
        raise Http404("No such withdrawal.")
    standing(request, row, page_of(scope, row.slot))
    return scope, row


def _now(scope: Scope, row: Withdrawal) -> str:
    slot = slot_of(scope, row.slot.number)
    return f" Slot {slot.number} is {slot.get_state_display()}."


def _follows(slot: Slot, on_treatment: bool) -> str:
    patient = getattr(slot, "patient", None)
    if patient is None:
        return "The slot is given back at once and goes to the next on the waiting list."
    if getattr(patient, "treatment", None) is None:
        return "The patient has had no dose: the place is free again at once."
    return "Study treatment ends with it: say when, and whether it was for toxicity." if on_treatment else ""


def _said(row: Withdrawal) -> str:
    records = "may" if row.public_records else "may not"
    covered = f"from {Covers(row.covers).label}, on {shown(row.on)}"
    return f"Recorded: {covered}; survival {records} be read from public records."


def _who(slot: Slot) -> str:
    patient = getattr(slot, "patient", None)
    return f"patient {patient.code}" if patient else f"slot {slot.number}"

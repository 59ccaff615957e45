"""Corrections of what is recorded of an enrolment, a page each: its day, and the answers about eligibility."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from patients import queries
from patients.enrolment import corrections, forms
from patients.models import EligibilityAnswer
from patients.queries import history
from trial.forms import shown
from trial.refusals import Refused
from trial.roles import May

from ..common import BOTH, Changed, act, beside, enter, find, page_of, slot_of

YES_NO = {True: "yes", False: "no"}


@BOTH
def enrolment(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, _, f = find(request, trial, number, May.ENROL)
    row = f.patient
    form = forms.CorrectEnrolmentForm(request.POST or None, label="Enrolled on", now=row.enrolled_on, rev=row.rev)

    def save(typed: dict[str, Any]) -> None:
        try:
            corrections.correct_enrolment(
                trial=scope.trial.pk, patient=row.pk, on=typed["on"], given=typed["given"], rev=typed["rev"],
                reason=typed["reason"], by=scope.user, key=typed["key"],
            )  # fmt: skip
        except Refused as refusal:
            if refusal.field == "given" or typed["given"]:
                form.ask_given()
            raise

    entry = history(scope.trial.pk, [row]).of(row.pk, "enrolled_on")
    who = f", by {entry.who} on {shown(entry.at.date())}" if entry else ""
    return act(
        request, scope, form, save,
        done=f"The enrolment of patient {row.code} is corrected.",
        state=f"Recorded: {shown(row.enrolled_on)}{who}.",
        because="Consent comes before it, the first dose on that day or later.",
        submit="Correct the enrolment",
        danger=True,
        then=reverse("patients:dates", args=[trial, f.patient.code]),
        **beside(scope, f, "Correct the enrolment"),
    )  # fmt: skip


@BOTH
def eligibility(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, _ = enter(request, trial, May.CONFIRM_ELIGIBILITY)
    slot = slot_of(scope, number)
    given = queries.answered_last(slot)
    if not given:
        raise Http404("Eligibility is not answered yet.")
    form = forms.CorrectEligibilityForm(request.POST or None, given=given)

    def save(typed: dict[str, Any]) -> None:
        corrections.correct_eligibility(
            trial=scope.trial.pk, slot=slot.pk, answers=form.answers, on=typed["on"], rev=typed["rev"],
            reason=typed["reason"], by=scope.user, key=typed["key"],
        )  # fmt: skip

    def changed() -> Changed:
        past = history(scope.trial.pk, given)
        found = []
        for answer in given:
            then = past.then(answer.pk, form.cleaned_data["rev"])
            was = YES_NO[then["met"]] if then else "–"
            now, yours = YES_NO[answer.met], YES_NO[form.answers[answer.criterion_id]]
            if was != now or now != yours:
                found.append((f"Criterion {answer.criterion.number}", was, now, yours))
        opened = [past.then(answer.pk, form.cleaned_data["rev"]) or {} for answer in given]
        was, now = _last(row.get("on") for row in opened), _last(answer.on for answer in given)
        if (on := form.cleaned_data["on"]) and (was != now or now != str(on)):
            found.append(("Answered on", was, now, str(on)))
        return found

    patient = getattr(slot, "patient", None)
    return act(
        request, scope, form, save,
        back=page_of(scope, slot),
        done="The answers about eligibility are corrected.",
        changed=changed,
        title="Correct the eligibility" + (f", patient {patient.code}" if patient else f", slot {number}"),
        state="Answered by " + ", ".join(sorted({answer.by.name for answer in given})) + f"{_on(given)}.",
        because="There are no waivers: with an answer no nobody is enrolled and nobody starts. Who has started stays "
        "in the record as treated, and the answer says that he was not eligible.",
        submit="Correct the answers",
        danger=True,
        patient=patient,
    )  # fmt: skip


def _last(days: Iterable[object]) -> str:
    return max((str(day) for day in days if day), default="–")


def _on(given: Sequence[EligibilityAnswer]) -> str:
    """The days of the answers, where they are known: ", 14 Mar 2026"."""
    return "".join(f", {shown(day)}" for day in sorted({answer.on for answer in given if answer.on}))

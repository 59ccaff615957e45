"""Corrections of treatment, a page each: the day of the first dose, the start of cycle 2, how treatment ended."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from assessments.count import first_dose as first_doses
from assessments.count.queries import PatientFacts
from patients import queries
from patients.dosing import corrections, forms, services
from patients.models import Treatment
from patients.queries import history
from trial import queries as ground
from trial.forms import VoidForm, shown
from trial.people.access import Scope
from trial.roles import May

from ..common import BOTH, Changed, act, beside, find, since

FOLLOWS = (
    "Study days, the DLT window, evaluability, the baseline of the response and all times are counted from it anew. "
    "When a signed decision counted this patient differently, its basis has changed: enrolment there and above is held "
    "and the committee is asked again. Totals of doses over the window are kept as they were entered: check them."
)
VOIDED = (
    "For a first dose that was entered for the wrong patient; another day is a correction. The patient is before his "
    "first dose again and leaves the count, and a confirmation of evaluability is taken back with it. When a signed "
    "decision counted him, its basis has changed: enrolment there and above is held and the committee is asked again. "
    "Visits and samples stay. What is recorded now stays in the audit trail with your reason."
)
STOP = {
    "stopped_on": "Last day of study treatment",
    "stop_reason": "Reason",
    "stop_related": "For related toxicity",
    "stopped_drugs": "Drugs stopped for it",
}


@BOTH
def first_dose(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, f, row = _treated(request, trial, number)
    form = forms.CorrectDayForm(request.POST or None, label="First dose on", now=row.first_dose_on, rev=row.rev)

    def save(typed: dict[str, Any]) -> None:
        first_doses.correct_first_dose(
            trial=scope.trial.pk, patient=f.patient.pk, on=typed["on"], rev=typed["rev"], reason=typed["reason"],
            by=scope.user, key=typed["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        done=f"The first dose of patient {f.patient.code} is corrected, and what is counted from it.",
        changed=lambda: since(scope, row, form, {"first_dose_on": ("First dose", form.cleaned_data["on"])}),
        state=f"Recorded: {shown(row.first_dose_on)}{_by(scope, row, 'first_dose_on')}.",
        because=FOLLOWS,
        submit="Correct the first dose",
        danger=True,
        take_back=(
            reverse("patients:void_first_dose", args=[trial, f.patient.code]),
            "Take the first dose back",
            "it was entered for the wrong patient.",
        ),
        then=reverse("patients:dates", args=[trial, f.patient.code]),
        **beside(scope, f, "Correct the first dose"),
    )  # fmt: skip


@BOTH
def void_first_dose(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, f, row = _treated(request, trial, number)
    form = VoidForm(request.POST or None, row=row)
    found = first_doses.hanging(row)

    def save(typed: dict[str, Any]) -> None:
        first_doses.void_first_dose(
            trial=scope.trial.pk, treatment=row.pk, rev=typed["rev"], reason=typed["reason"], by=scope.user,
            key=typed["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        done=f"The first dose of patient {f.patient.code} is taken back: he is before his first dose.",
        state=f"Recorded: {shown(row.first_dose_on)}{_by(scope, row, 'first_dose_on')}.",
        because=f"Take back first what is recorded since then: {', '.join(found)}." if found else VOIDED,
        nothing=bool(found),
        submit="Take the first dose back",
        danger=True,
        **beside(scope, f, "Take the first dose back"),
    )  # fmt: skip


@BOTH
def void_dosing(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, f, _ = _treated(request, trial, number)
    if not f.doses:
        raise Http404("No doses are recorded.")
    last = max(f.doses, key=lambda dose: dose.rev)
    form = VoidForm(request.POST or None, row=last)

    def save(typed: dict[str, Any]) -> None:
        services.take_doses_back(
            trial=scope.trial.pk, patient=f.patient.pk, rev=typed["rev"], reason=typed["reason"], by=scope.user,
            key=typed["key"],
        )  # fmt: skip

    amounts = (f"{d.drug.name} {queries.plain(d.taken)} of {queries.plain(d.planned)}" for d in f.doses)
    return act(
        request, scope, form, save,
        done=f"The doses of patient {f.patient.code} are taken back.",
        state=f"Recorded: {', '.join(amounts)}.",
        because="For amounts that were entered for the wrong patient; others are corrected. They stay in the audit "
        "trail.",
        submit="Take the doses back",
        danger=True,
        **beside(scope, f, "Take the doses back"),
    )  # fmt: skip


@BOTH
def cycle2(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, f, row = _treated(request, trial, number)
    if row.cycle2_on is None:
        raise Http404("Cycle 2 is not recorded.")
    form = forms.CorrectDayForm(
        request.POST or None,
        label="First dose of cycle 2 on",
        now=row.cycle2_on,
        rev=row.rev,
        may_be_empty="Empty it when cycle 2 has not begun.",
    )

    def save(typed: dict[str, Any]) -> None:
        corrections.correct_cycle_2(
            trial=scope.trial.pk, patient=f.patient.pk, on=typed["on"], rev=typed["rev"], reason=typed["reason"],
            by=scope.user, key=typed["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        done=f"Cycle 2 of patient {f.patient.code} is corrected.",
        changed=lambda: since(scope, row, form, {"cycle2_on": ("Cycle 2", form.cleaned_data["on"])}),
        state=f"Recorded: {shown(row.cycle2_on)}{_by(scope, row, 'cycle2_on')}.",
        because="It answers whether cycle 2 was delayed for toxicity (criterion N4): a DLT may be suspected by the day "
        "as corrected, or no longer.",
        submit="Correct cycle 2",
        danger=True,
        then=reverse("patients:dates", args=[trial, f.patient.code]),
        **beside(scope, f, "Correct cycle 2"),
    )  # fmt: skip


@BOTH
def stop(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, f, row = _treated(request, trial, number)
    if row.stopped_on is None:
        raise Http404("No end of treatment is recorded.")
    drugs = [drug.name for drug in ground.drugs(scope.trial.pk)]
    form = forms.CorrectStopForm(request.POST or None, treatment=row, drugs=drugs)

    def save(typed: dict[str, Any]) -> None:
        answers: dict[str, Any] = {}
        if typed["on"]:
            related, drugs = form.columns["stop_related"], form.columns["stopped_drugs"]
            answers = {"stop_reason": typed["stop_reason"], "related": related, "drugs": drugs}
        corrections.correct_stop(
            trial=scope.trial.pk, patient=f.patient.pk, on=typed["on"], rev=typed["rev"], reason=typed["reason"],
            by=scope.user, key=typed["key"], **answers,
        )  # fmt: skip

    def changed() -> Changed:
        typed = form.cleaned_data
        yours = {"stopped_on": typed["on"], "stop_reason": typed["stop_reason"], **form.columns}
        return since(scope, row, form, {name: (label, yours[name]) for name, label in STOP.items()})

    return act(
        request, scope, form, save,
        done=f"The end of treatment of patient {f.patient.code} is corrected.",
        changed=changed,
        state=f"Recorded: {shown(row.stopped_on)}, {row.stop_reason}{_by(scope, row, *STOP)}.",
        because="Evaluability and criterion N4 are read by it anew.",
        submit="Correct the end of treatment",
        danger=True,
        suggestions=forms.STOP_REASONS,
        **beside(scope, f, "Correct the end of treatment"),
    )  # fmt: skip


@BOTH
def held_why(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, f, row = _treated(request, trial, number)
    if not row.in_spite_of:
        raise Http404("The first dose was given in spite of nothing.")
    form = forms.HeldWhyForm(request.POST or None, treatment=row)

    def save(typed: dict[str, Any]) -> None:
        corrections.correct_held_why(
            trial=scope.trial.pk, patient=f.patient.pk, why=typed["why"], rev=typed["rev"], reason=typed["reason"],
            by=scope.user, key=typed["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        done=f"Why the first dose of patient {f.patient.code} was given is corrected.",
        changed=lambda: since(scope, row, form, {"held_why": ("Why it was given", form.cleaned_data["why"])}),
        state=f"First dose {shown(row.first_dose_on)}, given in spite of a hold{_by(scope, row, 'held_why')}.",
        because="The dose and what held enrolment stay as they are; a wrong day is corrected with the first dose.",
        submit="Save correction",
        **beside(scope, f, "Correct why it was given"),
    )  # fmt: skip


def _treated(request: HttpRequest, trial: str, number: int) -> tuple[Scope, PatientFacts, Treatment]:
    scope, _, f = find(request, trial, number, May.RECORD_DOSING)
    row: Treatment | None = getattr(f.patient, "treatment", None)
    if row is None:
        raise Http404("This patient has had no dose.")
    return scope, f, row


def _by(scope: Scope, row: Treatment, *names: str) -> str:
    """ ", by Dr A on 3 Mar 2026": who gave the columns their present value."""
    entry = history(scope.trial.pk, [row]).of(row.pk, *names)
    return f", by {entry.who} on {shown(entry.at.date())}" if entry else ""

"""Screening: who was screened and how it ended, counted per site; a row, its end, its correction."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from patients.screening import forms, queries, services
from patients.screening.models import Screening
from trial import queries as ground
from trial.forms import VoidForm, shown
from trial.models import EligibilityCriterion
from trial.people.access import Scope
from trial.roles import May
from trial.sheets.paging import page_of

from ..common import BOTH, act, enter, recorded, since, standing, typed

TEMPLATE = "patients/screening/form.html"
CRUMB = "Screening"


@require_GET
def screening(request: HttpRequest, trial: str) -> HttpResponse:
    scope, _ = enter(request, trial, May.READ_PATIENTS)
    rows = [row for row in queries.of_trial(scope.trial.pk) if scope.sees(row.site_id)]
    context = {
        "page": page_of(request, rows, 50),
        "counts": queries.counted(rows),
        "total": len(rows),
        "open": sum(not row.outcome for row in rows),
        "may_screen": scope.may(May.SCREEN),
    }
    return render(request, "patients/screening/screening.html", context)


@BOTH
def add(request: HttpRequest, trial: str) -> HttpResponse:
    scope, _ = enter(request, trial, May.SCREEN)
    form = forms.ScreeningForm(request.POST or None)

    def save(answers: dict[str, Any]) -> None:
        services.record_screening(trial=scope.trial.pk, by=scope.user, **answers)

    return act(
        request, scope, form, save,
        back=_list(scope),
        done="The screening is recorded.",
        title="Record a screening",
        state="Everybody who is screened, enrolled or not. A number is used once; who comes again gets a new one.",
        submit="Record screening",
        parent=CRUMB,
    )  # fmt: skip


@BOTH
def end(request: HttpRequest, trial: str, screening: UUID) -> HttpResponse:
    scope, row = _row(request, trial, screening)
    form = forms.EndForm(request.POST or None, criteria=_criteria(scope, row))
    over = None
    if row.outcome:
        what = f"Recorded: screening {row.number} ended as {row.get_outcome_display()}."
        over = recorded(
            scope, row, what, "outcome", correct=reverse("patients:correct_screening", args=[trial, row.pk])
        )

    def save(answers: dict[str, Any]) -> None:
        services.end_screening(trial=scope.trial.pk, screening=row.pk, by=scope.user, **answers)

    return act(
        request, scope, form, save,
        back=_list(scope),
        done=f"The outcome of screening {row.number} is recorded.",
        over=over,
        title=f"Outcome of screening {row.number}",
        state=f"Screened on {shown(row.on)}, {row.get_outcome_display() or 'still open'}.",
        because="A slot that is held for this person is free at once.",
        submit="Record outcome",
        parent=CRUMB,
    )  # fmt: skip


@BOTH
def correct(request: HttpRequest, trial: str, screening: UUID) -> HttpResponse:
    scope, row = _row(request, trial, screening)
    form = forms.CorrectScreeningForm(request.POST or None, row=row, criteria=_criteria(scope, row))

    def save(answers: dict[str, Any]) -> None:
        services.correct_screening(trial=scope.trial.pk, screening=row.pk, by=scope.user, **{**answers, **form.ended})

    return act(
        request, scope, form, save,
        back=_list(scope),
        done="The screening is corrected.",
        template=TEMPLATE,
        title=f"Correct screening {row.number}",
        state=f"Screened on {shown(row.on)}, {row.get_outcome_display() or 'still open'}.",
        because="What is recorded now stays in the audit trail with your reason. A number that was given once is not "
        "given again.",
        submit="Save correction",
        parent=CRUMB,
        void_url=reverse("patients:void_screening", args=[trial, row.pk]),
        changed=lambda: since(
            scope, row, form, typed(form, [name for name in ("number", "on", "outcome") if name in form.fields])
        ),
    )  # fmt: skip


@BOTH
def void(request: HttpRequest, trial: str, screening: UUID) -> HttpResponse:
    scope, row = _row(request, trial, screening)
    form = VoidForm(request.POST or None, row=row)

    def save(answers: dict[str, Any]) -> None:
        services.void_screening(
            trial=scope.trial.pk, screening=row.pk, rev=answers["rev"], reason=answers["reason"], by=scope.user,
            key=answers["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        back=_list(scope),
        done=f"Screening {row.number} is voided.",
        title=f"Void screening {row.number}",
        state=f"Screened on {shown(row.on)}.",
        because="For one that was recorded by mistake. Its number is not given again.",
        submit="Void screening",
        danger=True,
        parent=CRUMB,
    )  # fmt: skip


def _row(request: HttpRequest, trial: str, screening: UUID) -> tuple[Scope, Screening]:
    scope, _ = enter(request, trial, May.SCREEN)
    row = queries.one(scope.trial.pk, screening)
    if row is None or not scope.sees(row.site_id):
        raise Http404("No such screening.")
    standing(request, row, _list(scope))
    return scope, row


def _criteria(scope: Scope, row: Screening) -> list[EligibilityCriterion]:
    """Of the protocol in force, or of the version by which it failed."""
    if row.criterion:
        return ground.criteria(row.criterion.version_id)
    protocol = ground.protocol(scope.trial.pk, with_doses=False)
    return ground.criteria(protocol.version.pk) if protocol else []


def _list(scope: Scope) -> str:
    return reverse("patients:screening", args=[scope.trial.code])

"""The biomarker page: results, samples, assays, cut-offs and controls, and the forms that write them."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from assessments.events.common import enter, patient_of
from patients.common import BOTH, standing
from patients.common import act as one_form
from patients.consent import withdrawn
from patients.consent.models import Covers
from patients.consent.withdrawn import Withdrawn
from patients.models import Patient
from patients.queries import plain
from trial.forms import VoidForm, shown
from trial.people.access import Scope
from trial.refusals import Refused
from trial.roles import May

from . import forms, queries, results_views, services
from .models import Assay, Sample
from .queries import Participant


def act(request: HttpRequest, scope: Scope, *form_and_save: Any, **besides: Any) -> HttpResponse:
    """A page with one form to one service, back to the biomarker page."""
    back = reverse("assessments:biomarker", args=[scope.trial.code])
    return one_form(request, scope, *form_and_save, back=back, template="assessments/biomarker/act.html", **besides)


@require_GET
def biomarker(request: HttpRequest, trial: str) -> HttpResponse:
    scope, _ = enter(request, trial)
    every = queries.participants(scope.trial.pk)
    mine = [p for p in every if scope.sees(p.patient.site_id)]
    may, left = scope.may(May.RECORD_SAMPLE), withdrawn.of_trial(scope.trial.pk)

    def sampled(p: Participant) -> bool:
        return not left.get(p.patient.slot_id, Withdrawn()).over(Covers.VISITS, scope.today_at(p.patient.site))

    context = {
        "scope": scope,
        "mine": [
            (p, [(s, queries.said(s)) for s in p.samples], may and p.analysed, may and p.analysed and sampled(p))
            for p in mine
        ],
        "samples": sum(len(p.samples) for p in mine),
        "consented": len(every),
        "withdrawn": sum(not p.analysed for p in every),
        "without": queries.without_consent(scope.trial.pk, every),
        "assays": [
            (a, plain(a.lower_limit), plain(a.normal_below), [(c, plain(c.value)) for c in a.cut_offs.all()])
            for a in queries.assays(scope.trial.pk)
        ],
        "controls": [(c, queries.said(c)) for c in queries.controls(scope.trial.pk)],
        "may_record": scope.may(May.RECORD_SAMPLE),
        "may_define": scope.may(May.DEFINE_ASSAY),
    }
    return render(request, "assessments/biomarker/page.html", context | results_views.context(request, scope))


def _assay(scope: Scope, assay: UUID) -> Assay:
    found = next((a for a in queries.assays(scope.trial.pk) if a.pk == assay), None)
    if found is None:
        raise Http404("No such assay.")
    return found


@BOTH
def new_assay(request: HttpRequest, trial: str) -> HttpResponse:
    scope, _ = enter(request, trial, May.DEFINE_ASSAY)
    return act(
        request, scope, forms.AssayForm(request.POST or None),
        lambda said: services.define_assay(trial=scope.trial.pk, by=scope.user, **said),
        done="The assay is defined.", title="New assay",
        state="One way of measuring sBCMA. Values of two assays never enter one analysis.", submit="Define assay",
    )  # fmt: skip


@BOTH
def correct_assay(request: HttpRequest, trial: str, assay: UUID) -> HttpResponse:
    scope, _ = enter(request, trial, May.DEFINE_ASSAY)
    of = _assay(scope, assay)
    return act(
        request, scope, forms.CorrectAssayForm(request.POST or None, row=of),
        lambda said: services.correct_assay(trial=scope.trial.pk, assay=of.pk, by=scope.user, **said),
        done="The assay is corrected.", title=f"Correct the assay {of.name}",
        state=f"Recorded: lower limit {plain(of.lower_limit)} ng/mL.", submit="Correct the assay",
    )  # fmt: skip


@BOTH
def add_cut_off(request: HttpRequest, trial: str, assay: UUID) -> HttpResponse:
    scope, _ = enter(request, trial, May.DEFINE_ASSAY)
    of = _assay(scope, assay)
    return act(
        request, scope, forms.CutOffForm(request.POST or None),
        lambda said: services.add_cut_off(trial=scope.trial.pk, assay=of.pk, by=scope.user, **said),
        done="The cut-off is added.", title=f"Cut-off, {of.name}",
        state="Published medians differ several-fold between assays: a cut-off belongs to one and names its source.",
        submit="Add cut-off",
    )  # fmt: skip


@BOTH
def add_controls(request: HttpRequest, trial: str, assay: UUID) -> HttpResponse:
    scope, _ = enter(request, trial, May.DEFINE_ASSAY)
    of = _assay(scope, assay)
    return act(
        request, scope, forms.ControlsForm(request.POST or None),
        lambda said: services.record_controls(trial=scope.trial.pk, assay=of.pk, by=scope.user, **said),
        done="The controls are recorded.", title=f"External controls, {of.name}",
        state="People without myeloma who were measured elsewhere with the same assay.", submit="Record controls",
    )  # fmt: skip


@BOTH
def void_cut_off(request: HttpRequest, trial: str, cut_off: UUID) -> HttpResponse:
    scope, _ = enter(request, trial, May.DEFINE_ASSAY)
    found = queries.cut_off(scope.trial.pk, cut_off)
    if found is None:
        raise Http404("No such cut-off.")
    standing(request, found, reverse("assessments:biomarker", args=[trial]))
    return act(
        request, scope, VoidForm(request.POST or None, row=found),
        lambda said: services.void_cut_off(trial=scope.trial.pk, cut_off=found.pk, by=scope.user, **said),
        done="The cut-off is taken back.", title=f"Take back the cut-off {plain(found.value)}",
        state="Later analyses no longer use it; earlier ones keep it.", submit="Take cut-off back", danger=True,
    )  # fmt: skip


@BOTH
def void_control(request: HttpRequest, trial: str, control: UUID) -> HttpResponse:
    scope, _ = enter(request, trial, May.DEFINE_ASSAY)
    found = queries.control(scope.trial.pk, control)
    if found is None:
        raise Http404("No such control.")
    standing(request, found, reverse("assessments:biomarker", args=[trial]))
    return act(
        request, scope, VoidForm(request.POST or None, row=found),
        lambda said: services.void_control(trial=scope.trial.pk, control=found.pk, by=scope.user, **said),
        done=f"Control {found.code} is taken back.", title=f"Take back control {found.code}",
        state="Later analyses no longer use it.", submit="Take control back", danger=True,
    )  # fmt: skip


@BOTH
def new_sample(request: HttpRequest, trial: str, patient: int) -> HttpResponse:
    scope, here = enter(request, trial, May.RECORD_SAMPLE)
    row = patient_of(scope, here, patient).patient
    assays = queries.assays(scope.trial.pk)
    form = forms.SampleForm(request.POST or None, assays=assays)

    def save(said: dict[str, Any]) -> None:
        services.record_sample(
            trial=scope.trial.pk, patient=row.pk, reading=form.reading, taken_on=said["taken_on"],
            taken_at=said["taken_at"], by=scope.user, key=said["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save, done=f"The sample of patient {row.code} is recorded.",
        title=f"Biomarker sample, patient {row.code}", submit="Record sample",
        state=_before_sample(row) if assays else "The medical monitor defines an assay first.",
    )  # fmt: skip


def _before_sample(row: Patient) -> str:
    """What stands of the sub-study's consent, before anything is typed."""
    try:
        consent = services.standing_consent(row)
    except Refused as refused:
        return str(refused)
    return f"Under the sub-study's own consent of {shown(consent.given_on)}."


def _sample(request: HttpRequest, trial: str, sample: UUID) -> tuple[Scope, Sample]:
    scope, _ = enter(request, trial, May.RECORD_SAMPLE)
    row = queries.sample(scope.trial.pk, sample)
    if row is None or not scope.sees(row.patient.site_id):
        raise Http404("No such sample.")
    standing(request, row, reverse("assessments:biomarker", args=[trial]))
    return scope, row


@BOTH
def correct_sample(request: HttpRequest, trial: str, sample: UUID) -> HttpResponse:
    scope, row = _sample(request, trial, sample)
    form = forms.SampleForm(request.POST or None, assays=queries.assays(scope.trial.pk), sample=row)

    def save(said: dict[str, Any]) -> None:
        services.correct_sample(
            trial=scope.trial.pk, sample=row.pk, reading=form.reading, taken_on=said["taken_on"],
            taken_at=said["taken_at"], rev=said["rev"], reason=said["reason"], by=scope.user, key=said["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save, done="The sample is corrected.",
        title=f"Correct a sample, patient {row.patient.code}", submit="Save correction",
        state=f"Now {queries.said(row)} with {row.assay.name}.",
    )  # fmt: skip


@BOTH
def void_sample(request: HttpRequest, trial: str, sample: UUID) -> HttpResponse:
    scope, row = _sample(request, trial, sample)
    return act(
        request, scope, VoidForm(request.POST or None, row=row),
        lambda said: services.void_sample(trial=scope.trial.pk, sample=row.pk, by=scope.user, **said),
        done="The sample is voided.", title=f"Void a sample, patient {row.patient.code}",
        state=f"{queries.said(row)} with {row.assay.name}. It stays in the record with your name and reason.",
        submit="Void sample", danger=True,
    )  # fmt: skip

"""Consent: the versions of the form, a later consent of a patient, its correction and its withdrawal."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from assessments.biomarker import consents as voiding
from patients.consent import forms, queries, services, withdrawn
from patients.consent import page as pages
from patients.consent.models import ConsentVersion
from patients.models import Consent
from trial.forms import VoidForm, shown
from trial.people.access import Scope
from trial.roles import May

from ..common import BOTH, act, beside, enter, find, page_of, recorded, since, standing, typed

DATED = ("version", "given_on", "withdrawn_on", "resumes")
WITHDRAWN = (
    "From that day no new sBCMA value can be stored, and none of this patient goes into later analyses. The consent to "
    "the trial is another one and stays."
)


@require_GET
def consent_forms(request: HttpRequest, trial: str) -> HttpResponse:
    scope, _ = enter(request, trial)
    page = pages.page(scope.trial.pk, scope.days, scope.site.pk if scope.site else None)
    context = {
        "page": page,
        "scope": scope,
        "may_define": scope.may(May.DEFINE_CONSENT),
        "may_record": scope.may(May.RECORD_CONSENT),
        "reads": scope.may(May.READ_PATIENTS),
    }
    return render(request, "patients/consent/forms.html", context)


@BOTH
def add_version(request: HttpRequest, trial: str) -> HttpResponse:
    scope, _ = enter(request, trial, May.DEFINE_CONSENT)
    form = forms.VersionForm(request.POST or None)

    def save(answers: dict[str, Any]) -> None:
        services.add_version(trial=scope.trial.pk, by=scope.user, **answers)

    return act(
        request, scope, form, save,
        back=reverse("patients:consent_forms", args=[trial]),
        done="The version of the consent form is in the list.",
        title="Add a version of the consent form",
        state="From its day on sites record this version. Who signed an earlier one is asked by the day you give.",
        submit="Add version",
        parent="Consent forms",
    )  # fmt: skip


@BOTH
def correct_version(request: HttpRequest, trial: str, version: UUID) -> HttpResponse:
    scope, _ = enter(request, trial, May.DEFINE_CONSENT)
    row = _version(scope, version)
    standing(request, row, reverse("patients:consent_forms", args=[trial]))
    form = forms.VersionForm(request.POST or None, row=row)

    def save(answers: dict[str, Any]) -> None:
        services.correct_version(trial=scope.trial.pk, consent_version=row.pk, by=scope.user, **answers)

    return act(
        request, scope, form, save,
        back=reverse("patients:consent_forms", args=[trial]),
        done=f"Version {row.version} is corrected.",
        title=f"Correct version {row.version}",
        state=forms.said(row),
        submit="Save correction",
        parent="Consent forms",
        changed=lambda: since(scope, row, form, typed(form, ("version", "valid_from", "reconsent_by"))),
    )  # fmt: skip


@BOTH
def void_version(request: HttpRequest, trial: str, version: UUID) -> HttpResponse:
    scope, _ = enter(request, trial, May.DEFINE_CONSENT)
    row = _version(scope, version)
    standing(request, row, reverse("patients:consent_forms", args=[trial]))
    form = VoidForm(request.POST or None, row=row)

    def save(answers: dict[str, Any]) -> None:
        services.void_version(
            trial=scope.trial.pk, consent_version=row.pk, rev=answers["rev"], reason=answers["reason"], by=scope.user,
            key=answers["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        back=reverse("patients:consent_forms", args=[trial]),
        done=f"Version {row.version} is taken back.",
        title=f"Take back version {row.version}",
        state=forms.said(row),
        because="It leaves the list; the record keeps it. A version that somebody signed cannot be taken back.",
        submit="Take back",
        danger=True,
        parent="Consent forms",
    )  # fmt: skip


def _version(scope: Scope, version: UUID) -> ConsentVersion:
    row = queries.version(scope.trial.pk, version)
    if row is None:
        raise Http404("No such version.")
    return row


@BOTH
def reconsent(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """A later consent of an enrolled patient."""
    scope, _, f = find(request, trial, number, May.RECORD_CONSENT)
    listed = queries.versions(scope.trial.pk)
    slot = f.patient.slot_id
    owes = [one.version for one in queries.owed(scope.trial.pk, scope.days) if one.slot.pk == slot]
    kinds = [owes[0].kind] if owes else []
    kinds += [kind for kind in Consent.Kind.values if kind not in kinds]
    initial = {"version": owes[0].version} if owes else {}
    spans = withdrawn.of(slot).spans
    form = forms.ConsentForm(request.POST or None, kinds=kinds, listed=listed, withdrawn=bool(spans), initial=initial)

    def save(answers: dict[str, Any]) -> None:
        services.record_consent(trial=scope.trial.pk, slot=slot, by=scope.user, **answers)

    said = [f"Version {v.version} is asked by {shown(v.reconsent_by)}." for v in owes if v.reconsent_by]
    said += [f"The patient withdrew from {withdrawn.WHAT[s.covers]} on {shown(s.on)}." for s in spans if not s.until]
    return act(
        request, scope, form, save,
        done=f"The consent of patient {f.patient.code} is recorded.",
        state=" ".join(said) or "A later version that the patient signed, or the sub-study's consent.",
        submit="Record consent",
        **beside(scope, f, "Record a consent"),
    )  # fmt: skip


@BOTH
def correct(request: HttpRequest, trial: str, number: int, consent: UUID) -> HttpResponse:
    scope, _ = enter(request, trial, May.RECORD_CONSENT)
    row = _consent(scope, number, consent)
    standing(request, row, page_of(scope, row.slot))
    listed, left = queries.versions(scope.trial.pk), bool(withdrawn.of(row.slot_id).spans)
    form = forms.CorrectConsentForm(request.POST or None, consent=row, listed=listed, withdrawn=left)

    def save(answers: dict[str, Any]) -> None:
        services.correct_consent(trial=scope.trial.pk, consent=row.pk, by=scope.user, **answers)

    kind, patient = Consent.Kind(row.kind), getattr(row.slot, "patient", None)
    return act(
        request, scope, form, save,
        back=page_of(scope, row.slot),
        done=f"The consent ({kind.label}) is corrected.",
        title=f"Correct the consent, {kind.label}",
        state=f"Version {row.version}, signed {shown(row.given_on)}, is recorded.",
        because="What is recorded now stays in the audit trail with your reason.",
        submit="Save correction",
        patient=patient,
        changed=lambda: since(scope, row, form, typed(form, [name for name in DATED if name in form.fields])),
        then=reverse("patients:dates", args=[trial, patient.code]) if patient else "",
        take_back=(
            reverse("patients:void_consent", args=[trial, number, row.pk]),
            "Take the consent back",
            "it was entered for the wrong patient.",
        ),
    )  # fmt: skip


@BOTH
def void(request: HttpRequest, trial: str, number: int, consent: UUID) -> HttpResponse:
    scope, _ = enter(request, trial, May.RECORD_CONSENT)
    row = _consent(scope, number, consent)
    standing(request, row, page_of(scope, row.slot))
    form = VoidForm(request.POST or None, row=row)
    kind = Consent.Kind(row.kind)

    def save(answers: dict[str, Any]) -> None:
        voiding.void_consent(
            trial=scope.trial.pk, consent=row.pk, rev=answers["rev"], reason=answers["reason"], by=scope.user,
            key=answers["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        back=page_of(scope, row.slot),
        done=f"The consent ({kind.label}) is taken back.",
        title=f"Take the consent back, {kind.label}",
        state=f"Version {row.version}, signed {shown(row.given_on)}, is recorded.",
        because="For a consent that was entered for the wrong patient. A patient who changes his mind withdraws, which "
        "is recorded as such. What is recorded now stays in the audit trail with your reason.",
        submit="Take the consent back",
        danger=True,
        patient=getattr(row.slot, "patient", None),
    )  # fmt: skip


@BOTH
def withdraw(request: HttpRequest, trial: str, number: int, consent: UUID) -> HttpResponse:
    scope, _ = enter(request, trial, May.RECORD_CONSENT)
    row = _consent(scope, number, consent)
    standing(request, row, page_of(scope, row.slot))
    if row.kind == Consent.Kind.TRIAL:
        return redirect("patients:withdrawal", trial, number)
    form = forms.WithdrawForm(request.POST or None)
    kind = Consent.Kind(row.kind)
    over = None
    if row.withdrawn_on:
        correct = reverse("patients:correct_consent", args=[trial, number, row.pk])
        what = f"Recorded: the consent ({kind.label}) was withdrawn on {shown(row.withdrawn_on)}."
        over = recorded(scope, row, what, "withdrawn_on", correct=correct)

    def save(answers: dict[str, Any]) -> None:
        services.withdraw_consent(
            trial=scope.trial.pk, consent=row.pk, on=answers["on"], reason=answers["reason"], by=scope.user,
            key=answers["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        back=page_of(scope, row.slot),
        over=over,
        done=f"The withdrawal of the consent ({kind.label}) is recorded.",
        title=f"Withdraw the consent, {kind.label}",
        state=f"Version {row.version}, signed {shown(row.given_on)}.",
        because=WITHDRAWN,
        submit="Record the withdrawal",
        danger=True,
        patient=getattr(row.slot, "patient", None),
    )  # fmt: skip


def _consent(scope: Scope, number: int, consent: UUID) -> Consent:
    row = queries.one(scope.trial.pk, consent)
    if row is None or row.slot.number != number or not scope.sees(row.slot.site_id):
        raise Http404("No such consent.")
    return row

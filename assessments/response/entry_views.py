"""Entering and correcting a disease assessment, the investigator's category, and a difference that is resolved."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from assessments.count.queries import PatientFacts
from assessments.events.common import enter, patient_of
from patients.common import BOTH, act, again, recorded, since, standing
from trial.forms import VoidForm, shown
from trial.people.access import Scope
from trial.refusals import Again, Refused
from trial.roles import May
from trial.templatetags.dates import said_dates

from . import figures, forms, queries, services, words
from .assembly import AROUND_DAYS
from .changes import difference
from .models import DiseaseAssessment, InvestigatorResponse, Measurement
from .parameters import PARAMETERS
from .queries import Course, Seen

TEMPLATE = "assessments/response/act.html"
BASELINE = "The response is assessed after the first dose; this assessment belongs to the baseline."
JOINED = "Its samples were taken within a week of those of {} and are part of that assessment, which is assessed."


# ---- the values ----


@BOTH
def add(request: HttpRequest, trial: str, patient: int) -> HttpResponse:
    scope, here = enter(request, trial, May.RECORD_RESPONSE)
    f = patient_of(scope, here, patient)
    form = forms.AssessmentForm(request.POST or None, **_opened(_course(scope, patient)))
    status, there = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = services.record_assessment(
                    trial=scope.trial.pk, patient=f.patient.pk, visit_on=form.cleaned_data["visit_on"],
                    answers=form.answers, said=form.besides, by=scope.user, key=form.cleaned_data["key"],
                )  # fmt: skip
            except Refused as refusal:
                form.refused(refusal)
                there = refusal if isinstance(refusal, Again) else None
                status = 409
            else:
                return _saved(request, scope, made, "is entered")
    title = f"Enter a disease assessment, patient {f.patient.code}"
    return _page(request, scope, f, form, status, title=title, submit="Enter assessment", there=there)


@BOTH
def correct(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, row, f = _find(request, trial, number, May.RECORD_RESPONSE)
    form = forms.AssessmentForm(request.POST or None, row=row, **_opened(_course(scope, f.patient.number), row))
    status, changed = 200, []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                services.correct_assessment(
                    trial=scope.trial.pk, assessment=row.pk, visit_on=said["visit_on"], answers=form.answers,
                    said=form.besides, rev=said["rev"], reason=said["reason"],
                    by=scope.user, key=said["key"],
                )  # fmt: skip
            except Refused as refusal:
                status = 409
                row = queries.assessment(scope.trial.pk, number) or row
                if row.rev != said["rev"]:
                    changed = difference(scope.trial.pk, row, said["rev"], said["visit_on"], form.answers)
                form.rev = row.rev
                form.refused(refusal)
            else:
                return _saved(request, scope, row, "is corrected")
    title = f"Correct {row.code}, patient {f.patient.code}"
    return _page(request, scope, f, form, status, title=title, submit="Save correction", row=row, changed=changed)


@BOTH
def void(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, row, f = _find(request, trial, number, May.RECORD_RESPONSE)
    form = VoidForm(request.POST or None, row=row)
    return act(
        request, scope, form,
        lambda said: services.void_assessment(trial=scope.trial.pk, assessment=row.pk, by=scope.user, **said),
        done=f"{row.code} is voided; it stays in the record.",
        changed=lambda: difference(scope.trial.pk, row, form.cleaned_data["rev"]),
        submit="Void assessment",
        because="For an assessment that was entered by mistake. It leaves the course of the patient, whose response is "
        "derived anew, and stays in the record with your name and reason. Values that were misread are corrected.",
        danger=True,
        template=TEMPLATE,
        **_about(scope, row, f, "Void"),
    )  # fmt: skip


@BOTH
def answer(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """What the values of an assessment leave open, one question at a time; a wrong value is corrected instead."""
    scope, row, f = _find(request, trial, number, May.RECORD_RESPONSE)
    seen = _seen(_course(scope, f.patient.number), row)
    open_ = seen.questions if seen else []
    over = None
    if seen and seen.answers and not open_:
        said = seen.answers[-1]
        correct = reverse("assessments:response_correct_answer", args=[trial, number, said.pk])
        over = recorded(scope, said, f"Answered: {said.question} {said.answer}", correct=correct)
    return act(
        request, scope, forms.AnswerForm(request.POST or None, initial={"question": next(iter(open_), "")}),
        lambda said: services.answer_question(trial=scope.trial.pk, assessment=row.pk, by=scope.user, **said),
        done=f"{row.code}: the answer is recorded.",
        submit="Record answer",
        because=f"{next(iter(open_), '')} When a value was misread, correct it instead: "
        "the question then goes by itself. An answer holds for these values; other values ask anew.",
        nothing="" if row.voided or open_ else f"Nothing is asked about {row.code} any more.",
        over=over,
        template=TEMPLATE,
        **_about(scope, row, f, "Answer a question"),
    )  # fmt: skip


@BOTH
def correct_answer(request: HttpRequest, trial: str, number: int, answer: UUID) -> HttpResponse:
    """What the site answered about the values, as it should stand."""
    scope, row, f = _find(request, trial, number, May.RECORD_RESPONSE)
    given = next((one for one in row.answers.all() if one.pk == answer), None)
    if given is None:
        raise Http404("No such answer.")
    form = forms.CorrectAnswerForm(request.POST or None, row=given)
    return act(
        request, scope, form,
        lambda said: services.correct_answer(
            trial=scope.trial.pk, answer=given.pk, said=said["answer"], rev=said["rev"], reason=said["reason"],
            by=scope.user, key=said["key"],
        ),
        done=f"{row.code}: the answer is corrected.",
        changed=lambda: since(scope, given, form, {"answer": ("Answer", form.cleaned_data["answer"])}),
        submit="Correct the answer",
        because=f"{given.question} When a value was misread, correct it instead.",
        template=TEMPLATE,
        **_about(scope, row, f, "Correct an answer"),
    )  # fmt: skip


# ---- the categories ----


@BOTH
def investigator(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """The derived category is shown with the investigator's, not before it: he judges for himself."""
    scope, row, f = _find(request, trial, number, May.ASSESS_RESPONSE)
    seen = _seen(_course(scope, f.patient.number), row)
    given = seen.said if seen else None
    form = forms.ResponseForm(request.POST or None, rev=_latest(row), said=given)
    status, changed = 200, []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                services.give_response(
                    trial=scope.trial.pk, assessment=row.pk, category=said["category"], rev=said["rev"],
                    comment=said["comment"], reason=said.get("reason", ""), by=scope.user, key=said["key"],
                )  # fmt: skip
            except Refused as refusal:
                status = 409
                row = queries.assessment(scope.trial.pk, number) or row
                if row.rev > said["rev"]:
                    changed = difference(scope.trial.pk, row, said["rev"])
                form.rev = _latest(row)
                form.refused(refusal)
            else:
                return _judged(request, scope, row)
    context = {
        "form": form,
        "submit": "Change category" if given else "Record category",
        "changed": changed,
        "nothing": _no_category(seen) if not row.voided else "",
        "over": recorded(scope, given, f"Your site's category is {given.category}.", correct="?correct=1")
        if given and not again(request)
        else None,
        "seen": seen if given else None,
        **_about(scope, row, f, "Response by the investigator"),
    }  # fmt: skip
    return render(request, TEMPLATE, context, status=status)


def _no_category(seen: Seen | None) -> str:
    """Why an assessment has no category of its own; "" when it has one."""
    if seen is None or seen.visit is None:
        return JOINED.format(seen.belongs_to) if seen and seen.belongs_to else BASELINE
    return ""


def _latest(row: DiseaseAssessment) -> int:
    """Number of the last change of its values or of the investigator's category."""
    given: InvestigatorResponse | None = getattr(row, "investigator", None)
    return max(row.rev, given.rev if given else 0)


def _judged(request: HttpRequest, scope: Scope, row: DiseaseAssessment) -> HttpResponse:
    """Back to the patient; where the two categories differ, to the reason for it."""
    seen = _seen(_course(scope, row.patient.number), row)
    if seen is None or seen.said is None:
        raise Http404("No such assessment.")
    both = f"{row.code}: your category {seen.said.category} is recorded; derived is {seen.derived}."
    if seen.open:
        messages.warning(request, f"{both} They differ: say why both stand, or have a value corrected.")
        return redirect("assessments:response_resolve", scope.trial.code, row.number)
    messages.success(request, both)
    return redirect(_back(scope, row))


@BOTH
def resolve(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, row, f = _find(request, trial, number, May.ASSESS_RESPONSE)
    seen = _seen(_course(scope, f.patient.number), row)
    both = {"category": seen.said.category, "derived": seen.derived} if seen and seen.said else {}
    why = seen.resolution if seen and seen.differs else None
    return act(
        request, scope, forms.ResolveForm(request.POST or None, initial=both),
        lambda said: services.resolve_difference(trial=scope.trial.pk, assessment=row.pk, by=scope.user, **said),
        done=f"{row.code}: the reason for the difference is recorded.",
        submit="Record the reason",
        because="Both categories stay as they are. The reason holds for these two: when either changes, it is asked "
        "again.",
        nothing="" if row.voided or (seen and seen.open) else "There is no difference here that waits for a reason.",
        over=recorded(scope, why, f"The reason is given: {why.reason}") if why else None,
        seen=seen,
        template=TEMPLATE,
        **_about(scope, row, f, "Resolve the difference"),
    )  # fmt: skip


# ---- what they share ----


def _find(request: HttpRequest, trial: str, number: int, right: May) -> tuple[Scope, DiseaseAssessment, PatientFacts]:
    """One assessment of the person's sites; any other does not exist for him."""
    scope, here = enter(request, trial, right)
    row = queries.assessment(scope.trial.pk, number)
    if row is None or not scope.sees(row.patient.site_id):
        raise Http404("No such assessment.")
    standing(request, row, _back(scope, row))
    return scope, row, patient_of(scope, here, row.patient.number)


def _course(scope: Scope, patient: int) -> Course:
    course = queries.course(scope.trial.pk, patient, scope.days)
    if course is None:
        raise Http404("No such patient.")
    return course


def _seen(course: Course, row: DiseaseAssessment) -> Seen | None:
    return next((one for one in course.assessments if one.row.pk == row.pk), None)


def _opened(course: Course, row: DiseaseAssessment | None = None) -> dict[str, Any]:
    """What the form opens with beside each parameter: the unit it had last, its baseline and its last value."""
    measured: dict[str, list[Measurement]] = {}
    for seen in course.assessments:
        for one in seen.measurements:
            if one.state != Measurement.State.NOT_DONE and (row is None or seen.row.pk != row.pk):
                measured.setdefault(one.parameter, []).append(one)
    units, before = {}, {}
    for name, found in measured.items():
        found.sort(key=lambda one: one.sampled_on)
        units[name] = found[-1].unit
        start = [one for one in found if course.first_dose and one.sampled_on <= course.first_dose]
        shown_of = [("baseline", one) for one in start[-1:]]
        if found[-1] not in start:
            shown_of.append(("last", found[-1]))
        before[name] = "; ".join(f"{what} {words.measured(one)}, {shown(one.sampled_on)}" for what, one in shown_of)
    return {"units": {name: unit for name, unit in units.items() if unit}, "before": before}


def _back(scope: Scope, row: DiseaseAssessment) -> str:
    url = reverse("assessments:response_patient", args=[scope.trial.code, row.patient.code])
    return f"{url}#{figures.anchor(row.code)}"


def _saved(request: HttpRequest, scope: Scope, row: DiseaseAssessment, what: str) -> HttpResponse:
    """To the patient's response, with the category that follows from what was saved and its reason."""
    course = _course(scope, row.patient.number)
    seen = _seen(course, row)
    if seen and seen.belongs_to:
        whole = next(one for one in course.assessments if one.row.code == seen.belongs_to)
        messages.success(
            request,
            said_dates(
                f"{row.code} {what}. Its samples lie within {AROUND_DAYS} days of those of {seen.belongs_to} and are "
                f"part of it: derived {whole.derived}. {whole.visit.because if whole.visit else ''}"
            ),
        )
    elif seen is None or seen.visit is None:
        messages.success(request, f"{row.code} {what}. It belongs to the baseline: no category follows from it.")
    else:
        confirmed = f"confirmed {seen.confirmed}" if seen.confirmed else "it does not count"
        messages.success(
            request,
            said_dates(
                f"{row.code} {what}. Derived {seen.derived}: {seen.visit.because} "
                f"As of this visit: {confirmed}, {seen.visit.confirmation}"
            ),
        )
    return redirect(_back(scope, row))


def _page(
    request: HttpRequest, scope: Scope, f: PatientFacts, form: forms.AssessmentForm, status: int,
    *, row: DiseaseAssessment | None = None, changed: Sequence[Any] = (), **more: Any,
) -> HttpResponse:  # fmt: skip
    treatment = getattr(f.patient, "treatment", None)
    first = f"first dose {shown(treatment.first_dose_on)}" if treatment else "not dosed yet: this is a baseline"
    url = reverse("assessments:response_patient", args=[scope.trial.code, f.patient.code])
    context = {
        "form": form,
        "patient": f.patient,
        "row": row,
        "changed": changed,
        "back": _back(scope, row) if row else url,
        "state": f"Level {f.level.label} · site {f.patient.site.code} · {first}",
        "around": AROUND_DAYS,
        **more,
    }
    return render(request, "assessments/response/form.html", context, status=status)


def _about(scope: Scope, row: DiseaseAssessment, f: PatientFacts, title: str) -> dict[str, Any]:
    """What a page of one form says of its assessment."""
    stored = {one.parameter: one for one in row.measurements.all() if not one.voided}
    return {
        "title": f"{title}: {row.code}, patient {f.patient.code}",
        "state": f"Visit of {shown(row.visit_on)} · level {f.level.label} · site {f.patient.site.code}",
        "back": _back(scope, row),
        "patient": f.patient,
        "row": row,
        "values": [(known.label, words.measured(stored[name])) for name, known in PARAMETERS.items() if name in stored],
    }

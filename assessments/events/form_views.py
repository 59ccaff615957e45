"""The form of an adverse event with its DLT panel: reported, followed up, corrected."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from assessments import terms
from assessments.count.queries import PatientFacts
from assessments.events import despite, forms, judging, queries, services
from assessments.events.changes import difference
from assessments.events.judging import GradedFrom, Judgement
from assessments.events.report import worst
from assessments.models import AdverseEvent
from patients import queries as patients
from patients.common import BOTH, standing
from trial import dates, protocol_settings
from trial import queries as ground
from trial.dates import later, study_day
from trial.people.access import Scope
from trial.refusals import Again, Refused
from trial.roles import May

from .common import enter, event_of, patient_of

MOST_TYPED, OFFERED = 150, 12  # characters of a search, terms that it offers


@BOTH
def report(request: HttpRequest, trial: str, patient: int) -> HttpResponse:
    scope, here = enter(request, trial, May.REPORT_EVENT)
    f = patient_of(scope, here, patient)
    form = _form(request, scope, f, despite=despite.asked(f.patient, scope.today_at(f.patient.site)))
    status, there = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                event = services.report_event(
                    trial=scope.trial.pk, patient=f.patient.pk, report=form.report, again="again" in request.POST,
                    reason=form.cleaned_data.get("reason", ""), by=scope.user, key=form.cleaned_data["key"],
                )  # fmt: skip
            except Refused as refusal:
                form.refused(refusal)
                there = refusal if isinstance(refusal, Again) else None
                status = 409
            else:
                messages.success(request, f"{event.code} of patient {f.patient.code} is reported.")
                return redirect("assessments:event", trial, event.number)
    heading = f"Report an adverse event, patient {f.patient.code}"
    cancel = reverse("patients:patient", args=[trial, f.patient.code])
    return _form_page(
        request, scope, f, form, status, heading=heading, cancel_url=cancel, submit="Report event", there=there,
        follow_url=_follow_url(trial, form, there.number) if there else "",
    )  # fmt: skip


def _form(request: HttpRequest, scope: Scope, f: PatientFacts, **of: Any) -> forms.EventForm:
    return forms.EventForm(
        request.POST or None,
        drugs=ground.drugs(scope.trial.pk),
        ctcae=_ctcae(scope),
        judges=scope.may(May.GRADE_EVENT),
        zone=f.patient.site.time_zone,
        **of,
    )


@BOTH
def correct(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    return _change(request, trial, number)


@BOTH
def follow(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    """What is new of an event; opened from a report of the same, with the grade and day that were typed there."""
    return _change(request, trial, number, follows=True)


def _change(request: HttpRequest, trial: str, number: int, follows: bool = False) -> HttpResponse:
    scope, here = enter(request, trial, May.REPORT_EVENT)
    event, f = event_of(scope, here, number)
    standing(request, event, reverse("assessments:event", args=[trial, number]))
    initial = _as_typed(request, event) if follows else {}
    form = _form(request, scope, f, event=event, follows=follows, initial=initial)
    status, changed = 200, []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                (services.follow_event if follows else services.correct_event)(
                    trial=scope.trial.pk, event=event.pk, report=form.report, rev=said["rev"], reason=said["reason"],
                    by=scope.user, key=said["key"],
                )  # fmt: skip
            except Refused as refusal:
                status = 409
                seen, event = said["rev"], queries.event(scope.trial.pk, number) or event
                if event.rev != seen:
                    changed = difference(scope.trial.pk, event, seen, form.report)
                form.rev = event.rev
                form.refused(refusal)
            else:
                messages.success(request, f"{event.code} is {'followed up' if follows else 'corrected'}.")
                return redirect("assessments:event", trial, number)
    return _form_page(
        request, scope, f, form, status,
        heading=f"{'Follow up' if follows else 'Correct'} {event.code}, patient {f.patient.code}",
        cancel_url=reverse("assessments:event", args=[trial, number]),
        submit="Save" if follows else "Save correction",
        event=event,
        changed=changed,
    )  # fmt: skip


def _as_typed(request: HttpRequest, event: AdverseEvent) -> dict[str, Any]:
    """The grade and its day, of somebody who began to report the same event anew."""
    row = len(event.history)
    try:
        on = dates.read(request.GET.get("from", ""))
    except ValueError:
        return {}
    return {f"step_{row}_on": on, f"step_{row}_grade": request.GET.get("grade", "")}


def _follow_url(code: str, form: forms.EventForm, number: int) -> str:
    """Of the event that goes on, with what was typed of its grade."""
    said = form.cleaned_data
    typed = {"from": said["onset_on"].first.isoformat(), "grade": said.get("grade") or ""}
    return f"{reverse('assessments:follow', args=[code, number])}?{urlencode(typed)}"


def _form_page(
    request: HttpRequest, scope: Scope, f: PatientFacts, form: forms.EventForm, status: int, *, submit: str, **more: Any
) -> HttpResponse:
    code, event = scope.trial.code, more.get("event")
    about = f"?event={event.number}{'&follows=1' if form.follows else ''}" if event else ""
    form.fields["term"].widget.attrs["data-search"] = reverse("assessments:terms", args=[code])
    judged = judgement(scope, f, form)
    context = {
        "patient": {"number": f.patient.code, "url": reverse("patients:patient", args=[code, f.patient.code])},
        "list_url": reverse("assessments:events", args=[code]),
        "state": f"Level {f.level.label} · {_window_words(f)} · site {f.patient.site.code}",
        "form": form,
        "relations": form.relation_fields,
        "actions": form.action_fields,
        "asked": form.asked_fields,
        "terms": forms.offered_terms(form.ctcae),
        "dlt": judged,
        "check_url": reverse("assessments:preview", args=[code, f.patient.code]) + about,
        "level": f.level,
        "doses": patients.dose_card(f.level.pk),
        "treatment": getattr(f.patient, "treatment", None),
        **_help(form),
        **more,
        "submit": _submit(judged, submit),
    }
    return render(request, "assessments/events/event_form.html", context, status=status)


def _window_words(f: PatientFacts) -> str:
    if f.window_day is None or f.window_days is None:
        return "not dosed yet"
    if f.window_day > f.window_days:
        return f"day {f.window_day}, after the {f.window_days}-day DLT window"
    return f"day {f.window_day} of the {f.window_days}-day DLT window"


def _settings(f: PatientFacts) -> protocol_settings.ProtocolSettings | None:
    treatment = getattr(f.patient, "treatment", None)
    return protocol_settings.from_json(treatment.protocol.settings) if treatment else None


def _ctcae(scope: Scope) -> str:
    return queries.ctcae_version(scope.trial.pk)


def _typed(form: forms.EventForm) -> dict[str, Any]:
    """What the form says now: typed answers, or the stored ones before anything is typed."""
    if form.is_bound:
        form.is_valid()
        return form.said()
    return dict(form.initial)


def _help(form: forms.EventForm) -> dict[str, str]:
    said = _typed(form)
    term = said.get("term", "")
    help_ = judging.grade_help(term, said.get("grade"), form.ctcae)
    return {"soc": terms.soc(term, form.ctcae) or "", "grade_help": help_}


def _submit(judged: Judgement, otherwise: str) -> str:
    return "Report suspected DLT" if judged.state == "suspected" and otherwise == "Report event" else otherwise


def judgement(scope: Scope, f: PatientFacts, form: forms.EventForm) -> Judgement:
    """What the typed answers mean for the count; nothing while term, grade or onset are missing."""
    treatment, settings, said = getattr(f.patient, "treatment", None), _settings(f), _typed(form)
    if treatment is None or settings is None or not form.is_bound:
        return Judgement()
    term, grade, onset = said.get("term"), said.get("grade"), said.get("onset_on")
    today = scope.today_at(f.patient.site)
    if not (term and onset) or (form.judges and not grade) or not terms.soc(term, form.ctcae) or onset.first > today:
        return Judgement()
    first_dose, ended = treatment.first_dose_on, said.get("ended_on")
    rest = form.steps()[1:]
    later_on = [GradedFrom(study_day(step.on, first_dose), step.grade) for step in rest]
    until = later(rest[0].on, -1) if rest else ended
    found = []
    for day in judging.possible_onsets(
        onset, until, today=today, first_dose=first_dose, window_days=settings.window_days
    ):
        try:
            typed = judging.study_event(
                term=term,
                soc=terms.soc(term, form.ctcae) or "",
                grade=worst(form.steps()),
                onset_on=day,
                ended_on=ended,
                relations=form.relations_by_name(),
                qualifiers=form.qualifiers(),
                first_dose=first_dose,
                today=today,
                value=form.lowest_value(),
                serious=bool(said.get("serious")),
                ctcae=form.ctcae,
            )
            judged = judging.judge(
                typed,
                settings,
                flagged=bool(said.get("suspected")),
                first_dose=first_dose,
                level=f.level.label,
                steps=[GradedFrom(typed.onset_day, form.steps()[0].grade), *later_on],
            )
        except ValueError:
            return Judgement()
        found.append(judged)
    return judging.gravest(found, onset)


@require_GET
def term_search(request: HttpRequest, trial: str) -> HttpResponse:
    """The terms that a typed word may mean, in the trial's CTCAE version, for the field's list."""
    scope, _ = enter(request, trial, May.REPORT_EVENT)
    found = terms.find(request.GET.get("q", "")[:MOST_TYPED], _ctcae(scope))[:OFFERED]
    return JsonResponse({"terms": [term._asdict() for term in found]})


@require_POST
def preview(request: HttpRequest, trial: str, patient: int) -> HttpResponse:
    """The DLT panel for the values as typed; nothing is written."""
    scope, here = enter(request, trial, May.REPORT_EVENT)
    f = patient_of(scope, here, patient)
    event = None
    if (number := request.GET.get("event", "")).isdecimal():
        event, f = event_of(scope, here, int(number))
    form = _form(request, scope, f, event=event)
    judged = judgement(scope, f, form)
    submit = ("Save" if "follows" in request.GET else "Save correction") if event else "Report event"
    context = {"dlt": judged, "partial": True, **_help(form), "submit": _submit(judged, submit)}
    return render(request, "assessments/events/_dlt_panel.html", context)

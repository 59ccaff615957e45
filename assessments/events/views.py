"""Adverse events: the list, the report form with its DLT panel, one event with its history, correction, voiding."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from assessments import terms
from assessments.count.queries import PatientFacts
from assessments.events import despite, forms, judging, queries, services, sight
from assessments.events.changes import changes, difference
from assessments.events.facts import EventFacts
from assessments.events.judging import Judgement
from assessments.models import AdverseEvent
from escalation.situation.situation import Situation
from patients import queries as patients
from patients.common import BOTH, act, standing
from trial import protocol_settings
from trial import queries as ground
from trial.dates import study_day
from trial.forms import VoidForm
from trial.people.access import Scope
from trial.refusals import Again, Refused
from trial.roles import May
from trial.sorting import sort

from ..review.common import criteria, questions, verdict_rows, why_not
from ..review.common import shown as shown_event
from .common import all_events, enter, patient_of, position

MOST_TYPED, OFFERED = 150, 12  # characters of a search, terms that it offers
TONES = {
    "none": ("", ""),
    "open": ("still open", "amber"),
    "suspected": ("suspected", "amber"),
    "dlt": ("DLT", "red"),
    "not_dlt": ("not a DLT", ""),
}
ORDERS: dict[str, Callable[[PatientFacts, EventFacts], Any]] = {
    "number": lambda f, e: e.event.number,
    "patient": lambda f, e: (f.patient.number, e.event.number),
    "grade": lambda f, e: (e.event.grade or 0, e.event.number),
    "onset": lambda f, e: (e.event.onset_on, e.event.number),
}


@require_GET
def event_list(request: HttpRequest, trial: str) -> HttpResponse:
    scope, here = enter(request, trial)
    mine = [(f, e) for f, e in all_events(here) if scope.sees(f.patient.site_id)]
    people = sorted({f.patient.code for f in (here.facts if here else ()) if scope.sees(f.patient.site_id)})
    asked = set(request.GET) & set(forms.EventFilter.base_fields)
    filtered = forms.EventFilter(
        request.GET if asked else None,
        patients=people,
        levels=[lv.label for lv in here.protocol.levels] if here else [],
    )
    found = mine
    if filtered.is_bound:
        shows = filtered.fits if filtered.is_valid() else lambda *_: False
        found = [(f, e) for f, e in mine if shows(f, e, position(here, f))]
    order = sort(request, ORDERS, "-number")
    found.sort(key=lambda pair: ORDERS[order.name](*pair), reverse=order.down)
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    waiting = sum(e.in_review for _, e in mine)
    context = {
        "rows": [_row(scope, f, e) for f, e in page],
        "page": page,
        "filter": filtered,
        "total": len(mine),
        "fits": len(found),
        "sorts": order.links,
        "waiting": waiting,
        "may_report": scope.may(May.REPORT_EVENT) and bool(people),
        "people": people,
    }
    return render(request, "assessments/events/events.html", context, status=422 if filtered.errors else 200)


def _row(scope: Scope, f: PatientFacts, e: EventFacts) -> dict[str, Any]:
    words, tone = TONES[e.state]
    return {
        "event": e.event,
        "url": reverse("assessments:event", args=[scope.trial.code, e.event.number]),
        "patient": f.patient.code,
        "patient_url": reverse("patients:patient", args=[scope.trial.code, f.patient.code]),
        "level": f.level.label,
        "day": e.day_words if f.dosed and not e.event.onset_known else "",
        "related": judging.related(e.relations),
        "words": words,
        "tone": tone,
    }


# ---- the form ----


@BOTH
def report(request: HttpRequest, trial: str, patient: int) -> HttpResponse:
    scope, here = enter(request, trial, May.REPORT_EVENT)
    f = patient_of(scope, here, patient)
    form = forms.EventForm(
        request.POST or None,
        drugs=ground.drugs(scope.trial.pk),
        ctcae=_ctcae(scope),
        despite=despite.asked(f.patient, scope.today_at(f.patient.site)),
    )
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
                form.refused(_beside(refusal, form))
                there = refusal if isinstance(refusal, Again) else None
                status = 409
            else:
                messages.success(request, f"{event.code} of patient {f.patient.code} is reported.")
                return redirect("assessments:event", trial, event.number)
    heading = f"Report an adverse event, patient {f.patient.code}"
    cancel = reverse("patients:patient", args=[trial, f.patient.code])
    return _form_page(
        request, scope, f, form, status, heading=heading, cancel_url=cancel, submit="Report event", there=there
    )


@BOTH
def correct(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here = enter(request, trial, May.REPORT_EVENT)
    event, f = _event(scope, here, number)
    standing(request, event, reverse("assessments:event", args=[trial, number]))
    drugs = ground.drugs(scope.trial.pk)
    form = forms.EventForm(request.POST or None, drugs=drugs, ctcae=_ctcae(scope), event=event)
    status, changed = 200, []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                services.correct_event(
                    trial=scope.trial.pk, event=event.pk, report=form.report, rev=said["rev"], reason=said["reason"],
                    by=scope.user, key=said["key"],
                )  # fmt: skip
            except Refused as refusal:
                status = 409
                seen, event = said["rev"], queries.event(scope.trial.pk, number) or event
                if event.rev != seen:
                    changed = difference(scope.trial.pk, event, seen, form.report)
                form.rev = event.rev
                form.refused(_beside(refusal, form))
            else:
                messages.success(request, f"{event.code} is corrected.")
                return redirect("assessments:event", trial, number)
    return _form_page(
        request, scope, f, form, status,
        heading=f"Correct {event.code}, patient {f.patient.code}",
        cancel_url=reverse("assessments:event", args=[trial, number]),
        submit="Save correction",
        event=event,
        changed=changed,
    )  # fmt: skip


def _beside(refusal: Refused, form: forms.EventForm) -> Refused:
    """The service names "relations"; the form has one field a drug."""
    if refusal.field == "relations":
        refusal.field = f"relation_{form.drugs[0].position}" if form.drugs else None
    return refusal


def _form_page(
    request: HttpRequest, scope: Scope, f: PatientFacts, form: forms.EventForm, status: int, *, submit: str, **more: Any
) -> HttpResponse:
    code = scope.trial.code
    form.fields["term"].widget.attrs["data-search"] = reverse("assessments:terms", args=[code])
    judged = judgement(scope, f, form)
    context = {
        "patient": {"number": f.patient.code, "url": reverse("patients:patient", args=[code, f.patient.code])},
        "list_url": reverse("assessments:events", args=[code]),
        "state": f"Level {f.level.label} · {_window_words(f)} · site {f.patient.site.code}",
        "form": form,
        "relations": form.relation_fields,
        "asked": form.asked_fields,
        "terms": forms.offered_terms(form.ctcae),
        "dlt": judged,
        "check_url": reverse("assessments:preview", args=[code, f.patient.code]),
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
    if not (term and grade and onset) or not terms.soc(term, form.ctcae) or onset.first > today:
        return Judgement()
    first_dose, ended = treatment.first_dose_on, said.get("ended_on")
    found = []
    for day in judging.possible_onsets(
        onset, ended, today=today, first_dose=first_dose, window_days=settings.window_days
    ):
        try:
            typed = judging.study_event(
                term=term,
                soc=terms.soc(term, form.ctcae) or "",
                grade=grade,
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
        except ValueError:
            return Judgement()
        flagged = bool(said.get("suspected"))
        found.append(judging.judge(typed, settings, flagged=flagged, first_dose=first_dose, level=f.level.label))
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
    form = forms.EventForm(request.POST, drugs=ground.drugs(scope.trial.pk), ctcae=_ctcae(scope))
    judged = judgement(scope, f, form)
    submit = "Save correction" if "rev" in request.POST else "Report event"
    context = {"dlt": judged, "partial": True, **_help(form), "submit": _submit(judged, submit)}
    return render(request, "assessments/events/_dlt_panel.html", context)


# ---- one event ----


def _event(scope: Scope, here: Situation | None, number: int) -> tuple[AdverseEvent, PatientFacts]:
    event = queries.event(scope.trial.pk, number)
    if event is None or not scope.sees(event.patient.site_id):
        raise Http404("No such event.")
    return event, patient_of(scope, here, event.patient.number)


@require_GET
def event_page(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here = enter(request, trial)
    event, f = _event(scope, here, number)
    e = next((e for e in f.events if e.event.pk == event.pk), None)
    words, tone = TONES[e.state] if e else ("", "")
    treatment = getattr(f.patient, "treatment", None)
    context = {
        "row": event,
        "event": shown_event(scope, f, e) if e else None,
        "f": f,
        "day": study_day(event.onset_on, treatment.first_dose_on) if treatment and not event.onset_known else None,
        "words": words,
        "tone": tone,
        "because": e.suggestion.because if e else "",
        "criteria": criteria(f, e) if e else [],
        "verdicts": verdict_rows(scope, e) if e else [],
        "turn": e is not None and sight.turn(scope, f, e),
        "why_not": why_not(scope, f, e) if e and e.state != "none" else "",
        "questions": questions(event),
        "history": changes(scope.trial.pk, event),
        "may_write": scope.may(May.REPORT_EVENT) and not event.voided,
        "level": f.level,
        "doses": patients.dose_card(f.level.pk),
        "treatment": treatment,
    }
    return render(request, "assessments/events/event.html", context)


@BOTH
def void(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here = enter(request, trial, May.REPORT_EVENT)
    event, f = _event(scope, here, number)
    standing(request, event, reverse("assessments:event", args=[trial, number]))
    form = VoidForm(request.POST or None, row=event)
    return act(
        request, scope, form,
        lambda said: services.void_event(trial=scope.trial.pk, event=event.pk, by=scope.user, **said),
        done=f"{event.code} is voided; it stays in the record.",
        changed=lambda: difference(scope.trial.pk, event, form.cleaned_data["rev"]),
        row=event,
        f=f,
        back=reverse("assessments:event", args=[trial, number]),
        template="assessments/events/void.html",
    )  # fmt: skip

"""What the pages of patients share: entering with the situation, one patient, and a page of one form to one service."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from assessments.count.queries import PatientFacts
from assessments.events import sight
from escalation.common import enter as enter
from escalation.situation.situation import Situation
from patients import queries
from patients.models import Slot
from trial.done import Done, Gone, last
from trial.forms import ServiceForm
from trial.models import Audited
from trial.people.access import Scope
from trial.record import naming
from trial.record.values import said
from trial.refusals import Implausible, Refused, Stale
from trial.roles import May

BOTH = require_http_methods(["GET", "POST"])
TEMPLATE = "patients/act.html"
Changed = Sequence[tuple[str, str, str, str]]  # what, as the person opened it, as it is now, as he typed it


def act(
    request: HttpRequest, scope: Scope, form: ServiceForm, save: Callable[[dict[str, Any]], object], *,
    back: str, done: str | Callable[[], str], template: str = TEMPLATE,
    changed: Callable[[], Changed] | None = None, then: str = "", over: Done | None = None, **besides: Any,
) -> HttpResponse:  # fmt: skip
    """A page with one form to one service: shown, refused with the sentence beside the field, or done.

    over: the step is done already; the page says so, and does not open.

    changed: what somebody else wrote since the form was opened, asked for after that refusal. done: what is said then,
    as it stands after the write where it is a function. then: where it leads, if not back.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                save(form.cleaned_data)
            except Refused as refusal:
                here = getattr(request, "situation", None)
                sentence = sight.veiled(str(refusal), scope, here.facts if here else [])
                form.refused(
                    refusal if isinstance(refusal, Implausible) else type(refusal)(sentence, field=refusal.field)
                )
                status = 409
                if changed and isinstance(refusal, Stale):
                    besides["changed"] = changed()
            else:
                messages.success(request, done() if callable(done) else done)
                return redirect(then or back)
    return render(request, template, {"form": form, "back": back, "over": over, **besides}, status=status)


def standing(request: HttpRequest, row: Audited, back: str) -> None:
    """No page opens on a voided row; what is sent to one is answered by its service, or refused by name."""
    if row.voided and request.method == "GET":
        name = " ".join(filter(None, (naming.table(row._meta.db_table), getattr(row, "code", ""))))
        raise Gone(Done(f"{name[0].upper()}{name[1:]}: taken back.", last(row.pk)), back)


def again(request: HttpRequest) -> bool:
    """Whether a page is asked to open on a step that is done, to correct it; what is sent to it is for its service."""
    return request.method == "POST" or "correct" in request.GET


def recorded(scope: Scope, row: Audited, what: str, *columns: str, correct: str = "") -> Done:
    """A step that is done. columns: those by which it is, where others of the row changed later."""
    entry = queries.history(scope.trial.pk, [row]).of(row.pk, *columns)
    return Done(what, entry.event if entry else None, correct)


def slot_of(scope: Scope, number: int) -> Slot:
    """A slot of the person's sites."""
    slot = queries.slot(scope.trial.pk, number)
    if slot is None or not scope.sees(slot.site_id):
        raise Http404("No such slot.")
    return slot


def page_of(scope: Scope, slot: Slot) -> str:
    """Of the patient of a slot, or of the slot before there is one."""
    patient = getattr(slot, "patient", None)
    if patient:
        return reverse("patients:patient", args=[scope.trial.code, patient.code])
    return reverse("patients:slot", args=[scope.trial.code, slot.number])


def typed(form: ServiceForm, names: Iterable[str]) -> dict[str, tuple[str, Any]]:
    """By the field's name: its label, and what was typed."""
    return {name: (str(form.fields[name].label), form.cleaned_data[name]) for name in names}


def since(scope: Scope, row: Audited, form: ServiceForm, yours: Mapping[str, tuple[str, Any]]) -> Changed:
    """What somebody else wrote of a row since the form was opened. yours: label and what was typed, by column."""
    past = queries.history(scope.trial.pk, [row])
    then = past.then(row.pk, form.cleaned_data["rev"]) or {}
    now = past.entries[-1].now
    found = [(label, said(then.get(name)), said(now.get(name)), said(mine)) for name, (label, mine) in yours.items()]
    return [(what, was, is_now, mine) for what, was, is_now, mine in found if was != is_now or is_now != mine]


def find(
    request: HttpRequest, trial: str, number: int, right: May = May.READ_PATIENTS
) -> tuple[Scope, Situation, PatientFacts]:
    """One patient of the person's sites; anybody else's does not exist for him."""
    scope, here = enter(request, trial, right)
    found = next((f for f in here.facts if f.patient.number == number), None) if here else None
    if here is None or found is None or not scope.sees(found.patient.site_id):
        raise Http404("No such patient.")
    return scope, here, found


def step(
    request: HttpRequest, scope: Scope, f: PatientFacts, form: ServiceForm, save: Callable[[dict[str, Any]], object],
    *, done: str, title: str, **more: Any,
) -> HttpResponse:  # fmt: skip
    """A page of one form about one patient, with the dose card beside it."""
    return act(request, scope, form, save, done=done, **beside(scope, f, title), **more)


def beside(scope: Scope, f: PatientFacts, title: str) -> dict[str, Any]:
    code = f.patient.code
    return {
        "title": f"{title}, patient {code}",
        "back": reverse("patients:patient", args=[scope.trial.code, code]),
        "f": f,
        "patient": f.patient,
        "level": f.level,
        "doses": queries.dose_card(f.level.pk),
    }

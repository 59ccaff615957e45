"""Enrolment: slots by state, the request, and one slot's steps from eligibility to enrolment."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from assessments.events import sight
from escalation import words
from escalation.enrolment import services as enrolment
from escalation.outside import queries as outside
from escalation.outside.queries import Place
from escalation.situation import queries as escalation
from escalation.situation import stagger
from escalation.situation.situation import Situation
from patients import queries, services
from patients.consent import queries as consents
from patients.consent import services as consent_services
from patients.consent.forms import ConsentForm
from patients.enrolment import forms
from patients.enrolment import services as enrolment_services
from patients.models import Consent, Slot
from patients.screening.models import Screening
from patients.withdrawal import queries as withdrawals
from trial import numbers
from trial import queries as ground
from trial.forms import ReasonForm, ServiceForm
from trial.people.access import Scope
from trial.refusals import Refused
from trial.roles import May

from ..common import BOTH, act, enter, recorded, slot_of

AWAY = "The slot cannot be used again."
WAITING = (Slot.State.WAITING, Slot.State.REQUESTED, Slot.State.GRANTED)


@require_GET
def enrolment_page(request: HttpRequest, trial: str) -> HttpResponse:
    scope, here = enter(request, trial)
    every = list(queries.slots(scope.trial.pk))
    mine = [slot for slot in every if scope.sees(slot.site_id)]
    open_ = [s for s in mine if s.state in WAITING or (s.state == Slot.State.ENROLLED and not _treated(s))]
    order = [Slot.State.GRANTED, Slot.State.ENROLLED, Slot.State.REQUESTED, Slot.State.WAITING]
    open_.sort(key=lambda s: (order.index(Slot.State(s.state)), s.number))
    past = [s for s in reversed(mine) if s not in open_]
    others = [s for s in every if not scope.sees(s.site_id) and s.state in WAITING]
    context = {
        **_open_level(scope, here),
        "open": open_,
        "past": past,
        "past_said": _past(past),
        "elsewhere": len(others),
        "elsewhere_waiting": sum(s.state == Slot.State.WAITING for s in others),
        "beside": outside.places(here) if here else [],
        "may_request": scope.may(May.REQUEST_SLOT) and here is not None,
        "may_grant": scope.may(May.GRANT_SLOT),
        "today": scope.today,
    }
    return render(request, "patients/enrolment/enrolment.html", context)


def _past(slots: Sequence[Slot]) -> str:
    """What became of them: "15 slots: 12 used, 1 screen failure, 2 given back"."""
    used = sum(slot.state == Slot.State.ENROLLED for slot in slots)
    left = [slot for slot in slots if slot.state != Slot.State.ENROLLED]
    failed = sum(bool(slot.screening and slot.screening.outcome == Screening.Outcome.FAILURE) for slot in left)
    parts = [f"{used} used"] if used else []
    parts += [words.count(failed, "screen failure")] if failed else []
    parts += [f"{len(left) - failed} given back"] if len(left) > failed else []
    return f"{words.count(len(slots), 'slot')}: {', '.join(parts)}"


def _treated(slot: Slot) -> bool:
    patient = getattr(slot, "patient", None)
    return patient is not None and getattr(patient, "treatment", None) is not None


def _open_level(scope: Scope, here: Situation | None, cohort: int | None = None) -> dict[str, Any]:
    """What every enrolment page says first: the open level, its dose, the free slots, or why none is free.

    cohort: the number of an open expansion or backfill cohort, instead of the escalation.
    """
    if here is None:
        return {"why": "The protocol is not written yet.", "free": 0}
    if place := _outside(here, cohort):
        theirs = place.cohort.dose_level
        return {
            "role": place.cohort.get_role_display(),
            "level": theirs,
            "doses": queries.dose_card(theirs.pk),
            "free": place.free,
            "why": sight.veiled(place.why, scope, here.facts),
            "places": place.cohort.places,
            "taken": place.taken,
            "can_wait": True,
        }
    level = here.protocol.level(here.position) if here.position else None
    return {
        "level": level,
        "doses": queries.dose_card(level.pk) if level else [],
        "free": here.free,
        "why": sight.veiled(escalation.why_closed(here), scope, here.facts),
        "stagger": sight.veiled(stagger.note(here, level.pk), scope, here.facts) if level else "",
        "places": here.cohort.places if here.cohort else 0,
        "taken": here.taken,
        "can_wait": here.cohort is not None and not here.conclusion,
    }


def _outside(here: Situation | None, cohort: int | None) -> Place | None:
    """The open expansion or backfill cohort with that number."""
    if here is None or cohort is None or (here.cohort and here.cohort.number == cohort):
        return None
    return next((place for place in outside.places(here) if place.cohort.number == cohort), None)


def _shown_now(here: Situation | None, place: Place | None) -> dict[str, Any]:
    """What the form is about: the cohort that is asked for, and whether it means the waiting list."""
    if place:
        return {"cohort": place.cohort.number, "wait": not place.free}
    return {"cohort": here.cohort.number if here and here.cohort else None, "wait": not (here and here.free)}


@BOTH
def request_slot(request: HttpRequest, trial: str) -> HttpResponse:
    """A slot at the open level; `?cohort=7` asks for that expansion or backfill cohort."""
    scope, here = enter(request, trial, May.REQUEST_SLOT)
    asked = request.POST.get("cohort", "") if request.method == "POST" else request.GET.get("cohort", "")
    number = numbers.whole(asked)
    place = _outside(here, number)
    shown_now = _shown_now(here, place)
    form = forms.RequestSlotForm(request.POST or None, initial=shown_now)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                if said["cohort"] != shown_now["cohort"]:
                    raise Refused(
                        "Another cohort is open than the one you were shown. Look at the level and ask again."
                    )
                slot = enrolment.request_slot(
                    trial=scope.trial.pk,
                    screening=said["screening"],
                    again_of=said["again_of"],
                    wait=said["wait"],
                    cohort=place.cohort.pk if place else None,
                    by=scope.user,
                    key=said["key"],
                )
            except Refused as refusal:
                _, here = enter(request, trial, May.REQUEST_SLOT)
                sentence = sight.veiled(str(refusal), scope, here.facts if here else [])
                place = _outside(here, number)
                form, status = _renewed(form, _shown_now(here, place)), 409
                form.refused(Refused(sentence, field=refusal.field))
            else:
                messages.success(request, f"Slot {slot.number} is {slot.get_state_display()}.")
                return redirect("patients:slot", trial, slot.number)
    context = {**_open_level(scope, here, number), "form": form}
    return render(request, "patients/enrolment/request_slot.html", context, status=status)


def _renewed(form: forms.RequestSlotForm, shown_now: dict[str, Any]) -> forms.RequestSlotForm:
    """The same form about what is open now: what was typed stays; the key is new, for it asks something else."""
    now = {"cohort": shown_now["cohort"] or "", "wait": "on" if shown_now["wait"] else ""}
    typed = {name: form.data.get(name, "") for name in ("screening", "again_of")}
    fresh = forms.RequestSlotForm({**now, **typed, "key": str(form.fields["key"].initial())})
    fresh.is_valid()
    return fresh


@require_GET
def slot_page(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here = enter(request, trial)
    return _show_slot(request, scope, here, slot_of(scope, number))


def _show_slot(
    request: HttpRequest, scope: Scope, here: Situation | None, slot: Slot, status: int = 200, **bound: ServiceForm
) -> HttpResponse:
    """One slot and its steps. A form that was refused comes back in its step."""
    criteria = ground.criteria(here.protocol.version.pk) if here else []
    answers = {a.criterion_id: a for a in slot.eligibility.all()}
    standing = {c.kind for c in slot.consents.all() if not c.withdrawn_on}
    kinds = [k for k in Consent.Kind.values if k not in standing]
    answered = [answers[c.pk] for c in criteria if c.pk in answers]
    eligible = len(answered) == len(criteria) and all(a.met for a in answered)
    consented = Consent.Kind.TRIAL not in kinds
    early = slot.state in WAITING
    version = here.protocol.version if here else None
    listed = consents.versions(scope.trial.pk) if early else []
    missing = [sight.veiled(w, scope, here.facts) for w in enrolment.missing(slot, here)] if early and here else []
    ready = early and here is not None and not missing
    done = early or slot.state in (Slot.State.EXPIRED, Slot.State.CANCELLED)
    taken_back = withdrawals.of_slot(slot.pk)
    day = min(filter(None, [slot.held_until, *(row.on for row in taken_back)]), default=None)
    sent = bound.get("enrol")  # refused: perhaps of a day before the slot was granted
    done = done and (not ready or sent is not None)
    late = here is not None and done and not enrolment.missing(slot, here, given=True, on=day)

    def offered(name: str, right: May, when: bool, make: Callable[[], ServiceForm]) -> ServiceForm | None:
        return bound.get(name) or (make() if when and scope.may(right) else None)

    level, patient = slot.cohort.dose_level if slot.cohort else None, getattr(slot, "patient", None)
    signed = list(slot.consents.all())
    record = queries.history(scope.trial.pk, [slot, *answers.values(), *signed, *taken_back, patient])
    context = {
        "slot": slot,
        "patient": patient,
        "enrolled": record.of(patient.pk) if patient else None,
        "level": level,
        "doses": queries.dose_card(level.pk) if level else [],
        "version": version,
        "criteria": [(c, answers.get(c.pk)) for c in criteria],
        "answered": len(answered),
        "correct_url": reverse("patients:correct_eligibility", args=[scope.trial.code, slot.number])
        if answers and scope.may(May.CONFIRM_ELIGIBILITY)
        else "",
        "consents": [(one, record.of(one.pk)) for one in signed],
        "withdrawals": taken_back,
        "may_consent": scope.may(May.RECORD_CONSENT),
        "eligible": eligible,
        "refused_criterion": any(not a.met for a in answered),
        "consented": consented,
        "missing": missing,
        "ready": ready,
        "early": early,
        "record": record.told(scope),
        "grant_form": offered("grant", May.GRANT_SLOT, slot.state == Slot.State.REQUESTED, ServiceForm),
        "eligibility_form": offered(
            "eligibility",
            May.CONFIRM_ELIGIBILITY,
            early and version is not None and len(answered) < len(criteria),
            lambda: _eligibility_form(None, here, slot, scope),
        ),
        "consent_form": offered(
            "consent", May.RECORD_CONSENT, early and bool(kinds), lambda: ConsentForm(kinds=kinds, listed=listed)
        ),
        "enrol_form": offered("enrol", May.ENROL, ready, lambda: forms.EnrolForm(today=scope.today_at(slot.site))),
        "late_form": _late_form(scope, slot, sent) if late and scope.may(May.ENROL) else None,
        "may_cancel": services.may_be_given_back(slot) and (scope.may(May.REQUEST_SLOT) or scope.may(May.GRANT_SLOT)),
        "cancel_word": _back_word(scope, slot),
    }
    return render(request, "patients/enrolment/slot.html", context, status=status)


def _back_word(scope: Scope, slot: Slot) -> str:
    """What giving the slot back is called."""
    if slot.state == Slot.State.ENROLLED:
        return "Release the place"
    return "Decline" if scope.may(May.GRANT_SLOT) and slot.state == Slot.State.REQUESTED else "Cancel the slot"


def _late_form(scope: Scope, slot: Slot, sent: ServiceForm | None) -> ServiceForm:
    """What records an enrolment that was done: as it was sent, or new where it was sent as one of today."""
    if sent is not None and "reason" in sent.fields:
        return sent
    typed = {"on": sent["on"].value()} if sent is not None else {}
    return forms.EnrolForm(today=scope.today_at(slot.site), given=True, initial=typed, auto_id="late_%s")


def _eligibility_form(data: Any, here: Situation | None, slot: Slot, scope: Scope) -> forms.EligibilityForm:
    if here is None:
        raise Http404("No protocol.")
    version = here.protocol.version.pk
    given = {a.criterion_id: a.met for a in slot.eligibility.all()}
    today, criteria = scope.today_at(slot.site), ground.criteria(version)
    return forms.EligibilityForm(data, version=version, criteria=criteria, given=given, today=today)


def _slot_step(
    request: HttpRequest, scope: Scope, here: Situation | None, slot: Slot, name: str, form: ServiceForm,
    save: Callable[[], object], done: str,
) -> HttpResponse:  # fmt: skip
    """Carry out one step of a slot; what is refused comes back with its sentence and what was typed."""
    status = 422
    if form.is_valid():
        try:
            save()
        except Refused as refusal:
            sentence = sight.veiled(str(refusal), scope, here.facts if here else [])
            form.refused(Refused(sentence, field=refusal.field))
            status = 409
        else:
            messages.success(request, done)
            return redirect("patients:slot", scope.trial.code, slot.number)
    return _show_slot(request, scope, here, slot, status, **{name: form})


@require_POST
def grant_slot(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here = enter(request, trial, May.GRANT_SLOT)
    slot, form = slot_of(scope, number), ServiceForm(request.POST)

    def save() -> None:
        enrolment.grant_slot(trial=scope.trial.pk, slot=slot.pk, by=scope.user, key=form.cleaned_data["key"])

    return _slot_step(request, scope, here, slot, "grant", form, save, f"Slot {number} is granted.")


@require_POST
def eligibility(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here = enter(request, trial, May.CONFIRM_ELIGIBILITY)
    slot = slot_of(scope, number)
    form = _eligibility_form(request.POST, here, slot, scope)

    def save() -> None:
        enrolment_services.confirm_eligibility(
            trial=scope.trial.pk, slot=slot.pk, version=form.protocol_version, answers=form.answers,
            on=form.cleaned_data["on"], by=scope.user, key=form.cleaned_data["key"],
        )  # fmt: skip

    return _slot_step(request, scope, here, slot, "eligibility", form, save, "Eligibility is recorded.")


@require_POST
def consent(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here = enter(request, trial, May.RECORD_CONSENT)
    slot = slot_of(scope, number)
    form = ConsentForm(request.POST, kinds=Consent.Kind.values, listed=consents.versions(scope.trial.pk))

    def save() -> None:
        consent_services.record_consent(trial=scope.trial.pk, slot=slot.pk, by=scope.user, **form.cleaned_data)

    return _slot_step(request, scope, here, slot, "consent", form, save, "Consent is recorded.")


@require_POST
def enrol(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here = enter(request, trial, May.ENROL)
    slot = slot_of(scope, number)
    given = request.POST.get("given") == "True"
    form = forms.EnrolForm(request.POST, today=scope.today_at(slot.site), given=given)
    enrolled = []

    def save() -> None:
        said = form.cleaned_data
        enrolled.append(
            enrolment.enrol(
                trial=scope.trial.pk,
                slot=slot.pk,
                on=said["on"],
                given=said["given"],
                reason=said.get("reason", ""),
                by=scope.user,
                key=said["key"],
            )
        )

    answer = _slot_step(request, scope, here, slot, "enrol", form, save, f"The patient of slot {number} is enrolled.")
    return redirect("patients:patient", trial, enrolled[0].code) if enrolled else answer


@BOTH
def cancel_slot(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, _ = enter(request, trial)
    scope.need(May.GRANT_SLOT if scope.may(May.GRANT_SLOT) else May.REQUEST_SLOT)
    slot, form = slot_of(scope, number), ReasonForm(request.POST or None)
    submit, title, after = {
        "Decline": ("Decline slot", f"Decline slot {number}", AWAY),
        "Cancel the slot": ("Cancel slot", f"Cancel slot {number}", AWAY),
        "Release the place": (
            "Release the place", f"Release the place of slot {number}", "The patient may start only where one is free.",
        ),
    }[_back_word(scope, slot)]  # fmt: skip

    def save(said: dict[str, Any]) -> None:
        services.cancel_slot(trial=scope.trial.pk, slot=slot.pk, reason=said["reason"], by=scope.user, key=said["key"])

    over = None
    if not services.may_be_given_back(slot):
        over = recorded(scope, slot, f"Slot {number} is {slot.get_state_display()}; it is not given back.", "state")
    return act(
        request, scope, form, save,
        back=reverse("patients:slot", args=[trial, number]),
        over=over,
        done=f"Slot {number} is given back.",
        title=title,
        state=f"The place goes to the next on the waiting list. {after}",
        submit=submit,
        danger=True,
    )  # fmt: skip

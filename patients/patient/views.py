"""One patient: what is recorded, who recorded it, and what may be recorded next."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from assessments.count import services as assessments
from assessments.count.queries import PatientFacts, confirmable, settled
from assessments.events.facts import EventFacts
from assessments.events.grades import FATAL
from assessments.events.sight import veiled
from assessments.imwg.terms import settings_of
from assessments.models import Evaluability
from assessments.response.queries import course_read
from escalation.outstanding import closed_levels, moved
from escalation.situation.situation import Situation
from patients import queries
from patients.consent import withdrawn
from patients.consent.models import Covers
from patients.consent.withdrawn import Withdrawn
from patients.dosing.page import OfDrug, drugs
from patients.follow_up import queries as follow_up
from patients.follow_up.models import FollowUp
from patients.models import EligibilityAnswer, Treatment
from patients.patient import forms
from patients.queries import History
from patients.withdrawal import queries as withdrawals
from trial.forms import shown
from trial.kept_page import kept_page
from trial.people.access import Scope
from trial.percentages import percent_text
from trial.refusals import Refused
from trial.roles import May

from ..common import BOTH, again, find, recorded, step
from .consent_views import consent_card
from .list_views import STATES, next_step, status, window
from .time_line_views import time_line

OPENED_AGAIN = {"leave_study", "closed_level"}  # whose own page corrects them
Link = tuple[str, str]  # where to, and its words; both empty for none
NONE: Link = ("", "")
STOP = ("stopped_on", "stop_reason", "stop_related", "stopped_drugs")
VERDICT_STATES = {
    "none": ("", ""),
    "open": ("still open", "amber"),
    "suspected": ("DLT suspected", "amber"),
    "dlt": ("DLT", "red"),
    "not_dlt": ("not a DLT", ""),
}


@require_GET
def patient_page(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here, f = find(request, trial, number)
    return kept_page(request, scope, "patients/patient/patient.html", lambda: _shown(scope, here, f))


def _shown(scope: Scope, here: Situation, f: PatientFacts) -> dict[str, Any]:
    """What the page shows."""
    row = f.patient
    treatment: Treatment | None = getattr(row, "treatment", None)
    confirmed: Evaluability | None = getattr(row, "evaluability", None)
    answers, consents = queries.of_slot(row.slot_id)
    events, known = [e.event for e in f.events], follow_up.follow_up(row.pk)
    taken_back, report_url = withdrawals.of_slot(row.slot_id), ""
    if scope.may(May.REPORT_EVENT):
        report_url = reverse("assessments:report", args=[scope.trial.code, row.code])
    given = getattr(row, "treatment_row", None)  # a first dose that was taken back stays in the history
    rows = [row, row.slot, *answers, *consents, *taken_back, given, *f.doses, confirmed, known, *events]
    record = queries.history(scope.trial.pk, rows)
    words, tone = STATES[f.outcome]
    left, offered = withdrawn.of(row.slot_id), _actions(scope, f)
    actions = [one for one in offered if not _over(left, one["name"], scope.today_at(row.site))]
    late = [one for one in offered if one not in actions]
    due, due_on = next_step(scope, f, left)
    return {
        "f": f,
        "patient": row,
        "treatment": treatment,
        "level": f.level,
        "closed_level": _closed_level(scope, here, f),
        "moved": moved.of(here, moved.Rows(f, record, answers, consents)),
        "may_check": scope.may(May.RECORD_DOSING),
        "before_grant": row.before_grant,
        "in_spite_of": veiled(treatment.in_spite_of, scope, here.facts) if treatment else "",
        "deviates": treatment is not None and treatment.received_level_id != row.cohort.dose_level_id,
        "doses": queries.dose_card(f.level.pk),
        "status": status(f, bool(known and known.died_on), left.over(Covers.TREATMENT, scope.today_at(row.site))),
        "dlt_words": words,
        "dlt_tone": tone,
        "window": window(f),
        "time_line": time_line(
            scope, f, course_read(row, scope.days, settings_of(here.protocol.settings)), consents, taken_back
        ),
        "due": due,
        "due_on": due_on,
        "facts": _facts(scope, f, record, answers, known),
        "consent": consent_card(scope, row, consents, taken_back, record),
        "late": late,
        "taken": [
            (
                t.drug.name,
                queries.plain(t.planned),
                queries.plain(t.taken),
                percent_text(t.taken * 100 / t.planned, limits=[here.protocol.settings.fraction * 100]),
                t.unusual or "",
                record.of(t.pk),
            )
            for t in f.doses
        ],
        "by_cycle": _by_cycle(scope, f),
        "cycles_url": reverse("patients:cycles", args=[scope.trial.code, row.code]) if treatment else "",
        "fraction": f"{here.protocol.settings.fraction * 100:.0f}",
        "events": [_event(scope, e) for e in f.events],
        "record": record.told(scope),
        "actions": actions,
        "report_url": report_url,
        "reads_responses": scope.reads_responses,
        "report_late": bool(left.over(Covers.VISITS, scope.today_at(row.site))),
    }


def _by_cycle(scope: Scope, f: PatientFacts) -> list[tuple[OfDrug, str, str]]:
    """Each drug over all cycles, with what was taken in the DLT window and its share; empty where totals hold."""
    if f.course is None or not f.course.recorded:
        return []
    found = []
    for row in drugs(f.course, scope.today_at(f.patient.site)):
        planned, got = f.taken.get(row.drug, (None, None))
        said = f"{queries.plain(got)} of {queries.plain(planned)} {row.unit}" if planned else "not recorded to its end"
        found.append((row, said, percent_text(got * 100 / planned) if planned and got is not None else ""))
    return found


def _facts(
    scope: Scope, f: PatientFacts, record: History, answers: Any, known: FollowUp | None
) -> list[tuple[str, str, Any, Link]]:
    """(what, value, who and when, the step that changes it) of each fact, in the order in which they come about."""
    row = f.patient
    treatment: Treatment | None = getattr(row, "treatment", None)
    confirmed: Evaluability | None = getattr(row, "evaluability", None)
    found: list[tuple[str, str, Any, Link]] = []
    enrolled = f"{shown(row.enrolled_on)}, cohort {row.cohort.number}"
    if row.source:
        enrolled += f", opened outside the system; entered from paper: {row.source}"
    found.append(("Enrolled", enrolled, record.of(row.pk), _correct(scope, f, May.ENROL, "correct_enrolment")))
    found += _answered(scope, f, record, answers)
    if treatment is None:
        return [*found, *_followed(scope, f, record, known)]
    step = _correct(scope, f, May.RECORD_DOSING, "correct_first_dose")
    found.append(("First dose", shown(treatment.first_dose_on), record.of(treatment.pk, "first_dose_on"), step))
    step = _correct(scope, f, May.RECORD_DOSING, "correct_level")
    level = f"level {treatment.received_level.label}"
    found.append(("Dose given", level, record.of(treatment.pk, "received_level_id"), step))
    if treatment.cycle2_on:
        step = _correct(scope, f, May.RECORD_DOSING, "correct_cycle2")
        found.append(("Cycle 2", shown(treatment.cycle2_on), record.of(treatment.pk, "cycle2_on"), step))
    if treatment.stopped_on:
        text = f"{shown(treatment.stopped_on)}: {treatment.stop_reason}{_related(treatment)}"
        step = _correct(scope, f, May.RECORD_DOSING, "correct_stop")
        found.append(("Treatment stopped", text, record.of(treatment.pk, *STOP), step))
    if treatment.left_study_on:
        text = f"{shown(treatment.left_study_on)}: {treatment.left_study_reason}"
        step = _correct(scope, f, May.RECORD_FOLLOW_UP, "leave_study")
        entry = record.of(treatment.pk, "left_study_on", "left_study_reason")
        found.append(("Left the study", text, entry, step))
    if confirmed and not confirmed.voided:
        said = confirmed.get_state_display()
        if confirmed.missed_because:
            said += f"; doses missed: {confirmed.get_missed_because_display().lower()}"
        found.append(("Evaluability confirmed", said, record.of(confirmed.pk), NONE))
    return [*found, *_followed(scope, f, record, known)]


def _correct(scope: Scope, f: PatientFacts, right: May, name: str) -> Link:
    """The page that corrects a fact, for who may enter it."""
    url = reverse(f"patients:{name}", args=[scope.trial.code, f.patient.code])
    return (f"{url}?correct=1" if name in OPENED_AGAIN else url, "Correct") if scope.may(right) else NONE


def _answered(
    scope: Scope, f: PatientFacts, record: History, answers: Sequence[EligibilityAnswer]
) -> list[tuple[str, str, Any, Link]]:
    """Eligibility as answered: whether every criterion is met, by the last answer given."""
    if not answers:
        return []
    unmet = sorted({answer.criterion.number for answer in answers if not answer.met})
    text = f"criterion {' and '.join(map(str, unmet))} not met" if unmet else "every criterion met"
    days = sorted({answer.on for answer in answers if answer.on})
    text += f", answered on {shown(days[-1])}" if days else ""
    last = max((record.of(answer.pk) for answer in answers), key=lambda e: e.event.number if e else 0)
    step = NONE
    if scope.may(May.CONFIRM_ELIGIBILITY):
        step = (reverse("patients:correct_eligibility", args=[scope.trial.code, f.patient.slot.number]), "Correct")
    return [("Eligibility", text, last, step)]


def _closed_level(scope: Scope, here: Situation, f: PatientFacts) -> dict[str, Any]:
    """The level of the patient has closed: what was answered, or that it is asked. Empty while neither is so."""
    row = closed_levels.answer_of(f) if f.dosed else None
    if row is None and f.patient.pk not in {one.patient.pk for one in closed_levels.unanswered(here)}:
        return {}
    url, _ = _correct(scope, f, May.DECIDE_TREATMENT, "closed_level")
    url = url if row else url.partition("?")[0]
    return {"answer": row, "url": url}


def _related(treatment: Treatment) -> str:
    """Whether treatment stopped for related toxicity, and of which drugs; "" where it was not asked or is not so."""
    if not treatment.stop_related:
        return ""
    drugs = f" ({', '.join(treatment.stopped_drugs)})" if treatment.stopped_drugs else ""
    return f", for related toxicity{drugs}"


def _followed(
    scope: Scope, f: PatientFacts, record: History, known: FollowUp | None
) -> list[tuple[str, str, Any, Link]]:
    """The facts of follow-up; one form corrects them all."""
    if known is None:
        return []
    step = _correct(scope, f, May.RECORD_FOLLOW_UP, "follow_up")
    fatal = " and ".join(e.event.code for e in f.events if e.event.grade == FATAL)
    return [
        (
            fact.what,
            f"{fact.text}, of {fatal}" if fatal and "died_on" in fact.columns else fact.text,
            record.of(known.pk, *fact.columns),
            step,
        )
        for fact in follow_up.facts(known)
    ]


def _event(scope: Scope, e: EventFacts) -> dict[str, Any]:
    words, tone = VERDICT_STATES[e.state]
    return {
        "event": e.event,
        "url": reverse("assessments:event", args=[scope.trial.code, e.event.number]),
        "day": e.onset_day if e.judged and not e.event.onset_known else None,
        "words": words,
        "tone": tone,
    }


COVERED = {
    "first_dose": Covers.TREATMENT,
    "cycle2": Covers.TREATMENT,
    "stop": Covers.TREATMENT,
    "follow_up": Covers.CONTACT,
}


def _over(left: Withdrawn, action: str, today: date) -> bool:
    """Whether the patient has withdrawn from what an action records."""
    return action in COVERED and left.over(COVERED[action], today) is not None


def _actions(scope: Scope, f: PatientFacts) -> list[dict[str, Any]]:
    """What this person may record next; the first is the one that the record asks for."""
    treatment: Treatment | None = getattr(f.patient, "treatment", None)
    ready = confirmable(f) if f.dosed else None
    offered = (
        ("evaluability", "Confirm evaluability", May.CONFIRM_EVALUABILITY, bool(ready) and not settled(f)),
        ("first_dose", "Record first dose", May.RECORD_DOSING, treatment is None),
        ("cycles", "Doses by cycle", May.RECORD_DOSING, bool(f.course and f.course.plans)),
        (
            "dosing",
            "Correct doses" if f.doses else "Record doses",
            May.RECORD_DOSING,
            f.course is not None and not f.course.recorded and bool(f.doses or not f.course.plans),
        ),
        (
            "cycle2",
            "Start cycle 2",
            May.RECORD_DOSING,
            treatment is not None and not treatment.cycle2_on and f.course is not None and not f.course.ended_on,
        ),
        ("stop", "Stop treatment", May.RECORD_DOSING, treatment is not None and not treatment.stopped_on),
        ("follow_up", "Record follow-up", May.RECORD_FOLLOW_UP, treatment is not None),
        (
            "leave_study",
            "Left the study",
            May.RECORD_FOLLOW_UP,
            treatment is not None and bool(treatment.stopped_on) and not treatment.left_study_on,
        ),
    )
    return [
        {"name": name, "words": words, "url": reverse(f"patients:{name}", args=[scope.trial.code, f.patient.code])}
        for name, words, right, when in offered
        if when and scope.may(right)
    ]


@BOTH
def evaluability(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, _, f = find(request, trial, number, May.CONFIRM_EVALUABILITY)
    ready = confirmable(f) if f.dosed else None
    confirmed: Evaluability | None = getattr(f.patient, "evaluability", None)
    form = forms.EvaluabilityForm(
        request.POST or None,
        rev=confirmed.rev if confirmed else 0,
        initial={"state": ready or ""},
        short=bool(ready) and f.enough_drug is False,
    )

    def save(said: dict[str, Any]) -> None:
        if said["state"] not in Evaluability.State.values:
            raise Refused("Evaluability: there is nothing to confirm yet.")
        assessments.confirm_evaluability(
            trial=scope.trial.pk, patient=f.patient.pk, state=said["state"], reason=said["reason"], by=scope.user,
            missed_because=said.get("missed_because", ""), rev=said["rev"], key=said["key"],
        )  # fmt: skip

    label = Evaluability.State(ready).label if ready else ""
    over = None
    if confirmed and settled(f) and not again(request):
        over = recorded(scope, confirmed, f"Confirmed: {confirmed.get_state_display()}.", correct="?correct=1")
    return step(
        request, scope, f, form, save,
        over=over,
        done=f"Patient {f.patient.code}: the confirmation is recorded.",
        title="Confirm evaluability",
        state=f"The record says: {label}." if ready else "There is nothing to confirm yet.",
        because=f.because,
        submit=f"Confirm: {label}" if ready else "",
        nothing=not ready and request.method == "GET",
    )  # fmt: skip

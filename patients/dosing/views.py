"""Treatment of one patient: first dose, doses taken, cycle 2, stop, and the level received."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from assessments.count.queries import PatientFacts
from assessments.events import sight
from escalation.enrolment import services as enrolment
from escalation.situation import stagger
from patients import queries
from patients.consent import withdrawn
from patients.consent.models import Covers
from patients.dosing import forms, services
from patients.models import Treatment
from trial import queries as ground
from trial.forms import shown
from trial.people.access import Scope
from trial.refusals import Refused, Stale
from trial.roles import May

from ..common import BOTH, act, beside, find, recorded, step


@BOTH
def level(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here, f = find(request, trial, number, May.RECORD_DOSING)
    treatment = getattr(f.patient, "treatment", None)
    if treatment is None:
        raise Http404("This patient has had no dose.")
    recorded = treatment.received_level
    form = forms.CorrectLevelForm(request.POST or None, protocol=here.protocol, recorded=recorded, rev=treatment.rev)

    def save(said: dict[str, Any]) -> None:
        chosen = next(lv.pk for lv in here.protocol.levels if str(lv.pk) == said["received_level"])
        services.correct_received_level(
            trial=scope.trial.pk, patient=f.patient.pk, dose_level=chosen, rev=said["rev"], reason=said["reason"],
            by=scope.user, key=said["key"],
        )  # fmt: skip

    return act(
        request, scope, form, save,
        done=f"The dose given to patient {f.patient.code} is corrected.",
        state=f"Level {recorded.label} is recorded.",
        because="The patient then counts at the level received. When a signed decision counted him elsewhere, its "
        "basis has changed: enrolment there and above is held and the committee is asked again.",
        submit="Correct the dose given",
        danger=True,
        **beside(scope, f, "Correct the dose given"),
    )  # fmt: skip


@BOTH
def first_dose(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here, f = find(request, trial, number, May.RECORD_DOSING)
    cohort_level = f.patient.cohort.dose_level
    treatment: Treatment | None = getattr(f.patient, "treatment", None)
    form = forms.FirstDoseForm(
        request.POST or None, protocol=here.protocol, cohort_level=cohort_level, despite=_withdrew(scope, f)
    )
    why = "" if treatment else enrolment.may_not_start(f.patient, cohort_level, scope.today_at(f.patient.site), here)
    if why:
        form.ask_given()

    def save(said: dict[str, Any]) -> None:
        level = next(lv.pk for lv in here.protocol.levels if str(lv.pk) == said["received_level"])
        try:
            enrolment.first_dose(
                trial=scope.trial.pk, patient=f.patient.pk, on=said["on"], received_level=level, given=said["given"],
                reason=said["reason"], by=scope.user, key=said["key"],
            )  # fmt: skip
        except Refused as refusal:
            if refusal.field == "given" or stagger.too_early(here, level, said["on"]):
                form.ask_given()
            raise

    days = here.protocol.settings.window_days
    state = f"Level {cohort_level.label}, by the cohort's signed decision. The {days}-day DLT window starts here."
    note = stagger.note(here, cohort_level.pk)
    over = None
    if treatment:
        what = f"Recorded: first dose on {shown(treatment.first_dose_on)}, level {treatment.received_level.label}."
        over = recorded(scope, treatment, what, "first_dose_on", correct=_page(scope, f, "correct_first_dose"))
        state = f"The DLT window runs {f.window_days} days from it."
    elif why or note:
        state += f" {sight.veiled(f'Nobody may start now: {why}' if why else note, scope, here.facts)}"
    return step(
        request, scope, f, form, save,
        over=over,
        done=f"The first dose of patient {f.patient.code} is recorded. The DLT window runs {days} days.",
        title="First dose",
        state=state,
        submit="Record first dose",
    )  # fmt: skip


@BOTH
def dosing(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, here, f = find(request, trial, number, May.RECORD_DOSING)
    settings, taken = here.protocol.settings, queries.doses_taken(f.patient.pk)
    days = f.window_days or settings.window_days
    form = forms.DosingForm(
        request.POST or None, doses=queries.doses(f.level.pk), taken=taken, days=days, cycle=settings.cycle_days
    )

    def save(said: dict[str, Any]) -> None:
        try:
            services.record_dosing(
                trial=scope.trial.pk, patient=f.patient.pk, doses=form.amounts, rev=said["rev"],
                unusual=said["unusual"], stands=form.stands, reason=said.get("reason", ""), by=scope.user,
                key=said["key"],
            )  # fmt: skip
        except Stale as stale:
            last = max(queries.history(scope.trial.pk, taken).entries, key=lambda e: e.event.number, default=None)
            who = f"{last.who} on {shown(last.at.date())}" if last else "somebody"
            now = ", ".join(f"{t.drug.name} {queries.plain(t.taken)} of {queries.plain(t.planned)}" for t in taken)
            raise Stale(
                f"The doses were changed by {who} since you opened the form. They are now: {now}. "
                "Your numbers are kept below: compare and save again."
            ) from stale

    return step(
        request, scope, f, form, save,
        done=f"Doses of patient {f.patient.code} are recorded.",
        title="Doses taken",
        take_back=(
            _page(scope, f, "void_dosing"), "Take the doses back", "they were entered for the wrong patient."
        ) if taken else (),
        state=f"Total amounts over the DLT window of {days} days.",
        submit="Record doses",
    )  # fmt: skip


@BOTH
def stop(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, _, f = find(request, trial, number, May.RECORD_DOSING)
    drugs = [drug.name for drug in ground.drugs(scope.trial.pk)]
    form = forms.StopForm(request.POST or None, drugs=drugs, despite=_withdrew(scope, f))
    row: Treatment | None = getattr(f.patient, "treatment", None)
    over = None
    if row and row.stopped_on:
        what = f"Recorded: stopped on {shown(row.stopped_on)}, {row.stop_reason}."
        over = recorded(scope, row, what, "stopped_on", correct=_page(scope, f, "correct_stop"))

    def save(said: dict[str, Any]) -> None:
        services.stop_treatment(
            trial=scope.trial.pk, patient=f.patient.pk, on=said["on"], stop_reason=said["stop_reason"],
            related=said["related"] == "yes", drugs=said["drugs"] or None, reason=said.get("reason", ""),
            by=scope.user, key=said["key"],
        )  # fmt: skip

    return step(
        request, scope, f, form, save,
        done=f"Treatment of patient {f.patient.code} is stopped; follow-up goes on.",
        title="Stop treatment",
        over=over,
        state="No more study drug. The patient stays in the study and in follow-up.",
        submit="Stop treatment",
        danger=True,
        suggestions=forms.STOP_REASONS,
    )  # fmt: skip


@BOTH
def cycle2(request: HttpRequest, trial: str, number: int) -> HttpResponse:
    scope, _, f = find(request, trial, number, May.RECORD_DOSING)
    form = forms.Cycle2Form(request.POST or None, despite=_withdrew(scope, f))
    row: Treatment | None = getattr(f.patient, "treatment", None)
    over = None
    if row and row.cycle2_on:
        what = f"Recorded: cycle 2 began on {shown(row.cycle2_on)}."
        over = recorded(scope, row, what, "cycle2_on", correct=_page(scope, f, "correct_cycle2"))

    def save(said: dict[str, Any]) -> None:
        services.start_cycle_2(
            trial=scope.trial.pk, patient=f.patient.pk, on=said["on"], reason=said.get("reason", ""), by=scope.user,
            key=said["key"],
        )  # fmt: skip

    return step(
        request, scope, f, form, save,
        done=f"Cycle 2 of patient {f.patient.code} is recorded.",
        title="Start cycle 2",
        over=over,
        state="Its first dose answers whether cycle 2 was delayed for toxicity.",
        submit="Record cycle 2",
    )  # fmt: skip


def _page(scope: Scope, f: PatientFacts, name: str) -> str:
    return reverse(f"patients:{name}", args=[scope.trial.code, f.patient.code])


def _withdrew(scope: Scope, f: PatientFacts) -> bool:
    """Whether the patient has withdrawn from treatment, so that a dose given later needs its reason."""
    return withdrawn.of(f.patient.slot_id).over(Covers.TREATMENT, scope.today_at(f.patient.site)) is not None

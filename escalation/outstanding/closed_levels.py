"""Patients still on a dose level that has closed: for each the investigator answers reduce, continue or stop."""

from datetime import date
from uuid import UUID

from assessments.count.queries import PatientFacts
from patients import days
from patients.dosing.models import ClosedLevelAnswer
from patients.dosing.services import treated
from trial.dates import shown
from trial.models import User
from trial.record import corrections, ledger
from trial.refusals import Refused
from trial.roles import May

from ..situation import queries
from ..situation.situation import Situation
from . import still_asked

FATAL = 5  # the grade of an event that the patient died of


def on_closed(here: Situation, facts: PatientFacts) -> bool:
    """Whether the level that a patient received is closed, by its counts or by the committee."""
    position = here.protocol.position(facts.level.pk)
    closed = here.advice.closed_from
    return facts.dosed and closed is not None and position is not None and position >= closed


def still_on(here: Situation) -> list[PatientFacts]:
    """Patients on treatment at a level that has closed, in order of first dose."""
    found = [f for f in here.facts if on_closed(here, f) and f.patient.treatment.stopped_on is None]
    if not found:
        return []
    still = still_asked.patients(here)
    return [
        f
        for f in found
        if f.patient.pk in still and f.died_on is None and all(e.event.grade != FATAL for e in f.events)
    ]


def unanswered(here: Situation) -> list[PatientFacts]:
    """Those of them for whom nobody has answered yet. No query while no level has closed."""
    found = still_on(here)
    if not found:
        return []
    answered = answers(here)
    return [f for f in found if (f.patient.pk, f.level.pk) not in answered]


def answers(here: Situation) -> dict[tuple[UUID, UUID], ClosedLevelAnswer]:
    """Every answer of the trial, by patient and level."""
    rows = ClosedLevelAnswer.objects.filter(trial=here.trial.pk, voided=False).select_related("by")
    return {(row.patient_id, row.dose_level_id): row for row in rows}


def answer_of(facts: PatientFacts) -> ClosedLevelAnswer | None:
    """What was answered for a patient about the level that he received."""
    return ClosedLevelAnswer.objects.filter(patient=facts.patient.pk, dose_level=facts.level.pk, voided=False).first()


def answer(
    *,
    trial: UUID,
    patient: UUID,
    said: str,
    on: date,
    because: str,
    rev: int | None = None,
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> ClosedLevelAnswer:
    """The investigator says what becomes of a patient on a closed level, or corrects what was said.

    A reduction is recorded with the doses, a stop in its own step. because: why he decided so. rev: of an earlier
    answer on his screen, 0 for none; changing it needs a `reason`.
    """
    asked = (patient, rev, reason, said, on, because)
    with ledger.action(
        trial, by=by, may=May.DECIDE_TREATMENT, verb="closedlevel.answer", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return ClosedLevelAnswer.objects.get(pk=act.earlier)
        treatment = treated(act, patient)
        code = treatment.patient.code
        here = queries.under(act)
        level = treatment.received_level
        row = ClosedLevelAnswer.objects.filter(patient=treatment.patient_id, dose_level=level).first()
        facts = next(f for f in here.facts if f.patient.pk == patient)
        if row is None and not on_closed(here, facts):
            raise Refused(f"Level {level.label} of patient {code} is not closed, so nothing is asked.")
        if row is None and treatment.stopped_on:
            raise Refused(f"Patient {code} stopped treatment on {shown(treatment.stopped_on)}, so nothing is asked.")
        if row is not None:
            now = f": {row.get_answer_display().lower()} is recorded now"
            corrections.check(act, row, "The answer", seen=rev, besides=now, reason_for="a correction")
        if said not in ClosedLevelAnswer.Answer.values:
            raise Refused("Answer: choose reduce, continue or stop.", field="answer")
        days.at(act, treatment.patient.site_id).check(on, "Decided on", field="on")
        if on < treatment.first_dose_on:
            raise Refused(
                f"Decided on: {shown(on)} is before the first dose ({shown(treatment.first_dose_on)}).", field="on"
            )
        if not because.strip():
            raise Refused("Why: the decision needs its reason.", field="because")
        if row is not None and (row.answer, row.on, row.because) == (said, on, because.strip()):
            raise Refused("Answer: this is recorded already.", field="answer")
        assert act.by is not None
        row = row or ClosedLevelAnswer(trial_id=trial, patient=treatment.patient, dose_level=level)
        row.answer, row.on, row.because, row.by = said, on, because.strip(), act.by
        row.save()
        act.result(row.pk)
        return row

"""Recording what came late: in the action that changed it, under its lock; called by the consequences alone."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from patients.models import Patient
from trial import clock, notices
from trial.dates import shown
from trial.models import DoseLevel, NoticeKind
from trial.people import services
from trial.record.ledger import Act
from trial.roles import May

from ..models import BasisChanged, Decision
from ..situation.changes import grouped
from ..situation.situation import Situation
from ..stored import inputs as stored_inputs

UNCOUNTED = {"pending", "suspected"}
UNSEEN = "not among its patients"
UNDOSED = "not dosed: the first dose was taken back"
Entry = Mapping[str, Any]  # a patient in the engine's inputs


def record(act: Act, here: Situation) -> bool:
    """A row for each decision and patient whose standing in it changed, or is as before again; True if any.

    Patients outside the count carried no decision about it; the monitoring of their level asks for its own review.
    """
    now = {p["patient"]: p for p in here.inputs["patients"]}
    last = {(change.decision_id, change.patient.number): change for change in here.basis_changes}
    still = {change.pk for change in here.changes}
    known = {f.patient.number: f.patient for f in here.facts}
    found = []
    for decision in here.in_force:
        if stored_inputs.fault(decision.inputs):
            continue
        then = {p["patient"]: p for p in stored_inputs.patients(decision.inputs)}
        marked = {number for pk, number in last if pk == decision.pk}
        for number in (*now, *sorted((then.keys() | marked) - now.keys())):
            was, new, before = then.get(number), now.get(number), last.get((decision.pk, number))
            said = _changed(here, decision, known[number], was, new)
            if not said:
                if before and not before.restored:
                    found.append(_row(here, decision, number, was, new, _standing(here, new), restored=True))
            elif before is None or before.restored:
                found.append(_row(here, decision, number, was, new, said, restored=False))
            elif before.now != said and (was is not None or before.pk in still):
                # who was not among a decision's patients changed it once: what becomes of him after the answer does not
                found.append(_row(here, decision, number, was, new, said, restored=False))
    for row in found:
        row.save()
    if found:
        _tell(act, here, found)
    return bool(found)


def _changed(here: Situation, decision: Decision, patient: Patient, was: Entry | None, new: Entry | None) -> str:
    """How a patient counts now, in words, where that changes the decision's basis; "" where it does not.

    new: None of a patient whose first dose was taken back. Whatever he was counted as, he leaves the count.
    """
    if new is None:
        return UNDOSED if was and was["role"] == "escalation" else ""
    if was is None:
        return _said(here, new) if unseen(here, decision, patient) else ""
    if was["role"] == "escalation" and after(decision, patient):
        return f"first dosed after it, on {shown(patient.treatment.first_dose_on)}"
    return _said(here, new) if changed(was, new) else ""


def unseen(here: Situation, decision: Decision, patient: Patient) -> bool:
    """Whether a patient who is not in a decision's inputs had the first dose on or before its day at his site.

    On the day itself not where he may have started under it: in a cohort that it or a later decision opened, or at the
    level that it opened one at.
    """
    if patient.role != "escalation" or after(decision, patient):
        return False
    if patient.treatment.first_dose_on < _day(decision, patient):
        return True
    opened = {d.ending.cohort_id for d in here.in_force if d.number >= decision.number}
    mine = decision.ending.cohort
    return patient.cohort_id not in opened and not (mine and mine.dose_level_id == patient.cohort.dose_level_id)


def after(decision: Decision, patient: Patient) -> bool:
    """Whether a patient had the first dose after the day of a decision."""
    return bool(patient.treatment.first_dose_on > _day(decision, patient))


def _day(decision: Decision, patient: Patient) -> date:
    """The day on which a decision came in force, in the calendar of the patient's site: first doses go by it."""
    return clock.clinical_date(decision.ending.at, patient.site.time_zone)


def changed(was: Entry, now: Entry) -> bool:
    """Whether a patient in a decision's inputs counts differently now (docs/domain.md, section 4)."""
    if was["role"] != "escalation":
        return False
    if was["outcome"] in UNCOUNTED:
        return bool(now["outcome"] == "not_evaluable")
    return bool((was["outcome"], was["dose_level"]) != (now["outcome"], now["dose_level"]))


def _row(
    here: Situation, decision: Decision, number: int, was: Entry | None, new: Entry | None, said: str, *, restored: bool
) -> BasisChanged:
    patient = next(f.patient for f in here.facts if f.patient.number == number)
    at = [level for entry in (was, new) if entry and (level := _level(here, entry))]
    lowest = min(at or [patient.cohort.dose_level], key=lambda level: here.protocol.position(level.pk) or 0)
    return BasisChanged(
        trial=here.trial,
        decision=decision,
        patient=patient,
        was=_said(here, was) if was else UNSEEN,
        now=said,
        restored=restored,
        dose_level=lowest,
        position=here.protocol.position(lowest.pk) or 1,
    )


def _level(here: Situation, entry: Entry) -> DoseLevel | None:
    return next((level for level in here.protocol.levels if str(level.pk) == entry["dose_level"]), None)


def _said(here: Situation, entry: Entry) -> str:
    level = _level(here, entry)
    return f"{entry['outcome'].replace('_', ' ').replace('dlt', 'DLT')} at level {level.label if level else '?'}"[:120]


def _standing(here: Situation, entry: Entry | None) -> str:
    return _said(here, entry) if entry else UNDOSED


def _tell(act: Act, here: Situation, found: list[BasisChanged]) -> None:
    """One notice to the committee for the action, however many decisions stood on it."""
    for row in found:
        row.rev = act.number  # the trigger has set it in the database
    lates = grouped(found, here.protocol)
    numbers = sorted({d.number for late in lates for d in late.decisions})
    held = here.protocol.level(min(late.position for late in lates)).label
    sentences = [f"{late.sentence}" for late in lates]
    sentences.append(f"Enrolment is held at level {held} and above. The engine says now: {here.because}")
    sentences.append("What was decided, what changed and the amending decision: Escalation, Late changes.")
    notices.post(
        trial=here.trial,
        to=services.people_with(here.trial.pk, May.SIGN_DECISION),
        key=f"basis-{act.number}",
        kind=NoticeKind.SAFETY,
        page="escalation/late/",
        subject=f"{here.trial.code}: {_subject(numbers, restored=all(row.restored for row in found))}",
        text="\n\n".join(sentences),
    )


def _subject(numbers: list[int], *, restored: bool) -> str:
    which = f"decision {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} decisions"
    return f"the basis of {which} is as before again" if restored else f"the basis of {which} has changed"

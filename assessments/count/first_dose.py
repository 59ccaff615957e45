"""Correcting the day of a first dose, or taking it back: every study day, the window and what was read by it follow."""

from datetime import date
from uuid import UUID

from patients import days
from patients.consent import withdrawn
from patients.consent.models import Covers
from patients.dosing.models import CycleDoses
from patients.dosing.services import check_first_dose, treated
from patients.models import AmendedPatient, DoseTaken, Patient, Treatment
from patients.queries import answered_last
from patients.services import mine, release
from trial import protocol_settings
from trial import queries as ground
from trial.dates import study_day
from trial.models import ProtocolVersion, User
from trial.record import corrections, ledger
from trial.refusals import Refused
from trial.roles import May

from ..models import AdverseEvent, Evaluability


def correct_first_dose(
    *, trial: UUID, patient: UUID, on: date, rev: int | None = None, reason: str, by: User, key: UUID | None = None
) -> Treatment:
    """The first dose was given on another day. rev: the row's number on the corrector's screen.

    The patient follows the protocol version in force on that day, and an event that readers judged in the window, and
    that lies outside it now, or the other way round, is read again.
    """
    asked = (patient, rev, reason, on)
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="firstdose.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = treated(act, patient)
        if act.earlier:
            return row
        now = f": {row.first_dose_on:%-d %b %Y} is recorded now"
        corrections.check(act, row, "The treatment", seen=rev, besides=now, reason_for="a correction")
        if on == row.first_dose_on:
            raise Refused(f"First dose: {on:%-d %b %Y} is recorded already.", field="on")
        check_first_dose(act, row.patient, on)
        _before_what_followed(row, on)
        window = _window(row)
        row.protocol = _version(row, on)
        row.first_dose_on = on
        row.save()
        _read_again(row, window)
        act.result(row.pk)
        return row


def void_first_dose(
    *, trial: UUID, treatment: UUID, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> Treatment:
    """The first dose was not this patient's: he is before his first dose again, and counts nowhere.

    What is recorded of his treatment since then is named and taken back first. A confirmation of evaluability, which is
    one of the course since the first dose, is taken back with it.
    """
    asked = (treatment, rev, reason)
    with ledger.action(
        trial, by=by, may=May.RECORD_DOSING, verb="firstdose.void", reason=reason, key=key, asked=asked
    ) as act:
        row = Treatment.objects.select_related("patient__slot").get(pk=treatment, trial=trial)
        mine(act, row.patient.site_id)
        what, why = "The first dose", "taking a first dose back"
        if act.earlier:
            return row
        corrections.check(act, row, what, seen=rev, reason_for=why)
        if found := hanging(row):
            raise Refused(
                f"First dose: what is recorded since then would hang in the air: {', '.join(found)}. Take that back "
                "first, or correct the day of the first dose."
            )
        for given in Evaluability.objects.filter(patient=row.patient_id, voided=False):
            given.voided = True
            given.save()
        corrections.void(act, row, what, seen=rev, reason_for=why)
        slot = row.patient.slot
        unmet = any(not answer.met for answer in answered_last(slot))
        if unmet or withdrawn.of(slot.pk).over(Covers.TREATMENT, days.at(act, slot.site_id).today):
            release(slot)  # he may not start, so nobody waits for his place
        return row


def hanging(row: Treatment) -> list[str]:
    """What is recorded of the treatment since the first dose, as people name it."""
    dated = (
        (row.cycle2_on, "the first dose of cycle 2"),
        (row.stopped_on, "the end of treatment"),
        (row.left_study_on, "the day of leaving the study"),
    )
    found = [f"{what} ({day:%-d %b %Y})" for day, what in dated if day]
    if DoseTaken.objects.filter(patient=row.patient_id, voided=False).exists():
        found.append("the doses taken")
    if CycleDoses.objects.filter(patient=row.patient_id, voided=False).exists():
        found.append("the doses by cycle")
    events = AdverseEvent.objects.filter(patient=row.patient_id, voided=False).order_by("number")
    return found + [event.code for event in events if event.onset.last >= row.first_dose_on]


def _before_what_followed(row: Treatment, on: date) -> None:
    """What is recorded of the time since the first dose cannot lie before it: it is corrected first."""
    known = getattr(row.patient, "follow_up", None)
    if row.cycle2_on and on >= row.cycle2_on:
        raise Refused(
            f"First dose: {on:%-d %b %Y} is not before the first dose of cycle 2 ({row.cycle2_on:%-d %b %Y}). "
            "Correct that first.",
            field="on",
        )
    after = (
        (row.stopped_on, "the end of treatment"),
        (known and known.last_contact_on, "the last contact of the follow-up"),
        (known and known.new_therapy_on, "the start of a new therapy"),
    )
    for day, what in after:
        if day and day < on:
            raise Refused(
                f"First dose: {on:%-d %b %Y} is after {what} ({day:%-d %b %Y}). Correct that first.", field="on"
            )


def _version(row: Treatment, on: date) -> ProtocolVersion:
    """The version that holds for the patient: kept while the same one was in force on both days."""
    if ground.version_on(row.trial_id, on) == ground.version_on(row.trial_id, row.first_dose_on):
        return row.protocol
    return version_of(row.patient, on)


def version_of(patient: Patient, on: date) -> ProtocolVersion:
    """The version that holds for a patient with the first dose on a day: a later amendment that listed him stays."""
    then = ground.version_on(patient.trial_id, on)
    listed = AmendedPatient.objects.filter(patient=patient, voided=False).select_related("version")
    return max([then, *(amendment.version for amendment in listed)], key=lambda version: version.number)


def _window(row: Treatment) -> tuple[date, int]:
    return row.first_dose_on, protocol_settings.from_json(row.protocol.settings).window_days


def _read_again(row: Treatment, before: tuple[date, int]) -> None:
    """A verdict was given on an event in the window, or asked for: where that has changed, it is asked for anew."""
    now = _window(row)
    for event in AdverseEvent.objects.filter(patient=row.patient_id, voided=False):
        if _inside(event, before) != _inside(event, now) and event.verdicts.filter(round=event.round).exists():
            event.round += 1
            event.save()


def _inside(event: AdverseEvent, window: tuple[date, int]) -> bool:
    first_dose, days = window
    onset = event.onset  # of one that is known in part some day may lie inside
    return study_day(onset.last, first_dose) >= 1 and study_day(onset.first, first_dose) <= days

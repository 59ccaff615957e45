"""The records of some patients at a time, for what goes through very many of them in flat memory."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db.models import Model

from patients.dosing.models import CycleDoses, CycleStart, DoseDay
from patients.follow_up.models import FollowUp
from patients.models import DoseTaken, Patient, Treatment
from trial import protocol_settings
from trial.models import ProtocolVersion
from trial.record import rows
from trial.record.rows import Made

from ..events.models import EventGrade
from ..models import AdverseEvent, DltVerdict, Evaluability, Relation
from .queries import TABLES, Records, records_of

# What began after the window of its patient, was read by nobody and is asked of nobody is none of the count's business.
_MINE = "t.patient_id = ANY(%(patients)s::uuid[])"
_CONCERNS = """
    SELECT e.id FROM assessments_adverseevent e LEFT JOIN patients_treatment r ON r.patient_id = e.patient_id
    WHERE e.patient_id = ANY(%(patients)s::uuid[]) AND (
        r.id IS NULL OR e.onset_on <= r.first_dose_on + %(window)s::int
        OR e.suspected OR e.delays_cycle_2 OR e.doses_missed
        OR e.id IN (SELECT d.event_id FROM patients_doseday d WHERE d.patient_id = e.patient_id)
        OR e.id IN (SELECT v.event_id FROM assessments_dltverdict v WHERE v.trial_id = %(trial)s))
"""
OF_WINDOW: Mapping[type[Model], str] = {
    Patient: "t.id = ANY(%(patients)s::uuid[])",
    **dict.fromkeys((Treatment, Evaluability, DoseTaken, FollowUp, CycleStart, CycleDoses, DoseDay), _MINE),
    AdverseEvent: f"t.id IN ({_CONCERNS})",
    **dict.fromkeys((EventGrade, Relation, DltVerdict), f"t.event_id IN ({_CONCERNS})"),
}


def of_window(trial: UUID, patients: Collection[UUID]) -> Records:
    """Of these patients what the count asks for, without the events that cannot concern it: where there are many."""
    versions = ProtocolVersion.objects.filter(trial=trial).values_list("settings", flat=True)
    window = max((protocol_settings.from_json(stored).window_days for stored in versions), default=0)
    given = {"patients": list(map(str, patients)), "window": window}
    said, _ = rows.read(trial, TABLES, only=OF_WINDOW, given=given)
    return records_of(Made(said))

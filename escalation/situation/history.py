"""What pages print beside the situation: decisions with their signatures, the latest actions, an action's day."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import DateTimeField

from assessments.biomarker.models import Sample
from assessments.models import AdverseEvent, DltVerdict, Evaluability
from assessments.response.models import DiseaseAssessment, InvestigatorResponse
from patients.consent.models import Withdrawal
from patients.dosing.models import CycleStart
from patients.follow_up.models import FollowUp
from patients.models import Cohort, Consent, Patient, Slot, Treatment
from trial import clock
from trial import queries as ground
from trial.models import Audited, AuditEvent, LadderStep, ProtocolVersion, RowImage, Signature, Trial
from trial.record import ledger

from ..models import (
    BasisChanged,
    DataCut,
    Decision,
    Ending,
    Hold,
    Meeting,
    OutsideDecision,
    OutsideEnding,
    PaperEnding,
    PaperOpening,
    Vote,
)
from .queries import signatures
from .situation import Situation


@dataclass(frozen=True, slots=True)
class Happened:
    """One action of the audit trail and what its own rows are about."""

    event: AuditEvent
    patients: frozenset[UUID]
    numbers: Mapping[str, int]  # by table: the number of the decision, adverse event, slot or protocol version


@dataclass(frozen=True)
class Record:
    """What pages print beside the situation: every decision, its signatures, and the latest actions."""

    decisions: Sequence[Decision]  # in order, withdrawn ones too
    signatures: Mapping[UUID, Sequence[Signature]]
    changes: Sequence[BasisChanged]  # not yet answered by a later decision
    ladders: Mapping[UUID, Sequence[str]]  # labels, lowest first, by protocol version
    latest: Sequence[Happened]


def record(here: Situation, number: int | None = None) -> Record:
    """The record beside `here`; `number` ends the actions where the past was read."""
    trial = here.trial.pk
    return Record(
        decisions=here.decisions,
        signatures=signatures(trial),
        changes=here.changes,
        ladders=ladders(trial),
        latest=latest(trial, here.number if number is None else number, here.decisions),
    )


def ladders(trial: UUID) -> dict[UUID, list[str]]:
    """The labels of each protocol version's ladder, lowest first."""
    found: dict[UUID, list[str]] = {}
    for step in LadderStep.objects.filter(trial=trial).select_related("dose_level").order_by("position"):
        found.setdefault(step.version_id, []).append(step.dose_level.label)
    return found


NUMBERED = ("escalation_decision", "assessments_adverseevent", "patients_slot", "trial_protocolversion")
ABOUT_PATIENTS = (
    "patients_treatment",
    "patients_dosetaken",
    "assessments_adverseevent",
    "assessments_evaluability",
)
ABOUT_DECISIONS = ("trial_signature", "escalation_ending")  # a last signature and a withdrawal write no other row


def latest(trial: UUID, number: int, decisions: Sequence[Decision], limit: int = 8) -> list[Happened]:
    """The last actions up to `number`, latest first, with the patients and numbers that they are about."""
    events = list(ground.events(trial).filter(number__lte=number).defer("body")[:limit])
    tables = {*NUMBERED, *ABOUT_PATIENTS, *ABOUT_DECISIONS, "patients_patient", "assessments_dltverdict"}
    images = RowImage.objects.filter(
        ledger__trial=trial, number__in=[e.number for e in events], table__in=tables
    ).values_list(
        "number", "table", "row", "image__patient_id", "image__number", "image__subject", "image__decision_id"
    )
    decided = {str(d.pk): d.number for d in decisions}
    patients: dict[int, set[UUID]] = {}
    numbers: dict[int, dict[str, int]] = {}
    for at, table, row, patient, numbered, subject, decision in images:
        if table == "patients_patient":
            patients.setdefault(at, set()).add(row)
        elif table in ABOUT_PATIENTS and patient:
            patients.setdefault(at, set()).add(UUID(patient))
        if table in NUMBERED and numbered is not None:
            numbers.setdefault(at, {})[table] = numbered
        elif table in ABOUT_DECISIONS and (about := decided.get(subject or decision)) is not None:
            numbers.setdefault(at, {})["escalation_decision"] = about
    return [Happened(e, frozenset(patients.get(e.number, ())), numbers.get(e.number, {})) for e in events]


def action(trial: UUID, number: int) -> AuditEvent | None:
    """Action `number` of the audit trail."""
    return ground.events(trial).filter(number=number).defer("body").first()


# What the clock of a simulated trial stamped, and days of facts, none of which lies ahead when it is written.
STAMPS: Mapping[type[Audited], Sequence[str]] = {
    ProtocolVersion: ("written_on",),
    Cohort: ("opened_at", "closed_at"),
    Slot: ("requested_at", "granted_at"),
    Patient: ("enrolled_at",),
    Consent: ("given_on", "withdrawn_on"),
    Withdrawal: ("on",),
    Treatment: ("first_dose_on", "cycle2_on", "stopped_on"),
    CycleStart: ("began_on",),
    FollowUp: ("last_contact_on", "died_on"),
    AdverseEvent: ("reported_at",),
    DltVerdict: ("given_at",),
    Evaluability: ("confirmed_on",),
    DiseaseAssessment: ("visit_on",),
    InvestigatorResponse: ("given_on",),
    Sample: ("taken_on",),
    Decision: ("proposed_at",),
    Ending: ("at",),
    OutsideDecision: ("proposed_at",),
    OutsideEnding: ("at",),
    PaperOpening: ("proposed_at",),
    PaperEnding: ("at",),
    Signature: ("signed_at",),
    Hold: ("since",),
    Meeting: ("called_at", "closed_at"),
    DataCut: ("at",),
    Vote: ("at",),
}

_STAMPED = """
    SELECT i.number, max(CASE WHEN s.instant THEN ((i.image->>s.name)::timestamptz AT TIME ZONE %(zone)s)::date
        ELSE (i.image->>s.name)::date END)
    FROM trial_rowimage i JOIN trial_ledger l ON l.id = i.ledger_id
    JOIN (VALUES {}) s("table", name, instant) ON s."table" = i."table"
    WHERE l.trial_id = %(trial)s GROUP BY i.number ORDER BY i.number
"""


def _stamped(trial: Trial) -> list[tuple[int, date]]:
    """By number, the latest day that an action of a simulated trial names, where it names one."""
    columns = [(model._meta, name) for model, names in STAMPS.items() for name in names]
    values = ", ".join(
        f"('{of.db_table}', '{name}', {isinstance(of.get_field(name), DateTimeField)})" for of, name in columns
    )
    with connection.cursor() as cursor:
        cursor.execute(_STAMPED.format(values), {"zone": trial.time_zone, "trial": trial.pk})
        return [(number, on) for number, on in cursor.fetchall() if on]


def date_of(trial: Trial, event: AuditEvent) -> date:
    """The clinical date of an action. A simulated trial is played in a moment: there what was written until then says
    it, and before the first day that is known it is that one.
    """
    return _dates(trial, {event.number: event.at})[event.number]


def dates_of(trial: Trial, numbers: Collection[int]) -> dict[int, date]:
    """The clinical dates of several actions by their numbers, as of one."""
    if not numbers:
        return {}
    return _dates(trial, dict(ground.events(trial.pk).filter(number__in=numbers).values_list("number", "at")))


def _dates(trial: Trial, actions: Mapping[int, datetime]) -> dict[int, date]:
    stamped = _stamped(trial) if trial.simulated else []
    found = {}
    for number, at in actions.items():
        until = [on for written, on in stamped if written <= number] or [on for _, on in stamped[:1]]
        found[number] = max(until, default=clock.clinical_date(at, trial.time_zone))
    return found


def last_number_of(trial: Trial, day: date) -> int | None:
    """The last action on or before a clinical date; None where there is none."""
    if not trial.simulated:
        ends = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(trial.time_zone))
        return ground.events(trial.pk).filter(at__lt=ends).values_list("number", flat=True).first()
    stamped = _stamped(trial)
    if not any(on <= day for _, on in stamped):
        return None
    later = next((number for number, on in stamped if on > day), None)
    return ledger.number_of(trial.pk) if later is None else later - 1

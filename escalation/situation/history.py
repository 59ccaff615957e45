"""What pages print beside the situation: decisions with their signatures, the latest actions, an action's day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Max

from assessments.models import AdverseEvent, DltVerdict, Evaluability
from patients.models import Patient, Slot, Treatment
from trial import clock
from trial import queries as ground
from trial.models import AuditEvent, LadderStep, ProtocolVersion, RowImage, Signature, Trial

from ..models import BasisChanged, DataCut, Decision, Hold, Meeting, Vote
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


def date_of(trial: Trial, event: AuditEvent) -> date:
    """The clinical date of an action. A simulated trial is played in a moment, so there, under `ledger.as_of`,
    its own latest stamp says it.
    """
    if not trial.simulated:
        return clock.clinical_date(event.at, trial.time_zone)
    stamps = [
        (ProtocolVersion, "written_on"),
        (Decision, "proposed_at"),
        (Signature, "signed_at"),
        (Slot, "requested_at"),
        (Slot, "granted_at"),
        (Patient, "enrolled_at"),
        (Treatment, "first_dose_on"),
        (AdverseEvent, "reported_at"),
        (DltVerdict, "given_at"),
        (Evaluability, "confirmed_on"),
        (Hold, "since"),
        (Meeting, "called_at"),
        (DataCut, "at"),
        (Vote, "at"),
    ]
    found = [
        clock.clinical_date(stamp, trial.time_zone) if isinstance(stamp, datetime) else stamp
        for model, name in stamps
        if (stamp := model.objects.filter(trial=trial).aggregate(last=Max(F(name)))["last"])  # type: ignore[attr-defined]
    ]
    return max(found, default=clock.clinical_date(event.at, trial.time_zone))

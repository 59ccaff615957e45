"""Verbs of adverse events: reported, corrected, voided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from patients.models import Patient, Treatment
from patients.services import mine
from trial.models import Drug, User
from trial.record import corrections, ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May
from trial.services import next_number

from .. import terms
from ..dlt import event as dlt
from ..models import AdverseEvent, Relation

DEGREES = set(Relation.Degree.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReport:
    """What a reporter says of an event. relations: degree by drug id; a missing drug is a missing answer."""

    term: str
    grade: int
    onset_on: date
    ended_on: date | None = None
    specified: str = ""
    relations: Mapping[UUID, str]
    qualifiers: Mapping[str, bool | None]
    suspected: bool = False
    delays_cycle_2: bool = False
    doses_missed: bool = False
    serious: bool = False
    aware_on: date | None = None


def report_event(*, trial: UUID, patient: UUID, report: EventReport, by: User, key: UUID | None = None) -> AdverseEvent:
    """Report an adverse event. Inside the window it may become a suspected DLT, which stops enrolment there."""
    with ledger.action(
        trial, by=by, may=May.REPORT_EVENT, verb="event.report", key=key, asked=(patient, *_asked(report))
    ) as act:
        if act.earlier:
            return AdverseEvent.objects.get(pk=act.earlier)
        row = Patient.objects.get(pk=patient, trial=trial)
        mine(act, row.site_id)
        _check(act, row, report)
        event = AdverseEvent(
            trial_id=trial,
            number=next_number(AdverseEvent, trial),
            patient=row,
            reported_by=by,
            reported_at=act.now,
        )
        _write(event, report)
        act.result(event.pk)
        return event


def correct_event(
    *, trial: UUID, event: UUID, report: EventReport, rev: int, reason: str, by: User, key: UUID | None = None
) -> AdverseEvent:
    """Correct an event, with a reason. When term, grade, dates or relation change, the readers judge it again.

    rev: the row's number on the corrector's screen; a later one refuses and names who changed it.
    """
    with ledger.action(
        trial,
        by=by,
        may=May.REPORT_EVENT,
        verb="event.correct",
        reason=reason,
        key=key,
        asked=(event, rev, reason, *_asked(report)),
    ) as act:
        row = AdverseEvent.objects.select_related("patient").get(pk=event, trial=trial)
        if act.earlier:
            return row
        mine(act, row.patient.site_id)
        corrections.check(act, row, row.code, seen=rev, reason_for="a correction")
        _check(act, row.patient, report)
        _write(row, report)
        act.result(row.pk)
        return row


def void_event(
    *, trial: UUID, event: UUID, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> AdverseEvent:
    """Take back an event that was reported by mistake; it stays in the record, voided, with the reason.

    rev: the row's number on the person's screen; None, of a program, is as it stands.
    """
    with ledger.action(
        trial, by=by, may=May.REPORT_EVENT, verb="event.void", reason=reason, key=key, asked=(event, rev, reason)
    ) as act:
        row = AdverseEvent.objects.select_related("patient").get(pk=event, trial=trial)
        mine(act, row.patient.site_id)
        return corrections.void(act, row, row.code, seen=rev, reason_for="voiding an event")


def _asked(report: EventReport) -> tuple[object, ...]:
    return (
        report.term, report.grade, report.onset_on, report.ended_on, report.specified,
        sorted((str(k), v) for k, v in report.relations.items()), sorted(report.qualifiers.items()),
        report.suspected, report.delays_cycle_2, report.doses_missed, report.serious, report.aware_on,
    )  # fmt: skip


def _check(act: Act, patient: Patient, report: EventReport) -> None:
    treatment = Treatment.objects.filter(patient=patient).first()
    if not terms.soc(report.term):
        raise Refused(f"Term: {report.term!r} is not in the CTCAE list; choose one.", field="term")
    if "specify" in report.term.lower() and not report.specified.strip():
        raise Refused("Specify: say in words what the event was.", field="specified")
    if report.grade not in range(1, 6):
        raise Refused(f"Grade: {report.grade} is not a CTCAE grade; it goes from 1 to 5.", field="grade")
    if report.grade not in terms.grades(report.term):
        raise Refused(f"Grade: {report.term} has no grade {report.grade} in CTCAE.", field="grade")
    if report.onset_on > act.clinical_date:
        raise Refused(f"Onset: {report.onset_on:%-d %b %Y} is in the future.", field="onset_on")
    if report.suspected and treatment is None:
        raise Refused("DLT: the patient has not had a first dose, so no event can be a DLT.", field="suspected")
    if report.suspected and treatment and report.onset_on < treatment.first_dose_on:
        raise Refused(
            f"Onset: {report.onset_on:%-d %b %Y} is before the first dose "
            f"({treatment.first_dose_on:%-d %b %Y}); a DLT begins in the window.",
            field="onset_on",
        )
    if report.ended_on and report.ended_on < report.onset_on:
        raise Refused(
            f"End: {report.ended_on:%-d %b %Y} is before the onset ({report.onset_on:%-d %b %Y}). "
            "Leave it empty while the event is ongoing.",
            field="ended_on",
        )
    if report.ended_on and report.ended_on > act.clinical_date:
        raise Refused(f"End: {report.ended_on:%-d %b %Y} is in the future.", field="ended_on")
    if report.aware_on and report.aware_on > act.clinical_date:
        raise Refused(f"Aware on: {report.aware_on:%-d %b %Y} is in the future.", field="aware_on")
    if report.aware_on and report.aware_on < report.onset_on:
        raise Refused(
            f"Aware on: {report.aware_on:%-d %b %Y} is before the onset ({report.onset_on:%-d %b %Y}).",
            field="aware_on",
        )
    if unknown := sorted(report.qualifiers.keys() - set(dlt.QUALIFIERS)):
        raise Refused(f"Qualifiers: {unknown[0]!r} is none; known are {', '.join(dlt.QUALIFIERS)}.", field="qualifiers")
    drugs = set(Drug.objects.filter(trial=act.ledger.trial_id).values_list("pk", flat=True))
    for drug, degree in report.relations.items():
        if drug not in drugs or degree not in DEGREES:
            raise Refused("Relation: choose one of the answers for a drug of this trial.", field="relations")


JUDGED = ("term", "grade", "onset_on", "ended_on", "qualifiers", "suspected", "delays_cycle_2", "doses_missed")


def _write(event: AdverseEvent, report: EventReport) -> None:
    event.doses_missed = bool(event.doses_missed)  # null: reported before it was asked
    before = None if event._state.adding else ([getattr(event, name) for name in JUDGED], _relations(event))
    event.term, event.soc = report.term, terms.soc(report.term) or ""
    event.specified, event.grade = report.specified.strip(), report.grade
    event.onset_on, event.ended_on = report.onset_on, report.ended_on
    event.qualifiers = dict(report.qualifiers)
    event.suspected, event.delays_cycle_2 = report.suspected, report.delays_cycle_2
    event.doses_missed = report.doses_missed
    event.serious, event.aware_on = report.serious, report.aware_on
    after = ([getattr(event, name) for name in JUDGED], dict(report.relations))
    if before is not None and before != after and event.verdicts.filter(round=event.round).exists():
        event.round += 1
    event.save()
    stored = {relation.drug_id: relation for relation in Relation.objects.filter(event=event)}
    for drug in stored.keys() | report.relations.keys():
        row = stored.get(drug) or Relation(trial_id=event.trial_id, event=event, drug_id=drug)
        degree = report.relations.get(drug)
        if row.degree == (degree or row.degree) and row.voided == (degree is None) and drug in stored:
            continue
        row.degree, row.voided = degree or row.degree, degree is None
        row.save()


def _relations(event: AdverseEvent) -> dict[UUID, str]:
    return {r.drug_id: r.degree for r in Relation.objects.filter(event=event, voided=False)}

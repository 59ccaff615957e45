"""Verbs of adverse events: reported, corrected, voided."""

from uuid import UUID

from patients.models import Patient
from patients.services import mine
from trial.models import User
from trial.record import corrections, ledger
from trial.roles import May
from trial.services import next_number

from .. import terms
from ..models import AdverseEvent, Relation
from . import despite, plausible, queries
from .report import EventReport as EventReport


def report_event(
    *,
    trial: UUID,
    patient: UUID,
    report: EventReport,
    again: bool = False,
    reason: str = "",
    by: User,
    key: UUID | None = None,
) -> AdverseEvent:
    """Report an adverse event. Inside the window it may become a suspected DLT, which stops enrolment there.

    again: it is a second event, although one of the same patient, term and onset is reported. Raises Again without.
    reason: why one that began after the patient withdrew from study visits is recorded.
    """
    asked = (patient, *_asked(report), *(["again"] if again else []), *([reason] if reason else []))
    with ledger.action(
        trial, by=by, may=May.REPORT_EVENT, verb="event.report", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return AdverseEvent.objects.get(pk=act.earlier)
        row = Patient.objects.get(pk=patient, trial=trial)
        mine(act, row.site_id)
        plausible.check(act, row, report)
        if not again:
            plausible.check_new(row, report)
        event = AdverseEvent(
            trial_id=trial,
            number=next_number(AdverseEvent, trial),
            patient=row,
            reported_by=by,
            reported_at=act.now,
        )
        despite.check(act, row, event.code, report)
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
        plausible.check(act, row.patient, report, stored=row)
        despite.check(act, row.patient, row.code, report, stored=row)
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
        corrections.void(act, row, row.code, seen=rev, reason_for="voiding an event")
        return row


def _asked(report: EventReport) -> tuple[object, ...]:
    return (
        report.term, report.grade, report.onset_on, report.ended_on, report.specified,
        sorted((str(k), v) for k, v in report.relations.items()), sorted(report.qualifiers.items()),
        report.suspected, report.delays_cycle_2, report.doses_missed, report.serious, report.aware_on,
        *([report.lowest_value] if report.lowest_value is not None else []),
        *([report.onset_known] if report.onset_known else []),
    )  # fmt: skip


JUDGED = (
    "term", "grade", "onset_on", "onset_known", "ended_on", "lowest_value", "qualifiers", "suspected", "delays_cycle_2",
    "doses_missed",
)  # fmt: skip


def _write(event: AdverseEvent, report: EventReport) -> None:
    event.doses_missed = bool(event.doses_missed)  # null: reported before it was asked
    before = None if event._state.adding else ([getattr(event, name) for name in JUDGED], _relations(event))
    if event.term != report.term:  # a term that the trial's list has not stays with the class it was stored with
        event.term, event.soc = report.term, terms.soc(report.term, queries.ctcae_version(event.trial_id)) or ""
    event.specified, event.grade = report.specified.strip(), report.grade
    event.onset_on, event.onset_known, event.ended_on = report.onset_on, report.onset_known, report.ended_on
    event.lowest_value, event.qualifiers = report.lowest_value, dict(report.qualifiers)
    event.suspected, event.delays_cycle_2 = report.suspected, report.delays_cycle_2
    event.doses_missed = report.doses_missed
    event.serious, event.aware_on = report.serious, report.aware_on
    after = ([getattr(event, name) for name in JUDGED], dict(report.relations))
    if before is not None and before != after and event.verdicts.filter(round=event.round).exists():
        event.round += 1
    event.save()
    stored = {relation.drug_id: relation for relation in Relation.objects.filter(event=event)}
    for drug in dict.fromkeys([*report.relations, *stored]):  # in the order of the answers, not of chance
        row = stored.get(drug) or Relation(trial_id=event.trial_id, event=event, drug_id=drug)
        degree = report.relations.get(drug)
        if row.degree == (degree or row.degree) and row.voided == (degree is None) and drug in stored:
            continue
        row.degree, row.voided = degree or row.degree, degree is None
        row.save()


def _relations(event: AdverseEvent) -> dict[UUID, str]:
    return {r.drug_id: r.degree for r in Relation.objects.filter(event=event, voided=False)}

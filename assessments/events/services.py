"""Verbs of adverse events: reported, followed up, corrected, voided."""

from uuid import UUID

from patients.models import Patient
from patients.services import mine
from trial.models import User
from trial.record import corrections, ledger
from trial.record.ledger import Act
from trial.roles import May
from trial.services import next_number

from ..exposure import behind
from ..models import AdverseEvent
from . import by_role, despite, followed, plausible
from .report import EventReport as EventReport
from .report import stored
from .writing import asked, write


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

    again: it is a second event, although one of the same patient and term with this onset, or an open one, is reported.
    Raises Again without. reason: why one that began after the patient withdrew from study visits is recorded.
    """
    said = (patient, *asked(report), *(["again"] if again else []), *([reason] if reason else []))
    with ledger.action(
        trial, by=by, may=May.REPORT_EVENT, verb="event.report", reason=reason, key=key, asked=said
    ) as act:
        if act.earlier:
            return AdverseEvent.objects.get(pk=act.earlier)
        row = Patient.objects.select_related("site", "follow_up").get(pk=patient, trial=trial)
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
        write(event, report)
        act.result(event.pk)
        return event


def correct_event(
    *, trial: UUID, event: UUID, report: EventReport, rev: int, reason: str, by: User, key: UUID | None = None
) -> AdverseEvent:
    """Correct an event, with a reason. When term, grade, dates or relation change, the readers judge it again.

    rev: the row's number on the corrector's screen; a later one refuses and names who changed it.
    """
    with ledger.action(
        trial, by=by, may=May.REPORT_EVENT, verb="event.correct", reason=reason, key=key,
        asked=(event, rev, reason, *asked(report)),
    ) as act:  # fmt: skip
        return _change(act, event, report, rev, why="a correction")


def follow_event(
    *, trial: UUID, event: UUID, report: EventReport, rev: int, reason: str = "", by: User, key: UUID | None = None
) -> AdverseEvent:
    """Say what is new of an event: an answer that was missing, the next grade, the end. It needs no reason.

    A recorded fact that is changed by it needs one, and makes it a correction.
    """
    with ledger.action(
        trial, by=by, may=May.REPORT_EVENT, verb="event.follow", reason=reason, key=key,
        asked=(event, rev, reason, *asked(report)),
    ) as act:  # fmt: skip
        return _change(act, event, report, rev)


def _change(act: Act, event: UUID, report: EventReport, rev: int, *, why: str = "") -> AdverseEvent:
    """why: what needs a reason; else what is changed of the recorded facts does."""
    row = AdverseEvent.objects.select_related("patient__site", "patient__follow_up").get(pk=event, trial=act.trial_id)
    if act.earlier:
        return row
    mine(act, row.patient.site_id)
    changed = followed.corrects(stored(row), report)
    corrections.check(
        act, row, row.code, seen=rev, reason_for=why or (f"changing {followed.LABELS[changed]}" if changed else "")
    )
    plausible.check(act, row.patient, report, stored=row)
    behind.check_onset(row, report.onset_on)
    despite.check(act, row.patient, row.code, report, stored=row)
    write(row, report)
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
        if not act.earlier:
            by_role.check_void(act, row)
            behind.check_void(row)
        corrections.void(act, row, row.code, seen=rev, reason_for="voiding an event")
        return row

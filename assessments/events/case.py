"""What makes a case of an event: why it is serious, how it ended, what was done about the drugs, and who knew it when.

Each refusal names the field and the rule.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from patients.follow_up import queries as follow_up
from patients.models import Patient
from trial import clock, instants
from trial.dates import shown
from trial.record.ledger import Act
from trial.refusals import Refused

from ..event_words import GOES_ON, OVER, Action, Criterion, Outcome
from ..models import AdverseEvent
from .grades import FATAL
from .report import EventReport


def check(act: Act, patient: Patient, report: EventReport, drugs: set[UUID], stored: AdverseEvent | None) -> None:
    _serious(report, stored)
    _outcome(patient, report, stored)
    _known(act, patient, report, stored)
    for drug, action in (report.actions or {}).items():
        if drug not in drugs or action not in Action.values:
            raise Refused("Action: choose one of the answers for a drug of this trial.", field="actions")


def _serious(report: EventReport, stored: AdverseEvent | None) -> None:
    """Serious by a criterion, and not without one; an event of before that was asked for none keeps its answer."""
    if unknown := [said for said in report.serious_criteria if said not in Criterion.values]:
        raise Refused(
            f"Why serious: {unknown[0]!r} is no criterion; known are {', '.join(Criterion.values)}.",
            field="serious_criteria",
        )
    if report.serious_criteria and not report.serious:
        raise Refused(
            f"Serious: {Criterion(report.serious_criteria[0]).label.lower()} makes an event serious; say so, or take "
            "the criterion back.",
            field="serious",
        )
    kept = stored is not None and stored.serious and stored.serious_criteria is None
    if report.serious and not report.serious_criteria and not kept:
        raise Refused("Why serious: choose at least one criterion of a serious event.", field="serious_criteria")
    if stored is None or _why(stored.grade, stored.serious, stored.serious_criteria) != _why(
        report.grade, report.serious, report.serious_criteria
    ):
        _by_death(report)


def _why(grade: int | None, serious: bool, criteria: Sequence[str] | None) -> tuple[object, ...]:
    return grade, serious, sorted(criteria or ())


def _by_death(report: EventReport) -> None:
    """Grade 5 and the criterion death say the same, once a grade is given."""
    fatal = report.grade == FATAL
    if fatal and not report.serious:
        raise Refused("Serious: an event of grade 5 is serious by death; say so.", field="serious")
    if fatal and Criterion.DEATH not in report.serious_criteria:
        raise Refused("Why serious: an event of grade 5 is serious by death.", field="serious_criteria")
    if report.grade is not None and not fatal and Criterion.DEATH in report.serious_criteria:
        raise Refused(f"Why serious: death is grade 5, and grade {report.grade} is given.", field="serious_criteria")


def _outcome(patient: Patient, report: EventReport, stored: AdverseEvent | None) -> None:
    outcome = report.outcome
    if outcome is None or (stored and (stored.outcome, stored.ended_on, stored.grade) == _ended(report)):
        return
    if outcome not in Outcome.values:
        raise Refused(f"Outcome: {outcome!r} is none; known are {', '.join(Outcome.values)}.", field="outcome")
    label = Outcome(outcome).label
    if outcome in OVER and report.ended_on is None:
        raise Refused(f"End: {label.lower()} needs the day on which the event ended.", field="ended_on")
    if outcome in GOES_ON and report.ended_on is not None:
        raise Refused(
            f"Outcome: {label.lower()} cannot stand beside an end ({shown(report.ended_on)}). Correct one of the two.",
            field="outcome",
        )
    if report.grade == FATAL and outcome != Outcome.FATAL:
        raise Refused("Outcome: an event of grade 5 is fatal.", field="outcome")
    if outcome == Outcome.FATAL:
        _fatal(patient, report)


def _ended(report: EventReport) -> tuple[object, ...]:
    return report.outcome, report.ended_on, report.grade


def _fatal(patient: Patient, report: EventReport) -> None:
    """The patient has died, and of this: grade 5 where a grade is given, serious by the criterion death."""
    if report.grade not in (None, FATAL):
        raise Refused(f"Outcome: a fatal event is of grade 5, and grade {report.grade} is given.", field="outcome")
    if Criterion.DEATH not in report.serious_criteria:
        raise Refused("Why serious: a fatal event is serious by death.", field="serious_criteria")
    if follow_up.died_on(patient) is None:
        raise Refused(
            f"Outcome: the death of patient {patient.code} is not recorded yet. Record it in the follow-up first, or "
            "leave the outcome open; grade 5 tells of the death meanwhile.",
            field="outcome",
        )


def _known(act: Act, patient: Patient, report: EventReport, stored: AdverseEvent | None) -> None:
    """When the site learned of it, and when the sponsor was told: in this order, and none of it is to come."""
    place = patient.site.time_zone
    aware, sent, on = report.aware_at, report.sent_at, report.aware_on
    for at, field, label in ((aware, "aware_at", "Aware at"), (sent, "sent_at", "Told to the sponsor")):
        if at is not None and at > act.now:
            raise Refused(f"{label}: {instants.shown(at, place)} is in the future.", field=field)
    if aware and _day(aware, place) != on:
        raise Refused(f"Aware at: {instants.shown(aware, place)} is not on the day of awareness.", field="aware_at")
    if sent and _day(sent, place) < (on or report.onset_on):
        since = f"the site learned of it ({shown(on)})" if on else f"the onset ({report.onset.shown})"
        raise Refused(f"Told to the sponsor: {instants.shown(sent, place)} is before {since}.", field="sent_at")
    if sent and aware and sent < aware:
        since = instants.shown(aware, place)
        raise Refused(
            f"Told to the sponsor: {instants.shown(sent, place)} is before the site learned of it ({since}).",
            field="sent_at",
        )
    if sent and stored and stored.received_at and sent > stored.received_at:
        since = instants.shown(stored.received_at, place)
        raise Refused(
            f"Told to the sponsor: {instants.shown(sent, place)} is after the sponsor received it ({since}).",
            field="sent_at",
        )


def _day(at: datetime, place: str) -> date:
    return clock.clinical_date(at, place)

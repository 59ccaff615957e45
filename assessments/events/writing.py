"""An event and its rows written as they are reported, inside the caller's action."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Model

from .. import terms
from ..event_words import Graded
from ..models import AdverseEvent, Relation
from . import liver, queries
from .models import ActionTaken, EventGrade
from .report import EventReport

# A change of these is read again, once a reader has answered.
JUDGED = (
    "term", "grade", "onset_on", "onset_known", "ended_on", "lowest_value", "qualifiers", "suspected", "delays_cycle_2",
    "doses_missed",
)  # fmt: skip
# What a report may leave out: it stands in the hash of a request only where it is said.
MORE = (
    "lowest_value", "onset_known", "outcome", "actions", "serious_criteria", "narrative", "aware_at", "sent_at",
    "steps", "peak_value", "peak_unit", "peak_uln", "unusual",
)  # fmt: skip


def asked(report: EventReport) -> tuple[object, ...]:
    """What was asked, for the idempotency key."""
    return (
        report.term, report.grade, report.onset_on, report.ended_on, report.specified,
        sorted((str(k), v) for k, v in report.relations.items()), sorted(report.qualifiers.items()),
        report.suspected, report.delays_cycle_2, report.doses_missed, report.serious, report.aware_on,
        *(_plain(said) for name in MORE if (said := getattr(report, name)) not in (None, "", (), [])),
    )  # fmt: skip


def _plain(said: Any) -> Any:
    if isinstance(said, Mapping):
        return sorted((str(key), value) for key, value in said.items())
    return list(said) if isinstance(said, Sequence) and not isinstance(said, str) else said


def write(event: AdverseEvent, report: EventReport) -> None:
    event.doses_missed = bool(event.doses_missed)  # null: reported before it was asked
    before = None if event._state.adding else _judged(event, event.history, _relations(event))
    if event.term != report.term:  # a term that the trial's list has not stays with the class it was stored with
        event.term, event.soc = report.term, terms.soc(report.term, queries.ctcae_version(event.trial_id)) or ""
    event.specified, event.grade = report.specified.strip(), report.grade
    event.onset_on, event.onset_known, event.ended_on = report.onset_on, report.onset_known, report.ended_on
    event.lowest_value, event.qualifiers = report.lowest_value, dict(report.qualifiers)
    event.unusual = liver.stands(report, event)
    event.peak_value, event.peak_unit, event.peak_uln = report.peak_value, report.peak_unit or None, report.peak_uln
    event.suspected, event.delays_cycle_2 = report.suspected, report.delays_cycle_2
    event.doses_missed, event.outcome = report.doses_missed, report.outcome
    event.serious, event.serious_criteria = report.serious, list(report.serious_criteria) or None
    event.narrative = report.narrative.strip() or None
    event.aware_on, event.aware_at, event.sent_at = report.aware_on, report.aware_at, report.sent_at
    after = _judged(event, report.history, dict(report.relations))
    if before is not None and before != after and event.verdicts.filter(round=event.round).exists():
        event.round += 1
    event.save()
    new = before is None
    _of_drugs(event, Relation, "degree", report.relations, new=new)
    if report.actions is not None:
        _of_drugs(event, ActionTaken, "action", report.actions, new=new)
    _grades(event, report.steps, new=new)


def _judged(event: AdverseEvent, history: Sequence[Graded], relations: Mapping[UUID, str]) -> tuple[object, ...]:
    return [getattr(event, name) for name in JUDGED], history[1:], history[0].grade, relations


def _relations(event: AdverseEvent) -> dict[UUID, str]:
    return {r.drug_id: r.degree for r in Relation.objects.filter(event=event, voided=False)}


def _of_drugs(event: AdverseEvent, model: type[Model], column: str, answers: Mapping[UUID, str], *, new: bool) -> None:
    """One row a drug; an answer that is taken back voids its row."""
    rows: Any = model
    stored = {} if new else {row.drug_id: row for row in rows.objects.filter(event=event)}
    for drug in dict.fromkeys([*answers, *stored]):  # in the order of the answers, not of chance
        row = stored.get(drug) or rows(trial_id=event.trial_id, event=event, drug_id=drug)
        said = answers.get(drug)
        was = getattr(row, column)
        if was == (said or was) and row.voided == (said is None) and drug in stored:
            continue
        setattr(row, column, said or was)
        row.voided = said is None
        row.save()


def _grades(event: AdverseEvent, steps: Sequence[Graded], *, new: bool) -> None:
    """One row a day; a day that is no step any more is voided."""
    stored = {} if new else {row.on: row for row in EventGrade.objects.filter(event=event)}
    wanted = dict(steps)
    for on in [*wanted, *(on for on in stored if on not in wanted)]:
        row = stored.get(on) or EventGrade(trial_id=event.trial_id, event=event, on=on)
        grade = wanted.get(on, row.grade)
        if on in stored and (row.grade, row.voided) == (grade, on not in wanted):
            continue
        row.grade, row.voided = grade, on not in wanted
        row.save()

"""A reader's verdict on a suspected DLT."""

from uuid import UUID

from trial import queries as ground
from trial.models import User
from trial.record import ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May, Role

from ..dlt.criteria import CRITERIA
from ..events import queries as events
from ..events.facts import EventFacts
from ..events.sight import reader_of
from ..models import AdverseEvent, DltVerdict


def give_verdict(
    *,
    trial: UUID,
    event: UUID,
    is_dlt: bool,
    criterion: str = "",
    reason: str,
    by: User,
    key: UUID | None = None,
) -> DltVerdict:
    """One reader's verdict. Two who agree adjudicate the event; when they differ a third person does.

    The second reader answers without seeing the first verdict; "not a DLT" needs two as well.
    """
    with ledger.action(
        trial, by=by, may=_reading_right(by, trial), verb="verdict.give", reason=reason, key=key,
        asked=(event, is_dlt, criterion, reason),
    ) as act:  # fmt: skip
        if act.earlier:
            return DltVerdict.objects.get(pk=act.earlier)
        row = AdverseEvent.objects.select_related("patient").get(pk=event, trial=trial, voided=False)
        facts = events.facts(row.pk, act.today)
        reader = reader_for(act, facts)
        _may_read(facts, reader, by)
        if not reason.strip():
            raise Refused("Reason: a verdict needs one.", field="reason")
        if is_dlt and not criterion:
            raise Refused("Criterion: say which criterion makes it a DLT.", field="criterion")
        if is_dlt and criterion not in CRITERIA:
            raise Refused(f"Criterion: {criterion!r} is none; known are {', '.join(CRITERIA)}.", field="criterion")
        verdict = DltVerdict.objects.create(
            trial_id=trial,
            event=row,
            round=row.round,
            reader=reader,
            by=by,
            is_dlt=is_dlt,
            criterion=criterion if is_dlt else "",
            reason=reason,
            given_at=act.now,
        )
        act.result(verdict.pk)
        return verdict


def _reading_right(by: User, trial: UUID) -> May:
    """The right that this person's role reads with; the ledger checks it again under the lock."""
    role = ground.members(trial).filter(user=by).values_list("role", flat=True).first()
    rights: dict[str, May] = {Role.MEDICAL_MONITOR: May.READ_SECOND, Role.DSMB: May.READ_THIRD}
    return rights.get(role or "", May.READ_FIRST)


def reader_for(act: Act, facts: EventFacts) -> str:
    """Which reader the acting person is of the event; refused when he is none."""
    member = act.membership
    assert member is not None
    reader = reader_of(
        member.role,
        site=member.site_id,
        patient_site=facts.event.patient.site_id,
        second=member.second_reader,
        third=member.third_reader,
        dsmb=member.role == Role.DSMB,
        first_given=any(verdict.reader == DltVerdict.Reader.FIRST for verdict in facts.verdicts),
    )
    if not reader:
        raise Refused("You are not named to read DLTs of other sites.")
    return reader


def _may_read(facts: EventFacts, reader: str, by: User) -> None:
    given = {verdict.reader: verdict for verdict in facts.verdicts}
    code = facts.event.code
    if facts.state in ("dlt", "not_dlt"):
        raise Refused(f"{code} is adjudicated already.")
    if not facts.in_review:
        raise Refused(f"{code} is not suspected to be a DLT; the investigator can ask for verdicts in the event.")
    if reader in given:
        raise Refused(f"{code}: the {given[reader].get_reader_display().lower()}'s verdict is given already.")
    if any(verdict.by_id == by.pk for verdict in facts.verdicts):
        raise Refused(f"{code}: you have read it already; the readers are different people.")
    if reader == DltVerdict.Reader.THIRD and len(given) < 2:
        raise Refused(f"{code}: the third reader answers only when the first two differ.")

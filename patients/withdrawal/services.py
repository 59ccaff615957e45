"""Verbs of a withdrawal from the trial: recorded, corrected, explained. What one forbids stands in patients/consent.

The end of treatment is asked with it. A place that was held or given and is not needed any more is free at once; taking
the withdrawal back asks for a place (escalation/enrolment/withdrawals.py).
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from trial.models import User
from trial.record import corrections, ledger
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May

from .. import days
from ..consent import queries as consents
from ..consent import withdrawn
from ..consent.models import Covers, Deviation, Withdrawal
from ..dosing.services import write_stop
from ..models import Slot, Treatment
from ..screening import services as screening
from ..services import OPEN, may_be_given_back, mine, release

STOPPED = "Withdrawal of consent"


def record_withdrawal(
    *,
    trial: UUID,
    slot: UUID,
    covers: str,
    on: date,
    public_records: bool,
    stopped_on: date | None = None,
    related: bool | None = None,
    drugs: Sequence[str] | None = None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Withdrawal:
    """The patient of a slot takes the consent to the trial back. What is recorded of the time before stays.

    What is recorded of the time after it stays too, as deviations for which the investigator owes the reason.
    stopped_on, related, drugs: how treatment ended, of a patient who is on it.
    """
    asked = (slot, covers, on, public_records, stopped_on, related, sorted(drugs or ()), reason)
    with ledger.action(
        trial, by=by, may=May.RECORD_CONSENT, verb="withdrawal.record", reason=reason, key=key, asked=asked
    ) as act:
        if act.earlier:
            return Withdrawal.objects.get(pk=act.earlier)
        place = _slot(act, slot)
        corrections.needs_reason(act, "a withdrawal")
        row = Withdrawal(trial_id=trial, slot=place)
        _check(act, row, covers, on)
        _once(row, covers, on)
        _end_treatment(act, place, stopped_on, related, drugs)
        row.covers, row.on, row.public_records = covers, on, public_records
        row.gave_back = place.state if may_be_given_back(place) else ""
        row.save()
        if place.state in OPEN:
            screening.declined(place)
        release(place)
        act.result(row.pk)
        return row


def correct_withdrawal(
    *,
    trial: UUID,
    withdrawal: UUID,
    covers: str,
    on: date,
    public_records: bool,
    rev: int | None,
    reason: str,
    by: User,
    key: UUID | None = None,
) -> Withdrawal:
    """Correct the day of a withdrawal or what it covers; the end of treatment is corrected on its own."""
    asked = (withdrawal, covers, on, public_records, rev, reason)
    with ledger.action(
        trial, by=by, may=May.RECORD_CONSENT, verb="withdrawal.correct", reason=reason, key=key, asked=asked
    ) as act:
        row = Withdrawal.objects.select_related("slot").get(pk=withdrawal, trial=trial)
        if act.earlier:
            return row
        _slot(act, row.slot_id)
        now = f": from {withdrawn.WHAT[Covers(row.covers)]} on {row.on:%-d %b %Y} is recorded now"
        corrections.check(act, row, "The withdrawal", seen=rev, besides=now, reason_for="a correction")
        if (row.covers, row.on, row.public_records) == (covers, on, public_records):
            raise Refused("Withdrawn on: this is recorded already.", field="on")
        _check(act, row, covers, on)
        if (row.covers, row.on) != (covers, on):
            _once(row, covers, on)
        row.covers, row.on, row.public_records = covers, on, public_records
        row.save()
        act.result(row.pk)
        return row


def _slot(act: Act, slot: UUID) -> Slot:
    row = Slot.objects.select_related("screening", "patient__treatment_row", "patient__follow_up").get(
        pk=slot, trial=act.trial_id
    )
    mine(act, row.site_id)
    return row


def _check(act: Act, row: Withdrawal, covers: str, on: date) -> None:
    if covers not in Covers.values:
        raise Refused("Withdrawn from: choose treatment, visits and samples as well, or all contact.", field="covers")
    given = consents.given(row.slot_id)
    if given is None:
        raise Refused("Consent: none to the trial is recorded, so none can be withdrawn.", field="on")
    if not given <= on <= days.at(act, row.slot.site_id).today:
        raise Refused(f"Withdrawn on: must be from the day of the consent ({given:%-d %b %Y}) to today.", field="on")
    if patient := getattr(row.slot, "patient", None):
        days.within_life(patient, on, "Withdrawn on", field="on")


def _once(row: Withdrawal, covers: str, on: date) -> None:
    """Refuse a withdrawal from what another one covers on that day already."""
    what, left = Covers(covers), withdrawn.of(row.slot_id, besides=row.pk)
    if known := left.since(what, on) or left.over(what, on):
        raise Refused(
            f"Withdrawn on: the patient withdrew from {withdrawn.WHAT[what]} on {known:%-d %b %Y} already.", field="on"
        )


def _treatment(slot: Slot) -> Treatment | None:
    treatment: Treatment | None = getattr(getattr(slot, "patient", None), "treatment", None)
    return treatment


def _end_treatment(
    act: Act, slot: Slot, stopped_on: date | None, related: bool | None, drugs: Sequence[str] | None
) -> None:
    """Ask of a patient on treatment how it ended, also after the withdrawal; of another one nothing."""
    treatment = _treatment(slot)
    if treatment is None or treatment.stopped_on:
        return
    if stopped_on is None:
        raise Refused(
            "Last day of study treatment: the patient is on treatment; say when it ended.", field="stopped_on"
        )
    if related is None:
        raise Refused("For toxicity related to a study drug: say yes or no.", field="related")
    try:
        write_stop(act, treatment, on=stopped_on, stop_reason=STOPPED, related=related, drugs=drugs, owed=True)
    except Refused as refusal:
        raise Refused(str(refusal), field={"on": "stopped_on"}.get(refusal.field or "", refusal.field)) from None


def explain_deviation(
    *, trial: UUID, deviation: UUID, why: str, rev: int | None, reason: str = "", by: User, key: UUID | None = None
) -> Deviation:
    """The investigator says why something was done in spite of a withdrawal. Saying it anew needs a `reason`."""
    asked = (deviation, why, rev, reason)
    with ledger.action(
        trial, by=by, may=May.EXPLAIN_DEVIATION, verb="deviation.explain", reason=reason, key=key, asked=asked
    ) as act:
        row = Deviation.objects.select_related("patient").get(pk=deviation, trial=trial)
        if act.earlier:
            return row
        mine(act, row.patient.site_id)
        said = f': "{row.reason}" is recorded now' if row.reason else ""
        why_anew = "" if row.owed else "changing what was recorded"
        corrections.check(act, row, f"The deviation ({row.fact})", seen=rev, besides=said, reason_for=why_anew)
        if not why.strip():
            raise Refused("Reason for the deviation: an answer is needed.", field="why")
        if why.strip() == row.reason:
            raise Refused("Reason for the deviation: this is recorded already.", field="why")
        row.reason, row.by = why.strip(), by
        row.save()
        act.result(row.pk)
        return row

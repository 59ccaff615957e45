"""Taking back a withdrawal that was entered in error: the place that it gave back comes back, where one is free."""

from datetime import timedelta
from uuid import UUID

from patients import days
from patients import queries as people
from patients import services as patients
from patients.consent import withdrawn
from patients.consent.models import Covers, Withdrawal
from patients.models import Cohort, Slot
from patients.screening import services as screenings
from trial.models import User
from trial.record import corrections, ledger
from trial.record.ledger import Act
from trial.roles import May

from ..outside.queries import Place
from ..situation import queries
from ..situation.situation import Situation
from .services import place_of, starts_in


def void_withdrawal(
    *, trial: UUID, withdrawal: UUID, rev: int | None, reason: str, by: User, key: UUID | None = None
) -> Withdrawal:
    """Take back a withdrawal that was recorded by mistake, with the place that it gave back.

    When no place is free, who was before enrolment waits for one; an enrolled patient starts once one is free.
    """
    asked = (withdrawal, rev, reason)
    with ledger.action(
        trial, by=by, may=May.RECORD_CONSENT, verb="withdrawal.void", reason=reason, key=key, asked=asked
    ) as act:
        row = Withdrawal.objects.select_related("slot__screening").get(pk=withdrawal, trial=trial)
        patients.mine(act, row.slot.site_id)
        again = act.earlier
        corrections.void(act, row, "The withdrawal", seen=rev, reason_for="taking back a withdrawal")
        if not again:
            _come_back(act, row)
        return row


def comes_back(row: Withdrawal, here: Situation) -> str:
    """What becomes of the place that a withdrawal gave back once it is taken back, in a sentence; "" of none."""
    slot = row.slot
    if not _gave(row):
        return ""
    if any(not answer.met for answer in people.answered_last(slot)):
        return "The place that it gave back stays so: a criterion is answered no."
    state, place = _becomes(row, here)
    if slot.state == Slot.State.RELEASED:
        return (
            "A place is free: the patient has his place again."
            if place
            else "No place is free now: the patient starts once one is."
        )
    if place:
        return f"A place is free: slot {slot.number} is {state.label} again."
    if state == Slot.State.WAITING:
        return f"Slot {slot.number} goes back to the waiting list" + (
            "." if row.gave_back == Slot.State.WAITING else ": no place is free now."
        )
    return f"Slot {slot.number} stays cancelled: its cohort takes nobody any more."


def _gave(row: Withdrawal) -> bool:
    """Whether its slot is still as it left it. Of one from before this was recorded, an enrolled patient's alone."""
    slot = row.slot
    if slot.state == Slot.State.RELEASED:
        return row.gave_back in (None, Slot.State.ENROLLED)
    if slot.state != Slot.State.CANCELLED or row.gave_back not in patients.OPEN:
        return False
    others = Slot.objects.filter(screening=slot.screening_id, state__in=patients.HOLDS)
    return slot.screening_id is None or not others.exists()


def _come_back(act: Act, row: Withdrawal) -> None:
    slot = row.slot
    if not _gave(row) or withdrawn.of(slot.pk).over(Covers.TREATMENT, days.at(act, slot.site_id).today):
        return
    if any(not answer.met for answer in people.answered_last(slot)):
        return
    here = queries.under(act)
    if slot.state != Slot.State.RELEASED:
        screenings.undeclined(slot)
    state, place = _becomes(row, here)
    if state == slot.state:
        return
    slot.state = state
    if state == Slot.State.WAITING:
        slot.cohort = _outside(slot)
    if state == Slot.State.GRANTED and place:
        slot.cohort = place.cohort
        slot.held_until = act.clinical_date + timedelta(days=here.protocol.settings.slot_hold_days)
    slot.save()


def _becomes(row: Withdrawal, here: Situation) -> tuple[Slot.State, Place | None]:
    """The state of the slot once the withdrawal is taken back, and the place that is then its own."""
    slot = row.slot
    place = _free(here, slot)
    if slot.state == Slot.State.RELEASED:
        return (Slot.State.ENROLLED if place else Slot.State.RELEASED), place
    if place and row.gave_back != Slot.State.WAITING:
        return Slot.State(str(row.gave_back)), place
    return (Slot.State.WAITING if _waits(here, slot) else Slot.State.CANCELLED), None


def _outside(slot: Slot) -> Cohort | None:
    """The cohort outside the count that was asked for; None asks for the escalation's open one."""
    return slot.cohort if slot.cohort and slot.cohort.role else None


def _free(here: Situation, slot: Slot) -> Place | None:
    """Where a place is free for it now."""
    patient, apart = getattr(slot, "patient", None), _outside(slot)
    asked = apart.pk if apart else None
    place = place_of(here, starts_in(here, patient.cohort) if patient else asked)
    return place if place and place.free else None


def _waits(here: Situation, slot: Slot) -> bool:
    apart = _outside(slot)
    return place_of(here, apart.pk) is not None if apart else here.conclusion is None

"""Whose turn it is: a limit of places per site while other sites wait, and the order of the waiting list."""

from collections import Counter
from collections.abc import Iterator, Sequence
from uuid import UUID

from patients.models import Slot
from trial.protocol_settings import ProtocolSettings

from .situation import Situation


def held(here: Situation, cohort: UUID) -> Counter[UUID]:
    """Places of one cohort by site: granted to patients who are still to start, or taken by those who did."""
    taken = (slot for state in (Slot.State.GRANTED, Slot.State.ENROLLED) for slot in here.slots(state))
    return Counter(slot.site_id for slot in taken if slot.cohort_id == cohort)


def turns(waiting: Sequence[Slot], has: Counter[UUID], settings: ProtocolSettings) -> Iterator[Slot]:
    """Those who wait, in the order in which places are given to them. has: what each site has already."""
    left, has = list(waiting), Counter(has)
    limit, round_robin = settings.site_slots, settings.slot_order == "round_robin"
    while left:
        below = [slot for slot in left if limit is None or has[slot.site_id] < limit]
        # the limit binds only while a site below it waits
        chosen = min(below or left, key=lambda slot: (has[slot.site_id] if round_robin else 0, slot.number))
        yield chosen
        left.remove(chosen)
        has[chosen.site_id] += 1


def before(slot: Slot, here: Situation, cohort: UUID) -> Slot | None:
    """The slot of another site that is next, when the site of `slot` has its share of the cohort; else None."""
    limit, has = here.protocol.settings.site_slots, held(here, cohort)
    if limit is None or has[slot.site_id] < limit:
        return None
    asking = [one for state in (Slot.State.REQUESTED, Slot.State.WAITING) for one in here.slots(state)]
    others = [one for one in asking if one.cohort_id == slot.cohort_id and has[one.site_id] < limit]
    return min(others, key=lambda one: one.number, default=None)

"""Of whom anything is still asked: of everybody while the escalation goes on, after it of who is treated or followed.

A played trial that has ended asks nobody: its patients are treated no more.
"""

from uuid import UUID

from patients.consent import withdrawn
from patients.consent.models import Covers
from patients.consent.withdrawn import Withdrawn

from ..situation.situation import Situation


def patients(here: Situation) -> frozenset[UUID]:
    """No query before the end."""
    if not here.conclusion:
        return frozenset(f.patient.pk for f in here.facts)
    if here.trial.simulated:
        return frozenset()
    left = withdrawn.of_trial(here.trial.pk)
    return frozenset(
        f.patient.pk
        for f in here.facts
        if f.died_on is None
        and (f.patient.treatment.left_study_on is None if f.dosed else not f.counted)  # counted: nobody starts any more
        and not left.get(f.patient.slot_id, Withdrawn()).over(Covers.CONTACT, here.on)
    )

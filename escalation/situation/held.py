"""Since when, and until when, enrolment of the whole trial was held."""

from datetime import date, datetime
from typing import NamedTuple

from trial.clock import clinical_date

from ..models import Hold
from .situation import Situation


class Spell(NamedTuple):
    """until: the day of the decision that lifted it; None: it still holds."""

    since: date
    until: date | None
    because: str


def spells(here: Situation) -> list[Spell]:
    """Every hold, by a person, a decision or the rule, in order. Of a level alone, for its DLT, none is kept."""
    lifted = {str(decision.pk): decision.ending.on for decision in here.in_force}
    found = [
        Spell(
            clinical_date(datetime.fromisoformat(row["since"]), here.trial.time_zone),
            lifted.get(row["lifted_by_id"]),
            row["reason"],
        )
        for row in here.read.rows[Hold].values()
        if not row["voided"]
    ]
    return sorted(found, key=lambda one: (one.since, one.because))

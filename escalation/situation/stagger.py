"""Staggered entry: the second patient of a new level starts some days after the first (docs/domain.md, section 2).

Only the first patient who ever starts at a dose level is followed by the interval: a cohort that is expanded, and a
level that an amendment moves on the ladder, are not new. It is the dose received that counts.
"""

from datetime import date
from uuid import UUID

from assessments.count.queries import PatientFacts
from trial.dates import later

from .. import words
from .situation import Situation


def first_alone(here: Situation, dose_level: UUID) -> PatientFacts | None:
    """The patient who alone has started at the dose level, when the protocol staggers entry."""
    if not here.protocol.settings.stagger_days:
        return None
    started = [f for f in here.facts if f.dosed and f.level.pk == dose_level]
    return started[0] if len(started) == 1 else None


def opens_on(here: Situation, dose_level: UUID) -> date | None:
    """The earliest day of the second first dose at the level, None when nothing is staggered there."""
    first = first_alone(here, dose_level)
    if first is None:
        return None
    opens: date = later(first.patient.treatment.first_dose_on, here.protocol.settings.stagger_days)
    return opens


def closed_until(here: Situation) -> date | None:
    """The day on which the next first dose at the open level opens, while that is still to come."""
    return _to_come(here, here.cohort.dose_level_id) if here.cohort else None


def _to_come(here: Situation, dose_level: UUID) -> date | None:
    opens = opens_on(here, dose_level)
    return opens if opens and opens > here.on else None


def note(here: Situation, dose_level: UUID) -> str:
    """One sentence for those who wait for the second place of a level; "" when nothing is staggered there now."""
    first, opens = first_alone(here, dose_level), _to_come(here, dose_level)
    if first is None or opens is None:
        return ""
    return (
        f"The next first dose at level {first.level.label} opens on {words.shown(opens)} at the earliest: "
        f"patient {first.patient.code} is on day {first.window_day}, and the first two patients of a level start "
        f"{words.count(here.protocol.settings.stagger_days, 'day')} apart."
    )


def too_early(here: Situation, dose_level: UUID, on: date) -> str:
    """Why a first dose on the day `on` is refused; "" when it is not."""
    first, opens = first_alone(here, dose_level), opens_on(here, dose_level)
    if first is None or opens is None:
        return ""
    days = here.protocol.settings.stagger_days
    if abs((on - first.patient.treatment.first_dose_on).days) >= days:
        return ""
    return (
        f"First dose: the second patient of a level starts {words.count(days, 'day')} after the first, "
        f"on {words.shown(opens)} at the earliest."
    )

"""What the committee may decide about patients outside the count now."""

from collections.abc import Sequence
from dataclasses import dataclass

from trial.refusals import Refused

from ..situation.situation import Situation
from . import queries
from .models import OutsideDecision
from .queries import Act, Place, Role

MOST_PLACES = 200


@dataclass(frozen=True, slots=True)
class Choice:
    act: str
    role: str
    position: int
    label: str

    @property
    def value(self) -> str:
        return f"{self.act}:{self.role}:{self.position}"


def choices(here: Situation, open_now: Sequence[Place], rates: Sequence[queries.Rate]) -> list[Choice]:
    """Everything that would not be refused: cohorts to open, to continue after a review, to close."""
    found = []
    running = {(str(place.cohort.role), place.cohort.dose_level_id) for place in open_now}
    for place in open_now:
        role, position = str(place.cohort.role), here.protocol.position(place.cohort.dose_level_id)
        if position is None:
            continue
        name = f"{Role(role).label} at level {place.cohort.dose_level.label}"
        if rates[position - 1].asks:
            found.append(Choice(Act.CONTINUE, role, position, f"Continue the {name} after review"))
        found.append(Choice(Act.CLOSE, role, position, f"Close the {name}"))
    for role in Role:
        for position, level in enumerate(here.protocol.levels, 1):
            if (role.value, level.pk) not in running and not queries.why_not(here, role, position):
                label = f"Open {role.label} at level {level.label}"
                found.append(Choice(Act.OPEN, role.value, position, label))
    return found


def check(
    here: Situation, open_now: Sequence[Place], rates: Sequence[queries.Rate], act: str, role: str, position: int
) -> None:
    """Refuse, with its reason, what may not be decided now."""
    if act not in Act.values or role not in Role.values:
        raise Refused("Decision: choose one of those offered.", field="choice")
    if not 1 <= position <= len(here.protocol.levels):
        raise Refused(f"Level: {position} is not on the ladder.", field="choice")
    level = here.protocol.level(position)
    mine = [p for p in open_now if (p.cohort.role, p.cohort.dose_level_id) == (role, level.pk)]
    what = f"{Role(role).label} at level {level.label}"
    if act == Act.OPEN:
        if mine:
            raise Refused(f"The {what} is open already.", field="choice")
        if why := queries.why_not(here, role, position):
            raise Refused(f"{why} {_RULES[Role(role)]}", field="choice")
    elif not mine:
        raise Refused(f"No {what} is open.", field="choice")
    elif act == Act.CONTINUE and not rates[position - 1].asks:
        raise Refused(f"No review is asked for at level {level.label}.", field="choice")


_RULES = {
    Role.EXPANSION: "Expansion is at the MTD or the RP2D, after escalation has ended.",
    Role.BACKFILL: "Backfill is at levels already passed, below the level at which the trial stands.",
}


def check_places(act: str, places: int | None) -> None:
    if act == OutsideDecision.Act.OPEN and (places is None or not 1 <= places <= MOST_PLACES):
        raise Refused(f"Places: a new cohort needs a number from 1 to {MOST_PLACES}.", field="places")
    if act != OutsideDecision.Act.OPEN and places is not None:
        raise Refused("Places: only a new cohort has a number of them.", field="places")

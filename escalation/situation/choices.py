"""What the committee may decide now: the recommendation and everything more cautious, never anything bolder."""

from dataclasses import dataclass

from trial.models import DoseLevel
from trial.refusals import Refused

from ..engine import rule as engine
from ..engine import terms
from . import queries
from .situation import RANK, Outcome, Situation


@dataclass(frozen=True, slots=True)
class Choice:
    """One outcome that may be decided now, at one level of the ladder (None: no level)."""

    outcome: Outcome
    position: int | None
    label: str
    recommended: bool  # False: more cautious, needs a reason

    @property
    def value(self) -> str:
        return f"{self.outcome}:{self.position or ''}"


def choices(here: Situation) -> list[Choice]:
    """What the committee may decide now: the recommendation first, then everything more cautious.

    Bolder outcomes are not offered; `decide` refuses them (docs/domain.md, section 3, "Who decides").
    """
    if here.conclusion:
        return _rp2d_choices(here)
    advised = here.recommended
    found = [_choice(here, advised, here.advice.level or None, recommended=True)]
    if not here.in_force and not here.paper:
        return found  # decision 0: the start level or nothing
    if advised == Outcome.MTD:
        found = [c for c in found if not _mtd_blocked(here, c.position)]
    below = range(here.advice.level - 1, 0, -1)
    closed = here.advice.closed_from or len(here.protocol.levels) + 1
    at = here.position
    if advised in (Outcome.STAY, Outcome.DE_ESCALATE):
        found += [_choice(here, advised, p) for p in below if p < closed]
    if RANK[advised] >= RANK[Outcome.MTD]:
        found += [_choice(here, Outcome.MTD, p) for p in below if not _mtd_blocked(here, p)]
    if RANK[advised] > RANK[Outcome.STAY] and at and at < closed:
        found.append(_choice(here, Outcome.STAY, at))
    if RANK[advised] > RANK[Outcome.DE_ESCALATE] and at:
        found += [_choice(here, Outcome.DE_ESCALATE, p) for p in range(at - 1, 0, -1) if p < closed]
    if RANK[advised] > RANK[Outcome.HOLD]:
        found.append(_choice(here, Outcome.HOLD, None))
    if advised != Outcome.STOP:
        found.append(_choice(here, Outcome.STOP, None))
    return list({choice.value: choice for choice in reversed(found)}.values())[::-1]


def _choice(here: Situation, outcome: Outcome, position: int | None, *, recommended: bool = False) -> Choice:
    name = f"level {here.protocol.level(position).label}" if position else ""
    words = {
        Outcome.STOP: "Stop: no dose is tolerated" if recommended else "Stop the escalation",
        Outcome.HOLD: "Hold enrolment" if not recommended else "Wait: hold enrolment",
        Outcome.DE_ESCALATE: f"De-escalate to {name}",
        Outcome.STAY: f"{_stays(here, position)} {name}" + (" and fill it" if here.in_force or here.paper else ""),
        Outcome.MTD: f"{name.capitalize()} is the MTD",
        Outcome.ESCALATE: f"Escalate to {name}",
        Outcome.RP2D: f"{name.capitalize()} is the recommended phase 2 dose",
    }
    if outcome == Outcome.MTD and position == len(here.protocol.levels):
        words[Outcome.MTD] = f"Top {name} is tolerated; the MTD is not reached"
    if outcome == Outcome.STAY and here.advice.action is terms.Action.EXPAND and recommended:
        words[Outcome.STAY] = f"Expand {name} to {here.protocol.settings.a + here.protocol.settings.b}"
    return Choice(
        outcome, position if outcome not in (Outcome.HOLD, Outcome.STOP) else None, words[outcome], recommended
    )


def _stays(here: Situation, position: int | None) -> str:
    if not here.in_force and not here.paper:
        return "Open the trial at"
    return "Stay at" if position == here.position else "Enrol at"


def _rp2d_choices(here: Situation) -> list[Choice]:
    end = here.conclusion
    if end is None or end.outcome != Outcome.MTD or here.rp2d or not end.dose_level_id:
        return []
    top = here.protocol.position(end.dose_level_id) or 0
    open_below = [p for p in range(top, 0, -1) if p < (here.advice.closed_from or top + 1) and not _unsettled(here, p)]
    return [_choice(here, Outcome.RP2D, p, recommended=True) for p in open_below]


def _unsettled(here: Situation, position: int) -> str:
    """Who at or below the level is pending or suspected; MTD and RP2D cannot be signed over them."""
    waiting = [
        f.patient.code
        for p in range(1, position + 1)
        for f in here.facts_at(p)
        if f.outcome in ("pending", "suspected")
    ]
    return f"Patient {', '.join(waiting)} at or below this level is still pending." if waiting else ""


def _mtd_blocked(here: Situation, position: int | None) -> str:
    """Why the level cannot be named the MTD (or top tolerated) now; "" when it can."""
    assert position is not None
    tally, s = here.tally(position), here.protocol.settings
    if unsettled := _unsettled(here, position):
        return unsettled
    if position == here.advice.level and here.recommended == Outcome.MTD:
        return ""
    rule = queries.rule_of(s)
    if tally.dlts > s.e or not engine.enough(engine.Count(tally.evaluable, tally.dlts), rule):
        return f"The MTD needs {s.a + s.b} evaluable patients with at most {s.e} DLT."
    return ""


def choose(here: Situation, outcome: Outcome, position: int | None) -> Choice:
    """The offered choice that was asked for; anything else is refused with its rule."""
    if here.paper and not here.in_force and not any(f.dosed for f in here.facts):
        raise Refused(
            "No patient is entered from paper yet; the first decision here follows from them.", field="choice"
        )
    offered = choices(here)
    for choice in offered:
        if (choice.outcome, choice.position) == (outcome, position):
            return choice
    if position is not None and not 1 <= position <= len(here.protocol.levels):
        raise Refused(f"Level: {position} is not on the ladder.", field="choice")
    if outcome in (Outcome.MTD, Outcome.RP2D) and position and (unsettled := _unsettled(here, position)):
        raise Refused(f"{unsettled} Decide when the outcome is known.", field="choice")
    if outcome == Outcome.RP2D:
        raise Refused("RP2D: at or below a signed MTD (or top tolerated level), once.", field="choice")
    if here.conclusion:
        raise Refused(f"Escalation has ended with decision {here.conclusion.number}.", field="choice")
    if RANK[outcome] > RANK[here.recommended] or (
        outcome == here.recommended and position and position > here.advice.level
    ):
        raise Refused(
            f"This is bolder than the recommendation. {here.because} "
            "The committee may be more cautious, never bolder; to go on, amend the protocol first.",
            field="choice",
        )
    raise Refused("This cannot be decided now: the level is closed or does not have the patients.", field="choice")


def closes(here: Situation, choice: Choice) -> DoseLevel | None:
    """The level that a cautious committee leaves downward is closed for good, as if it had failed."""
    if choice.outcome != Outcome.DE_ESCALATE or here.position is None or choice.position is None:
        return None
    if here.advice.closed_from and here.advice.closed_from <= choice.position + 1:
        return None
    return here.protocol.level(choice.position + 1)

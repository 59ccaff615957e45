"""Patients outside the count: which cohorts are open, who may start there, the running DLT rate and its limit.

Expansion at the MTD or RP2D after escalation has ended; backfill at levels already passed while escalation goes on
above (docs/domain.md, sections 3 and 5). Both stand outside the count and inside the running rate of their level.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from assessments import binomial
from assessments.binomial import Proportion
from assessments.count.queries import PatientFacts
from patients.models import Cohort, Slot
from trial.models import DoseLevel, Signature
from trial.percentages import percent_text

from .. import words
from ..engine import rule as engine
from ..engine import terms
from ..situation import queries
from ..situation.situation import Outcome, Situation
from ..stored import inputs as stored_inputs
from .models import OutsideDecision

Role = Cohort.Role
Act = OutsideDecision.Act


@dataclass(frozen=True, slots=True)
class Place:
    """An open cohort and who may start in it now. why: why nobody may, "" when somebody may."""

    cohort: Cohort
    startable: int
    taken: int  # granted or enrolled, not yet dosed
    why: str

    @property
    def free(self) -> int:
        """Slots that may be granted now."""
        return max(0, self.startable - self.taken)


@dataclass(frozen=True, slots=True)
class Group:
    """Patients of one role at one level: x of n evaluable had a DLT."""

    x: int
    n: int
    pending: int

    @property
    def all(self) -> int:
        return self.n + self.pending

    def __str__(self) -> str:
        return words.rate(self.x, self.n, self.pending) if self.all else "–"


@dataclass(frozen=True, slots=True)
class Rate:
    """The running DLT rate of a level, all roles together, with its exact interval."""

    position: int
    level: DoseLevel
    groups: dict[str, Group]  # "escalation", "expansion", "backfill"
    whole: Proportion
    over: bool  # above the protocol's monitoring limit
    asks: bool  # and no signed decision has answered these counts yet

    @property
    def percent(self) -> tuple[str, str, str]:
        """Rate and limits of its interval in percent; "" where nothing is estimable."""
        found = (self.whole.estimate, self.whole.lower, self.whole.upper)
        rate, low, high = ("" if value is None else percent_text(value * 100) for value in found)
        return rate, low, high

    @property
    def outside(self) -> int:
        """Patients outside the count, pending ones too."""
        return sum(g.all for role, g in self.groups.items() if role in Role.values)


def decisions(trial: UUID) -> list[OutsideDecision]:
    """All of them in order, with their endings."""
    found = OutsideDecision.objects.filter(trial=trial).select_related(
        "ending", "dose_level", "protocol", "proposed_by"
    )
    return list(found.order_by("number"))


def in_force(every: Sequence[OutsideDecision]) -> list[OutsideDecision]:
    return [d for d in every if getattr(d, "ending", None) and d.ending.in_force]


def proposed(every: Sequence[OutsideDecision]) -> OutsideDecision | None:
    """The one that waits for signatures."""
    return next((d for d in every if not getattr(d, "ending", None)), None)


def signed(decision: UUID) -> list[Signature]:
    return list(Signature.objects.filter(subject=decision).order_by("signed_at"))


# Where they may be treated


def why_not(here: Situation, role: str, position: int | None) -> str:
    """Why nobody may be treated outside the count at the level; "" when somebody may."""
    if position is None or not 1 <= position <= len(here.protocol.levels):
        return "The level is not on the ladder in force."
    name = f"Level {here.protocol.level(position).label}"
    closed = here.advice.closed_from
    if closed and position >= closed:
        return f"{name} is closed."
    if role == Role.EXPANSION:
        return _not_expansion(here, position, name)
    return _not_backfill(here, position, name)


def _not_expansion(here: Situation, position: int, name: str) -> str:
    end = here.conclusion
    if end is None or end.outcome != Outcome.MTD:
        return "An expansion cohort needs a signed MTD, or a top level that is tolerated, in force."
    named = {here.protocol.position(d.dose_level_id) for d in (end, here.rp2d) if d and d.dose_level_id}
    if position not in named:
        return f"{name} is neither the MTD nor the RP2D."
    return ""


def _not_backfill(here: Situation, position: int, name: str) -> str:
    if here.conclusion:
        return f"Escalation has ended with decision {here.conclusion.number}: backfill goes on only while it does."
    if not here.in_force:
        return "The trial is not open yet."
    if position >= standing(here):
        return f"{name} is not below the level at which the trial stands."
    tally = here.tally(position)
    count = engine.Count(tally.evaluable, tally.dlts, tally.pending)
    rule = queries.rule_of(here.protocol.settings)
    if engine.failed(count, rule) or not engine.passed(count, rule):
        return f"{name} is not passed on its own numbers."
    return ""


def standing(here: Situation) -> int:
    """The level at which the trial stands: the lower of the open cohort's and the engine's."""
    return min(here.position or here.advice.level, here.advice.level)


def places(here: Situation) -> list[Place]:
    """The open cohorts outside the count: one query where there are any, however many."""
    cohorts = here.parts.outside
    if not cohorts:
        return []
    slots = Slot.objects.filter(cohort__in=cohorts, voided=False).select_related("patient__treatment_row")
    held: dict[UUID, int] = {}
    for slot in slots.filter(state__in=[Slot.State.GRANTED, Slot.State.ENROLLED]):
        if slot.cohort_id and _taken(slot, here):
            held[slot.cohort_id] = held.get(slot.cohort_id, 0) + 1
    return [_place(here, cohort, held.get(cohort.pk, 0)) for cohort in cohorts]


def _taken(slot: Slot, here: Situation) -> bool:
    if slot.state == Slot.State.GRANTED:
        return slot.held_until is not None and slot.held_until >= here.on
    return getattr(slot.patient, "treatment", None) is None


def _place(here: Situation, cohort: Cohort, taken: int) -> Place:
    position = here.protocol.position(cohort.dose_level_id)
    why = why_not(here, str(cohort.role), position)
    if not why and position and (held := here.held_at(position)):
        why = held[0].sentence
    filled = sum(f.dosed and f.patient.cohort_id == cohort.pk and f.outcome != "not_evaluable" for f in here.facts)
    left = 0 if why else max(0, cohort.places - filled)
    if not why and left <= taken:
        what = f"{cohort.get_role_display()} cohort at level {cohort.dose_level.label}"
        why = f"No slot is free in the {what}: {cohort.places} places, {filled} filled, {taken} held."
    return Place(cohort, left, taken, why)


# The running rate


def rates(here: Situation, every: Sequence[OutsideDecision]) -> list[Rate]:
    """Of each level of the ladder, lowest first. every: `decisions` of the trial."""
    return [_rate(here, position, every) for position in range(1, len(here.protocol.levels) + 1)]


def _rate(here: Situation, position: int, every: Sequence[OutsideDecision]) -> Rate:
    found = here.facts_at(position)
    groups = {role: _group([f for f in found if f.patient.role == role]) for role in terms.Role}
    x, n = sum(g.x for g in groups.values()), sum(g.n for g in groups.values())
    level, settings = here.protocol.level(position), here.protocol.settings
    outside = any(not f.counted for f in found)
    # compared as whole numbers and decimals: x / n > limit without a division
    over = outside and n >= settings.monitor_from and x > settings.monitor_rate * n
    return Rate(
        position,
        level,
        {str(role): group for role, group in groups.items()},
        binomial.proportion(x, n),
        over=over,
        asks=over and not any(_answers(d, level, x) for d in in_force(every)),
    )


def _group(found: Sequence[PatientFacts]) -> Group:
    outcomes = [f.outcome for f in found]
    x = outcomes.count("dlt")
    return Group(x, x + outcomes.count("no_dlt"), outcomes.count("pending") + outcomes.count("suspected"))


def _answers(d: OutsideDecision, level: DoseLevel, x: int) -> bool:
    """Whether the committee has decided on as many DLTs at the level: one more asks again."""
    patients = stored_inputs.patients(d.inputs)
    known = sum(p["dose_level"] == str(level.pk) and p["outcome"] == "dlt" for p in patients)
    return d.dose_level_id == level.pk and known >= x


def reviews(here: Situation, every: Sequence[OutsideDecision]) -> list[Rate]:
    """Levels whose running rate asks the committee for a review now."""
    return [rate for rate in rates(here, every) if rate.asks]


def asked(rate: Rate, here: Situation) -> str:
    """Why a review is asked, in one sentence."""
    settings = here.protocol.settings
    return (
        f"The running DLT rate at level {rate.level.label} is {rate.whole.x}/{rate.whole.n}, above the protocol's "
        f"limit of {words.percent(settings.monitor_rate)} % from {settings.monitor_from} evaluable patients on: "
        "the committee is asked to review. Enrolment outside the count goes on until it decides."
    )

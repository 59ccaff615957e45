"""The words of the 3+3 rule and its A+B family: variants, actions, patients, tallies, and the answer."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

VERSION = "1"  # stored with every decision; raise it whenever any answer can change
MOST_LEVELS = 1000  # more is a slip of the pen, and a tally for each would fill the memory


class Variant(StrEnum):
    """What happens to a level with one cohort only that is about to become the MTD; or rolling six."""

    D6 = "D6"  # a second cohort there, at the top level too
    D3 = "D3"  # a second cohort there, but not at the top level
    N = "N"  # no second cohort, and never below the start level
    ROLLING_SIX = "rolling_six"  # one cohort of two to six a level, judged while it fills


class Action(StrEnum):
    ENROL = "enrol"  # fill the cohort at `level`
    EXPAND = "expand"  # open the second cohort at `level`
    ESCALATE = "escalate"
    DE_ESCALATE = "de_escalate"
    WAIT = "wait"  # a full cohort whose pending patients still change the answer
    MTD = "mtd"
    TOP_TOLERATED = "top_tolerated"  # the MTD is not reached
    NONE_TOLERATED = "none_tolerated"


class Outcome(StrEnum):
    DLT = "dlt"
    NO_DLT = "no_dlt"
    PENDING = "pending"
    SUSPECTED = "suspected"  # pending, and stops enrolment at this level and above
    NOT_EVALUABLE = "not_evaluable"


class Role(StrEnum):
    ESCALATION = "escalation"
    EXPANSION = "expansion"  # outside the count
    BACKFILL = "backfill"  # outside the count


class Flag(StrEnum):
    """A departure from the plan: reported with the answer, never an error."""

    OVER_ENROLLED = "over_enrolled"
    SKIPPED_LEVEL = "skipped_level"
    CLOSED_LEVEL_USED = "closed_level_used"
    BELOW_START_USED = "below_start_used"


ROLLING_SIX = {"a": 3, "b": 3, "c": 1, "d": 1, "e": 1}  # the one set of sizes that its table is printed for


@dataclass(frozen=True, slots=True)
class Rule:
    """A + B design: escalate below `c` DLTs in the first `a`, expand from `c` to `d`, tolerate `e` of a + b."""

    variant: Variant
    a: int = 3
    b: int = 3
    c: int = 1
    d: int = 1
    e: int = 1
    early_stop: bool = True  # no: the conclusion about a failed level waits for those already dosed there
    rolling: bool = field(init=False, repr=False, compare=False)
    first_cohort: int = field(init=False, repr=False, compare=False)  # places of a level when it is opened

    def __post_init__(self) -> None:
        # Kept, not asked again: an enumeration reads both millions of times.
        object.__setattr__(self, "rolling", self.variant is Variant.ROLLING_SIX)
        object.__setattr__(self, "first_cohort", self.a + self.b if self.rolling else self.a)
        if self.variant is Variant.ROLLING_SIX:
            for name, size in ROLLING_SIX.items():
                if getattr(self, name) != size:
                    raise ValueError(f"{name}: rolling six needs {name} = {size}, got {getattr(self, name)}")
        if self.a < 1 or self.b < 1:
            raise ValueError(f"a, b: each cohort needs at least one patient, got a = {self.a} and b = {self.b}")
        if self.d >= self.a:
            raise ValueError(f"d: needs d < a, got d = {self.d} and a = {self.a}")
        if not 1 <= self.c <= self.d + 1:
            raise ValueError(f"c: needs 1 <= c <= d + 1, got c = {self.c} and d = {self.d}")
        if not self.d <= self.e < self.a + self.b:
            raise ValueError(f"e: needs d <= e < a + b, got d = {self.d}, e = {self.e} and a + b = {self.a + self.b}")

    def limit(self, dosed: int) -> int:
        """The most DLTs that `dosed` patients of one level may have: one more, and the level has failed.

        `d` in the first cohort, `e` in both. In between, when e > d, the counts must not prove that the first
        cohort alone had more than `d`. In the 3+3 design it is always 1.
        """
        return self.d if dosed <= self.a else min(self.e, self.d + dosed - self.a)

    def places(self, evaluable: int) -> int:
        """Places of a level that is not done with, by its evaluable patients."""
        return self.first_cohort if evaluable < self.a else self.a + self.b


@dataclass(frozen=True, slots=True)
class Patient:
    """One dosed patient, at the level that was received."""

    level: int
    outcome: Outcome
    role: Role = Role.ESCALATION


@dataclass(frozen=True, slots=True)
class Tally:
    """Patients (not events) at one dose level."""

    level: int
    evaluable: int  # those with a DLT, or with a complete window and enough drug
    dlts: int  # of the evaluable
    pending: int = 0  # dosed, neither yet
    suspected: int = 0  # of the pending
    replaced: int = 0  # not evaluable


@dataclass(frozen=True, slots=True)
class Outside:
    """Expansion or backfill patients at one level: inside the running DLT rate, outside the count."""

    level: int
    role: Role
    n: int  # evaluable
    dlts: int
    pending: int


class Says(NamedTuple):
    """What one level says on its own: the row of the table in docs/domain.md, section 3, and its words."""

    rule: str
    words: str


class Choice(NamedTuple):
    action: Action
    level: int


class Bracket(NamedTuple):
    """The answers if none, and if all, of the pending patients have a DLT."""

    best: Choice
    worst: Choice


@dataclass(frozen=True, slots=True)
class Recommendation:
    action: Action
    level: int  # where to treat next, or the level recommended; 0 when none is tolerated
    slots: int  # patients who may start now
    mtd: int | None
    first_intolerable_level: int | None  # the lowest level failed by count
    closed_from: int | None  # that, or a lower level closed by the committee
    rule: str
    because: str
    flags: tuple[Flag, ...]
    tallies: tuple[Tally, ...]  # one per level, lowest first
    outside: tuple[Outside, ...]
    bracket: Bracket | None
    variant: Variant
    engine_version: str

"""Designs side by side under one set of assumed true DLT rates, and one design over a grid of one level's rate.

Every figure is `escalation.characteristics.properties`, exact and by enumeration; nothing is simulated and nothing is
estimated from the trial. Standard library and the engine only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..characteristics import Properties, overdose_share, properties
from ..engine.terms import Patient, Rule, Variant

STANDARD = {variant.value: Rule(variant) for variant in Variant}  # 3+3 in its variants, and rolling six
PROTOCOL, OTHER = "protocol", "other"
SCENARIO = (0.05, 0.10, 0.20, 0.30, 0.50, 0.60, 0.70, 0.80)  # the worked example of docs/domain.md, and on from it
STEEPEST = 0.90
TARGET = 0.33
GRID = tuple(k / 20 for k in range(21))
MOST = 12  # patients a level of a design typed in: enough for every published one, and answered within a second


@dataclass(frozen=True, slots=True)
class Ladder:
    """What a design is asked to climb. labels: lowest level first. patients: those treated, in order of first dose."""

    labels: Sequence[str]
    start: int = 1
    own: Rule | None = None  # the protocol's, once it is written
    patients: Sequence[Patient] = ()
    closed_by_committee: int | None = None

    @property
    def begun(self) -> bool:
        return bool(self.patients) or self.closed_by_committee is not None


@dataclass(frozen=True, slots=True)
class Assumed:
    """rates: one per level, lowest first. present: from where the trial stands; else from the start."""

    rates: Sequence[float]
    target: float
    present: bool = False


@dataclass(frozen=True, slots=True)
class Design:
    """One design's answer, or in `refused` why there is none."""

    key: str
    rule: Rule
    protocols: bool  # the one in force
    found: Properties | None
    overdose: float | None
    refused: str = ""


def rules(ladder: Ladder, other: Rule | None = None) -> dict[str, Rule]:
    """The designs to compare by their key: the protocol's first when it is none of the standard ones."""
    own = _plain(ladder.own) if ladder.own else None
    found = {PROTOCOL: own} if own and own not in STANDARD.values() else {}
    found |= STANDARD
    if other and other not in found.values():
        found[OTHER] = other
    return found


def own_key(ladder: Ladder, asked: Mapping[str, Rule]) -> str:
    """The key of the protocol's design; before there is one, of the default of docs/domain.md."""
    own = _plain(ladder.own) if ladder.own else STANDARD[Variant.D6.value]
    return next(key for key, rule in asked.items() if rule == own)


def compare(ladder: Ladder, assumed: Assumed, asked: Mapping[str, Rule]) -> list[Design]:
    """Each design under the same assumed rates, from the same place."""
    return [_design(key, rule, ladder, assumed) for key, rule in asked.items()]


def curve(
    ladder: Ladder, assumed: Assumed, rule: Rule, level: int, grid: Sequence[float] = GRID
) -> list[tuple[float, Properties]]:
    """The design at each rate of `grid` for `level`, the other levels as assumed.

    Raises ValueError for a design of too many states.
    """
    rates = list(assumed.rates)
    return [(at, _found(ladder, rule, [*rates[: level - 1], at, *rates[level:]], assumed.present)) for at in grid]


def scenario(levels: int) -> list[float]:
    """Rates to begin with: an assumption of nobody's, to be replaced."""
    return [*SCENARIO[:levels], *[STEEPEST] * (levels - len(SCENARIO))]


def _design(key: str, rule: Rule, ladder: Ladder, assumed: Assumed) -> Design:
    protocols = ladder.own is not None and _plain(ladder.own) == rule
    try:
        found = _found(ladder, rule, assumed.rates, assumed.present)
    except ValueError as error:
        return Design(key, rule, protocols, None, None, str(error).partition(": ")[2] or str(error))
    return Design(key, rule, protocols, found, overdose_share(found, assumed.rates, assumed.target))


def _found(ladder: Ladder, rule: Rule, rates: Sequence[float], present: bool) -> Properties:
    if not present:
        return properties(rule, rates, start=ladder.start)
    return properties(
        rule,
        rates,
        start=ladder.start,
        patients=ladder.patients,
        closed_by_committee=ladder.closed_by_committee,
    )


def _plain(rule: Rule) -> Rule:
    """Cohorts are taken whole, so an early conclusion makes no difference here."""
    return replace(rule, early_stop=True)

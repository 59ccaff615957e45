"""How firm the recommendation is, for those who may know it: committee, medical monitor and statistician.

Never for a reader with an open verdict: he must not know what hangs on it. What counts is whether one is open today,
also where the page is of the past; and it is the same for every member of such a role, as the tag of an answer needs.
"""

from collections.abc import Sequence
from typing import Any

from assessments.count.queries import PatientFacts
from assessments.events import sight
from trial.people.access import Scope
from trial.roles import May

from .. import engines, words
from ..firm import MOST, Firmness, Turn, Way
from ..situation import queries
from ..situation.situation import Situation
from .reader import View
from .types import Firm, FirmPart, FirmWay, Link

NUMBERS = {1: "one", 2: "two", 3: "three"}
SHOWN = 4  # ways that are read at a glance


def may_know(scope: Scope, today: Situation) -> bool:
    """Of a page of the past this was asked before it went there: `withheld`."""
    return scope.may(May.READ_FIRMNESS) and (scope.past is not None or not sight.owes(scope, today.facts))


def withheld(scope: Scope) -> frozenset[May]:
    """The rights that this person has today on paper alone: of a page of the past he has them neither."""
    today = queries.here(scope)
    return frozenset() if today is None or may_know(scope, today) else frozenset({May.READ_FIRMNESS})


def firm(view: View) -> Firm | None:
    """None for who may not know."""
    if not may_know(view.scope, view.today or view.here):
        return None
    found = engines.how_firm(view.here.inputs)
    return Firm(_says(found), [_way(view, way) for way in found.ways], few=len(found.ways) <= SHOWN)


def as_json(scope: Scope, here: Situation, today: Situation) -> dict[str, Any] | None:
    """The same for REST; levels are positions."""
    if not may_know(scope, today):
        return None
    found = engines.how_firm(here.inputs)
    return {
        "evaluable": found.evaluable,
        "fewest": found.fewest,
        "ways": [
            {
                "verdicts": [
                    {
                        "level": turn.level,
                        "outcome": turn.outcome,
                        "number": abs(turn.verdicts),
                        "patients": [f.patient.number for f in _who(here, turn)],
                    }
                    for turn in way.turns
                ],
                "then": {"action": way.then.action, "level": way.then.level},
            }
            for way in found.ways
        ],
    }


def _says(found: Firmness) -> str:
    if found.fewest:
        fewer = {1: "", 2: "; no single one would", 3: "; no two would"}[found.fewest]
        return f"{NUMBERS[found.fewest].capitalize()} other verdict{'s' * (found.fewest > 1)} would change it{fewer}"
    if not found.evaluable:
        return "It hangs on no verdict: nobody is evaluable yet"
    if found.evaluable <= MOST:
        return f"No other verdict on the {words.count(found.evaluable, 'evaluable patient')} would change it"
    return f"No {NUMBERS[MOST]} verdicts change it"


def _way(view: View, way: Way) -> FirmWay:
    then = words.advised(way.then.action, way.then.level, view.labels, view.six)
    return FirmWay([_part(view, turn) for turn in way.turns], then)


def _part(view: View, turn: Turn) -> FirmPart:
    who = _who(view.here, turn)
    had, were = ("with a DLT", "no DLT") if turn.verdicts < 0 else ("without a DLT", "a DLT")
    all_of = f"{abs(turn.verdicts)} of the {len(who)}" if len(who) > abs(turn.verdicts) else f"the {len(who)}"
    if len(who) == 1:
        all_of = "the one"
    return FirmPart(
        f"{view.level(turn.level)}: {were} for {all_of} {had}",
        [Link(view.patient(f), view.patient_url(f.patient)) for f in who],
    )


def _who(here: Situation, turn: Turn) -> Sequence[PatientFacts]:
    """The patients whose verdict can be among them."""
    return [f for f in here.counted_at(turn.level) if f.outcome == turn.outcome]

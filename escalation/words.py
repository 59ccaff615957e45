"""How the engine's and the audit trail's words are said to people. Pure text."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from .engine import rule as engine
from .engine.terms import Action, Flag, Rule
from .stored import answer as stored_answer
from .stored import inputs as stored_inputs

FROM_PAPER = "entered from paper"  # of a patient treated outside the system

FLAGS = {
    Flag.OVER_ENROLLED: "A level has more patients than the rule asks for: outside the 3+3 table.",
    Flag.SKIPPED_LEVEL: "A level below was never used.",
    Flag.CLOSED_LEVEL_USED: "A closed level was used.",
    Flag.BELOW_START_USED: "A level below the start level was used without need.",
}

ACTIONS = {
    Action.ENROL: "Enrol at {}",
    Action.EXPAND: "Expand {} to {six}",
    Action.ESCALATE: "Escalate to {}",
    Action.DE_ESCALATE: "De-escalate to {}",
    Action.WAIT: "Wait",
    Action.MTD: "{} is the MTD",
    Action.TOP_TOLERATED: "{}, the top level, is tolerated; the MTD is not reached",
    Action.NONE_TOLERATED: "No level is tolerated",
}

ROLLING_SIX = {  # what a row says, by the patients still pending
    "R1": "failed: this level and all above it are closed",
    "R3": "passed once nobody on the level is pending, else fill to 6",
    "R5": "passed once nobody on the level is pending, or with 5 of 6; else fill to 6",
    "R7": "passed once nobody on the level is pending",
}

OUTCOMES = {
    "dlt": "DLT",
    "no_dlt": "No DLT",
    "pending": "Pending",
    "suspected": "DLT suspected, pending",
    "not_evaluable": "Not evaluable, replaced",
    "not_dosed": "Not dosed yet",
}


def shown(day: date) -> str:
    """A date as people read it here: 14 Mar 2026."""
    return f"{day:%-d %b %Y}"


def level(labels: Sequence[str], position: int | None) -> str:
    """A position on a ladder as people name it."""
    return f"level {labels[position - 1]}" if position and 0 < position <= len(labels) else "no level"


def advised(action: str, position: int, labels: Sequence[str], six: int) -> str:
    """What the engine says, in a few words: "Escalate to level 3"."""
    said = ACTIONS[Action(action)].format(level(labels, position), six=six)
    return said[0].upper() + said[1:]


def count(n: int, one: str, many: str = "") -> str:
    """ "1 patient", "2 patients"."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def rate(dlts: int | str, evaluable: int, pending: int) -> str:
    """Patients with a DLT of the evaluable ones: "1/3", "0/2, 1 pending", "none evaluable yet, 1 pending"."""
    said = f"{dlts}/{evaluable}" if evaluable else "none evaluable yet"
    return said + (f", {pending} pending" if pending else "")


def percent(fraction: Decimal) -> str:
    return f"{(fraction * 100).normalize():f}"


def at_most(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"


def design(rule: Rule) -> str:
    """The rule by its name: "3+3, variant D6"."""
    return "rolling six" if rule.rolling else f"{rule.a}+{rule.b}, variant {rule.variant}"


def rule_rows(rule: Rule) -> list[tuple[str, str, str, str]]:
    """The rule in force as (name, evaluable, DLTs, what the level says), for any A + B."""
    a, six = rule.a, rule.a + rule.b
    rows: list[tuple[str, str, str, int, int]] = [
        ("R1", "any", f"≥ {rule.d + 1}", a, rule.d + 1),
        ("R2", f"< {a}", f"≤ {rule.d}", 0, 0),
        ("R3", str(a), at_most(0, rule.c - 1), a, 0),
    ]
    if rule.c <= rule.d:
        rows.append(("R4", str(a), at_most(rule.c, rule.d), a, rule.c))
    if rule.b > 1:
        rows.append(("R5", at_most(a + 1, six - 1), at_most(0, rule.c - 1), a + 1, 0))
        if rule.c <= rule.limit(six - 1):
            rows.append(("R6", at_most(a + 1, six - 1), at_most(rule.c, rule.limit(six - 1)), a + 1, rule.c))
    rows.append(("R7", f"≥ {six}", f"≤ {rule.e}", six, 0))
    if rule.e > rule.d:
        rows[0] = ("R1", "any", f"> {rule.d} of {a}, > {rule.e} of {six}", a, rule.d + 1)
    if rule.rolling:
        return [(name, n, x, ROLLING_SIX.get(name, f"not yet: fill to {six}")) for name, n, x, *_ in rows]
    return [
        (name, evaluable, dlts, engine.level_says(engine.Count(n, x), rule).words)
        for name, evaluable, dlts, n, x in rows
    ]


UNREADABLE = "its stored answer cannot be read"


def recommended(answer: Any, labels: Sequence[str], six: int) -> str:
    """What the engine said when a decision was signed, as far as what is stored can be read."""
    return UNREADABLE if stored_answer.fault(answer) else advised(answer["action"], answer["level"], labels, six)


def _stood_on(recommendation: Any, last: int) -> int:
    """The position whose counts made the answer: the one that failed, the one escalated from, or the one meant.

    last: of the last patient, where nobody is evaluable there.
    """
    action, level, closed = (recommendation[name] for name in ("action", "level", "closed_from"))
    match action:
        case Action.DE_ESCALATE | Action.NONE_TOLERATED | Action.MTD if closed:
            position = closed
        case Action.ESCALATE:
            position = level - 1
        case _:
            position = level
    evaluable = {t["level"]: t["evaluable"] for t in recommendation["tallies"]}
    return int(position) if evaluable.get(position) else last


def stored_tally(recommendation: Any, inputs: Any, labels: Sequence[str]) -> str:
    """What a decision stood on: "1/6 at level 2"."""
    if stored_inputs.fault(inputs):
        return "its inputs cannot be read"
    if stored_answer.fault(recommendation):
        return UNREADABLE
    counted = [p for p in inputs["patients"] if p["role"] == "escalation"]
    if not counted:
        return "nobody treated yet"
    position = _stood_on(recommendation, counted[-1]["level"])
    tally = next((t for t in recommendation["tallies"] if t["level"] == position), None)
    if tally is None:
        return "its inputs and its answer are of other levels"
    return f"{rate(tally['dlts'], tally['evaluable'], tally['pending'])} at {level(labels, position)}"

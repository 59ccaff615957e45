"""The recommendation as one sentence."""

from collections.abc import Sequence

from .terms import Action, Bracket, Choice, Rule, Tally

# The sentence


def because(
    answer: Choice,
    places: int,
    tallies: Sequence[Tally],
    rule: Rule,
    last: int,
    deciding: int,
    closed_by_committee: int | None,
    bracket: Bracket | None,
    unfinished: bool,
) -> str:
    here = tallies[deciding - 1]
    fact = f"{_rate(here)} at level {deciding}" if last else "Nobody treated yet"
    if here.pending:
        fact = f"{_rate(here)} and {here.pending} pending at level {deciding}"
    if closed_by_committee is not None and closed_by_committee <= max(last, 1) and closed_by_committee != deciding:
        fact += f", level {closed_by_committee} closed by the committee"
    elif closed_by_committee is not None and closed_by_committee == deciding:
        fact += ", closed by the committee"
    says = _conclusion(answer, places, tallies, deciding)
    if answer.action is Action.WAIT and unfinished:
        says = "wait, the level is over its limit and the conclusion is drawn when those already dosed there are known"
    elif answer.action is Action.WAIT and bracket:
        says = f"wait; without a DLT among the pending {_short(bracket.best)}, with all of them {_short(bracket.worst)}"
    notes = [
        f"{tally.evaluable} evaluable patients at level {tally.level} are outside the {rule.a}+{rule.b} table"
        for tally in tallies
        if tally.evaluable > rule.a + rule.b
    ]
    stops = next((tally.level for tally in tallies if tally.suspected), 0)
    if 0 < stops <= answer.level:
        notes.append(f"nobody new starts from level {stops} up while a DLT is suspected there")
    return "; ".join([f"{fact}: {says}", *notes]) + "."


def _rate(tally: Tally) -> str:
    return f"{tally.dlts}/{tally.evaluable} DLT"


def _conclusion(answer: Choice, places: int, tallies: Sequence[Tally], deciding: int) -> str:
    level = answer.level
    with_rate = "" if level in (0, deciding) else f" with {_rate(tallies[level - 1])}"
    match answer.action:
        case Action.ENROL:
            return f"enrol up to {places} at level {level}"
        case Action.EXPAND:
            return f"expand level {level} to {places}"
        case Action.MTD:
            return f"level {level} is the MTD{with_rate}"
        case Action.TOP_TOLERATED:
            return f"the top level is tolerated{with_rate}, the MTD is not reached"
        case _:
            return _short(answer)


def _short(answer: Choice) -> str:
    words = {
        Action.ENROL: "enrol at level {}",
        Action.EXPAND: "expand level {}",
        Action.ESCALATE: "escalate to level {}",
        Action.DE_ESCALATE: "de-escalate to level {}",
        Action.WAIT: "wait",
        Action.MTD: "level {} is the MTD",
        Action.TOP_TOLERATED: "level {}, the top level, is tolerated",
        Action.NONE_TOLERATED: "no level is tolerated",
    }
    return words[answer.action].format(answer.level)

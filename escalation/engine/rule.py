"""The 3+3 rule and its A+B family. Sources: Storer 1989, doi:10.2307/2531693; Korn et al. 1994,
doi:10.1002/sim.4780131802; Lin & Shih 2001; rolling six: Skolnik et al. 2008, doi:10.1200/JCO.2007.12.7712, by the
table of Frankel et al. 2020. The words are those of docs/domain.md, section 3; where they leave room,
docs/decisions/2026-11-23-engine-readings.md and 2026-11-24-rolling-six.md say which reading is taken.

`recommend` answers for patients; `standing` is the rule itself, on counts alone and cheap enough to enumerate.
`python -m escalation.engine` answers a line of JSON at a time (docs/validation.md).
"""

from collections.abc import Sequence
from typing import NamedTuple

from .terms import (
    MOST_LEVELS,
    VERSION,
    Action,
    Bracket,
    Choice,
    Flag,
    Outcome,
    Outside,
    Patient,
    Recommendation,
    Role,
    Rule,
    Says,
    Tally,
    Variant,
)
from .words import because

# The rule on counts


class Count(NamedTuple):
    """One level as the rule sees it."""

    evaluable: int
    dlts: int
    pending: int = 0


class Standing(NamedTuple):
    """Where the trial stands: treat at `level` up to `places` in all, or no more places and the trial ends."""

    level: int
    places: int


def failed(count: Count, rule: Rule) -> bool:
    return count.dlts > rule.limit(count.evaluable + count.pending)


def passed(count: Count, rule: Rule) -> bool:
    """Passed on its own numbers, for a level that has not failed.

    Rolling six counts on nobody who is pending: three to five all clean, or six with one DLT at the worst.
    """
    six = rule.a + rule.b
    if rule.rolling and count.pending:
        return count.evaluable + count.pending >= six and count.dlts + count.pending <= rule.e
    return count.evaluable >= rule.a and (count.dlts < rule.c or count.evaluable >= six)


def enough(count: Count, rule: Rule) -> bool:
    """Enough patients to be the MTD, for a level that has not failed: both cohorts, in rolling six also 0/5."""
    six = rule.a + rule.b
    return count.evaluable >= six or (rule.rolling and count.evaluable == six - 1 and count.dlts == 0)


def lowest_failed(counts: Sequence[Count], rule: Rule) -> int:
    """The lowest level that failed; one above the top when none did.

    counts: one per dose level, lowest first, so level k is counts[k - 1].
    Toxicity is taken to rise with dose: a failed level closes itself and all above it,
    also when the DLT is reported late, after the trial has moved up.
    """
    for level, count in enumerate(counts, 1):
        if count.dlts and failed(count, rule):
            return level
    return len(counts) + 1


def standing(counts: Sequence[Count], rule: Rule, start: int = 1, closed: int | None = None) -> Standing:
    """Where the trial stands on what is known: pending patients are not counted on.

    closed: the lowest closed level, when the caller already knows it or the committee closed one.
    """
    six = rule.a + rule.b
    failed_from = lowest_failed(counts, rule)
    closed_from = failed_from if closed is None else min(closed, failed_from)
    highest_open = closed_from - 1
    if highest_open < start:
        if highest_open == 0 or rule.variant is Variant.N:
            return Standing(0, 0)
        here = counts[highest_open - 1]
        return Standing(highest_open, 0 if enough(here, rule) else rule.places(here.evaluable))

    first = 0
    passed_above = six_above = False
    for level in range(highest_open, start - 1, -1):
        count = counts[level - 1]
        if passed(count, rule):
            passed_above = True
            six_above = six_above or count.evaluable >= six
        elif count.evaluable and (six_above if count.dlts else passed_above):
            continue  # it lost its standing after the trial moved on, and a higher level vouches for it
        else:
            first = level
    if first:
        return Standing(first, rule.places(counts[first - 1].evaluable))

    stops_on_one_cohort = rule.variant is Variant.N or (rule.variant is Variant.D3 and highest_open == len(counts))
    return Standing(highest_open, 0 if stops_on_one_cohort or enough(counts[highest_open - 1], rule) else six)


def choice(stand: Standing, counts: Sequence[Count], rule: Rule, last: int) -> Choice:
    """The standing in words. last: the level of the last dosed patient, 0 when nobody is treated.

    A standing without places ends the trial. It is at the top level only when nothing is closed.
    """
    level, places = stand
    if level == 0:
        return Choice(Action.NONE_TOLERATED, 0)
    if places == 0:
        return Choice(Action.TOP_TOLERATED if level == len(counts) else Action.MTD, level)
    if last and level > last:
        return Choice(Action.ESCALATE, level)
    if level < last:
        return Choice(Action.DE_ESCALATE, level)
    here = counts[level - 1]
    first_cohort_full = here.evaluable + here.pending == rule.first_cohort
    return Choice(Action.EXPAND if first_cohort_full and places > rule.first_cohort else Action.ENROL, level)


class Answer(NamedTuple):
    """What follows from the counts of a trial, pending patients and all."""

    choice: Choice
    places: int  # at its level, those taken too
    bracket: Bracket | None  # None: nobody is pending
    unfinished: bool  # over the limit, and the conclusion waits for those already dosed there


def answer(counts: Sequence[Count], rule: Rule, start: int, closed_by_committee: int | None, last: int) -> Answer:
    """What holds for every way the pending patients can turn out, or to wait. last: as of `choice`."""
    known = standing(counts, rule, start, closed_by_committee)
    if not any(count.pending for count in counts):
        return Answer(choice(known, counts, rule, last), known.places, None, False)
    # One more DLT never raises the standing, so all completions agree when the best and the worst do.
    best = [Count(n + w, x) for n, x, w in counts]
    worst = [Count(n + w, x + w) for n, x, w in counts]
    at_best = standing(best, rule, start, closed_by_committee)
    at_worst = standing(worst, rule, start, closed_by_committee)
    bracket = Bracket(choice(at_best, best, rule, last), choice(at_worst, worst, rule, last))
    if _unfinished(counts, rule, closed_by_committee):
        return Answer(Choice(Action.WAIT, last), 0, bracket, True)
    agree = bracket.best == bracket.worst
    stand = at_best if agree else _filled_meanwhile(at_best, known, counts, rule, last)
    if stand is None:
        return Answer(Choice(Action.WAIT, last), 0, bracket, False)
    return Answer(choice(stand, counts, rule, last), stand.places, bracket, False)


def _unfinished(counts: Sequence[Count], rule: Rule, closed_by_committee: int | None) -> bool:
    """Whether the conclusion about a failed level waits for those already dosed there, as a protocol may ask."""
    if rule.early_stop:
        return False
    failed_from = lowest_failed(counts, rule)
    below = len(counts) if closed_by_committee is None else min(closed_by_committee, len(counts))
    return failed_from <= below and counts[failed_from - 1].pending > 0


def looks(count: Count, rule: Rule) -> tuple[tuple[bool, ...], ...]:
    """All that `answer` asks of the DLTs at one level: numbers that look alike there lead to the same answer."""
    n, x, w = count
    ways = (count, Count(n + w, x), Count(n + w, x + w))
    return tuple((c.dlts > 0, failed(c, rule), passed(c, rule), enough(c, rule)) for c in ways)


# The answer for patients


def level_says(tally: Tally | Count, rule: Rule) -> Says:
    """What one level says by the table of docs/domain.md, section 3, written for any A + B."""
    six = rule.a + rule.b
    n, x = tally.evaluable, tally.dlts
    count = Count(n, x, tally.pending)
    if failed(count, rule):
        return Says("R1", "failed: this level and all above it are closed")
    if rule.rolling:
        row = "R2" if n < rule.a else "R7" if n >= six else ("R3", "R4")[x] if n == rule.a else ("R5", "R6")[x]
        if passed(count, rule):
            return Says(row, "passed")
        return Says(row, f"not yet: fill to {six}" if n + tally.pending < six else "hold until the pending are known")
    if n < rule.a:
        return Says("R2", f"not yet: enrol up to {rule.a}")
    if n == rule.a:
        return Says("R3", "passed on its own numbers") if x < rule.c else Says("R4", f"expand to {six}")
    if n < six:
        return Says("R5", "passed") if x < rule.c else Says("R6", f"not yet: fill to {six}")
    return Says("R7", "passed")


def recommend(
    patients: Sequence[Patient],
    *,
    levels: int,
    rule: Rule,
    start: int = 1,
    closed_by_committee: int | None = None,
) -> Recommendation:
    """The engine's recommendation for a trial as it stands.

    patients: every dosed patient in order of first dose, at the level received.
    Raises ValueError, naming the field, for a level that is not on the ladder.
    """
    _check(patients, levels, start, closed_by_committee)
    tallies, outside = tallies_of(patients, levels), _outside(patients)
    counted = counted_of(patients)
    last = counted[-1].level if counted else 0
    counts = [Count(t.evaluable, t.dlts, t.pending) for t in tallies]
    failed_from = lowest_failed(counts, rule)
    closed_from = failed_from if closed_by_committee is None else min(closed_by_committee, failed_from)
    chosen, places, bracket, unfinished = answer(counts, rule, start, closed_by_committee, last)
    deciding = _deciding_level(chosen, last, closed_from, failed_from, start)
    return Recommendation(
        action=chosen.action,
        level=chosen.level,
        slots=_slots(chosen.level, places, tallies),
        mtd=chosen.level if chosen.action is Action.MTD else None,
        first_intolerable_level=failed_from if failed_from <= levels else None,
        closed_from=closed_from if closed_from <= levels else None,
        rule=level_says(tallies[deciding - 1], rule).rule,
        because=because(chosen, places, tallies, rule, last, deciding, closed_by_committee, bracket, unfinished),
        flags=_flags(counted, tallies, rule, start, closed_by_committee),
        tallies=tallies,
        outside=outside,
        bracket=bracket,
        variant=rule.variant,
        engine_version=VERSION,
    )


def _check(patients: Sequence[Patient], levels: int, start: int, closed_by_committee: int | None) -> None:
    if not 1 <= levels <= MOST_LEVELS:
        raise ValueError(f"levels: needs at least 1 and at most {MOST_LEVELS}, got {levels}")
    if not 1 <= start <= levels:
        raise ValueError(f"start: needs a level from 1 to {levels}, got {start}")
    if closed_by_committee is not None and not 1 <= closed_by_committee <= levels:
        raise ValueError(f"closed_by_committee: needs a level from 1 to {levels}, got {closed_by_committee}")
    for place, patient in enumerate(patients, 1):
        if not 1 <= patient.level <= levels:
            raise ValueError(f"level of patient {place}: needs a level from 1 to {levels}, got {patient.level}")


def counted_of(patients: Sequence[Patient]) -> list[Patient]:
    """Those in the count, in order of first dose: not of expansion or backfill, and not replaced."""
    return [p for p in patients if p.role is Role.ESCALATION and p.outcome is not Outcome.NOT_EVALUABLE]


def tallies_of(patients: Sequence[Patient], levels: int) -> tuple[Tally, ...]:
    seen: list[list[Outcome]] = [[] for _ in range(levels)]
    for patient in patients:
        if patient.role is Role.ESCALATION:
            seen[patient.level - 1].append(patient.outcome)
    return tuple(_tally(level, outcomes) for level, outcomes in enumerate(seen, 1))


def _tally(level: int, outcomes: list[Outcome]) -> Tally:
    if not outcomes:
        return Tally(level, 0, 0)
    dlts, suspected = outcomes.count(Outcome.DLT), outcomes.count(Outcome.SUSPECTED)
    return Tally(
        level,
        evaluable=dlts + outcomes.count(Outcome.NO_DLT),
        dlts=dlts,
        pending=suspected + outcomes.count(Outcome.PENDING),
        suspected=suspected,
        replaced=outcomes.count(Outcome.NOT_EVALUABLE),
    )


def _outside(patients: Sequence[Patient]) -> tuple[Outside, ...]:
    seen: dict[tuple[int, bool, Role], list[int]] = {}
    for patient in patients:
        if patient.role is Role.ESCALATION or patient.outcome is Outcome.NOT_EVALUABLE:
            continue
        group = seen.setdefault((patient.level, patient.role is Role.BACKFILL, patient.role), [0, 0, 0])
        group[0] += patient.outcome in (Outcome.DLT, Outcome.NO_DLT)
        group[1] += patient.outcome is Outcome.DLT
        group[2] += patient.outcome in (Outcome.PENDING, Outcome.SUSPECTED)
    return tuple(Outside(level, role, *seen[level, late, role]) for level, late, role in sorted(seen))


def _filled_meanwhile(
    best: Standing, known: Standing, counts: Sequence[Count], rule: Rule, last: int
) -> Standing | None:
    """Filling a cohort already opened is no decision: the pending patients may do what they like.

    The known counts must leave the trial at that level: a lower level that is not passed without its pending
    patients comes first, and nothing above it enrols. Beyond the first cohort the level must have been expanded,
    which it was if no way the pending can turn out passes it on what it has. Rolling six fills the level last
    dosed, or the one that the best completion asks for too, up to six.
    """
    if known.places == 0:
        return None
    here = counts[known.level - 1]
    dosed = here.evaluable + here.pending
    first = rule.first_cohort
    if rule.rolling:
        asked = known.level in (best.level, last)
        return known if asked and (0 < dosed < first or first < dosed < known.places) else None
    if 0 < dosed < first:
        return known
    return best if known.level == best.level and first < dosed < best.places else None


def _slots(level: int, places: int, tallies: Sequence[Tally]) -> int:
    """A suspected DLT at this level or below stops new patients, whatever the answer."""
    if places == 0 or any(tally.suspected for tally in tallies[:level]):
        return 0
    here = tallies[level - 1]
    return max(0, places - here.evaluable - here.pending)


def _deciding_level(answer: Choice, last: int, closed_from: int, failed_from: int, start: int) -> int:
    """The level whose counts carry the answer: usually the last one dosed."""
    if failed_from == closed_from and failed_from <= last:
        return failed_from
    if answer.action in (Action.MTD, Action.TOP_TOLERATED) or 0 < answer.level < last:
        return answer.level
    return last or start


def _flags(
    counted: Sequence[Patient], tallies: Sequence[Tally], rule: Rule, start: int, closed_by_committee: int | None
) -> tuple[Flag, ...]:
    """Departures from the plan, seen in the order of first dose.

    A cohort is judged as a whole: a level that fails in a cohort was closed for the next one, not for this one.
    """
    six = rule.a + rule.b
    found = {Flag.OVER_ENROLLED} if any(tally.evaluable > six for tally in tallies) else set()
    first, limit = rule.first_cohort, rule.limit
    dosed = [0] * (len(tallies) + 1)
    dlts = [0] * (len(tallies) + 1)
    closed_before = [False] * (len(tallies) + 1)  # its own earlier cohorts had closed the level
    lowest = len(tallies) + 1
    for patient in counted:
        level = patient.level
        beyond = dosed[level] - first
        if dosed[level] == 0 or (beyond >= 0 and beyond % rule.b == 0):
            closed_before[level] = dlts[level] > limit(dosed[level])
        if closed_before[level] or lowest < level:
            found.add(Flag.CLOSED_LEVEL_USED)
        if 0 in dosed[start:level]:
            found.add(Flag.SKIPPED_LEVEL)
        start_closed = lowest <= start or (closed_by_committee is not None and closed_by_committee <= start)
        if level < start and (rule.variant is Variant.N or not start_closed):
            found.add(Flag.BELOW_START_USED)
        dosed[level] += 1
        dlts[level] += patient.outcome is Outcome.DLT
        if dlts[level] > limit(dosed[level]):
            lowest = min(lowest, level)
    return tuple(flag for flag in Flag if flag in found) if found else ()

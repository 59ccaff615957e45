"""The DLT criteria that no single event can meet: Hy's law (N2) and a late cycle 2 (N4). Missed doses: dlt/doses.py.

Pure, exact, without a clock. docs/domain.md, section 4. Each answers as `criteria.suggest` does; the readers decide.
"""

from collections.abc import Sequence

from .dlt.criteria import Rules, during, gravest, judge
from .dlt.days import Stretch
from .dlt.doses import by_cause
from .dlt.event import Event, Suggestion
from .dlt.names import LIVER


def suggest(event: Event, rules: Rules, found: Sequence[Stretch] = ()) -> Suggestion:
    """Does the event meet a DLT criterion on its own, or with the other liver tests of its time (Hy's law)?

    found: its stretches of days by grade; none: the event is one stretch.
    """
    alone = judge(event, rules, found)
    if not rules.asks("N2"):
        return alone
    liver = [hys_law(during(event, stretch), rules) for stretch in found] or [hys_law(event, rules)]
    return gravest([alone, *liver], rules.reading)


def hys_law(event: Event, rules: Rules) -> Suggestion:
    """ALT or AST > 3 × ULN and bilirubin > 2 × ULN, ALP < 2 × ULN, no other cause; what is not known stays open.

    It has no grade: four answers in its sense meet it at grade 1 too. There an open question asks nothing, for from a
    normal baseline neither limit can have been passed at grade 1.
    """
    grade = event.grade
    if event.kind not in LIVER or (grade is not None and grade < rules.reading.hys_law_from_grade):
        return Suggestion(False, "Not a raised liver test that Hy's law asks about.")
    if not 1 <= event.onset_day <= rules.window_days:
        return Suggestion(
            False, f"The values of day {event.onset_day} are outside the window of {rules.window_days} days."
        )
    other_cause = event.says("other_cause")
    parts = {
        "ALT or AST above 3 × ULN": event.says("alt_or_ast_above_3_uln"),
        "bilirubin above 2 × ULN": event.says("bilirubin_above_2_uln"),
        "ALP below 2 × ULN": event.says("alp_below_2_uln"),
        "no other cause": None if other_cause is None else not other_cause,
    }
    for words, holds in parts.items():
        if holds is False:
            return Suggestion(False, f"Hy's law needs {words}, which does not hold.")
    if unknown := [words for words, holds in parts.items() if holds is None]:
        if grade == 1:
            return Suggestion(False, "Hy's law: at grade 1 it is met only where all four questions are answered so.")
        return Suggestion("pending", f"Hy's law: not known yet: {', '.join(unknown)}.", "N2")
    return Suggestion(True, f"Hy's law: {', '.join(parts)}.", "N2")


def cycle2_delay(
    *, as_of_day: int, cycle_days: int, begun_day: int | None, because_of_toxicity: bool | None, limit_days: int = 14
) -> Suggestion:
    """Cycle 2 later than the limit because of related toxicity: with 28 and 14 days, from day 44 on.

    because_of_toxicity: what holds cycle 2 back; its cause lies in the window. None is not answered.
    """
    due = cycle_days + 1
    last = due + limit_days
    if begun_day is not None and begun_day < 2:
        raise ValueError(f"begun_day: cycle 2 cannot begin on day {begun_day}")
    begun = begun_day is not None and begun_day <= as_of_day
    if because_of_toxicity is False:
        return Suggestion(False, "Cycle 2 is not held back by related toxicity.")
    if begun and begun_day is not None and begun_day <= last:
        return Suggestion(False, f"Cycle 2 began on day {begun_day}, not more than {limit_days} days late.")
    if not begun and as_of_day <= last:
        decides = last + 1 if because_of_toxicity else None
        return Suggestion("pending", f"Cycle 2, due on day {due}, may begin until day {last}.", "N4", decides)
    when = f"began on day {begun_day}" if begun else f"has not begun on day {as_of_day}"
    return by_cause(f"cycle 2 {when}, more than {limit_days} days late", because_of_toxicity)

"""The DLT criteria that no single event can meet: Hy's law (N2), missed doses and a late cycle 2 (N4).

Pure, exact (products of fractions, no float), without a clock. docs/domain.md, section 4. Each answers as
`dlt.suggest` does; the readers decide.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from .dlt import event as dlt
from .dlt.event import Suggestion

Number = Decimal | int


def suggest(event: dlt.Event, criteria: Mapping[str, bool], window_days: int) -> Suggestion:
    """Does the event meet a DLT criterion on its own, or with the other liver tests of its time (Hy's law)?"""
    alone = dlt.suggest(event, criteria, window_days)
    return gravest([alone, hys_law(event, window_days)]) if criteria.get("N2", True) else alone


def gravest(found: Sequence[Suggestion]) -> Suggestion:
    """What several rules say together: a DLT if one says so, else what is open, the last first; else the first."""
    certain = next((said for said in found if said.suggested is True), None)
    return certain or next((said for said in reversed(found) if said.suggested), found[0])


def hys_law(event: dlt.Event, window_days: int) -> Suggestion:
    """ALT or AST > 3 × ULN and bilirubin > 2 × ULN, ALP < 2 × ULN, no other cause; what is not known stays open.

    Asked of a raised liver test from grade 2 on: below that neither limit can have been passed from a normal baseline.
    """
    if event.term not in dlt.LIVER or event.grade < 2:
        return Suggestion(False, "Not a raised liver test of grade 2 or higher.")
    if not 1 <= event.onset_day <= window_days:
        return Suggestion(False, f"The values of day {event.onset_day} are outside the window of {window_days} days.")
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
        return Suggestion("pending", f"Hy's law: not known yet: {', '.join(unknown)}.", "N2")
    return Suggestion(True, f"Hy's law: {', '.join(parts)}.", "N2")


def missed_doses(
    *,
    doses: Mapping[str, tuple[Number, Number]],
    window_over: bool,
    because_of_toxicity: bool | None,
    limit: Number = Decimal("0.25"),
) -> Suggestion:
    """More than the limit of the planned mg of any one drug missed because of related toxicity.

    doses: (planned, taken) of each drug over the whole window. Exactly the limit is not more.
    """
    for drug, (planned, taken) in doses.items():
        if planned < 0 or taken < 0:
            raise ValueError(f"doses: {drug} cannot be below 0 mg")
    short = [
        drug
        for drug, (planned, taken) in doses.items()
        if Fraction(planned) - Fraction(taken) > Fraction(limit) * Fraction(planned)
    ]
    if not short:
        return Suggestion(False, "No drug was missed beyond the limit.")
    words = f"more than the limit of {' and '.join(short)} missed"
    if because_of_toxicity is False:
        return Suggestion(False, f"{words[0].upper()}{words[1:]}, but not because of related toxicity.")
    if not window_over:
        return Suggestion("pending", f"Not taken yet, or missed: {' and '.join(short)}.", "N4")
    return _by_cause(words, because_of_toxicity)


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
    return _by_cause(f"cycle 2 {when}, more than {limit_days} days late", because_of_toxicity)


def _by_cause(words: str, because_of_toxicity: bool | None) -> Suggestion:
    words = f"{words[0].upper()}{words[1:]}"
    if because_of_toxicity is None:
        return Suggestion("pending", f"{words}: because of related toxicity?", "N4", relation_missing=True)
    return Suggestion(True, f"{words}, because of related toxicity.", "N4")

"""The DLT criteria that an event can meet by itself (docs/domain.md, section 4; for CTCAE 6.0 section 6). Pure.

How the text is read where it leaves room: docs/decisions/2026-11-23-dlt-readings.md and 2026-11-29-dlt-readings.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from .days import Stretch
from .event import Event, Suggestion
from .names import (
    CD4,
    ELECTROLYTES,
    FATIGUE,
    FEBRILE,
    GUT,
    HYPERGLYCEMIA,
    HYPONATREMIA,
    LYMPHOCYTES,
    NEUTROPHILS,
    PLATELETS,
    SEVEN,
    WHITE_CELLS,
    WITHIN_72H,
    kinds,
)
from .version import TODAY, Reading

CRITERIA: dict[str, str] = {
    "H1": "Neutrophils grade 4 for 7 days or more",
    "H2": "Febrile neutropenia grade 3 or higher",
    "H3": "Platelets grade 4",
    "H4": "Platelets grade 3 or higher with clinically significant bleeding or transfusion",
    "H5": "Any other haematological event of grade 4 or higher but lymphocytes and CD4; white cells for 7 days or more",
    "N1": "Any other related non-haematological event of grade 3 or higher, with the protocol's exceptions",
    "N2": "Hy's law: ALT or AST above 3 × ULN with bilirubin above 2 × ULN, ALP below 2 × ULN, no other cause",
    "N3": "Death, unless clearly due to myeloma or to an outside cause",
    "N4": "More than 25 % of the planned dose of any drug missed, or cycle 2 delayed by more than 14 days, "
    "because of related toxicity",
}
# Where CTCAE 6.0 has other grades than 5.0 (docs/domain.md, section 6): the criterion by its lowest value.
BY_VALUE: dict[str, str] = {
    "H1": "Neutrophils below 0.5 × 10^9/L for 7 days or more",
    "H3": "Platelets below 25 × 10^9/L",
    "H4": "Platelets below 50 × 10^9/L with clinically significant bleeding or transfusion",
    "H5": "Any other haematological event of grade 4 or higher but lymphocytes and CD4; white cells below 1.0 × 10^9/L "
    "for 7 days or more",
}
HELD_BY = {NEUTROPHILS: 3, PLATELETS: 3, WHITE_CELLS: 4}  # the lowest grade of 6.0 that may hold such a value
PROVEN_BY = {NEUTROPHILS: 3, PLATELETS: 4, WHITE_CELLS: 4}  # and the lowest that can hold no other
NEVER_H5 = frozenset({NEUTROPHILS, PLATELETS, FEBRILE, LYMPHOCYTES, CD4})
NEVER_N1 = frozenset({NEUTROPHILS, PLATELETS, FEBRILE})  # theirs are H1 to H4, on or off
WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a protocol asks of an event, and by which version of the rules it is asked."""

    on: Mapping[str, bool] = field(default_factory=dict)  # by criterion; what is left out is on
    window_days: int = 28
    exception_grade: int = 3  # the highest that the exceptions of N1 cover
    haematological: frozenset[str] = kinds(SEVEN["5.0"])
    ctcae: str = "5.0"
    reading: Reading = TODAY

    def asks(self, criterion: str) -> bool:
        return self.on.get(criterion, True)

    def is_haematological(self, event: Event) -> bool:
        return event.kind in self.haematological or event.kind in NEVER_N1

    def by_value(self, event: Event) -> bool:
        """Whether the criteria ask for the event's lowest value instead of its grade."""
        return self.ctcae == "6.0" and self.reading.by_value and event.kind in HELD_BY


def words(criterion: str, ctcae: str = "5.0") -> str:
    """The criterion as the protocol's CTCAE version has it."""
    return (BY_VALUE if ctcae == "6.0" else CRITERIA).get(criterion, CRITERIA[criterion])


def judge(event: Event, rules: Rules, found: Sequence[Stretch] = ()) -> Suggestion:
    """Does the event meet a criterion by itself? found: its stretches of days by grade; none: it is one stretch.

    Each stretch is judged by itself, whenever the event began: what counts is when that grade began and how long it
    lasted. What is asked of the event (relations, answers, lowest value) holds for each.
    """
    if not found:
        return suggest(event, rules)
    return gravest([suggest(during(event, stretch), rules) for stretch in found], rules.reading)


def during(event: Event, stretch: Stretch) -> Event:
    """The event as it was in one stretch of its days; its lowest value is of one whose grade can hold it."""
    value = event.value if stretch.grade >= HELD_BY.get(event.kind, 1) else None
    return replace(event, grade=stretch.grade, onset_day=stretch.onset_day, end_day=stretch.end_day, value=value)


def gravest(found: Sequence[Suggestion], reading: Reading = TODAY) -> Suggestion:
    """What several judgements say together: a DLT if one says so; else what is open, first what is suspected at once,
    then the last; else the first."""
    open_ = [said for said in reversed(found) if said.suggested]
    certain = next((said for said in found if said.suggested is True), None)
    if certain is None and reading.suspicion_before_questions:
        certain = next((said for said in open_ if said.at_once), None)
    return certain or next(iter(open_), found[0])


def suggest(event: Event, rules: Rules) -> Suggestion:
    """Does one stretch of an event meet a criterion?"""
    if event.onset_day < 1:
        return Suggestion(False, "It began before the first dose.")
    if event.onset_day > rules.window_days:
        return Suggestion(False, f"It began on day {event.onset_day}, after the window of {rules.window_days} days.")
    if event.grade is None:
        return _without_grade(event, rules)
    if event.grade < 3 and not (rules.by_value(event) and event.value is not None):
        return Suggestion(False, f"Grade {event.grade} meets no criterion.")
    found = [
        meets(event, rules)
        for criterion, meets in _JUDGES.items()
        if rules.asks(criterion) and _concerns(criterion, event, rules)
    ]
    best = next((s for s in found if s.suggested is True), None) or next(
        (s for s in found if s.suggested == "pending" and s.at_once),
        next((s for s in found if s.suggested == "pending"), None),
    )
    if best is None:
        return found[-1] if found else Suggestion(False, f"No criterion covers {event.term}, grade {event.grade}.")
    if best.criterion == "N3" or event.related:
        return best
    if event.related is None:
        because = f"{best.criterion}: {best.because} Its relation to a drug is not answered yet."
        return Suggestion("pending", because, best.criterion, at_once=best.suggested is True or best.at_once)
    return Suggestion(False, "It is related to no study drug.")


def _without_grade(event: Event, rules: Rules) -> Suggestion:
    """The patient is pending until the grade is known; suspected at once where no grade could clear the event, or where
    it is serious."""
    found = [suggest(replace(event, grade=grade), rules) for grade in event.grades]
    if all(said.suggested is False for said in found):
        return Suggestion(False, f"{found[0].because} Whatever its grade, it meets no criterion.")
    if all(said.suggested is True or said.at_once for said in found):
        sure = next((said for said in found if said.suggested is True), found[0])
        return replace(sure, because=f"{event.term}, grade not given yet: every grade of it would meet a criterion.")
    because = f"{event.term}: its grade is not given yet."
    if event.serious:
        because = f"{event.term}: serious, and its grade is not given yet."
    return Suggestion("pending", because, _of(found), at_once=event.serious)


def _of(found: Sequence[Suggestion]) -> str | None:
    """The criterion that a missing grade could make the event meet, when it can only be one."""
    could = {said.criterion for said in found if said.suggested}
    return could.pop() if len(could) == 1 else None


def _concerns(criterion: str, event: Event, rules: Rules) -> bool:
    """A death is judged by the death criterion alone, while that is on."""
    if event.grade == 5 and rules.asks("N3"):
        return criterion == "N3"
    return {
        "H1": event.kind == NEUTROPHILS,
        "H2": event.kind == FEBRILE,
        "H3": event.kind == PLATELETS,
        "H4": event.kind == PLATELETS,
        "H5": rules.is_haematological(event) and event.kind not in NEVER_H5,
        "N1": not rules.is_haematological(event),
        "N3": False,
    }[criterion]


def _h1(event: Event, rules: Rules) -> Suggestion:
    return _for_a_week(event, rules, "H1", "Neutrophils", Decimal("0.5"))


def _for_a_week(event: Event, rules: Rules, criterion: str, name: str, below: Decimal) -> Suggestion:
    """Grade 4, or under CTCAE 6.0 a value below the bound, for seven days or more."""
    reached = _reached(event, rules, below)
    at = f"{name} {_at(event, rules, below)}"
    if reached is False:
        return Suggestion(False, f"{at} meets no criterion.")
    if event.days < WEEK and event.end_day is not None:
        return Suggestion(False, f"{at} for {event.days} days, fewer than {WEEK}.")
    if reached is None:
        return _asks_value(event, criterion, at, sure=event.days >= WEEK and _proven(event))
    if event.days >= WEEK:
        return Suggestion(True, f"{at} for {event.days} days.", criterion)
    return Suggestion("pending", f"{at}: a DLT if it lasts {WEEK} days.", criterion, event.onset_day + WEEK - 1)


def _h2(event: Event, rules: Rules) -> Suggestion:
    return Suggestion(True, f"Febrile neutropenia grade {event.grade}.", "H2")


def _h3(event: Event, rules: Rules) -> Suggestion:
    reached = _reached(event, rules, Decimal(25))
    at = f"Platelets {_at(event, rules, Decimal(25))}"
    if reached is None:
        return _asks_value(event, "H3", at, sure=_proven(event))
    return Suggestion(True, f"{at}.", "H3") if reached else Suggestion(False, f"{at}: H3 is not met.")


def _h4(event: Event, rules: Rules) -> Suggestion:
    at = f"Platelets {_at(event, rules, Decimal(50))}"
    reached = _reached(event, rules, Decimal(50), grade=3)
    if reached is False:
        return Suggestion(False, f"{at} meets no criterion.")
    answers = (event.says("bleeding"), event.says("transfusion"))
    if True not in answers and None not in answers:
        return Suggestion(False, f"{at} without bleeding or transfusion.")
    if reached is None:
        return _asks_value(event, "H4", at, sure=True in answers)
    if True in answers:
        return Suggestion(True, f"{at} with bleeding or transfusion.", "H4")
    return Suggestion("pending", f"{at}: was there bleeding or a transfusion?", "H4")


def _h5(event: Event, rules: Rules) -> Suggestion:
    if event.kind == WHITE_CELLS:
        return _for_a_week(event, rules, "H5", "White cells", Decimal(1))
    if event.grade is not None and event.grade < 4:
        return Suggestion(False, f"{event.term} below grade 4 meets no criterion.")
    return Suggestion(True, f"{event.term}, grade {event.grade}, is haematological.", "H5")


def _reached(event: Event, rules: Rules, below: Decimal, grade: int = 4) -> bool | None:
    """Whether the event is of the grade, or its lowest value under the bound; None: the value is not known."""
    assert event.grade is not None
    if not rules.by_value(event):
        return event.grade >= grade
    if event.value is not None:
        return event.value < below
    return None if event.grade >= HELD_BY[event.kind] else False


def _at(event: Event, rules: Rules, below: Decimal) -> str:
    if not rules.by_value(event):
        return f"grade {event.grade}"
    if event.value is None:
        return f"grade {event.grade} of CTCAE 6.0"
    word = "below" if event.value < below else "not below"
    return f"at {event.value.normalize():f} × 10^9/L, {word} {below},"


def _proven(event: Event) -> bool:
    """Whether the grade alone holds no value but one under the bound."""
    return event.grade is not None and event.grade >= PROVEN_BY[event.kind]


def _asks_value(event: Event, criterion: str, at: str, *, sure: bool) -> Suggestion:
    """sure: no value of that grade could clear the event, so the readers are asked at once."""
    return Suggestion("pending", f"{at}: what was the lowest value?", criterion, at_once=sure)


def _n1(event: Event, rules: Rules) -> Suggestion:
    assert event.grade is not None
    if event.grade < 3:
        return Suggestion(False, f"Grade {event.grade} meets no criterion.")
    dlt = Suggestion(True, f"{event.term}, grade {event.grade}, is not haematological and no exception holds.", "N1")
    if event.grade > rules.exception_grade and not (event.grade == 5 and not rules.reading.exceptions_end_below_death):
        return dlt
    if event.kind == FATIGUE:
        if event.days > WEEK:
            return dlt
        if event.end_day is not None:
            return Suggestion(False, f"Fatigue for {event.days} days; up to {WEEK} days are excepted.")
        return Suggestion("pending", "Fatigue: a DLT if it lasts more than 7 days.", "N1", event.onset_day + WEEK)
    if event.kind in GUT:
        return _within_72h(event, rules, dlt)
    if event.kind in ELECTROLYTES:
        if event.kind == HYPONATREMIA and event.says("asymptomatic") is False:
            return dlt
        answer = _within_72h(event, rules, dlt)
        if event.kind == HYPONATREMIA and answer.suggested is False and event.says("asymptomatic") is None:
            return Suggestion("pending", "Hyponatremia: was it without symptoms?", "N1")
        return answer
    if event.kind == HYPERGLYCEMIA:
        answers = (event.says("steroid_related"), event.says("controlled_within_72h"))
        if None in answers and False not in answers:
            return Suggestion("pending", "Hyperglycemia: was it due to the steroid and under control?", "N1")
        if all(answers):
            return Suggestion(False, "Steroid hyperglycaemia under control is excepted.")
    return dlt


def _within_72h(event: Event, rules: Rules, dlt: Suggestion) -> Suggestion:
    """Excepted when over, or answered as controlled or corrected, by the first date + 3; from then on a DLT.

    An answer that clears never beats a date; one that does not clear holds beside shorter dates too.
    """
    question = WITHIN_72H[event.kind]
    answer, word = event.says(question), question.partition("_")[0]
    if answer and rules.reading.dates_beat_answers and (contradicted := beyond_72h(event)):
        return replace(dlt, because=f"{event.term}: answered as {word} within 72 hours, but {contradicted}.")
    last = event.onset_day + 3
    if answer or (answer is None and event.end_day is not None and event.end_day <= last):
        return Suggestion(False, f"{event.term} {word} within 72 hours is excepted.")
    if answer is False or event.as_of_day > last:
        return dlt
    return Suggestion("pending", f"{event.term}: was it {word} within 72 hours?", "N1", last + 1)


def beyond_72h(event: Event) -> str:
    """How the days of the stretch go past the first date + 3, in words; "" when they do not."""
    if event.last_day <= event.onset_day + 3:
        return ""
    return f"it {'was' if event.end_day else 'is'} still at that grade on day {event.last_day}, after day " + str(
        event.onset_day + 3
    )


def _n3(event: Event, rules: Rules) -> Suggestion:
    if event.says("due_to_myeloma"):
        return Suggestion(False, "Death clearly due to myeloma: no DLT; the patient is not evaluable.")
    if event.says("outside_cause"):
        return Suggestion(False, "Death clearly due to an outside cause.")
    if None in (event.says("due_to_myeloma"), event.says("outside_cause")):
        return Suggestion("pending", "Death: the cause is open.", "N3", at_once=True)
    return Suggestion(True, "Death, neither due to myeloma nor to an outside cause.", "N3")


_JUDGES: dict[str, Callable[[Event, Rules], Suggestion]] = {
    "H1": _h1,
    "H2": _h2,
    "H3": _h3,
    "H4": _h4,
    "H5": _h5,
    "N1": _n1,
    "N3": _n3,
}

"""From an adverse event to the count: DLT criteria, readers' verdicts, evaluability (docs/domain.md, section 4).

Pure: numbers and words in, a verdict with its reason out. Days are study days: day 1 is the date of the
first dose of any study drug. A qualifier or relation that is None has not been answered yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

CRITERIA: dict[str, str] = {
    "H1": "Neutrophils grade 4 for 7 days or more",
    "H2": "Febrile neutropenia grade 3 or higher",
    "H3": "Platelets grade 4",
    "H4": "Platelets grade 3 or higher with clinically significant bleeding or transfusion",
    "N1": "Any other related non-haematological event of grade 3 or higher, with the protocol's exceptions",
    "N2": "Hy's law: ALT or AST above 3 × ULN with bilirubin above 2 × ULN, ALP below 2 × ULN, no other cause",
    "N3": "Death, unless clearly due to myeloma or to an outside cause",
    "N4": "More than 25 % of the planned dose of any drug missed, or cycle 2 delayed by more than 14 days, "
    "because of related toxicity",
}
RELATED = frozenset({"possible", "probable", "definite"})
DEGREES = RELATED | {"unrelated", "unlikely"}
HYS_LAW = ("alt_or_ast_above_3_uln", "bilirubin_above_2_uln", "alp_below_2_uln", "other_cause")
QUALIFIERS = (
    "bleeding",
    "transfusion",
    "controlled_within_72h",
    "corrected_within_72h",
    "asymptomatic",
    "steroid_related",
    "due_to_myeloma",
    "outside_cause",
    *HYS_LAW,
)
NEUTROPHILS, PLATELETS, FEBRILE = "Neutrophil count decreased", "Platelet count decreased", "Febrile neutropenia"
HAEMATOLOGICAL = frozenset(
    {
        "Anemia",
        NEUTROPHILS,
        PLATELETS,
        "White blood cell decreased",
        "Lymphocyte count decreased",
        "CD4 lymphocytes decreased",
        "Leukocytosis",
    }
)
FATIGUE = "Fatigue"
GUT = frozenset({"Nausea", "Vomiting", "Diarrhea", "Anorexia"})
HYPONATREMIA, HYPERGLYCEMIA = "Hyponatremia", "Hyperglycemia"
ELECTROLYTES = frozenset(
    {
        HYPONATREMIA,
        "Hypernatremia",
        "Hypokalemia",
        "Hyperkalemia",
        "Hypocalcemia",
        "Hypercalcemia",
        "Hypomagnesemia",
        "Hypermagnesemia",
        "Hypophosphatemia",
        "Hyperphosphatemia",
    }
)
LIVER = frozenset(
    {"Alanine aminotransferase increased", "Aspartate aminotransferase increased", "Blood bilirubin increased"}
)
# The questions that a criterion asks about a term; forms show just these.
ASKS: dict[str, tuple[str, ...]] = {
    PLATELETS: ("bleeding", "transfusion"),
    HYPERGLYCEMIA: ("steroid_related", "controlled_within_72h"),
    **dict.fromkeys(GUT, ("controlled_within_72h",)),
    **dict.fromkeys(ELECTROLYTES, ("corrected_within_72h",)),
    HYPONATREMIA: ("corrected_within_72h", "asymptomatic"),
    **dict.fromkeys(LIVER, HYS_LAW),
}
DEATH_ASKS = ("due_to_myeloma", "outside_cause")

Suggested = bool | Literal["pending"]


@dataclass(frozen=True, slots=True)
class Event:
    """One adverse event. Raises ValueError, which names the field and the rule."""

    term: str
    grade: int
    onset_day: int
    as_of_day: int
    relations: Mapping[str, str | None]  # by drug
    end_day: int | None = None  # None: ongoing
    soc: str = ""
    qualifiers: Mapping[str, bool | None] | None = None

    def __post_init__(self) -> None:
        if not self.term.strip():
            raise ValueError("term: must not be empty; the criteria go by the term")
        if isinstance(self.grade, bool) or self.grade not in range(1, 6):
            raise ValueError(f"grade: must be from 1 to 5, got {self.grade}")
        if self.end_day is not None and self.end_day < self.onset_day:
            raise ValueError(f"end_day: {self.end_day} is before onset_day {self.onset_day}")
        if self.as_of_day < self.onset_day:
            raise ValueError(f"as_of_day: {self.as_of_day} is before onset_day {self.onset_day}")
        for drug, degree in self.relations.items():
            if degree is not None and (not isinstance(degree, str) or degree not in DEGREES):
                raise ValueError(
                    f"relations: {drug} is {degree!r}; must be one of {', '.join(sorted(DEGREES))} or null"
                )
        for name, said in (self.qualifiers or {}).items():
            if name not in QUALIFIERS:
                raise ValueError(f"qualifiers: {name!r} is unknown; known are {', '.join(QUALIFIERS)}")
            if said is not None and not isinstance(said, bool):
                raise ValueError(f"qualifiers: {name} must be true, false or null, got {said!r}")

    def says(self, qualifier: str) -> bool | None:
        return (self.qualifiers or {}).get(qualifier)

    @property
    def related(self) -> bool | None:
        """To at least one drug; None while an answer that could make it so is missing."""
        degrees = list(self.relations.values())
        if any(degree in RELATED for degree in degrees):
            return True
        return None if not degrees or None in degrees else False

    @property
    def days(self) -> int:
        """Duration so far: last day - first day + 1."""
        return (self.as_of_day if self.end_day is None else self.end_day) - self.onset_day + 1


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the criteria say of an event; "pending" while time or a missing answer may still decide."""

    suggested: Suggested
    because: str
    criterion: str | None = None
    decides_on_day: int | None = None
    relation_missing: bool = False  # a criterion is met, if only the event is related


def suggest(event: Event, criteria: Mapping[str, bool], window_days: int) -> Suggestion:
    """Does the event meet a DLT criterion? criteria: each of CRITERIA that is left out counts as on."""
    if event.onset_day < 1:
        return Suggestion(False, "It began before the first dose.")
    if event.onset_day > window_days:
        return Suggestion(False, f"It began on day {event.onset_day}, after the window of {window_days} days.")
    if event.grade < 3:
        return Suggestion(False, f"Grade {event.grade} meets no criterion.")
    found = [
        judge(event)
        for criterion, judge in _JUDGES.items()
        if criteria.get(criterion, True) and _concerns(criterion, event, criteria)
    ]
    best = next((s for s in found if s.suggested is True), None) or next(
        (s for s in found if s.suggested == "pending"), None
    )
    if best is None:
        return found[-1] if found else Suggestion(False, f"No criterion covers {event.term}, grade {event.grade}.")
    if best.criterion == "N3" or event.related:
        return best
    if event.related is None:
        because = f"{best.criterion}: {best.because} Its relation to a drug is not answered yet."
        return Suggestion("pending", because, best.criterion, relation_missing=best.suggested is True)
    return Suggestion(False, "It is related to no study drug.")


def _concerns(criterion: str, event: Event, criteria: Mapping[str, bool]) -> bool:
    """A death is judged by the death criterion alone, while that is on."""
    if event.grade == 5 and criteria.get("N3", True):
        return criterion == "N3"
    return {
        "H1": event.term == NEUTROPHILS,
        "H2": event.term == FEBRILE,
        "H3": event.term == PLATELETS,
        "H4": event.term == PLATELETS,
        "N1": event.term not in HAEMATOLOGICAL and event.term != FEBRILE,
        "N3": False,
    }[criterion]


def _h1(event: Event) -> Suggestion:
    if event.grade < 4:
        return Suggestion(False, "Neutrophils below grade 4 meet no criterion.")
    if event.days >= 7:
        return Suggestion(True, f"Neutrophils grade 4 for {event.days} days.", "H1")
    if event.end_day is not None:
        return Suggestion(False, f"Neutrophils grade 4 for {event.days} days, fewer than 7.")
    return Suggestion("pending", "Neutrophils grade 4: a DLT if it lasts 7 days.", "H1", event.onset_day + 6)


def _h2(event: Event) -> Suggestion:
    return Suggestion(True, f"Febrile neutropenia grade {event.grade}.", "H2")


def _h3(event: Event) -> Suggestion:
    if event.grade < 4:
        return Suggestion(False, "Platelets below grade 4.")
    return Suggestion(True, f"Platelets grade {event.grade}.", "H3")


def _h4(event: Event) -> Suggestion:
    answers = (event.says("bleeding"), event.says("transfusion"))
    if True in answers:
        return Suggestion(True, f"Platelets grade {event.grade} with bleeding or transfusion.", "H4")
    if None in answers:
        return Suggestion("pending", f"Platelets grade {event.grade}: was there bleeding or a transfusion?", "H4")
    return Suggestion(False, f"Platelets grade {event.grade} without bleeding or transfusion.")


def _n1(event: Event) -> Suggestion:
    dlt = Suggestion(True, f"{event.term}, grade {event.grade}, is not haematological and no exception holds.", "N1")
    if event.term == FATIGUE:
        if event.days > 7:
            return dlt
        if event.end_day is not None:
            return Suggestion(False, f"Fatigue for {event.days} days; up to 7 days are excepted.")
        return Suggestion("pending", "Fatigue: a DLT if it lasts more than 7 days.", "N1", event.onset_day + 7)
    if event.term in GUT:
        return _within_72h(event, dlt, event.says("controlled_within_72h"), "controlled")
    if event.term in ELECTROLYTES:
        if event.term == HYPONATREMIA and event.says("asymptomatic") is False:
            return dlt
        answer = _within_72h(event, dlt, event.says("corrected_within_72h"), "corrected")
        if event.term == HYPONATREMIA and answer.suggested is False and event.says("asymptomatic") is None:
            return Suggestion("pending", "Hyponatremia: was it without symptoms?", "N1")
        return answer
    if event.term == HYPERGLYCEMIA:
        answers = (event.says("steroid_related"), event.says("controlled_within_72h"))
        if None in answers and False not in answers:
            return Suggestion("pending", "Hyperglycemia: was it due to the steroid and under control?", "N1")
        if all(answers):
            return Suggestion(False, "Steroid hyperglycaemia under control is excepted.")
    return dlt


def _within_72h(event: Event, dlt: Suggestion, answer: bool | None, word: str) -> Suggestion:
    """Excepted when over, or answered as controlled or corrected, by the first date + 3; from then on a DLT."""
    last = event.onset_day + 3
    if answer or (answer is None and event.end_day is not None and event.end_day <= last):
        return Suggestion(False, f"{event.term} {word} within 72 hours is excepted.")
    if answer is False or event.as_of_day > last:
        return dlt
    return Suggestion("pending", f"{event.term}: was it {word} within 72 hours?", "N1", last + 1)


def _n3(event: Event) -> Suggestion:
    if event.says("due_to_myeloma"):
        return Suggestion(False, "Death clearly due to myeloma: no DLT; the patient is not evaluable.")
    if event.says("outside_cause"):
        return Suggestion(False, "Death clearly due to an outside cause.")
    if None in (event.says("due_to_myeloma"), event.says("outside_cause")):
        return Suggestion("pending", "Death: the cause is open.", "N3")
    return Suggestion(True, "Death, neither due to myeloma nor to an outside cause.", "N3")


_JUDGES = {"H1": _h1, "H2": _h2, "H3": _h3, "H4": _h4, "N1": _n1, "N3": _n3}


def adjudicate(verdicts: Mapping[str, bool]) -> Literal["suspected", "dlt", "not_dlt"]:
    """Readers' verdicts by "first", "second", "third": two who agree decide; "not a DLT" needs two as well."""
    first, second = verdicts.get("first"), verdicts.get("second")
    if first is None or second is None:
        return "suspected"
    decided = first if first == second else verdicts.get("third")
    return "suspected" if decided is None else "dlt" if decided else "not_dlt"


def event_state(suggestion: Suggestion, flagged: bool, verdicts: Mapping[str, bool]) -> str:
    """ "none", "open" (time or an answer may still decide), "suspected", "dlt" or "not_dlt".

    A death whose cause is open is suspected at once (criterion N3), and so is a missing relation.
    """
    if verdicts:
        return adjudicate(verdicts)
    if flagged or suggestion.suggested is True:
        return "suspected"
    if suggestion.suggested == "pending":
        return "suspected" if suggestion.criterion == "N3" or suggestion.relation_missing else "open"
    return "none"

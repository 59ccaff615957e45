"""What goes on with an event, beside what is changed of it: an answer that was missing, the next grade, the end.

Who follows an event up says what is new, and needs no reason; whoever changes what was recorded gives one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ..event_words import GOES_ON, Action, Graded, Outcome
from .report import EventReport

# Facts, of which an empty one is not answered yet.
ANSWERS = (
    "ended_on",
    "lowest_value",
    "peak_value",
    "peak_unit",
    "peak_uln",
    "aware_on",
    "aware_at",
    "sent_at",
    "specified",
)
MARKS = ("suspected", "delays_cycle_2", "doses_missed", "serious")  # yes is said of something new, no is the rule
UNSETTLED = {None, Outcome.UNKNOWN, *GOES_ON}
BEFORE = {None, Action.NONE, Action.UNKNOWN, Action.HELD, Action.REDUCED}  # an action that another one may follow


LABELS = {
    "term": "the term",
    "onset_on": "the onset",
    "grade": "a grade that was given",
    "ended_on": "the end",
    "lowest_value": "the lowest value",
    **dict.fromkeys(("peak_value", "peak_unit", "peak_uln"), "the peak value"),
    "aware_on": "when the site learned of it",
    "aware_at": "when the site learned of it",
    "sent_at": "when the sponsor was told",
    "specified": "the words of the event",
    "suspected": "the suspicion of a DLT",
    "delays_cycle_2": "what holds cycle 2",
    "doses_missed": "what doses were missed for",
    "serious": "that it is serious",
    "outcome": "the outcome",
    "serious_criteria": "why it is serious",
    "narrative": "what was told of it",
    "relations": "a relation that was given",
    "qualifiers": "an answer that was given",
    "actions": "what was done about a drug",
}


def corrects(was: EventReport, now: EventReport) -> str:
    """The first recorded fact that is changed or taken back, by its field; "" when the event is only followed up."""
    if was.term != now.term:
        return "term"
    if not (was.onset.first <= now.onset.first and now.onset.last <= was.onset.last):
        return "onset_on"
    if not _goes_on(was.history, now.history):
        return "grade"
    for field in ANSWERS:
        if getattr(was, field) not in (None, "", getattr(now, field)):
            return field
    for field in MARKS:
        if getattr(was, field) and not getattr(now, field):
            return field
    if now.outcome != was.outcome and was.outcome not in UNSETTLED:
        return "outcome"
    if not set(was.serious_criteria) <= set(now.serious_criteria):
        return "serious_criteria"
    if not now.narrative.startswith(was.narrative.rstrip()):
        return "narrative"
    if _changed(was.relations, now.relations):
        return "relations"
    if _changed(was.qualifiers, now.qualifiers):
        return "qualifiers"
    actions = now.actions or {}
    taken_back = any(
        said != actions.get(drug) and (said not in BEFORE or drug not in actions)
        for drug, said in (was.actions or {}).items()
    )
    return "actions" if taken_back else ""


def _changed(was: Mapping[Any, Any], now: Mapping[Any, Any]) -> bool:
    """Whether an answer that was given is another one now, or none."""
    return any(said is not None and now.get(key) != said for key, said in was.items())


def _goes_on(was: Sequence[Graded], now: Sequence[Graded]) -> bool:
    """Whether grades were only given that were missing, and new ones only added at the end. The first has no day."""
    days = [step.on for step in was[1:]] == [step.on for step in now[1 : len(was)]]
    return days and all(old.grade in (None, new.grade) for old, new in zip(was, now[: len(was)], strict=True))

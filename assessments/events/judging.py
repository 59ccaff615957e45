"""A typed or stored event beside the DLT criteria: which are met, which are open, and what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from trial.dates import Partial, later, study_day
from trial.protocol_settings import ProtocolSettings

from .. import course_rules, terms
from ..dlt import criteria as dlt_criteria
from ..dlt import event as dlt
from ..dlt import names
from ..dlt.criteria import CRITERIA, Rules
from ..dlt.days import Step, stretches
from ..dlt.version import TODAY, Reading
from ..models import Relation

NOT_BY_ONE_EVENT = {"N4"}  # doses missed: the course says it


@dataclass(frozen=True, slots=True)
class Criterion:
    code: str
    words: str
    met: bool | None  # None: time or a missing answer may still decide
    apart: bool = False  # it is on, and not judged by this event


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the DLT panel says. `state` as of `dlt.event_state`, before any reader has answered."""

    title: str = ""
    sentence: str = ""
    tone: str = ""
    state: str = "none"
    consequences: Sequence[str] = ()
    criteria: Sequence[Criterion] = field(default=())


def rules(settings: ProtocolSettings, reading: Reading = TODAY) -> Rules:
    """What a protocol version asks of an event. reading: by another version of the rules, for a replay."""
    listed = settings.haematological or names.SEVEN[settings.ctcae_version]
    return Rules(
        on=settings.criteria,
        window_days=settings.window_days,
        exception_grade=settings.exception_grade,
        haematological=names.kinds(listed),
        ctcae=settings.ctcae_version,
        reading=reading,
    )


@dataclass(frozen=True, slots=True)
class GradedFrom:
    """From this study day on the event had this grade; None waits for the investigator."""

    day: int
    grade: int | None


def suggest(event: dlt.Event, rules: Rules, steps: Sequence[GradedFrom] = ()) -> dlt.Suggestion:
    """What the criteria say of an event, each stretch of its grades judged by itself.

    steps: its grades from the onset on; one or none: the event is one stretch. What waits for a grade from a day on had
    at least the grade before, and may have any.
    """
    if len(steps) < 2:
        return course_rules.suggest(event, rules)
    known = [Step(step.day, step.grade) for step in steps if step.grade is not None]
    waiting = [replace(event, grade=None, onset_day=step.day) for step in steps if step.grade is None]
    said = [course_rules.suggest(one, rules) for one in waiting]
    if known:
        found = stretches(known, event.end_day)
        judged = course_rules.suggest(event, rules, found)
        if judged.suggested is False:  # of several that clear it the sentence about the worst grade
            judged = course_rules.suggest(event, rules, [one for one in found if one.grade == found[-1].grade])
        said.insert(0, judged)
    return dlt_criteria.gravest(said, rules.reading)


def rises(steps: Sequence[GradedFrom]) -> list[int]:
    """The days on which an event began or got worse."""
    found, highest = [], 0
    for step in steps:
        if step.grade is None or step.grade > highest:
            found.append(step.day)
            highest = step.grade or highest
    return found


def criteria(event: dlt.Event, settings: ProtocolSettings, steps: Sequence[GradedFrom] = ()) -> list[Criterion]:
    """Each criterion that is on, judged alone: N4 by the doses of the window, Hy's law of liver tests only."""
    found = []
    asked = rules(settings)
    for code in CRITERIA:
        if not asked.asks(code):
            continue
        words = dlt_criteria.words(code, asked.ctcae)
        if code in NOT_BY_ONE_EVENT or (code == "N2" and event.kind not in names.LIVER):
            by = "the doses of the window" if code in NOT_BY_ONE_EVENT else "liver tests"
            found.append(Criterion(code, f"{words}. Judged by {by}", met=False, apart=True))
            continue
        alone = {other: other == code for other in CRITERIA}
        if event.grade == 5 and asked.asks("N3"):
            alone["N3"] = True  # a death is judged by the death criterion, while that is on
        said = suggest(event, replace(asked, on=alone), steps)
        mine = said.criterion == code
        met: bool | None = mine if said.suggested is True else None if said.suggested == "pending" and mine else False
        found.append(Criterion(code, f"{words}. {said.because}" if met is None else words, met))
    return found


def study_event(
    *,
    term: str,
    soc: str,
    grade: int | None,
    onset_on: date,
    ended_on: date | None,
    relations: Mapping[str, str | None],
    qualifiers: Mapping[str, bool | None],
    first_dose: date,
    today: date,
    value: Decimal | None = None,
    serious: bool = False,
    ctcae: str = "5.0",
) -> dlt.Event:
    """The event in study days. Raises ValueError for what the criteria cannot judge (an end before the onset)."""
    onset = study_day(onset_on, first_dose)
    listed = terms.all_terms(ctcae).get(term)
    return dlt.Event(
        term=term,
        soc=soc,
        grade=grade,
        onset_day=onset,
        end_day=study_day(ended_on, first_dose) if ended_on else None,
        as_of_day=max(study_day(today, first_dose), onset),
        relations=relations,
        qualifiers=qualifiers,
        value=value,
        serious=serious,
        grades=listed.grades if listed else dlt.ALL_GRADES,
    )


def possible_onsets(
    onset: Partial, ended_on: date | None, *, today: date, first_dose: date, window_days: int
) -> list[date]:
    """The days to judge an onset by that is known in part: each one of the window, and one on either side of it."""
    first, last = onset.first, max(onset.first, min(onset.last, ended_on or today, today))
    opens, closes = first_dose, later(first_dose, window_days - 1)
    inside = [later(opens, k) for k in range(window_days) if first <= later(opens, k) <= last]
    return [*([first] if first < opens else []), *inside, *([last] if last > closes else [])] or [first]


def gravest(found: Sequence[Judgement], onset: Partial) -> Judgement:
    """What the days of an onset would mean at most; the same of all of them where the day is known."""
    most = max(found, key=lambda one: (["none", "open", "suspected"].index(one.state), bool(one.title)))
    return replace(most, sentence=in_part(onset, most.sentence)) if onset.known else most


def in_part(onset: Partial, because: str) -> str:
    """Why, of an event whose day of onset is not known: what depends on it waits until it is."""
    return f"The onset is known as {onset.shown} only: the day is asked for. {because}"


def judge(
    event: dlt.Event, settings: ProtocolSettings, *, flagged: bool, first_dose: date, level: str,
    steps: Sequence[GradedFrom] = (),
) -> Judgement:  # fmt: skip
    """The panel beside the form: what these answers mean for the count, before they are saved."""
    said = suggest(event, rules(settings), steps)
    worse = rises(steps or [GradedFrom(event.onset_day, event.grade)])
    in_window = any(1 <= day <= settings.window_days for day in worse)
    state = dlt.event_state(said, flagged and in_window, {})
    rows = [row for row in criteria(event, settings, steps) if row.met is not False] if in_window else []
    where = f"Onset on day {event.onset_day} of {settings.window_days}, {related(event.relations)}."
    if not in_window:
        return Judgement("Outside the DLT window", said.because, "", state)
    if state == "suspected":
        consequences = [
            "It is recorded as a suspected DLT and counts as pending.",
            f"Enrolment at level {level} and above stops now; the readers are told.",
        ]
        if said.suggested is True:
            title, tone = "This meets a DLT criterion", "red"
        elif said.suggested == "pending":
            title, tone = "This is a suspected DLT until it is answered", "red"
        else:
            title, tone = "You ask for DLT verdicts", "amber"
        sentence = f"{said.criterion}: {said.because}" if said.suggested is True else said.because
        return Judgement(title, f"{sentence} {where}", tone, state, consequences, rows)
    if state == "open":
        until = "The patient stays pending until it is answered."
        if said.decides_on_day:
            decides = later(first_dose, said.decides_on_day - 1)
            until = f"It is decided on day {said.decides_on_day} ({decides:%-d %b %Y}); the patient stays pending."
        return Judgement("This may become a DLT", f"{said.because} {where}", "amber", state, [until], rows)
    return Judgement("No DLT criterion is met", f"{said.because} {where}", "", state, (), rows)


def related(relations: Mapping[str, str | None]) -> str:
    """ "possibly related to selinexor and ruxolitinib", by the strongest degree that was answered."""
    for degree in reversed(Relation.Degree.values):
        drugs = [drug for drug, said in relations.items() if said == degree]
        if drugs and degree in dlt.RELATED:
            return f"{Relation.Degree(degree).label.lower()} related to {_and(drugs)}"
    open_ = [drug for drug, said in relations.items() if said is None]
    return f"relation to {_and(open_)} not answered yet" if open_ else "related to no study drug"


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def asked(term: str, grade: int | None) -> tuple[str, ...]:
    """The questions that a criterion asks about this term and grade."""
    return names.ASKS.get(term, ()) + (names.DEATH_ASKS if grade == 5 else ())


def asks_value(term: str, ctcae: str) -> bool:
    """Whether the criteria go by the lowest value of this term (CTCAE 6.0)."""
    return ctcae == "6.0" and names.kind(term) in dlt_criteria.HELD_BY


def grade_help(term: str, grade: Any, ctcae: str) -> str:
    """Which grades CTCAE has for the term, and whether the chosen one is among them."""
    if not terms.soc(term, ctcae):
        return ""
    grades = terms.grades(term, ctcae)
    has = (
        f"CTCAE has grades {', '.join(map(str, grades))} for this term."
        if len(grades) > 1
        else f"CTCAE has only grade {grades[0]} for this term."
    )
    if grade is not None and grade not in grades:
        return f"There is no grade {grade}. {has}"
    return has

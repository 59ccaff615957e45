"""What a changed definition of a DLT would have read otherwise from the first patient on: events, and decisions.

Each decision that took effect is asked again on the record that its signers had, by the version of the rules and under
the design of then; only the definition is the other one. None is played on: what an earlier one would have changed for
the patients after it nobody knows. Nothing is written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assessments.count import otherwise
from assessments.count.otherwise import EventRead
from assessments.count.queries import PatientFacts
from assessments.dlt import version as rules
from assessments.dlt.event import Suggestion
from trial.protocol_settings import ProtocolSettings

from .. import engines, words
from ..engine import terms as engine
from ..models import Decision
from ..situation import past, queries
from ..situation.situation import OUTCOME_OF, RANK, Situation, with_labels
from . import effect


@dataclass(frozen=True, slots=True)
class EventRow:
    number: int
    code: str
    title: str
    graded: str
    when: str  # "day 12"
    patient: str
    was: str  # "DLT by H3", "no criterion met"
    now: str
    because: str
    readers: str  # "read: DLT"


@dataclass(frozen=True, slots=True)
class PatientTurned:
    code: str
    was: str
    now: str
    because: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The recommendation at a decision, or today, and under the other definition."""

    decision: Decision | None  # None: today
    was: str
    now: str
    because: str
    patients: Sequence[PatientTurned]  # who would count otherwise
    same: bool  # the recommendation stays
    bolder: bool  # what was decided would have been bolder than the recommendation


@dataclass(frozen=True, slots=True)
class Otherwise:
    events: Sequence[EventRow]
    of: int  # events in all
    decisions: Sequence[Asked]  # those that would have come out otherwise
    alike: Sequence[int]  # numbers of those with the same recommendation on patients who would count otherwise
    asked: int  # decisions in all
    today: Asked | None  # None: nobody counts otherwise today
    limits: Sequence[str]  # what cannot be done or told, a sentence each


def read(here: Situation, settings: ProtocolSettings) -> Otherwise:
    """A flat number of queries."""
    now = otherwise.read(here.records, here.facts, settings, here.today, here.reading)
    today = _asked(None, here, now.facts)
    decisions = list(here.in_force)
    moments = [(d.rev - 1, d.proposed_at, rules.reading_of(d.rules_version) or rules.TODAY) for d in decisions]
    asked = []
    for decision, then in zip(decisions, past.situations(here, moments), strict=True):
        if then is not None and any(f.dosed for f in then.facts):
            found = otherwise.read(then.records, then.facts, settings, then.today, then.reading)
            asked.append(_asked(decision, then, found.facts))
    return Otherwise(
        events=[_event(one) for one in now.events],
        of=sum(len(f.events) for f in here.facts),
        decisions=[one for one in asked if not one.same],
        alike=[one.decision.number for one in asked if one.same and one.patients and one.decision],
        asked=len(decisions),
        today=today if today.patients else None,
        limits=list(_limits(here, settings)),
    )


def _limits(here: Situation, now: ProtocolSettings) -> Iterator[str]:
    was = here.protocol.settings
    if mixed := effect.mixed(was, now):
        yield f"{mixed} This can be read here, not put in force."
        yield (
            f"Grades stand as they were given by CTCAE {was.ctcae_version}: which of them CTCAE {now.ctcae_version} "
            "would give otherwise cannot be told."
        )
    totals = [f.patient.code for f in here.facts if f.doses and not (f.course and f.course.recorded)]
    if totals and was.window_days != now.window_days:
        yield (
            f"Of {words.count(len(totals), 'patient')} the doses are recorded as totals over the window of then: "
            f"enough drug is judged by them, for what was taken in {now.window_days} days cannot be told."
        )


def _event(one: EventRead) -> EventRow:
    event = one.was.event
    return EventRow(
        number=event.number,
        code=event.code,
        title=event.title,
        graded=event.graded,
        when=one.was.day_words,
        patient=one.patient.patient.code,
        was=_said(one.was.suggestion),
        now="pending: lowest value not recorded" if one.untold else _said(one.now),
        because=one.now.because,
        readers=READERS.get(one.was.state, ""),
    )


READERS = {"suspected": "its readers have it", "dlt": "read: DLT", "not_dlt": "read: not a DLT"}


def _said(found: Suggestion) -> str:
    by = f" by {found.criterion}" if found.criterion else ""
    if found.suggested is True:
        return f"DLT{by}"
    if found.suggested == "pending":
        return f"{'suspected' if found.at_once else 'pending'}{by}"
    return "no criterion met"


def _asked(decision: Decision | None, then: Situation, facts: Sequence[PatientFacts]) -> Asked:
    protocol = then.protocol
    inputs = queries.engine_inputs(protocol, facts, queries.closed_by_committee(protocol, then.in_force))
    advice = engines.recommend(inputs)
    labels, six = [level.label for level in protocol.levels], protocol.settings.a + protocol.settings.b
    return Asked(
        decision=decision,
        was=words.advised(then.advice.action, then.advice.level, labels, six),
        now=words.advised(advice.action, advice.level, labels, six),
        because=with_labels(advice.because, labels),
        patients=[
            PatientTurned(f.patient.code, words.OUTCOMES[was.outcome], words.OUTCOMES[f.outcome], f.because)
            for was, f in zip(then.facts, facts, strict=True)
            if was.outcome != f.outcome
        ],
        same=(then.advice.action, then.advice.level) == (advice.action, advice.level),
        bolder=decision is not None and _bolder(decision, advice),
    )


def _bolder(decision: Decision, advice: engine.Recommendation) -> bool:
    """Whether the committee could not have decided it on that recommendation."""
    if decision.outcome not in RANK:
        return False
    recommended = OUTCOME_OF[advice.action]
    if RANK[decision.outcome] != RANK[recommended]:
        return RANK[decision.outcome] > RANK[recommended]
    return decision.position is not None and decision.position > advice.level

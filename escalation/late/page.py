"""From late changes to what their page and endpoint show: what changed, what was decided then, what is said now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from assessments.events import sight
from trial import verbs
from trial.roles import May

from .. import engines as queries
from .. import words
from ..display.reader import ELSEWHERE, View
from ..display.rows import decided
from ..engine import terms as engine
from ..models import Decision
from ..situation import situation as standing
from ..situation.changes import Late, answered_by, grouped, said_numbers
from ..stored import inputs as stored_inputs
from .causes import Cause, causes
from .record import after


@dataclass(frozen=True, slots=True)
class Step:
    """One action that changed how a patient counts, or took the change back."""

    number: int  # of the audit trail
    at: datetime
    who: str
    what: str  # "DLT verdict given"
    event: str  # "AE 4", "" when it was none or this reader may not read it
    url: str  # the event, else the patient; "" for a reader of another site
    audit_url: str
    was: str
    now: str
    restored: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """A patient who counts differently from what certain decisions had."""

    late: Late
    patient: str
    url: str
    level: str  # enrolment is held here and above
    steps: Sequence[Step]
    answer: Decision | None  # the decision that answered it


@dataclass(frozen=True, slots=True)
class Stood:
    """A decision that stands on a changed basis: decided then, and on the same patients as they count now."""

    decision: Decision
    on: date
    url: str
    decided: str
    recommended: str
    now: str  # what the engine says to the decision's own patients as they count now
    because: str
    patients: str
    restored: bool  # every change of its basis is taken back

    @property
    def same(self) -> bool:
        return self.now == self.recommended


@dataclass(frozen=True, slots=True)
class LatePage:
    open: Sequence[Changed]
    answered: Sequence[Changed]  # the latest first
    decisions: Sequence[Stood]  # those that open changes touch, in order
    held: Sequence[str]  # the dose levels that are held by them, lowest first
    says: str  # the engine now, on all patients
    because: str
    last: Decision | None  # the last decision in force
    last_decided: str
    may_decide: bool
    proposed: Decision | None


def late_page(view: View) -> LatePage:
    here = view.here
    known = causes(here.trial.pk, {change.rev for change in here.basis_changes})
    still = {change.pk for change in here.changes}
    past = [change for change in here.basis_changes if change.pk not in still]
    answered: dict[int, list[Any]] = {}
    for change in past:
        if answer := answered_by(change, here.in_force):
            answered.setdefault(answer.number, []).append(change)
    by_number = {d.number: d for d in here.in_force}
    lowest = min((late.position for late in here.late), default=None)
    last = here.in_force[-1] if here.in_force else None
    return LatePage(
        open=[_changed(view, late, known, None) for late in here.late],
        answered=[
            _changed(view, late, known, by_number[number])
            for number in sorted(answered, reverse=True)
            for late in grouped(answered[number], here.protocol)
        ],
        decisions=[_stood(view, d) for d in here.in_force if any(c.decision_id == d.pk for c in here.changes)],
        held=view.labels[lowest - 1 :] if lowest else [],
        says=words.advised(here.advice.action, here.advice.level, view.labels, view.six),
        because=here.because,
        last=last,
        last_decided=decided(last, view.record.ladders.get(last.protocol_id, view.labels)) if last else "",
        may_decide=view.scope.may(May.SIGN_DECISION) and bool(here.changes),
        proposed=here.proposed,
    )


def _changed(view: View, late: Late, known: Mapping[int, Cause], answer: Decision | None) -> Changed:
    facts = next(f for f in view.here.facts if f.patient.pk == late.patient.pk)
    was, steps = late.was, []
    for row in late.steps:
        cause = known[row.rev]
        reads = cause.event is not None and sight.reads(view.scope, facts)
        event = cause.event if reads else None
        steps.append(
            Step(
                number=row.rev,
                at=cause.action.at,
                who=_who(cause),
                what=verbs.verb(cause.action.verb),
                event=event.code if event else "",
                url=view.url("assessments:event", event.number) if event else view.patient_url(late.patient),
                audit_url=view.url("trial:audit") if view.scope.may(May.READ_AUDIT) else "",
                was=was,
                now=row.now,
                restored=bool(row.restored),
            )
        )
        was = row.now
    name = view.patient(facts)
    return Changed(
        late=late,
        patient=name,
        url=view.patient_url(late.patient) if name != ELSEWHERE else "",
        level=view.labels[late.position - 1],
        steps=steps,
        answer=answer,
    )


def _who(cause: Cause) -> str:
    """Not for a verdict: the event's own page says who read it, to those who may know."""
    if cause.action.verb == "verdict.give":
        return "the readers"
    return cause.action.by.name if cause.action.by else "system"


def _stood(view: View, d: Decision) -> Stood:
    labels = view.record.ladders.get(d.protocol_id, view.labels)
    mine = [late for late in view.here.late if any(d.pk == other.pk for other in late.decisions)]
    advice = revised(view, d)
    six = d.protocol.settings["a"] + d.protocol.settings["b"]
    names = [view.patient(f) for f in view.here.facts if any(f.patient.pk == late.patient.pk for late in mine)]
    return Stood(
        decision=d,
        on=d.ending.on,
        url=view.url("escalation:decision", d.number),
        decided=decided(d, labels),
        recommended=words.recommended(d.recommendation, labels, six),
        now=words.advised(advice.action, advice.level, labels, six) if advice else "its inputs cannot be read",
        because=standing.with_labels(advice.because, labels) if advice else "",
        patients=", ".join(names),
        restored=all(late.restored for late in mine),
    )


def revised(view: View, d: Decision) -> engine.Recommendation | None:
    """What the engine says to a decision's own patients, those counted whose standing in it changed as they do now.

    With those who had been dosed by its day and were not among them, without those who had not.

    None when the decision's stored inputs cannot be read.
    """
    if stored_inputs.fault(d.inputs):
        return None
    here = view.here
    labels = view.record.ladders.get(d.protocol_id, view.labels)
    now = {p["patient"]: p for p in here.inputs["patients"]}
    touched = {change.patient.number for change in here.changes if change.decision_id == d.pk}
    later = {f.patient.number for f in here.facts if f.dosed and after(d, f.patient)}
    stood = {was["patient"]: was for was in d.inputs["patients"]}
    patients = []
    for number in [*stood, *sorted(touched - stood.keys())]:
        was, new = stood.get(number), now.get(number) if number in touched else None
        level = view.labels[new["level"] - 1] if new else ""
        if number in touched and (number in later or number not in now):
            continue
        if new and level in labels:
            patients.append((was or new) | {"outcome": new["outcome"], "level": labels.index(level) + 1})
        elif was:
            patients.append(was)
    return queries.recommend(d.inputs | {"patients": patients})


def reason(here: standing.Situation) -> str:
    """What an amending decision answers, for its reason; "" when no basis has changed."""
    if not here.late:
        return ""
    numbers = sorted({d.number for late in here.late for d in late.decisions})
    what = "; ".join(late.what for late in here.late)
    return f"Answers the changed basis of {said_numbers(numbers)}: {what}."

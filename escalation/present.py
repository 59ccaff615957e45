"""From where the trial stands to what its page shows: a `Situation` and its `Record` become a `TrialPage`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from assessments import sight
from assessments.queries import PatientFacts
from patients.models import Patient
from trial import clock
from trial.access import Scope
from trial.forms import shown
from trial.roles import May

from . import blocked, engine, queries, words
from .decisions import changes
from .engine import Action
from .ladder import LadderLevel, LadderPatient, LevelState, PatientState, ladder_figure, ladder_table
from .models import Decision
from .page import (
    DecisionRow,
    EventRow,
    LevelRow,
    Link,
    Outlook,
    RecommendationCard,
    RuleRow,
    TrialPage,
    WindowRow,
)
from .queries import OUTCOME_OF, RANK, Happened, Outcome, Record, Situation

TONES = {
    Action.WAIT: "amber",
    Action.DE_ESCALATE: "red",
    Action.NONE_TOLERATED: "red",
    Action.ESCALATE: "green",
    Action.MTD: "green",
    Action.TOP_TOLERATED: "green",
}
ELSEWHERE = "–"  # stands for the number of another site's patient, before its coordinators


@dataclass(frozen=True)
class View:
    """One reader before one situation: what each part of the page is made from."""

    scope: Scope
    here: Situation
    record: Record
    number: int  # the record's number that is shown
    live: bool = True  # False: the past, read with as_of; no actions

    @cached_property
    def labels(self) -> list[str]:
        return [level.label for level in self.here.protocol.levels]

    @property
    def six(self) -> int:
        return self.here.protocol.settings.a + self.here.protocol.settings.b

    @property
    def rule(self) -> engine.Rule:
        return queries.rule_of(self.here.protocol.settings)

    def url(self, name: str, *args: object) -> str:
        return reverse(name, args=[self.scope.trial.code, *args])

    def level(self, position: int | None) -> str:
        return words.level(self.labels, position)

    def doses(self, position: int) -> str:
        doses = list(self.here.protocol.level(position).doses.all())
        return " / ".join(_amount(d.amount) for d in doses if d.amount is not None)

    @cached_property
    def unit(self) -> str:
        units = {d.unit for level in self.here.protocol.levels for d in level.doses.all() if d.unit}
        return units.pop() if len(units) == 1 else ""

    @cached_property
    def drugs(self) -> str:
        doses = self.here.protocol.levels[0].doses.all() if self.here.protocol.levels else []
        return " / ".join(d.drug.name for d in doses)

    def patient(self, f: PatientFacts) -> str:
        return f.patient.code if sight.numbered(self.scope, f) else ELSEWHERE

    def patient_url(self, patient: Patient) -> str:
        return self.url("patients:patient", patient.code) if self.scope.sees(patient.site_id) else ""

    def pending(self, position: int | None = None) -> list[PatientFacts]:
        found = self.here.facts if position is None else self.here.facts_at(position)
        return [f for f in found if f.outcome in ("pending", "suspected")]

    def said(self, sentence: str) -> str:
        """A sentence of the trial without the numbers that this reader may not know."""
        return sight.veiled(sentence, self.scope, self.here.facts)

    def names(self, found: Sequence[PatientFacts]) -> str:
        named = [self.patient(f) for f in found if self.patient(f) != ELSEWHERE]
        other = len(found) - len(named)
        return ", ".join(named + ([words.count(other, "other")] if other else []))


def trial_page(view: View, *, seen: str, as_of: datetime) -> TrialPage:
    levels, patients = ladder(view)
    on = f"{shown(view.here.on)}, record no. {thousands(view.number)}"
    rows = decision_rows(view)
    primary, others = steps(view)
    return TrialPage(
        url=view.url("escalation:trial"),
        pulse_url=view.url("escalation:pulse"),
        seen=seen,
        headline=headline(view),
        next_change=next_change(view),
        where=where(view),
        as_of=as_of,
        drugs=view.drugs,
        dose_unit=view.unit,
        ladder=ladder_figure(levels, patients, as_of=on),
        ladder_table=ladder_table(levels, patients),
        recommendation=recommendation(view),
        levels=level_rows(view),
        decisions=rows,
        decisions_note=_decisions_note(view),
        windows=windows(view),
        blocked=blocked.rows(view.scope, here=view.here, signatures=view.record.signatures) if view.live else (),
        events=[event_row(view, e) for e in view.record.latest],
        primary=primary,
        others=others,
    )


def unwritten_page(scope: Scope, *, seen: str, as_of: datetime, number: int, live: bool = True) -> TrialPage:
    """The page of a trial whose protocol is still to be written."""
    code = scope.trial.code
    can = live and scope.may(May.WRITE_PROTOCOL)
    who = "" if can else " The medical monitor writes it."
    return TrialPage(
        url=reverse("escalation:trial", args=[code]),
        pulse_url=reverse("escalation:pulse", args=[code]),
        seen=seen,
        headline="The protocol is not written yet",
        next_change=f"First the protocol: dose levels, settings and eligibility criteria.{who}",
        where=f"Record no. {thousands(number)}",
        as_of=as_of,
        drugs="",
        dose_unit="",
        ladder=SafeString(""),
        ladder_table=SafeString(""),
        recommendation=RecommendationCard(
            headline="Nothing to recommend yet",
            because="The engine answers as soon as the protocol names its dose levels.",
            rule="not chosen yet",
            variant="",
            engine="",
            enrolment="closed",
            enrolment_tone="",
            enrolment_because="until decision 0 opens the trial",
        ),
        levels=(),
        primary=Link("Write the protocol", reverse("escalation:amend", args=[code])) if can else None,
    )


# The head of the page


def headline(view: View) -> str:
    """The state of the trial in one sentence."""
    here = view.here
    if end := here.conclusion:
        if rp2d := here.rp2d:
            return f"RP2D: level {rp2d.dose_level.label if rp2d.dose_level else '?'}. {_ended(view, end)}"
        return _ended(view, end)
    position = here.position
    if here.cohort is None or position is None:
        if not here.in_force:
            return f"Not open yet: decision 0 opens the trial at {view.level(here.advice.level)}"
        return "No cohort is open"
    tally, waiting = here.tally(position), view.pending(position)
    state = "closed" if _closed(here, position) else "held" if here.held_at(position) else "open"
    parts = [f"{tally.evaluable} of {here.cohort.places} evaluable", words.count(tally.dlts, "DLT")]
    if waiting:
        ends = [f.window_ends_on for f in waiting if f.window_ends_on]
        over = not ends or max(ends) < here.on
        until = ", window over" if over else f" until {shown(max(ends))}"
        parts.append(f"{len(waiting)} pending{until}")
    return f"{view.level(position).capitalize()} {state}: {', '.join(parts)}"


def _ended(view: View, end: Decision) -> str:
    if end.outcome == Outcome.STOP or end.dose_level is None:
        return "Escalation stopped: no dose level is tolerated"
    position = view.here.protocol.position(end.dose_level_id)
    count = ""
    if position:
        tally = view.here.tally(position)
        count = f" ({tally.dlts}/{tally.evaluable} DLT)"
    if end.recommendation["action"] == Action.TOP_TOLERATED and end.position == end.recommendation["level"]:
        return f"Level {end.dose_level.label}, the top level, is tolerated{count}; the MTD is not reached"
    return f"MTD: level {end.dose_level.label}{count}"


def next_change(view: View) -> str:
    """What happens next, and when at the latest."""
    here = view.here
    if here.proposed:
        signed = len(view.record.signatures.get(here.proposed.pk, ()))
        wanted = here.protocol.settings.signatures
        return f"Decision {here.proposed.number} waits for its signatures: {signed} of {wanted} given."
    if here.conclusion:
        if here.conclusion.outcome == Outcome.MTD and not here.rp2d:
            return "Next: the recommended phase 2 dose, a signed decision at or below this level."
        return "Enrolment has ended; safety follow-up goes on."
    if here.decision_due:
        return f"A decision is due: {_lower(advised(view))}."
    if here.position and (held := here.held_at(here.position)):
        return view.said(held[0].sentence)
    waiting = [f for f in view.pending() if f.window_ends_on and f.window_ends_on >= here.on]
    if waiting:
        last = max(waiting, key=lambda f: f.window_ends_on or date.min)
        assert last.window_ends_on
        who = f"patient {view.patient(last)}" if view.patient(last) != ELSEWHERE else "a patient of another site"
        return f"Next change no later than {shown(last.window_ends_on)}, when {who} completes the window."
    if here.free:
        return f"{words.count(here.free, 'slot')} free at {view.level(here.position)}."
    return view.said(queries.why_closed(here))


def where(view: View) -> str:
    trial = view.scope.trial
    version = view.here.protocol.version.number
    if not view.live:
        return f"As of record no. {thousands(view.number)}, {shown(view.here.on)} · protocol version {version}"
    parts = [trial.label, "illustrative doses" if trial.illustrative and not trial.label else ""]
    parts += [f"protocol version {version}", f"record no. {thousands(view.number)}"]
    return " · ".join(part for part in parts if part)


def steps(view: View) -> tuple[Link | None, list[Link]]:
    """The one next step of this person, and others."""
    scope, here = view.scope, view.here
    if not view.live:
        return Link("See it as it is now", view.url("escalation:trial")), []
    found = []
    if scope.may(May.SIGN_DECISION):
        if here.proposed:
            mine = any(s.user_id == scope.user.pk for s in view.record.signatures.get(here.proposed.pk, ()))
            verb = "Open" if mine else "Sign"
            number = here.proposed.number
            found.append(Link(f"{verb} decision {number}", view.url("escalation:decision", number)))
        elif may_conclude(here) or here.decision_due:
            found.append(Link("Decide and sign", view.url("escalation:decide")))
    if any(sight.turn(scope, f, e) for f in here.facts for e in f.events):
        found.append(Link("Review suspected DLT", view.url("assessments:review")))
    if scope.may(May.REQUEST_SLOT) and here.free:
        found.append(Link("Request a slot", view.url("patients:request_slot")))
    if not found:
        found.append(Link("Escalation", view.url("escalation:escalation")))
        return None, found
    return found[0], found[1:]


def may_conclude(here: Situation) -> bool:
    """Whether an RP2D can be decided now."""
    return bool(here.conclusion and here.conclusion.outcome == Outcome.MTD and not here.rp2d)


# The figure


def ladder(view: View) -> tuple[list[LadderLevel], list[LadderPatient]]:
    here = view.here
    levels = [
        LadderLevel(
            label=f"Level {label}",
            doses=f"{view.doses(position)} {view.unit}".strip(),
            banner=_banner(view, position),
            state=_state(view, position),
        )
        for position, label in enumerate(view.labels, 1)
    ]
    patients = [
        LadderPatient(
            number=view.patient(f),
            level=position - 1,
            state=PatientState(f.outcome),
            cohort=f.patient.cohort.number,
            days_left=f.days_left,
            url=view.patient_url(f.patient),
        )
        for f in here.facts
        if f.dosed and (position := here.protocol.position(f.level.pk))
    ]
    return levels, patients


def _closed(here: Situation, position: int) -> bool:
    return here.advice.closed_from is not None and position >= here.advice.closed_from


def _state(view: View, position: int) -> LevelState:
    here = view.here
    if _closed(here, position):
        return LevelState.CLOSED
    if position == here.position:
        return LevelState.HELD if here.held_at(position) else LevelState.OPEN
    tally = here.tally(position)
    if tally.evaluable + tally.pending == 0:
        return LevelState.UNUSED
    return LevelState.PASSED if _passed(view, position) else LevelState.UNUSED


def _passed(view: View, position: int) -> bool:
    tally = view.here.tally(position)
    return engine.level_says(tally, view.rule).rule in ("R3", "R5", "R7")


def _banner(view: View, position: int) -> str:
    tally = view.here.tally(position)
    if tally.evaluable + tally.pending == 0:
        return "closed" if _closed(view.here, position) else ""
    parts = [f"{tally.dlts}/{tally.evaluable} DLT"]
    if tally.pending:
        parts.append(f"{tally.pending} pending")
    if _closed(view.here, position):
        parts.append("closed")
    elif not tally.pending and position != view.here.position and _passed(view, position):
        parts.append("tolerated")
    return " · ".join(parts)


# The cards


def advised(view: View) -> str:
    return words.advised(view.here.advice.action, view.here.advice.level, view.labels, view.six)


def recommendation(view: View) -> RecommendationCard:
    here, advice = view.here, view.here.advice
    waiting = view.pending()
    said = advised(view)
    if advice.action is Action.WAIT:
        said = f"Wait: {words.count(len(waiting), 'patient')} pending"
    rows = words.rule_rows(view.rule)
    now = next(((n, x) for name, n, x, _ in rows if name == advice.rule), ("", ""))
    enrolment, tone, because = _enrolment(view)
    return RecommendationCard(
        headline=said,
        because=here.because,
        rule=f"{advice.rule}: {now[0]} evaluable, {now[1]} DLT",
        variant=f"{here.protocol.settings.a}+{here.protocol.settings.b}, variant {advice.variant}",
        engine=f"engine {advice.engine_version}",
        tone=TONES.get(advice.action, ""),
        bracket=_bracket(view, waiting),
        closed=f"{view.level(advice.closed_from)} and above" if advice.closed_from else "no level",
        pending="; ".join(_until(view, f) for f in waiting),
        enrolment=enrolment,
        enrolment_tone=tone,
        enrolment_because=because,
        slots=f"{here.free} free" if here.free else "none free" if here.cohort else "",
        warnings=[words.FLAGS[flag] for flag in advice.flags],
        rules=[RuleRow(n, x, says, lit=name == advice.rule) for name, n, x, says in rows],
    )


def _until(view: View, f: PatientFacts) -> str:
    who = view.patient(f) if view.patient(f) != ELSEWHERE else "a patient of another site"
    if f.outcome == "suspected":
        return f"{who}: DLT suspected"
    if f.window_ends_on and f.window_ends_on >= view.here.on:
        return f"{who} until {shown(f.window_ends_on)}"
    return f"{who}: window over, answers awaited"


def _bracket(view: View, waiting: Sequence[PatientFacts]) -> list[Outlook]:
    bracket = view.here.advice.bracket
    if bracket is None:
        return []
    match len(waiting):
        case 1:
            best, worst = f"If {view.names(waiting)} has no DLT", f"If {view.names(waiting)} has a DLT"
        case 2:
            best, worst = "If neither has a DLT", "If both have a DLT"
        case n:
            best, worst = f"If none of the {n} has a DLT", f"If all {n} have a DLT"
    return [
        Outlook(best, words.advised(bracket.best.action, bracket.best.level, view.labels, view.six)),
        Outlook(worst, words.advised(bracket.worst.action, bracket.worst.level, view.labels, view.six)),
    ]


def _enrolment(view: View) -> tuple[str, str, str]:
    here = view.here
    if here.conclusion:
        return "ended", "", f"with decision {here.conclusion.number}"
    if here.cohort is None or here.position is None:
        return "closed", "", view.said(queries.why_closed(here))
    if held := here.held_at(here.position):
        return "held", "red", view.said(" ".join(hold.sentence for hold in held))
    if here.free:
        return "open", "green", f"at {view.level(here.position)}"
    return "full", "amber", view.said(queries.why_closed(here))


def level_rows(view: View) -> list[LevelRow]:
    """The tally, the highest level first."""
    return [_level_row(view, position) for position in range(len(view.labels), 0, -1)]


def _level_row(view: View, position: int) -> LevelRow:
    here, tally = view.here, view.here.tally(position)
    treated = tally.evaluable + tally.pending + tally.replaced

    def count(name: str, n: int) -> Link:
        if not treated:
            return Link("–")
        return Link(str(n), f"{view.url('patients:list')}?level={position}&count={name}" if n and view.live else "")

    says, tone = _says(view, position)
    return LevelRow(
        label=view.labels[position - 1],
        doses=view.doses(position) or "–",
        treated=count("treated", treated),
        evaluable=count("evaluable", tally.evaluable),
        dlts=count("dlt", tally.dlts),
        pending=count("pending", tally.pending),
        replaced=count("replaced", tally.replaced),
        says=says,
        tone=tone,
        current=position == here.position,
    )


def _says(view: View, position: int) -> tuple[str, str]:
    here, tally = view.here, view.here.tally(position)
    rate = f"{tally.dlts}/{tally.evaluable}"
    if _closed(here, position):
        failed = engine.level_says(tally, view.rule).rule == "R1"
        return (f"{rate} failed, closed" if failed else "closed"), "red"
    if tally.evaluable + tally.pending == 0:
        return ("open" if position == here.position else "not opened"), ""
    if tally.pending:
        return f"{rate}, {tally.pending} pending", "amber"
    if _passed(view, position):
        return f"{rate} tolerated", "green"
    return f"{rate}, {engine.level_says(tally, view.rule).words}", "amber"


def windows(view: View) -> list[WindowRow]:
    found = []
    for f in view.pending():
        if f.window_day is None or f.window_days is None:
            continue
        note, tone = "", ""
        if f.outcome == "suspected":
            note, tone = "DLT suspected", "red"
        elif not f.days_left:
            note, tone = f.because, "amber"
        day = min(f.window_day, f.window_days)
        found.append(WindowRow(view.patient(f), day, f.window_days, view.patient_url(f.patient), note, tone))
    return found


# Decisions and actions


def decision_rows(view: View, *, signers: bool = False) -> list[DecisionRow]:
    """All decisions, the latest first."""
    return [decision_row(view, d, signers=signers) for d in reversed(view.record.decisions)]


def decision_row(view: View, d: Decision, *, signers: bool = False) -> DecisionRow:
    ending = getattr(d, "ending", None)
    labels = view.record.ladders.get(d.protocol_id, view.labels)
    settings = d.protocol.settings
    signed = view.record.signatures.get(d.pk, ())
    advice = d.recommendation
    outcome = decided(d, labels)
    if ending and not ending.in_force:
        outcome += " (withdrawn)"
    return DecisionRow(
        number=d.number,
        on=ending.on if ending else clock.clinical_date(d.proposed_at, view.scope.trial.time_zone),
        basis=words.stored_tally(advice, d.inputs, labels),
        recommended=words.advised(advice["action"], advice["level"], labels, settings["a"] + settings["b"]),
        decided=outcome,
        signed=len(signed),
        needed=settings["signatures"],
        url=view.url("escalation:decision", d.number) if view.live else "",
        in_force=bool(ending and ending.in_force),
        basis_changed=any(change.decision_id == d.pk for change in view.record.changes),
        cautious=cautious(d),
        reason=d.reason,
        signers=", ".join(f"{s.name} ({s.get_role_display()})" for s in signed) if signers else "",
    )


def decided(d: Decision, labels: Sequence[str]) -> str:
    level = words.level(labels, d.position)
    match d.outcome:
        case Outcome.STAY:
            return f"Open the trial at {level}" if d.kind == Decision.Kind.OPEN else f"Stay at {level} and fill it"
        case Outcome.ESCALATE | Outcome.DE_ESCALATE:
            return f"{d.get_outcome_display()} to {level}"
        case Outcome.MTD | Outcome.RP2D:
            top = d.outcome == Outcome.MTD and d.position == len(labels)
            name = "MTD" if d.outcome == Outcome.MTD else "RP2D"
            return f"{level.capitalize()} tolerated, MTD not reached" if top else f"{name}: {level}"
    return d.get_outcome_display()


def cautious(d: Decision) -> bool:
    """Whether the committee went less far than the engine said."""
    if d.outcome == Outcome.RP2D:
        return False
    advised_outcome = OUTCOME_OF[Action(d.recommendation["action"])]
    if d.outcome != advised_outcome:
        return RANK[d.outcome] < RANK[advised_outcome]
    return d.position is not None and d.position < d.recommendation["level"]


def replays(d: Decision) -> bool | None:
    """Whether the engine gives the same answer to the stored inputs; None under another engine version."""
    if d.engine_version != engine.VERSION:
        return None
    return engine.as_json(queries.answer(d.inputs)) == d.recommendation


def _decisions_note(view: View) -> str:
    count = len(view.here.in_force)
    if not count:
        return ""
    broken = [str(d.number) for d in view.here.in_force if replays(d) is False]
    if broken:
        return f"{count} in force; decision {', '.join(broken)} does not replay to itself"
    return f"{count} in force, all replay to themselves" if count > 1 else "1 in force, replays to itself"


def event_row(view: View, happened: Happened) -> EventRow:
    event = happened.event
    known = {f.patient.pk: f for f in view.here.facts}
    parts = []
    if number := happened.numbers.get("assessments_adverseevent"):
        parts.append(f"AE {number}")
    if (number := happened.numbers.get("escalation_decision")) is not None:
        parts.append(f"decision {number}")
    if number := happened.numbers.get("trial_protocolversion"):
        parts.append(f"version {number}")
    if event.verb.startswith("slot.") and (number := happened.numbers.get("patients_slot")):
        parts.append(f"slot {number}")
    about = [known[pk] for pk in happened.patients if pk in known]
    if about and len(about) <= 3:
        parts += [f"patient {view.patient(f)}" for f in about if view.patient(f) != ELSEWHERE]
    text = words.verb(event.verb)
    return EventRow(
        text=f"{text}: {', '.join(parts)}" if parts else text,
        at=event.at,
        who=event.by.name if event.by else "system",
        url=view.url("trial:audit") if view.live and view.scope.may(May.READ_AUDIT) else "",
    )


def since_last(view: View) -> tuple[Decision | None, list[str]]:
    """The last decision in force and what changed in the counts since it took effect."""
    if not view.here.in_force:
        return None, []
    last = view.here.in_force[-1]
    found = changes(last.inputs, view.here.inputs)
    return last, [line[0].upper() + line[1:] for line in found]


def thousands(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")


def _amount(amount: Any) -> str:
    return f"{amount.normalize():f}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]

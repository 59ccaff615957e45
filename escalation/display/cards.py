"""The parts of the Trial page that follow from the counts: ladder, recommendation, tally, windows."""

from collections.abc import Sequence

from assessments.count.queries import PatientFacts

from .. import words
from ..engine import rule as engine
from ..engine import terms
from ..engine.terms import Action
from ..situation import queries, stagger
from ..situation.situation import Situation
from ..stored import answer as stored_answer
from ..words import shown
from .firm import firm
from .ladder import LadderLevel, LadderPatient, LevelState, PatientState
from .reader import ELSEWHERE, View
from .types import LevelRow, Link, Outlook, RecommendationCard, RuleRow, WindowRow

TONES = {
    Action.WAIT: "amber",
    Action.DE_ESCALATE: "red",
    Action.NONE_TOLERATED: "red",
    Action.ESCALATE: "green",
    Action.MTD: "green",
    Action.TOP_TOLERATED: "green",
}


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
            apart="" if f.counted else f.patient.role,
            paper=f.patient.from_paper,
        )
        for f in here.facts
        if f.dosed and (position := here.protocol.position(f.level.pk))
    ]
    return levels, patients


def closed(here: Situation, position: int) -> bool:
    return here.advice.closed_from is not None and position >= here.advice.closed_from


def _state(view: View, position: int) -> LevelState:
    here = view.here
    if closed(here, position):
        return LevelState.CLOSED
    if position == here.position:
        return LevelState.HELD if here.held_at(position) else LevelState.OPEN
    tally = here.tally(position)
    if tally.evaluable + tally.pending == 0:
        return LevelState.UNUSED
    return LevelState.PASSED if _passed(view, position) else LevelState.UNUSED


def _passed(view: View, position: int) -> bool:
    tally = view.here.tally(position)
    count = engine.Count(tally.evaluable, tally.dlts, tally.pending)
    return engine.passed(count, view.rule) and not engine.failed(count, view.rule)


def _banner(view: View, position: int) -> str:
    tally = view.here.tally(position)
    if tally.evaluable + tally.pending == 0:
        return "closed" if closed(view.here, position) else ""
    if tally.evaluable:
        parts = [f"{tally.dlts}/{tally.evaluable} DLT", *([f"{tally.pending} pending"] if tally.pending else [])]
    else:
        parts = [f"none evaluable yet, {tally.pending} pending"]
    if closed(view.here, position):
        parts.append("closed")
    elif not tally.pending and position != view.here.position and _passed(view, position):
        parts.append("tolerated")
    return " · ".join(parts)


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
        variant=words.design(view.rule),
        engine=f"engine {advice.engine_version}",
        tone=TONES.get(advice.action, ""),
        bracket=_bracket(view, waiting),
        closed=f"{view.level(advice.closed_from)} and above" if advice.closed_from else "no level",
        pending="; ".join(_until(view, f) for f in waiting),
        enrolment=enrolment,
        enrolment_tone=tone,
        enrolment_because=because,
        slots=_slots(here),
        outside="; ".join(f"{view.level(o.level)}: {_apart(o)}" for o in advice.outside),
        warnings=[
            words.FLAGS[flag] for flag in advice.flags if flag != terms.Flag.CLOSED_LEVEL_USED or _used_closed(view)
        ],
        rules=[RuleRow(n, x, says, lit=name == advice.rule) for name, n, x, says in rows],
        firm=firm(view),
    )


def _used_closed(view: View) -> bool:
    """Whether somebody was treated at a level that a decision had closed by then.

    The engine's flag goes by the counts alone: it stands also where a level was closed after it was used.
    """
    for d in view.here.in_force:
        if stored_answer.fault(d.recommendation) or not d.recommendation["closed_from"]:
            continue
        closed_labels = view.record.ladders.get(d.protocol_id, view.labels)[d.recommendation["closed_from"] - 1 :]
        for f in view.here.facts:
            treatment = getattr(f.patient, "treatment", None)
            if treatment and f.counted and f.level.label in closed_labels and treatment.first_dose_on > d.ending.on:
                return True
    return False


def _slots(here: Situation) -> str:
    if not here.free:
        return "none free" if here.cohort else ""
    opens = stagger.closed_until(here)
    return f"{here.free} free" + (f", next first dose on {shown(opens)} at the earliest" if opens else "")


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
        return Link(
            str(n),
            f"{view.url('patients:list')}?level={position}&count={name}&group=escalation" if n and view.live else "",
        )

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
        rate=_outside(here, position),
        paper=_from_paper(here, position),
        current=position == here.position,
    )


def _from_paper(here: Situation, position: int) -> str:
    """How many of the level's patients were treated outside the system: "2 entered from paper"."""
    n = sum(f.patient.from_paper for f in here.facts_at(position))
    return f"{n} {words.FROM_PAPER}" if n else ""


def _outside(here: Situation, position: int) -> str:
    """Patients at the level who stand outside the count: "outside the count: expansion 1/8, 2 pending"."""
    parts = [_apart(o) for o in here.advice.outside if o.level == position]
    return f"outside the count: {'; '.join(parts)}" if parts else ""


def _apart(o: terms.Outside) -> str:
    return f"{o.role} {words.rate(o.dlts, o.n, o.pending)}"


def _says(view: View, position: int) -> tuple[str, str]:
    here, tally = view.here, view.here.tally(position)
    rate = f"{tally.dlts}/{tally.evaluable}"
    if closed(here, position):
        failed = engine.level_says(tally, view.rule).rule == "R1"
        return (f"{rate} failed, closed" if failed else "closed"), "red"
    if tally.evaluable + tally.pending == 0:
        return ("open" if position == here.position else "not opened"), ""
    if tally.pending:
        said = rate if tally.evaluable else "none evaluable yet"
        return f"{said}, {tally.pending} pending", "amber"
    if _passed(view, position):
        return f"{rate} tolerated", "green"
    return f"{rate}, {engine.level_says(tally, view.rule).words}", "amber"


def windows(view: View) -> list[WindowRow]:
    found = []
    for f in view.pending(outside=True):
        if f.window_day is None or f.window_days is None:
            continue
        note, tone = "", ""
        if f.outcome == "suspected":
            note, tone = "DLT suspected", "red"
        elif not f.days_left:
            note, tone = f.because, "amber"
        over = f.window_complete_since
        day = min(f.window_day, f.window_days)
        found.append(WindowRow(view.patient(f), day, f.window_days, view.patient_url(f.patient), note, tone, over))
    return found

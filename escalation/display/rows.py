"""Decisions and the latest actions as rows of the pages."""

from collections.abc import Sequence

from trial import clock, verbs
from trial.roles import May

from .. import engines, words
from ..engine.terms import Action
from ..models import Decision
from ..situation.basis import changes
from ..situation.history import Happened
from ..situation.situation import OUTCOME_OF, RANK, Outcome, Situation
from ..stored import answer as stored_answer
from ..stored import inputs as stored_inputs
from .reader import ELSEWHERE, View
from .types import DecisionRow, EventRow, PaperRow


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
        recommended=words.recommended(advice, labels, settings["a"] + settings["b"]),
        decided=outcome,
        signed=len(signed),
        needed=settings["signatures"],
        url=view.url("escalation:decision", d.number) if view.live else "",
        in_force=bool(ending and ending.in_force),
        basis_changed=any(change.decision_id == d.pk for change in view.record.changes),
        opening_corrected=view.here.paper_corrected_since(d),
        cautious=cautious(d),
        reason=d.reason,
        signers=", ".join(f"{s.name} ({s.get_role_display()})" for s in signed) if signers else "",
    )


def paper_rows(here: Situation) -> list[PaperRow]:
    """The decisions that were taken outside the system, in order."""
    found = []
    for cohort in here.paper:
        assert cohort.paper_on is not None
        n = sum(f.patient.cohort_id == cohort.pk for f in here.facts)
        found.append(PaperRow(cohort.dose_level.label, cohort.paper_on, cohort.paper_reference or "", n))
    return found


def decided(d: Decision, labels: Sequence[str]) -> str:
    level = words.level(labels, d.position)
    match d.outcome:
        case Outcome.STAY:
            if d.kind == Decision.Kind.OPEN:
                return f"Open the trial at {level}"
            readable = not stored_answer.fault(d.recommendation)
            if readable and d.recommendation["action"] == Action.EXPAND and not cautious(d):
                settings = d.protocol.settings
                return words.advised(Action.EXPAND, d.position or 0, labels, settings["a"] + settings["b"])
            return f"Stay at {level} and fill it"
        case Outcome.ESCALATE | Outcome.DE_ESCALATE:
            return f"{d.get_outcome_display()} to {level}"
        case Outcome.MTD | Outcome.RP2D:
            top = d.outcome == Outcome.MTD and d.position == len(labels)
            name = "MTD" if d.outcome == Outcome.MTD else "RP2D"
            return f"{level.capitalize()} tolerated, MTD not reached" if top else f"{name}: {level}"
    return d.get_outcome_display()


def cautious(d: Decision) -> bool:
    """Whether the committee went less far than the engine said, as far as that can be read."""
    if d.outcome == Outcome.RP2D or stored_answer.fault(d.recommendation):
        return False
    advised_outcome = OUTCOME_OF[Action(d.recommendation["action"])]
    if d.outcome != advised_outcome:
        return RANK[d.outcome] < RANK[advised_outcome]
    return d.position is not None and d.position < d.recommendation["level"]


def replays(d: Decision) -> bool | None:
    """Whether the engine that it was made with gives the same answer to the stored inputs; None: it is not kept."""
    try:
        said = engines.answer(d.engine_version, d.inputs)
    except ValueError:
        return False
    return None if said is None else said == d.recommendation


def decisions_note(view: View) -> str:
    count = len(view.here.in_force)
    if not count:
        return ""
    broken = [str(d.number) for d in view.here.in_force if replays(d) is False]
    if broken:
        return f"{count} in force; decision {', '.join(broken)} re-checked: another answer"
    return f"{count} in force, {'all decisions' if count > 1 else 'the decision'} re-checked: same answer"


def event_row(view: View, happened: Happened) -> EventRow:
    event = happened.event
    known = {f.patient.pk: f for f in view.here.facts}
    about = [known[pk] for pk in happened.patients if pk in known]
    elsewhere = any(view.patient(f) == ELSEWHERE for f in about)
    parts = []
    if (number := happened.numbers.get("assessments_adverseevent")) and not elsewhere:
        parts.append(f"AE {number}")
    if number := happened.numbers.get("trial_protocolversion"):
        parts.append(f"version {number}")
    if event.verb.startswith("slot.") and (number := happened.numbers.get("patients_slot")):
        parts.append(f"slot {number}")
    if about and len(about) <= 3:
        parts += [f"patient {view.patient(f)}" for f in about if view.patient(f) != ELSEWHERE]
    text = verbs.verb(event.verb)
    if (number := happened.numbers.get("escalation_decision")) is not None:
        text = text.replace("Decision", f"Decision {number}")  # "Decision 3 signed", whichever signature it was
    return EventRow(
        text=f"{text}: {', '.join(parts)}" if parts else text,
        at=event.at,
        who=_who(happened),
        url=view.url("trial:audit") if view.live and view.scope.may(May.READ_AUDIT) else "",
    )


def _who(happened: Happened) -> str:
    """Who did it. Not for a verdict: who has read already is nobody's business before both readers have."""
    if happened.event.verb == "verdict.give":
        return "a reader"
    return happened.event.by.name if happened.event.by else "system"


def since_last(view: View) -> tuple[Decision | None, list[str]]:
    """The last decision in force and what changed in the counts since it took effect."""
    if not view.here.in_force:
        return None, []
    last = view.here.in_force[-1]
    now = view.here.inputs
    if wrong := stored_inputs.fault(last.inputs):
        return last, [f"Its stored inputs cannot be read: {wrong}"]
    # Levels are closed by decisions only: what differs there is this decision's own effect.
    found = [
        view.said(line) for line in changes(last.inputs | {"closed_by_committee": now["closed_by_committee"]}, now)
    ]
    return last, [line[0].upper() + line[1:] for line in found]

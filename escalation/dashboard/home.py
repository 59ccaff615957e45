"""A trial on the home page of one person: its card and what waits for him there, kept while nothing has changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from trial.models import Trial, User
from trial.people import access
from trial.people.access import Scope
from trial.people.entry import Stamp
from trial.record.kept import Kept
from trial.roles import May, Role

from ..engine.terms import Action
from ..situation import queries
from ..situation.situation import Held, Situation
from . import waiting
from .waiting import Waiting

TONES = {
    Action.WAIT: "amber",
    Action.ENROL: "green",
    Action.EXPAND: "green",
    Action.ESCALATE: "green",
    Action.DE_ESCALATE: "red",
    Action.NONE_TOLERATED: "red",
}


@dataclass(frozen=True, slots=True)
class Card:
    """One trial as this person sees it. `state` is "" where its data is not for him; `written`: it has a protocol."""

    trial: Trial
    role: str = ""
    board: bool = False  # he begins at the dashboard
    written: bool = True
    level: str = ""
    slots: str = ""
    pending: int = 0
    state: str = ""
    tone: str = ""
    next: str = ""
    waiting: Sequence[Waiting] = ()


_kept: Kept[Card] = Kept(most=2000)


def cards(user: User, trials: Sequence[Trial]) -> list[Card]:
    """In the order of `trials`; a trial whose record, day and reader are as before is not read again."""
    scopes, stamps = access.scopes(user, trials), queries.stamps([trial.pk for trial in trials])
    return [_card(trial, scopes.get(trial.pk), stamps.get(trial.pk)) for trial in trials]


def _card(trial: Trial, scope: Scope | None, at: Stamp | None) -> Card:
    if scope is None or at is None or not scope.may(May.READ):
        return Card(trial)
    key = (trial.pk, scope.user.pk)
    version = ".".join([at.head, queries.token(scope, at), *at.besides["decisions"]])
    known = _kept.get(key, version)
    if known is None:
        known = _read(scope, queries.here(scope, at))
        _kept.put(key, version, known)
    return known


def _read(scope: Scope, here: Situation | None) -> Card:
    if here is None:
        mine = scope.may(May.WRITE_PROTOCOL)
        return Card(
            scope.trial, scope.role_label, written=False, state="protocol not written", tone="amber",
            next="Write the protocol: it comes first." if mine else "The medical monitor writes the protocol.",
            waiting=[Waiting("Write the protocol", "escalation:amend")] if mine else (),
        )  # fmt: skip
    level = slots = ""
    if here.cohort and here.position:
        tally = here.tally(here.position)
        level = here.protocol.level(here.position).label
        slots = f"{tally.evaluable + tally.pending + here.taken}/{here.cohort.places}"
    state, tone = _state(here)
    return Card(
        scope.trial,
        scope.role_label,
        board=scope.role == Role.DSMB,
        level=level,
        slots=slots,
        pending=sum(f.outcome in ("pending", "suspected") for f in here.facts),
        state=state,
        tone=tone,
        next=here.because,
        waiting=waiting.things(scope, here),
    )


def _state(here: Situation) -> tuple[str, str]:
    damaged = next((hold.decision for hold in here.holds if hold.kind is Held.Kind.UNREADABLE), None)
    if damaged is not None:
        return f"stored answer of decision {damaged} cannot be read, held", "red"
    if here.changes:
        return "basis changed, held", "red"
    if here.rp2d:
        return "RP2D signed", "green"
    if end := here.conclusion:
        return ("stopped", "red") if end.outcome == "stop" else ("escalation ended", "green")
    if here.position and here.held_at(here.position):
        return "held", "red"
    if here.proposed:
        return f"decision {here.proposed.number} waits for signatures", "amber"
    if not here.in_force:
        return "not opened", "amber"
    if here.decision_due:
        return "decision due", "amber"
    return here.advice.action.replace("_", " "), TONES.get(here.advice.action, "")

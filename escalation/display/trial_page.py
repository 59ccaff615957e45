"""From where the trial stands to what its page shows: the head of the page, and its parts put together."""

from collections.abc import Sequence
from datetime import date, datetime

from django.urls import reverse
from django.utils.safestring import SafeString

from assessments.events import sight
from trial.people.access import Scope
from trial.roles import May

from .. import words
from ..engine.terms import Action
from ..models import Decision
from ..protocol.draft import doses_illustrative
from ..situation import queries
from ..situation.situation import Outcome, Situation
from ..words import shown
from . import cards, rows, safety
from .ladder import ladder_figure
from .ladder_table import ladder_table
from .reader import ELSEWHERE, View
from .types import BlockedRow, Link, RecommendationCard, TrialPage


def trial_page(
    view: View,
    *,
    seen: str,
    as_of: datetime | None,
    blocked: Sequence[BlockedRow] = (),
    besides: Sequence[BlockedRow] = (),
    in_window: int = 0,
    visited: int | None = None,
) -> TrialPage:
    """blocked, besides: what a decision waits for and what else is missing; a page of the past has neither.
    in_window: of how many patients the DLT window still runs.

    visited: the record number that this reader saw on his last visit.
    """
    levels, patients = cards.ladder(view)
    primary, others = steps(view)
    decided_at, decided = safety.since_decision(view)
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
        ladder=ladder_figure(levels, patients, as_of=on_record(view)),
        ladder_table=ladder_table(levels, patients),
        recommendation=cards.recommendation(view),
        levels=cards.level_rows(view),
        decisions=rows.decision_rows(view),
        paper=rows.paper_rows(view.here),
        decisions_note=rows.decisions_note(view),
        windows=cards.windows(view),
        blocked=blocked,
        besides=besides,
        in_window=in_window,
        events=[rows.event_row(view, e) for e in view.record.latest],
        news=safety.news_rows(view, decided_at, seen=visited),
        news_since=decided,
        primary=primary,
        others=others,
    )


def unwritten_page(scope: Scope, *, seen: str, as_of: datetime | None, number: int) -> TrialPage:
    """The page of a trial whose protocol is still to be written."""
    code = scope.trial.code
    can = scope.may(May.WRITE_PROTOCOL)
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
        if here.paper and not here.in_force:
            return "Brought in from paper: the first decision signed here opens enrolment"
        if not here.in_force:
            return f"Not open yet: decision 0 opens the trial at {view.level(here.advice.level)}"
        return "No cohort is open"
    tally, waiting = here.tally(position), view.pending(position)
    state = "closed" if cards.closed(here, position) else "held" if here.held_at(position) else "open"
    parts = [f"{tally.evaluable} of {here.cohort.places} evaluable", f"{tally.dlts} DLT"]
    if waiting:
        ends = [f.window_ends_on for f in waiting if f.window_ends_on]
        over = not ends or max(ends) < here.on
        until = ", window over" if over else f" until {shown(max(ends))}"
        parts.append(f"{len(waiting)} pending{until}")
    return f"{view.level(position).capitalize()} {state}: {', '.join(parts)}"


def _ended(view: View, end: Decision) -> str:
    if end.outcome == Outcome.STOP or end.dose_level is None:
        return "Escalation stopped: no dose level is tolerated"
    position = view.here.protocol.position(end.dose_level.pk)
    count = ""
    if position:
        tally = view.here.tally(position)
        count = f" ({tally.dlts}/{tally.evaluable} DLT)"
    if view.here.unreadable(end.number):
        return f"Escalation has ended with decision {end.number}, whose stored answer cannot be read"
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
    if not (here.in_force or here.paper):
        return f"Decision 0 is due: it opens {view.level(here.advice.level)}."
    if here.decision_due:
        what = "An amending decision" if here.changes else "A decision"
        return f"{what} is due: {_lower(cards.advised(view))}."
    if here.position and (held := here.held_at(here.position)):
        return view.said(held[0].sentence)
    open_here = view.pending(here.position) if here.position else []
    if waiting := [f for f in open_here if f.window_ends_on and f.window_ends_on >= here.on]:
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
    shipped = trial.illustrative or doses_illustrative(view.here.protocol.levels)
    parts = [trial.label, "illustrative doses" if shipped else ""]
    parts += [f"protocol version {version}", f"record no. {thousands(view.number)}"]
    return " · ".join(part for part in parts if part)


def on_record(view: View) -> str:
    return f"{shown(view.here.on)}, record no. {thousands(view.number)}"


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
            text = "Write the amending decision" if here.changes else "Decide and sign"
            found.append(Link(text, view.url("escalation:decide")))
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


def thousands(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]

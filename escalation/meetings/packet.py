"""The packet of a meeting: everything that its members read, as it was at the frozen cut.

Call `view_of` and `packet` inside `ledger.as_of(cut.trial_id, cut.record)`: all of it then comes from the row images.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from assessments.count.queries import PatientFacts
from assessments.dlt.version import TODAY, Reading, reading_of
from assessments.events import sight
from assessments.events.facts import EventFacts
from assessments.models import Relation
from trial import clock
from trial.dates import shown, study_day
from trial.people.access import Scope

from .. import words
from ..display import safety
from ..display.reader import ELSEWHERE, View
from ..display.trial_page import trial_page
from ..display.types import BlockedRow, LevelRow, Link, NewsRow, TrialPage
from ..outstanding import blocked
from ..situation import history
from ..situation import queries as escalation
from ..situation.basis import changes
from ..situation.situation import Situation
from .models import DataCut

SEVERE = 3  # the packet tells events of this grade on, and every one that was read as a DLT or is serious
STATES = {
    "none": "no DLT criterion met",
    "open": "a DLT criterion cannot be answered yet",
    "suspected": "DLT suspected, not adjudicated",
    "dlt": "DLT",
    "not_dlt": "read: not a DLT",
}


@dataclass(frozen=True, slots=True)
class PacketPatient:
    patient: str
    url: str
    counted: str  # "No DLT"
    because: str
    window: str  # "day 16 of 28", "window complete since 8 Dec 2026"
    events: int | None  # None: of another site, not for this reader
    outside: str  # "", "expansion", "backfill"
    paper: bool  # treated outside the system, entered from paper


@dataclass(frozen=True, slots=True)
class PacketLevel:
    """The patients behind one line of the tally."""

    anchor: str  # by position: a label may hold anything
    label: str
    patients: Sequence[PacketPatient]


@dataclass(frozen=True, slots=True)
class PacketEvent:
    code: str
    url: str
    patient: str
    paper: bool  # the patient was treated outside the system
    level: str
    title: str
    graded: str
    when: str  # "day 11 to day 18", "from day 11, ongoing"
    serious: bool
    state: str
    is_dlt: bool
    narrative: Sequence[str]  # what happened, then sentences: relation, and each reader's verdict with its reason


@dataclass(frozen=True, slots=True)
class Packet:
    page: TrialPage
    levels: Sequence[LevelRow]  # the tally; each number leads to its level's patients below
    patients: Sequence[PacketLevel]  # the highest level first
    events: Sequence[PacketEvent]
    others: int  # events that this reader may see and the packet does not tell
    blocked: Sequence[BlockedRow]
    in_window: int  # patients whose DLT window still ran
    since: str  # "cut 1 of meeting 1, 3 Mar 2026"; "" for the first meeting
    changed: Sequence[str]
    news: Sequence[NewsRow]  # deaths and serious events since


def view_of(scope: Scope, cut: DataCut, today: Situation | None = None) -> View:
    """The reader before the trial as it stood at the cut, read under `as_of` it. today: read before that."""
    here = escalation.situation(scope.trial, clock.Today(cut.on, cut.at), number=cut.record, reading=reading(cut))
    assert here is not None, "a cut is frozen after the protocol is written"
    return View(scope, here, history.record(here, cut.record), cut.record, live=False, today=today)


def packet(view: View, cut: DataCut, before: DataCut | None) -> Packet:
    """Read under `as_of` the cut. before: the cut that the members read the last time."""
    scope, here = view.scope, view.here
    page = trial_page(view, seen="", as_of=None if scope.trial.simulated else cut.at)
    seen = [(f, e) for f in here.facts for e in f.events if sight.reads(scope, f)]
    told = [(f, e) for f, e in seen if _told(e)]
    return Packet(
        page=page,
        levels=[_leading(row, _anchor(len(page.levels) - k)) for k, row in enumerate(page.levels)],
        patients=_levels(view),
        events=[_event(view, f, e) for f, e in told],
        others=len(seen) - len(told),
        blocked=blocked.missing_rows(scope, here),
        in_window=blocked.in_window(here),
        since=f"cut {before.number} of meeting {before.meeting.number}, {words.shown(before.on)}" if before else "",
        changed=_changed(view, cut, before),
        news=safety.news_rows(view, before.record if before else 0),
    )


def reading(cut: DataCut) -> Reading:
    """The rules by which the cut was frozen: members read what they read then, whatever is mended since."""
    return reading_of(cut.rules_version) or TODAY


def _told(e: EventFacts) -> bool:
    return (
        e.event.grade is None
        or e.event.grade >= SEVERE
        or e.event.serious
        or e.state in ("suspected", "dlt", "not_dlt")
    )


def _anchor(position: int) -> str:
    return f"level-{position}"


def _leading(row: LevelRow, anchor: str) -> LevelRow:
    """The numbers lead to the patients of the cut, not to those of today."""

    def to(link: Link) -> Link:
        return replace(link, url=f"#{anchor}" if link.text not in ("–", "0") else "")

    return replace(
        row,
        treated=to(row.treated),
        evaluable=to(row.evaluable),
        dlts=to(row.dlts),
        pending=to(row.pending),
        replaced=to(row.replaced),
    )


def _levels(view: View) -> list[PacketLevel]:
    found = []
    for position in range(len(view.labels), 0, -1):
        if treated := view.here.facts_at(position):
            found.append(
                PacketLevel(_anchor(position), view.labels[position - 1], [_patient(view, f) for f in treated])
            )
    return found


def _patient(view: View, f: PatientFacts) -> PacketPatient:
    name = view.patient(f)
    return PacketPatient(
        patient=name,
        url=view.patient_url(f.patient) if name != ELSEWHERE else "",
        counted=words.OUTCOMES[f.outcome],
        because=view.said(f.because),
        window=_window(f),
        events=len(f.events) if sight.reads(view.scope, f) else None,
        outside="" if f.counted else f.patient.role,
        paper=f.patient.from_paper,
    )


def _window(f: PatientFacts) -> str:
    """Where the window stands for who still waits for it; of whoever is settled, when it ended."""
    if f.outcome not in ("pending", "suspected") and f.window_complete_since and f.window_ends_on:
        return f"ended {shown(f.window_ends_on)}"
    return f.window_said or "–"


def _when(f: PatientFacts, e: EventFacts) -> str:
    """In study days; in dates of an event before the first dose was recorded."""
    treatment = getattr(f.patient, "treatment", None)
    ended = e.event.ended_on

    def said(day: date) -> str:
        return f"day {study_day(day, treatment.first_dose_on)}" if treatment else shown(day)

    onset = e.day_words if e.event.onset_known else said(e.event.onset_on)
    return f"{onset} to {said(ended)}" if ended else f"from {onset}, ongoing"


def _event(view: View, f: PatientFacts, e: EventFacts) -> PacketEvent:
    event = e.event
    return PacketEvent(
        code=event.code,
        url=view.url("assessments:event", event.number),
        patient=view.patient(f),
        paper=f.patient.from_paper,
        level=view.level(view.here.protocol.position(f.level.pk)),
        title=event.title,
        graded=event.graded,
        when=_when(f, e),
        serious=event.serious,
        state=STATES[e.state],
        is_dlt=e.state == "dlt",
        narrative=_narrative(view, e),
    )


def _narrative(view: View, e: EventFacts) -> list[str]:
    degrees = dict(Relation.Degree.choices)
    related = [
        f"{drug}: {degrees[degree].lower() if degree else 'not answered'}" for drug, degree in e.relations.items()
    ]
    found = [e.event.narrative] if e.event.narrative else []
    found += [f"Related to {', '.join(related)}."] if related else []
    for verdict in sight.verdicts(view.scope, e):
        answer = f"DLT by {verdict.criterion}" if verdict.is_dlt else "not a DLT"
        found.append(f"{verdict.get_reader_display()}: {answer}. {verdict.reason}")
    return found


def _changed(view: View, cut: DataCut, before: DataCut | None) -> list[str]:
    """What the members did not know the last time: in the counts, and events reported or corrected since."""
    if before is None:
        return []
    found = [view.said(line) for line in changes(before.inputs, cut.inputs)]
    for f in view.here.facts:
        for e in f.events:
            if e.event.rev > before.record and sight.reads(view.scope, f):
                what = f"{e.event.code}, {e.event.title.lower()} {e.event.graded}"
                found.append(f"{what}, patient {view.patient(f)}: reported or corrected")
    return [line[0].upper() + line[1:] for line in found]

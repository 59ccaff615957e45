"""What has changed for one reader: since the last decision, and since his own last visit.

What a board hears first stands first: deaths, serious events, DLTs, patients who came in, decisions, then who counts
otherwise. Patients of whom the same is to be told share a line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from uuid import UUID

from assessments.count.queries import PatientFacts
from assessments.events import sight
from assessments.events.facts import EventFacts
from trial.dates import shown

from ..display import safety
from ..display.reader import View
from ..display.rows import decision_row
from ..display.types import NewsRow
from ..models import Decision
from ..situation import news
from ..situation.news import Moved

SAID = {
    "dlt": "DLT",
    "no_dlt": "no DLT",
    "pending": "pending",
    "suspected": "suspected DLT",
    "not_evaluable": "not evaluable",
    "not_dosed": "not dosed",
}


@dataclass(frozen=True, slots=True)
class Changed:
    rows: Sequence[NewsRow]
    new: int  # of them, to this reader
    since: str  # "decision 3, 2 Nov 2026"; "" before the first


def changed(view: View, visited: int) -> Changed:
    """visited: the record number that the reader saw on his last visit; on the first the present one."""
    decided, _ = safety.since_decision(view)
    number = min(decided, visited)
    moved = news.moved(view.here, number)
    mine = moved if number == visited else news.moved(view.here, visited)
    unseen = {one.patient.patient.pk: one for one in mine}
    rows = [
        *safety.news_rows(view, number, seen=visited),
        *_dlts(view, moved, unseen),
        *_came(view, moved, unseen),
        *_decisions(view, number, visited),
        *_counts(view, moved, unseen),
    ]
    last = view.here.in_force[-1] if view.here.in_force else None
    since = f"decision {last.number}, {shown(last.ending.on)}" if last else ""
    return Changed(rows, sum(row.new for row in rows), since)


Unseen = dict[UUID, Moved]


def _dlts(view: View, moved: Iterable[Moved], unseen: Unseen) -> Iterable[NewsRow]:
    for one in moved:
        f, was = one.patient, one.dlt or "none"
        if f.dlt == was:
            continue
        known = unseen.get(f.patient.pk)
        new = known is not None and (known.dlt or "none") != f.dlt
        said = f"{_dlt(f, was)}, {_level(view, f)}, patient {view.patient(f)}"
        event = next((e for e in f.events if e.state in ("dlt", "suspected")), None)
        if event is not None and sight.reads(view.scope, f):
            url = view.url("assessments:event", event.event.number)
            yield NewsRow("DLT", f"{said}: {_event(event)}", url, new, "red" if f.dlt == "adjudicated" else "amber")
        else:
            yield NewsRow("DLT", said, view.patient_url(f.patient), new, "red" if f.dlt == "adjudicated" else "amber")


def _dlt(f: PatientFacts, was: str) -> str:
    match f.dlt:
        case "adjudicated":
            return "Adjudicated"
        case "suspected":
            return "Suspected, to be adjudicated" if was == "none" else "In review again"
    return "Read as no DLT" if was == "suspected" else "No longer a DLT"


def _event(e: EventFacts) -> str:
    return f"{e.event.code}, {e.event.title.lower()} {e.event.graded}"


def _came(view: View, moved: Sequence[Moved], unseen: Unseen) -> Iterable[NewsRow]:
    """Patients who came in, those of a level in one line."""
    told: dict[tuple[str, bool], list[PatientFacts]] = {}
    for one in moved:
        if one.was is None:
            known = unseen.get(one.patient.patient.pk)
            new = known is not None and known.was is None
            told.setdefault((_level(view, one.patient), new), []).append(one.patient)
    for (level, new), who in told.items():
        yield NewsRow("new patient", f"{_named(view, who)} came in at {level}", _url(view, who), new, "")


def _decisions(view: View, number: int, visited: int) -> Iterable[NewsRow]:
    for d in view.here.decisions:
        if (rev := _rev(d)) > number:
            row = decision_row(view, d)
            state = f"in force since {shown(row.on)}" if row.in_force else f"{row.signed} of {row.needed} signatures"
            if getattr(d, "ending", None) and not row.in_force:
                state = "not in force"
            yield NewsRow("decision", f"Decision {row.number}, {row.decided}: {state}", row.url, rev > visited, "")


def _rev(d: Decision) -> int:
    ending = getattr(d, "ending", None)
    return int(ending.rev if ending else d.rev)


def _counts(view: View, moved: Sequence[Moved], unseen: Unseen) -> Iterable[NewsRow]:
    """Who was there already and counts otherwise; of a DLT that is told above."""
    told: dict[tuple[str, str, bool], list[PatientFacts]] = {}
    for one in moved:
        f = one.patient
        if one.was is None or one.was == f.outcome or f.outcome in ("dlt", "suspected"):
            continue
        known = unseen.get(f.patient.pk)
        new = known is not None and known.was != f.outcome
        told.setdefault((one.was, f.outcome, new), []).append(f)
    for (was, now, new), who in told.items():
        verb = "was" if len(who) == 1 else "were"
        said = f"{_named(view, who)} {verb} {SAID[was]}, now {SAID[now]}"
        yield NewsRow("count", said, _url(view, who), new, "")


def _named(view: View, who: Sequence[PatientFacts]) -> str:
    names = view.names(sorted(who, key=attrgetter("patient.number")))
    return f"Patient{'s' * (len(who) > 1)} {names}"


def _url(view: View, who: Sequence[PatientFacts]) -> str:
    """Of one his record."""
    return view.patient_url(who[0].patient) if len(who) == 1 else ""


def _level(view: View, f: PatientFacts) -> str:
    return view.level(view.here.protocol.position(f.level.pk))

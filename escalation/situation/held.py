"""Since when, and until when, enrolment was held: of the whole trial, and of each level while a cohort of it was open.

A hold of the trial keeps its beginning, and the decision that lifted it its day. Of the others no end is stored: one
for a changed basis ends with the decision that answers it, one for a suspected DLT is read from the numbered actions
after which the patient's standing said so.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple

from assessments.tables.summary import days_held
from patients.models import Cohort, PatientStanding
from trial.clock import clinical_date
from trial.models import RowImage

from ..models import Hold
from . import history
from .changes import answered_by, grouped
from .situation import Held, Situation

EVENTS, VERDICTS = "assessments_adverseevent", "assessments_dltverdict"


class Spell(NamedTuple):
    """until: the day on which it was lifted; None: it still holds. position: held from this level up; None: all."""

    since: date
    until: date | None
    because: str
    kind: Held.Kind = Held.Kind.STOP
    position: int | None = None
    decision: int | None = None  # that lifted it
    patient: int | None = None
    events: Sequence[int] = ()  # for which it was held, as far as they are known


class OfLevel(NamedTuple):
    """A level while a cohort of the escalation was open at it."""

    level: str
    days_open: int
    days_held: int  # each once
    spells: Sequence[Spell]  # within those days


def spells(here: Situation) -> list[Spell]:
    """Every hold of the whole trial, by a person, a decision or the rule, in order."""
    lifted = {str(decision.pk): decision for decision in here.in_force}
    found = []
    for row in here.read.rows[Hold].values():
        if not row["voided"]:
            by = lifted.get(row["lifted_by_id"])
            since = clinical_date(datetime.fromisoformat(row["since"]), here.trial.time_zone)
            found.append(Spell(since, by.ending.on if by else None, row["reason"], decision=by.number if by else None))
    return sorted(found, key=_order)


def by_level(here: Situation) -> list[OfLevel]:
    """Of every level at which a cohort was opened here, the lowest first. A flat number of queries."""
    every = sorted([*spells(here), *_of_levels(here)], key=_order)
    found = []
    for position, level in enumerate(here.protocol.levels, 1):
        if opened := _opened(here, str(level.pk)):
            mine = [
                part
                for spell in every
                if spell.position is None or spell.position <= position
                for since, until in opened
                if (part := _within(spell, since, until))
            ]
            days = days_held([(part.since, part.until) for part in mine], here.on)
            found.append(OfLevel(level.label, days_held(opened, here.on), days, mine))
    return found


def _order(spell: Spell) -> tuple[date, str]:
    return spell.since, spell.because


def _opened(here: Situation, level: str) -> list[tuple[date, date | None]]:
    """The days on which a cohort of the escalation was open at a level; what follows on the same day is one spell."""
    rows = [
        row
        for row in here.read.rows[Cohort].values()
        if row["dose_level_id"] == level and not (row["voided"] or row["role"] or row["paper_on"])
    ]
    found: list[tuple[date, date | None]] = []
    for row in sorted(rows, key=lambda row: row["number"]):
        since, until = (
            clinical_date(datetime.fromisoformat(row[name]), here.trial.time_zone) if row[name] else None
            for name in ("opened_at", "closed_at")
        )
        assert since is not None  # when it was opened is always known
        if found and found[-1][1] == since:
            found[-1] = found[-1][0], until
        else:
            found.append((since, until))
    return found


def _within(spell: Spell, opened: date, closed: date | None) -> Spell | None:
    """The part of a hold that lies in these days; what began and ended on one of them is a part without a day."""
    since = max(spell.since, opened)
    until = min((day for day in (spell.until, closed) if day is not None), default=None)
    of_one_day = spell.since == spell.until != closed
    if until is None or since < until or (since == until and of_one_day):
        return spell._replace(since=since, until=until)
    return None


def _of_levels(here: Situation) -> Iterator[Spell]:
    """Every hold of a level and those above it, for a changed basis or a suspected DLT."""
    suspected = list(_suspected(here))
    numbers = {number for _, *ends in suspected for number in ends if number is not None}
    changes = here.basis_changes
    days = history.dates_of(here.trial, numbers | {change.rev for change in changes})
    about = _about(here, numbers)
    answers = [(change, answered_by(change, here.in_force)) for change in changes]
    for answer in {id(answer): answer for _, answer in answers}.values():
        mine = [change for change, by in answers if by is answer]
        asking = {(change.decision_id, change.patient_id) for change in mine if not change.restored}
        for late in grouped([c for c in mine if (c.decision_id, c.patient_id) in asking], here.protocol):
            yield Spell(
                since=days[late.steps[0].rev],
                until=answer.ending.on if answer else None,
                because=f"The basis of {late.numbers} had changed: {late.what}.",
                kind=Held.Kind.BASIS,
                position=late.position,
                decision=answer.number if answer else None,
                patient=late.patient.number,
            )
    facts = {str(f.patient.pk): f for f in here.facts}
    for patient, began, ended in suspected:
        f = facts.get(patient)
        if f is None or (position := here.protocol.position(f.level.pk)) is None:
            continue
        own = {str(e.event.pk): e.event.number for e in f.events}
        yield Spell(
            since=days[began],
            until=days[ended] if ended is not None else None,
            because=f"Patient {f.patient.code} had a suspected DLT.",
            kind=Held.Kind.SUSPECTED,
            position=position,
            patient=f.patient.number,
            events=sorted({own[event] for at in (began, ended) for event in about.get(at, ()) if event in own}),
        )


def _suspected(here: Situation) -> Iterator[tuple[str, int, int | None]]:
    """Of each patient, after which action his DLT was suspected, and after which it was so no more."""
    images = RowImage.objects.filter(
        ledger__trial=here.trial, table=PatientStanding._meta.db_table, number__lte=here.number
    )
    ever = images.filter(image__outcome="suspected").values("row")
    rows = images.filter(row__in=ever).order_by("row", "number", "seq")
    said = rows.values_list("image__patient_id", "number", "image__outcome")
    for patient, mine in groupby(said, lambda row: str(row[0])):
        began: int | None = None
        for _, number, outcome in mine:
            if outcome == "suspected":
                began = number if began is None else began
            elif began is not None:
                yield patient, began, number
                began = None
        if began is not None:
            yield patient, began, None


def _about(here: Situation, numbers: Collection[int]) -> Mapping[int | None, set[str]]:
    """By action, the events that it wrote or gave a verdict on."""
    found: dict[int | None, set[str]] = {}
    images = RowImage.objects.filter(ledger__trial=here.trial, number__in=numbers, table__in=(EVENTS, VERDICTS))
    for number, table, row, event in images.values_list("number", "table", "row", "image__event_id"):
        found.setdefault(number, set()).add(str(row) if table == EVENTS else str(event))
    return found

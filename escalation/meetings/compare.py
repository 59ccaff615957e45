"""Two moments of a trial side by side, each a frozen cut or now: tallies, and each row that differs, by whom and when.

What a row was at the first and is at the last is read off its images; what it was in between is in the audit trail.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from assessments.events import sight
from assessments.models import AdverseEvent
from assessments.response.models import DiseaseAssessment
from patients.models import Patient
from trial.models import AuditEvent, RowImage
from trial.past import then
from trial.people.access import Frozen, Scope
from trial.record import trail
from trial.record.pages import RESPONSES, PageOf
from trial.record.trail import Change, Trail, Written

from .. import words
from ..engine.terms import Tally
from ..situation import queries as escalation
from ..situation.situation import Situation

KINDS: Mapping[str, tuple[str, Sequence[str]]] = {
    "patients": ("Patients", ("patients_patient", "patients_followup")),
    "events": (
        "Adverse events",
        (
            *("assessments_adverseevent", "assessments_eventgrade", "assessments_relation"),
            *("assessments_actiontaken", "assessments_sponsorassessment", "assessments_sponsorrelation"),
        ),
    ),
    "verdicts": ("Verdicts", ("assessments_dltverdict", "assessments_evaluability")),
    "doses": (
        "Doses",
        (
            *("patients_treatment", "patients_dosetaken"),
            *("patients_cyclestart", "patients_cycledoses", "patients_doseday"),
        ),
    ),
    "responses": ("Responses", RESPONSES),
    "decisions": ("Decisions", ("escalation_decision", "escalation_ending", "escalation_hold")),
}
KIND_OF = {table: kind for kind, (_, tables) in KINDS.items() for table in tables}
COUNTS = ("treated", "evaluable", "dlts", "pending", "replaced")
# Of a decision what it says; what it stood on is told by its page and its replay.
OF_DECISION = ("id", "number", "kind", "outcome", "dose_level_id", "closes_id", "reason", "later_toxicity", "voided")
MOST = 2000  # characters of a value


@dataclass(frozen=True, slots=True)
class Moment:
    """record: of the last action in it."""

    words: str
    record: int
    on: date
    here: Situation
    cut: Frozen | None


@dataclass(frozen=True, slots=True)
class LevelPair:
    """A level's counts at either moment; None where it was not on the ladder."""

    label: str
    was: Mapping[str, int] | None
    now: Mapping[str, int] | None

    @property
    def cells(self) -> list[tuple[int | str, int | str]]:
        """What was and is, in the order of COUNTS."""
        return [(self.was[name] if self.was else "–", self.now[name] if self.now else "–") for name in COUNTS]

    @property
    def differs(self) -> bool:
        return self.was != self.now


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is another at the second moment, and the action that wrote it last until then."""

    kind: str
    change: Change  # its columns: what they were at the first moment, and are at the second
    event: AuditEvent
    verb: str
    reason: str
    actions: int  # that wrote it between the two

    @property
    def who(self) -> str:
        return self.event.by.name if self.event.by else "the system"


@dataclass(frozen=True, slots=True)
class Compared:
    was: Moment
    now: Moment
    levels: Sequence[LevelPair]  # the highest first
    advice: tuple[str, str]
    closed: Sequence[str]  # kinds that this reader may not read
    _written: Sequence[tuple[Written, int]]  # what differs, by kind and number; with how many actions wrote it
    _trail: Trail
    _said: Callable[[str], str]

    @property
    def differs(self) -> bool:
        return bool(self._written) or self.advice[0] != self.advice[1] or any(level.differs for level in self.levels)

    def counts(self) -> dict[str, int]:
        """How many rows of each kind differ, of those kinds that this reader may read."""
        found = {kind: 0 for kind in KINDS if kind not in self.closed}
        for one, _ in self._written:
            found[KIND_OF[one.table]] += 1
        return found

    def of(self, kind: str = "") -> Sequence[tuple[Written, int]]:
        return [one for one in self._written if kind in ("", KIND_OF[one[0].table])]

    def told(self, written: Sequence[tuple[Written, int]], page: PageOf) -> list[Difference]:
        """Some of them in words: as many queries, however many rows."""
        numbers = {one.number for one, _ in written}
        events = {event.number: event for event in trail.events(self._trail, numbers=numbers)}
        entries = trail.told(self._trail, events.values(), [one for one, _ in written], page=page, most=MOST)
        sealed = trail.sealed_from(self._trail)
        of_row = {change.row: (entry, change) for entry in entries for change in entry.changes}
        found = []
        for one, actions in written:
            entry, change = of_row[one.row]
            columns = [replace(c, was=self._said(c.was), now=self._said(c.now)) for c in change.columns]
            found.append(
                Difference(
                    kind=KIND_OF[one.table],
                    change=replace(change, columns=columns),
                    event=entry.event,
                    verb=entry.verb,
                    reason="" if one.number in sealed else self._said(entry.event.reason),
                    actions=actions,
                )
            )
        return found


def moment(scope: Scope, cut: Frozen | None) -> Moment | None:
    """The trial at that cut as its members read it, or now; None before its protocol is written. Outermost."""
    if cut is None:
        here = escalation.here(scope)
        return Moment(f"now, {words.shown(here.on)}", here.number, here.on, here, None) if here else None
    with then.read(scope, cut, without=then.hidden(scope)) as of_then:
        here = escalation.here(of_then)
    return Moment(cut.words, cut.record, cut.on, here, cut) if here else None


def compared(scope: Scope, one: Moment, other: Moment) -> Compared:
    """The earlier first, in whichever order they are given."""
    was, now = sorted((one, other), key=lambda found: found.record)
    record = trail.of_trial(scope.trial, scope.user)
    closed = [] if scope.reads_responses else ["responses"]
    return Compared(
        was=was,
        now=now,
        levels=_levels(was.here, now.here),
        advice=(_advice(was.here), _advice(now.here)),
        closed=closed,
        _written=_written(scope, record, was.record, now.record, closed),
        _trail=record,
        _said=lambda text: sight.veiled(text, scope, now.here.facts),
    )


def _levels(was: Situation, now: Situation) -> list[LevelPair]:
    before, after = _tallies(was), _tallies(now)
    gone = [label for label in before if label not in after]
    return [LevelPair(label, before.get(label), after.get(label)) for label in (*reversed(after), *gone)]


def _tallies(here: Situation) -> dict[str, Mapping[str, int]]:
    """By label, the lowest first."""
    return {level.label: _counts(here.tally(k)) for k, level in enumerate(here.protocol.levels, 1)}


def _counts(tally: Tally) -> dict[str, int]:
    treated = tally.evaluable + tally.pending + tally.replaced
    return {"treated": treated} | {name: getattr(tally, name) for name in COUNTS[1:]}


def _advice(here: Situation) -> str:
    settings = here.protocol.settings
    labels = [level.label for level in here.protocol.levels]
    return words.advised(here.advice.action, here.advice.level, labels, settings.a + settings.b)


def _written(scope: Scope, record: Trail, first: int, last: int, closed: Sequence[str]) -> list[tuple[Written, int]]:
    """Rows whose image at record `last` is another than at `first`, as far as this reader sees them."""
    tables = [table for table, kind in KIND_OF.items() if kind not in closed]
    images = RowImage.objects.filter(ledger=record.ledger, table__in=tables)
    between = images.filter(number__gt=first, number__lte=last)
    if record.shut:
        between = between.exclude(row__in=record.shut)
    now = list(_last(between))
    actions = dict(between.values_list("row").annotate(n=Count("number", distinct=True)).order_by())
    was = {image.row: image.image for image in _last(images.filter(number__lte=first, row__in=actions))}
    mine = _of_site(scope)
    found = []
    for image in now:
        before = was.get(image.row)
        one = Written(
            number=image.number,
            table=image.table,
            row=image.row,
            now=_plain(image.table, image.image),
            was=_plain(image.table, before) if before is not None else None,
        )
        taken_back = one.was is None and bool(one.now.get("voided"))
        if mine(one) and trail.changed(one) and not taken_back:
            found.append((one, actions[image.row]))
    order = list(KINDS)
    return sorted(found, key=lambda pair: (order.index(KIND_OF[pair[0].table]), pair[0].number, str(pair[0].row)))


def _last(images: QuerySet[RowImage]) -> QuerySet[RowImage]:
    return images.order_by("row", "-number", "-seq").distinct("row")


def _plain(table: str, image: Mapping[str, Any]) -> Mapping[str, Any]:
    if table != "escalation_decision":
        return image
    return {name: image[name] for name in OF_DECISION if name in image}


def _of_site(scope: Scope) -> Callable[[Written], bool]:
    """Whether a row is of the trial, or of a patient whose records are open to this reader."""
    if scope.site is None:
        return lambda one: True
    trial, site = scope.trial, scope.site
    ids = {
        *Patient.objects.filter(trial=trial, site=site).values_list("pk", flat=True),
        *AdverseEvent.objects.filter(trial=trial, patient__site=site).values_list("pk", flat=True),
        *DiseaseAssessment.objects.filter(trial=trial, patient__site=site).values_list("pk", flat=True),
    }
    mine = {str(pk) for pk in ids}

    def seen(one: Written) -> bool:
        about = (one.now.get(name) for name in ("patient_id", "event_id", "assessment_id", "id"))
        return KIND_OF[one.table] == "decisions" or any(pk in mine for pk in about)

    return seen

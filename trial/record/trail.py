"""The audit trail as people read it: actions filtered, each with its rows before and after, ids as names.

What nobody may read yet, a verdict before the other reader has answered, stays shut in the trail as on every page: the
floor that has the rule is asked by `settings.SHUT`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.module_loading import import_string

from ..models import AuditEvent, Ledger, RowImage, Trial, User
from ..roles import Role
from ..verbs import verb as verb_of
from . import naming
from .naming import Names, Row
from .pages import PageOf, nowhere

ROLES = {role.value: str(role.label).lower() for role in Role} | {Role.DSMB.value: "safety committee member"}
ORDERS = {"number": ("number",), "at": ("at",), "by": ("by__name",), "verb": ("verb",)}  # what the trail is sorted by
FOLLOWS = {"patients_patientstanding", "escalation_basischanged"}  # where nobody counted: written by rule alone
EMPTY: tuple[Any, ...] = (None, "", {}, [])


@dataclass(frozen=True, slots=True)
class Trail:
    """One ledger as one person reads it."""

    ledger: Ledger
    zone: str  # whose days a filter means
    shut: frozenset[UUID] = frozenset()  # rows whose content he may not read yet


def of_trial(trial: Trial, reader: User) -> Trail:
    return Trail(Ledger.objects.get(trial=trial), trial.time_zone, shut(trial.pk, reader))


def of_installation() -> Trail:
    """Accounts, and who administers."""
    return Trail(Ledger.objects.get(trial=None), "UTC")


def shut(trial: UUID, reader: User) -> frozenset[UUID]:
    """Rows of the trial whose content this person may not read yet."""
    found: frozenset[UUID] = import_string(settings.SHUT)(trial, reader)
    return found


def sealed_from(trail: Trail) -> set[int]:
    """The numbers of the actions that wrote such a row: their reasons and texts say the same."""
    if not trail.shut:
        return set()
    return set(RowImage.objects.filter(ledger=trail.ledger, row__in=trail.shut).values_list("number", flat=True))


@dataclass(frozen=True, slots=True)
class Written:
    """One row as an action left it, and as it found it; `was` is None for a new row."""

    number: int
    table: str
    row: UUID
    now: Mapping[str, Any]
    was: Mapping[str, Any] | None
    follows: bool = False  # written by rule, after what whoever acted wrote


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a row: `was` is "" for a new row."""

    name: str
    was: str
    now: str
    said: bool = False  # by the name of the row


@dataclass(frozen=True, slots=True)
class Change:
    """One row as an action left it, named as people name it."""

    name: str  # "doses taken of Drug A, patient 004"
    table: str
    patient: str  # "004"; "" where it is about none
    what: str  # drug, parameter and visit, event: all of the name but table and patient
    row: UUID
    page: str  # where the row is read; "" for nowhere
    new: bool
    voided: bool
    follows: bool
    columns: Sequence[Column]  # none of a row that is shut
    shut: bool = False

    @property
    def values(self) -> str:
        """A new row in one line, without what its name says."""
        return " · ".join(
            column.now if column.now.startswith(column.name) else f"{column.name} {column.now}"  # "site 01", not twice
            for column in self.columns
            if not column.said
        )


@dataclass(frozen=True, slots=True)
class Entry:
    event: AuditEvent
    verb: str
    acting_as: str
    changes: Sequence[Change]

    @property
    def reason(self) -> str:
        return "" if self.shut else self.event.reason

    @property
    def shut(self) -> bool:
        return any(change.shut for change in self.changes)

    @property
    def who(self) -> str:
        return self.event.by.name if self.event.by else "the system"

    @property
    def own(self) -> list[Change]:
        """What whoever acted wrote himself."""
        return [change for change in self.changes if not change.follows]

    @property
    def derived(self) -> list[Change]:
        """What follows from it by rule, and is nobody's entry."""
        return [change for change in self.changes if change.follows]

    @property
    def short(self) -> bool:
        """Whether what was changed is read at once, without opening it."""
        own = self.own
        return any(not change.new for change in own) and sum(len(change.columns) for change in own) <= 12


def verbs(trail: Trail) -> list[tuple[str, str]]:
    """The verbs that occur, for the filter."""
    found = AuditEvent.objects.filter(ledger=trail.ledger).order_by("verb").values_list("verb", flat=True).distinct()
    return sorted(((verb, verb_of(verb)) for verb in found), key=lambda pair: pair[1])


def authors(trail: Trail) -> list[User]:
    """Everybody who wrote."""
    written = AuditEvent.objects.filter(ledger=trail.ledger).values("by")
    return list(User.objects.filter(pk__in=written).order_by("name"))


def events(
    trail: Trail,
    *,
    by: UUID | None = None,
    verb: str = "",
    since: date | None = None,
    until: date | None = None,
    numbers: Collection[int] | QuerySet[Any] | None = None,
    sort: str = "number",
    down: bool = True,
) -> QuerySet[AuditEvent]:
    """The trail, latest first unless sorted by another of ORDERS.

    since, until: whole days of the trail's calendar. numbers: the actions that `found` has for rows, table and field.
    """
    found = AuditEvent.objects.filter(ledger=trail.ledger).select_related("by").defer("body")
    zone = ZoneInfo(trail.zone)
    if by:
        found = found.filter(by=by)
    if verb:
        found = found.filter(verb=verb)
    if since:
        found = found.filter(at__gte=datetime.combine(since, time.min, zone))
    if until:
        found = found.filter(at__lt=datetime.combine(until + timedelta(days=1), time.min, zone))
    if numbers is not None:
        found = found.filter(number__in=numbers)
    names = [*ORDERS[sort], "number"] if sort != "number" else ["number"]
    return found.order_by(*(f"-{name}" for name in names) if down else names)


def entries(
    trail: Trail, shown: Sequence[AuditEvent], *, page: PageOf = nowhere, most: int | None = None
) -> list[Entry]:
    """The events with their rows before and after: as many queries, however many events.

    page: of a row. most: characters of a value, where a longer one is cut; None cuts nothing.
    """
    counted = {event.number: event.written for event in shown}
    places = dict.fromkeys(counted, 0)
    written = []
    for image in before(RowImage.objects.filter(ledger=trail.ledger, number__in=list(counted))).order_by("seq"):
        was: Any = image.before  # type: ignore[attr-defined]
        after = follows(counted[image.number], places[image.number], image.table)
        places[image.number] += 1
        written.append(Written(image.number, image.table, image.row, image.image, was, after))
    return told(trail, shown, written, page=page, most=most)


def before(images: QuerySet[RowImage]) -> QuerySet[RowImage]:
    """Each image with the one before it of the same row, as `before`."""
    earlier = RowImage.objects.filter(
        ledger=OuterRef("ledger"), table=OuterRef("table"), row=OuterRef("row"), seq__lt=OuterRef("seq")
    ).order_by("-number", "-seq")
    return images.annotate(before=Subquery(earlier.values("image")[:1]))


def follows(written: int | None, place: int, table: str) -> bool:
    """Whether the image at this place of an action follows from those that whoever acted wrote."""
    return place >= written if written is not None else table in FOLLOWS


def told(
    trail: Trail,
    shown: Iterable[AuditEvent],
    written: Sequence[Written],
    *,
    page: PageOf = nowhere,
    most: int | None = None,
) -> list[Entry]:
    """The events, each with those of the rows that it wrote. A row that it left as it was is none of them."""
    mentioned = [(one.table, image) for one in written for image in (one.now, one.was) if image is not None]
    names = naming.read(trail.ledger, mentioned)
    by_number: dict[int, list[Change]] = {}
    for one in written:
        change = _change(one, names, page, most, trail.shut)
        if change.new or change.shut or change.columns:
            by_number.setdefault(one.number, []).append(change)
    return [
        Entry(event, verb_of(event.verb), ROLES.get(event.acting_as, event.acting_as), by_number.get(event.number, []))
        for event in shown
    ]


def changed(one: Written) -> dict[str, tuple[Any, Any]]:
    """The fields that an action changed, or that a new row holds: what they were and are, by column."""
    now = naming.flat(one.table, one.now)
    was = naming.flat(one.table, one.was) if one.was is not None else None
    return {
        name: (was.get(name) if was is not None else None, value)
        for name, value in now.items()
        if name not in naming.UNREAD and (_worth_a_line(name, value) if was is None else value != was.get(name))
    }


def _change(one: Written, names: Names, page: PageOf, most: int | None, shut: frozenset[UUID]) -> Change:
    row, closed = Row(one.table, one.now), one.row in shut

    def words(value: Any) -> str:
        text = naming.said(value, names)
        return text if most is None or len(text) <= most else f"{text[: most - 1]}…"

    columns = [
        Column(naming.field(name), "" if one.was is None else words(was), words(now), name in naming.SAID)
        for name, (was, now) in ({} if closed else changed(one)).items()
    ]
    return Change(
        name=names.title(row),
        table=naming.table(one.table),
        patient=names.patient(row),
        what=names.what(row),
        row=one.row,
        page=page(row, names),
        new=one.was is None,
        voided=not closed and bool(one.now.get("voided")),
        follows=one.follows,
        columns=columns,
        shut=closed,
    )


def _worth_a_line(name: str, value: Any) -> bool:
    """Of a new row, whatever holds something."""
    return value not in EMPTY and not (name == "voided" and value is False)

"""The audit trail as people read it: events filtered, each with its rows before and after, ids as names.

What nobody may read yet, a verdict before the other reader has answered, stays shut in the trail as on every page: the
floor that has the rule is asked by `settings.SHUT`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.module_loading import import_string

from ..dates import Partial
from ..models import AuditEvent, Ledger, RowImage, Trial, User
from ..roles import Role
from ..verbs import verb as verb_of

# how people name a row, by table: the columns that make its name
NAMES: dict[str, str] = {
    "patients_patient": "patient {number:03d}",
    "patients_slot": "slot {number}",
    "patients_cohort": "cohort {number}",
    "assessments_adverseevent": "AE {number}",
    "escalation_decision": "decision {number}",
    "escalation_meeting": "meeting {number}",
    "escalation_datacut": "cut {number} at record no. {record}",
    "trial_protocolversion": "protocol version {number}",
    "trial_doselevel": "level {label}",
    "trial_drug": "{name}",
    "trial_site": "site {code}",
    "trial_trial": "{code}",
    "trial_rightsreview": "rights of the quarter from {quarter}",
    "trial_eligibilitycriterion": "criterion {number}",
    "patients_screening": "screening {number}",
    "patients_consentversion": "consent form {version}",
    "patients_deviation": "deviation ({fact})",
}
ROLES = {role.value: str(role.label).lower() for role in Role} | {Role.DSMB.value: "safety committee member"}
PARENTS = (
    "patient_id",
    "slot_id",
    "event_id",
    "decision_id",
    "meeting_id",
    "cut_id",
    "subject",
    "version_id",
    "dose_level_id",
    "user_id",
)
ORDERS = {"number": ("number",), "at": ("at",), "by": ("by__name",), "verb": ("verb",)}  # what the trail is sorted by
UNREAD = {"id", "trial_id", "rev"}  # the same on every row, said elsewhere
ASKED = re.compile(r"(?:(ae|slot|decision|cohort|patient)\s*)?0*(\d+)", re.IGNORECASE)
TABLES = {
    "": "patients_patient",
    "patient": "patients_patient",
    "ae": "assessments_adverseevent",
    "slot": "patients_slot",
    "decision": "escalation_decision",
    "cohort": "patients_cohort",
}


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
class Column:
    """One column of a row: `was` is "" for a new row."""

    name: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Change:
    """One row as an action left it."""

    name: str  # "AE 14", "consent of slot 3", or the kind and the end of its id
    row: UUID
    new: bool
    voided: bool
    columns: Sequence[Column]  # none of a row that is shut
    shut: bool = False


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
    row: str = "",
    sort: str = "number",
    down: bool = True,
) -> QuerySet[AuditEvent]:
    """The trail, latest first unless sorted by another of ORDERS.

    since, until: whole days of the trail's calendar. row: "003", "AE 14" or a row's id.
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
    if row:
        found = found.filter(number__in=_touching(trail.ledger, row).values("number"))
    names = [*ORDERS[sort], "number"] if sort != "number" else ["number"]
    return found.order_by(*(f"-{name}" for name in names) if down else names)


def _touching(ledger: Ledger, asked: str) -> QuerySet[RowImage]:
    """Images of the row that was asked for, and of the rows that hang on it."""
    images = RowImage.objects.filter(ledger=ledger)
    seed = _row_named(images, asked.strip())
    if seed is None:
        return images.none()
    latest = images.filter(row=seed).order_by("-number", "-seq").values_list("image", flat=True).first() or {}
    ids = {str(seed)}
    if slot := latest.get("slot_id"):
        ids.add(slot)  # a patient's eligibility and consents hang on his slot
    below = images.filter(table="assessments_adverseevent", image__patient_id=str(seed))
    ids |= {str(pk) for pk in below.values_list("row", flat=True)}  # and verdicts on his events
    wanted = Q(row__in=ids)
    for parent in PARENTS:
        wanted |= Q(**{f"image__{parent}__in": sorted(ids)})
    return images.filter(wanted)


def _row_named(images: QuerySet[RowImage], asked: str) -> UUID | None:
    try:
        return UUID(asked)
    except ValueError:
        pass
    if not (match := ASKED.fullmatch(asked)):
        return None
    table = TABLES[(match[1] or "").lower()]
    return images.filter(table=table, image__number=int(match[2])).values_list("row", flat=True).first()


def entries(trail: Trail, shown: Sequence[AuditEvent], *, most: int | None = None) -> list[Entry]:
    """The events with their rows before and after: four queries, however many events.

    most: characters of a value, where a longer one is cut; None cuts nothing.
    """
    before = RowImage.objects.filter(
        ledger=OuterRef("ledger"), table=OuterRef("table"), row=OuterRef("row"), seq__lt=OuterRef("seq")
    )
    before = before.order_by("-number", "-seq")
    images = list(
        RowImage.objects.filter(ledger=trail.ledger, number__in=[event.number for event in shown])
        .annotate(before=Subquery(before.values("image")[:1]))
        .order_by("seq")
    )
    names = _names(trail.ledger, images)
    by_number: dict[int, list[Change]] = {}
    for image in images:
        by_number.setdefault(image.number, []).append(_change(image, names, most, trail.shut))
    return [
        Entry(event, verb_of(event.verb), ROLES.get(event.acting_as, event.acting_as), by_number.get(event.number, []))
        for event in shown
    ]


def _change(image: RowImage, names: Mapping[str, str], most: int | None, shut: frozenset[UUID]) -> Change:
    name = names.get(str(image.row)) or _name_by_parent(image, names)
    if image.row in shut:
        return Change(name, image.row, image.before is None, False, [], shut=True)  # type: ignore[attr-defined]
    was = _flat(image.before or {})  # type: ignore[attr-defined]
    now = _flat(image.image)

    def words(value: Any) -> str:
        return _cut(said(value, names), most)

    columns = [
        Column(_column_name(name), words(was.get(name)) if was else "", words(value))
        for name, value in now.items()
        if name not in UNREAD and (value != was.get(name) if was else _worth_a_line(name, value))
    ]
    return Change(name, image.row, not was, bool(now.get("voided")), columns)


def _cut(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else f"{text[: most - 1]}…"


def _name_by_parent(image: RowImage, names: Mapping[str, str]) -> str:
    """A row without a number of its own, named by what it hangs on."""
    kind = _model_name(image.table)
    parents = [names[v] for parent in PARENTS if (v := image.image.get(parent)) in names]
    return f"{kind} of {parents[0]}" if parents else f"{kind} {str(image.row)[-8:]}"


def _worth_a_line(name: str, value: Any) -> bool:
    """Of a new row, whatever holds something."""
    return value not in (None, "", {}, []) and not (name == "voided" and value is False)


def _flat(image: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a protocol version as columns of their own, so that one changed setting is one line.

    A date and how much of it is known are one: Mar 2026. A result below a limit has the sign that it was typed with.
    """
    flat: dict[str, Any] = {}
    for name, value in image.items():
        if name == "settings" and isinstance(value, dict):
            flat |= {f"setting {key}": inner for key, inner in value.items()}
        else:
            flat[name] = value
    for name in [name for name in flat if name.endswith("_known") and f"{name.removesuffix('_known')}_on" in flat]:
        known, on = flat.pop(name), f"{name.removesuffix('_known')}_on"
        if known and flat[on]:
            flat[on] = Partial(date.fromisoformat(flat[on]), known).shown
    if image.get("state") == "below_limit":
        flat |= {name: f"<{flat[name]}" for name in ("entered", "canonical") if flat.get(name) is not None}
    return flat


def said(value: Any, names: Mapping[str, str]) -> str:
    """A column's value in words; an id becomes the name of its row."""
    match value:
        case None | "":
            return "–"
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{k}: {said(v, names)}" for k, v in value.items()) or "–"
        case list():
            return f"{len(value)} entries" if len(value) > 6 else ", ".join(said(v, names) for v in value) or "–"
        case str() if value in names:
            return names[value]
        case str() if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return f"{date.fromisoformat(value):%-d %b %Y}"
        case str() if re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+(\+00:00|Z)", value):
            return f"{datetime.fromisoformat(value).astimezone(UTC):%-d %b %Y %H:%M:%S} UTC"
        case _:
            return str(value)


def _names(ledger: Ledger, images: Iterable[RowImage]) -> dict[str, str]:
    """Names of every row that the images mention: people, and rows of the trial by their latest image."""
    ids: set[str] = set()
    for image in images:
        ids.add(str(image.row))
        for version in (image.image, image.before or {}):  # type: ignore[attr-defined]
            ids |= {v for k, v in version.items() if isinstance(v, str) and (k.endswith("_id") or k == "subject")}
    ids = {i for i in ids if _is_id(i)}
    names = {str(person.pk): person.name for person in User.objects.filter(pk__in=ids)}
    rows = RowImage.objects.filter(ledger=ledger, table__in=NAMES, row__in=ids).order_by("row", "-number", "-seq")
    for row in rows.distinct("row"):
        names[str(row.row)] = NAMES[row.table].format(**row.image)
    return names


def _is_id(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4


def _model_name(table: str) -> str:
    found = next((m for m in apps.get_models() if m._meta.db_table == table), None)
    return str(found._meta.verbose_name) if found else table


def _column_name(column: str) -> str:
    return column.removesuffix("_id").replace("_", " ")

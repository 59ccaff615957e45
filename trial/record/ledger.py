"""The ledger: every write of clinical facts is one action, one transaction, one number of its trial.

    with ledger.action(trial, by=user, may=May.ENROL, verb="patient.enrol", key=key) as act:
        …write rows; triggers copy each into RowImage…

On leaving, the consequences run (settings.CONSEQUENCES), the images become the text of one AuditEvent,
chained by SHA-256, and the ledger's number moves. `with ledger.as_of(trial, n):` shows the past, and
`with ledger.standing():` holds the present still while it is read.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from .. import clock, ids
from ..models import Audited, Ledger, Membership, Once, Trial, User
from ..refusals import KeyReused
from ..roles import May
from . import lock, who

INSTALLATION = "installation"  # stands for the trial in the installation's ledger
Image = dict[str, Any]  # {"table", "row", "image"}, as sealed
SKEW = timedelta(minutes=5)  # how far apart the clocks of two hosts may run
_past: ContextVar[bool] = ContextVar("past", default=False)


@dataclass(slots=True)
class Act:
    """One action under way. `number` is what its rows carry as `rev`."""

    ledger: Ledger
    trial: Trial | None
    number: int
    by: User | None
    membership: Membership | None
    acting_as: str
    verb: str
    reason: str
    now: datetime
    earlier: UUID | None = None  # the result of the same request, sent before
    images: list[Image] = field(default_factory=list)  # of the rows written so far, once they were read
    wrote: frozenset[str] = frozenset()  # the tables that the caller wrote, for the consequences
    written: int = 0  # how many of the images are the caller's; those after them follow
    seen: object = None  # what a service read of the trial under this lock, for the consequences
    sealed: Callable[[str], None] | None = None  # told the new head of the chain
    _result: UUID | None = field(default=None)

    @property
    def trial_id(self) -> UUID:
        """The trial of this action; an action of the installation has none to ask for."""
        assert self.ledger.trial_id is not None
        return self.ledger.trial_id

    @property
    def clinical_date(self) -> date:
        return self.today.on

    @property
    def today(self) -> clock.Today:
        assert self.trial is not None
        return clock.today(self.now, self.trial.time_zone)

    def read_images(self) -> None:
        """Read the images of the rows that were written since the last time."""
        self.images += images(self.ledger, self.number, after=len(self.images))

    def result(self, row: UUID) -> None:
        """Name the row that answers this request when it is sent again."""
        self._result = row


def audited_models() -> list[type[Audited]]:
    """Every audited model, in an order in which shadows may be made."""
    return [model for model in apps.get_models() if issubclass(model, Audited)]


@contextmanager
def action(
    trial: UUID | None,
    *,
    by: User | None,
    may: May | None,
    verb: str,
    reason: str = "",
    key: UUID | None = None,
    asked: Iterable[object] = (),
    settle: bool = False,
    own: str = who.OWN,
) -> Iterator[Act]:
    """Lock the trial's ledger (None: the installation's), check the right, let the caller write, seal.

    by: None acts as the system. may: the right that `by` needs here; None for the system, or for a person's own.
    key, asked: the idempotency key and what was asked; the same again gives `act.earlier`.
    own: as what a person acts on the installation's ledger without a right of his.
    settle: run the consequences even when the caller wrote nothing, for what a date alone changes.
    Raises PermissionDenied, KeyReused, Busy, and Trial.DoesNotExist for an unknown trial.
    """
    with transaction.atomic():
        ledger = lock.take(trial)
        where, membership, last = who.in_trial(ledger, by) if trial else (None, None, None)
        acting_as = who.acting_as(by, membership, may, own="" if trial or may else own)
        act = Act(
            ledger=ledger,
            trial=where,
            number=ledger.number + 1,
            by=by,
            membership=membership,
            acting_as=acting_as,
            verb=verb,
            reason=reason,
            now=_now(where, last),
        )
        yield from _sealed(act, key, request_hash(verb, asked), settle=settle)


def _now(trial: Trial | None, last: datetime | None) -> datetime:
    """Now, or `last`, the last action's time, where the clock of another host runs a little ahead of this one's.

    Without it the two could see midnight in turns, and windows that were complete would be pending again.
    """
    now = clock.now(simulated=trial is not None and trial.simulated)
    if trial is None or trial.simulated:
        return now
    return last if last is not None and now < last < now + SKEW else now


@contextmanager
def opening(trial: UUID, *, by: User | None, simulated: bool, verb: str) -> Iterator[Act]:
    """Action 1 of a new trial: its ledger first, then the caller writes the trial's rows."""
    if _setting("app.ledger"):
        raise RuntimeError("an action inside an action")
    with transaction.atomic():
        acting_as = who.acting_as(by, None, May.CREATE_TRIAL)
        ledger = Ledger.objects.create(trial_id=trial)
        act = Act(ledger, None, 1, by, None, acting_as, verb, "", clock.now(simulated=simulated))
        yield from _sealed(act, None, "", trial=trial)


def _sealed(act: Act, key: UUID | None, asked: str, trial: UUID | None = None, settle: bool = False) -> Iterator[Act]:
    here = Q(ledger=act.ledger) | Q(ledger=None)
    before = Once.objects.filter(here, user=act.by, key=key).first() if key and act.by else None
    if before:
        if before.request != asked:
            raise KeyReused("This key was used for another request. Open the form anew and send it again.")
        act.earlier = before.result
        yield act
        return
    where = str(trial or act.ledger.trial_id or INSTALLATION)
    _set({"app.ledger": str(act.ledger.pk), "app.trial": where, "app.number": str(act.number)})
    yield act
    act.read_images()
    act.wrote, act.written = frozenset(image["table"] for image in act.images), len(act.images)
    if settle or act.wrote:
        if act.trial is None and act.ledger.trial_id:
            act.trial = Trial.objects.get(pk=act.ledger.trial_id)
        if act.trial is not None:
            import_string(settings.CONSEQUENCES)(act)
            act.read_images()
    if key is not None and act.by is not None:
        Once.objects.create(user=act.by, ledger=act.ledger, key=key, verb=act.verb, request=asked, result=act._result)
    _leave(act)


# The event, the head of the chain, and no open action any more.
_SEAL = """
    WITH event AS (
        INSERT INTO trial_auditevent
            (id, ledger_id, number, at, by_id, acting_as, verb, reason, body, prev, hash, written)
        VALUES (%(id)s, %(ledger)s, %(number)s, %(at)s, %(by)s, %(acting_as)s, %(verb)s, %(reason)s, %(body)s,
            %(prev)s, %(hash)s, %(written)s))
    UPDATE trial_ledger SET number = %(number)s, head = %(hash)s WHERE id = %(ledger)s
    RETURNING set_config('app.ledger', '', true), set_config('app.trial', '', true), set_config('app.number', '', true)
"""


def _leave(act: Act) -> None:
    """Seal what was written, and close the action. One that wrote no row leaves no event and moves no number."""
    if not act.images:
        _set({"app.ledger": "", "app.trial": "", "app.number": ""})
        return
    at = datetime.now(UTC) if act.trial is None or act.trial.simulated else max(datetime.now(UTC), act.now)
    body = canonical(
        {
            "ledger": str(act.ledger.pk),
            "trial": str(act.ledger.trial_id) if act.ledger.trial_id else None,
            "number": act.number,
            "at": at.isoformat(),
            "by": str(act.by.pk) if act.by else None,
            "acting_as": act.acting_as,
            "verb": act.verb,
            "reason": act.reason,
            "prev": act.ledger.head,
            "written": act.written,
            "images": act.images,
        }
    )
    digest = hashlib.sha256(body.encode()).hexdigest()
    event: dict[str, Any] = {
        "id": ids.new(),
        "ledger": act.ledger.pk,
        "number": act.number,
        "at": at,
        "by": act.by.pk if act.by else None,
        "acting_as": act.acting_as,
        "verb": act.verb,
        "reason": act.reason,
        "body": body,
        "prev": act.ledger.head,
        "hash": digest,
        "written": act.written,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SEAL, event)
    act.ledger.number, act.ledger.head = act.number, digest
    if act.sealed is not None:
        act.sealed(digest)


def images(ledger: Ledger, number: int, after: int = 0) -> list[Image]:
    """The row images of one action, in order of writing, as sealed. after: how many of them to leave out."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT "table", row::text, image::text FROM trial_rowimage'
            " WHERE ledger_id = %s AND number = %s ORDER BY seq OFFSET %s",
            [ledger.pk, number, after],
        )
        return [
            {"table": table, "row": row, "image": json.loads(image, parse_float=Decimal)}
            for table, row, image in cursor.fetchall()
        ]


def canonical(value: object) -> str:
    """JSON with sorted keys, no blanks, and decimals with the digits they were stored with."""
    match value:
        case dict():
            pairs = (f"{json.dumps(k, ensure_ascii=False)}:{canonical(value[k])}" for k in sorted(value))
            return "{" + ",".join(pairs) + "}"
        case list() | tuple():
            return "[" + ",".join(map(canonical, value)) + "]"
        case Decimal():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def request_hash(verb: str, asked: Iterable[object]) -> str:
    """SHA-256 of a request, to tell the same one sent twice from another one under the same key."""
    return hashlib.sha256(canonical([verb, [str(item) for item in asked]]).encode()).hexdigest()


# The installation's own tables (accounts) belong to another ledger and are left empty.
_SHADOW = """
    CREATE TEMP TABLE "{table}" (LIKE public."{table}") ON COMMIT DROP;
    INSERT INTO pg_temp."{table}"
    SELECT said.* FROM (
        SELECT DISTINCT ON (i.row) i.image FROM public.trial_rowimage i
        JOIN public.trial_ledger l ON l.id = i.ledger_id
        WHERE l.trial_id = %(trial)s AND i."table" = '{table}' AND i.number <= %(number)s
            AND i.row <> ALL(%(without)s::uuid[])
        ORDER BY i.row, i.number DESC, i.seq DESC) latest,
        jsonb_populate_record(NULL::public."{table}", latest.image) said
"""
# The record itself ends there too, and what was computed of later cuts is not there yet.
_RECORD = """
    CREATE TEMP VIEW trial_ledger AS SELECT l.id, l.trial_id, e.number, e.hash AS head FROM public.trial_ledger l
    JOIN public.trial_auditevent e ON e.ledger_id = l.id AND e.number = %(number)s WHERE l.trial_id = %(trial)s;
    CREATE TEMP VIEW trial_auditevent AS SELECT e.* FROM public.trial_auditevent e
    WHERE e.ledger_id = (SELECT l.id FROM public.trial_ledger l WHERE l.trial_id = %(trial)s)
        AND e.number <= %(number)s;
    CREATE TEMP VIEW trial_rowimage AS SELECT i.* FROM public.trial_rowimage i
    WHERE i.ledger_id = (SELECT l.id FROM public.trial_ledger l WHERE l.trial_id = %(trial)s)
        AND i.number <= %(number)s AND i.row <> ALL(%(without)s::uuid[])
"""
_COMPUTED = """
    CREATE TEMP VIEW "{table}" AS SELECT c.* FROM public."{table}" c
    WHERE c.trial_id = %(trial)s AND c.number <= %(number)s AND c.id <> ALL(%(without)s::uuid[])
"""


@contextmanager
def as_of(trial: UUID, number: int, using: str = DEFAULT_DB_ALIAS, *, without: Collection[UUID] = ()) -> Iterator[None]:
    """Show the trial's audited tables and its record as they were after action `number`; read only, outermost.

    The same queries run unchanged: temporary tables and views of the same names stand before the live ones.
    without: rows that are left out, by their ids.
    """
    with transaction.atomic(using=using, durable=True), connections[using].cursor() as cursor, _the_past():
        made = [_SHADOW.format(table=model._meta.db_table) for model in audited_models()]
        made += [_RECORD, *(_COMPUTED.format(table=apps.get_model(m)._meta.db_table) for m in settings.SEALED)]
        # one message: two for each table would take longer on the way than in the database
        cursor.execute(";".join(made), {"trial": trial, "number": number, "without": list(without)})
        cursor.execute("SET TRANSACTION READ ONLY")
        yield
        transaction.set_rollback(True, using=using)  # nothing was written: the shadows go at once, in any transaction


@contextmanager
def standing(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Show the record as it stands at one moment, whatever is written meanwhile; read only, outermost.

    An action commits its rows and its number together, and the triggers refuse audited writes outside an action. So in
    one snapshot the live rows of a trial are those that `as_of` its `number_of` would build from the images.
    """
    with transaction.atomic(using=using, durable=True), connections[using].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def _the_past() -> Iterator[None]:
    token = _past.set(True)
    try:
        yield
    finally:
        _past.reset(token)


def weigh() -> None:
    """Tell PostgreSQL what the tables of the past hold, for whoever joins very many rows of them: as they are new it
    knows nothing of them, and may look for each row of one among all of another.
    """
    if in_the_past():
        with connection.cursor() as cursor:
            cursor.execute("; ".join(f'ANALYZE pg_temp."{model._meta.db_table}"' for model in audited_models()))


def in_the_past() -> bool:
    """Whether `as_of` shows the past here: what is kept of the present is neither taken nor written."""
    return _past.get()


def head_of(trial: UUID) -> tuple[int, str]:
    """The number of the trial's last action and the hash that seals it."""
    return Ledger.objects.values_list("number", "head").get(trial=trial)


def number_of(trial: UUID) -> int:
    """The ledger number of the trial now; under `as_of` the one that is shown."""
    return Ledger.objects.values_list("number", flat=True).get(trial=trial)


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [name])
        return cursor.fetchone()[0] or ""


def _set(values: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        calls = ", ".join(["set_config(%s, %s, true)"] * len(values))
        cursor.execute(f"SELECT {calls}", [part for pair in values.items() for part in pair])

"""Who asks, in which trial, as what, and where its record stands: one statement for pages and endpoints alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.utils.module_loading import import_string

from ..models import ApiToken, Membership, Site, Trial, User

Row = TypeVar("Row", bound=Model)
ZONES = "ARRAY(SELECT DISTINCT site.time_zone FROM trial_site site WHERE site.trial_id = {} ORDER BY 1)"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where the record of a trial stood when it was entered: what a later read of it is compared with."""

    number: int
    head: str  # hash that seals that number
    zones: Sequence[str]  # of the sites: what day it is at each of them
    besides: Mapping[str, Any]  # by name, as settings.STAMPS names them


@dataclass(frozen=True, slots=True)
class Entry:
    """What the database says of one person at the door of one trial; nothing is decided here."""

    user: User
    token: ApiToken | None
    account_role: str  # of the open account in the installation, "" for none
    trial: Trial | None  # None: there is none, or none was asked for
    membership: Membership | None  # the one in force; constraints allow one at a time
    stamp: Stamp | None


def by_person(user: User, trial: str | UUID) -> Entry:
    """trial: its code or id."""
    return _read("trial_user u", "u.id = %s", user.pk, trial, user=user) or Entry(user, None, "", None, None, None)


def by_token(prefix: str, trial: UUID | None) -> Entry | None:
    """By a token that is not revoked; its secret is for the caller to compare. None: there is none of that prefix."""
    source = "trial_apitoken k JOIN trial_user u ON u.id = k.user_id"
    return _read(source, "k.prefix = %s AND k.revoked_at IS NULL", prefix, trial, token=True)


def _read(
    source: str,
    where: str,
    asked: UUID | str,
    trial: str | UUID | None,
    *,
    user: User | None = None,
    token: bool = False,
) -> Entry | None:  # fmt: skip
    column = "code" if isinstance(trial, str) else "id"
    people: list[tuple[type[Model], str]] = [(ApiToken, "k")] if token else []
    people += [] if user else [(User, "u")]
    shown = [*people, (Trial, "t"), (Membership, "m"), (Site, "s")]
    stamps = _stamps()
    columns = [*(_columns(model, alias) for model, alias in shown), "a.role", "l.number", "l.head"]
    columns += [ZONES.format("t.id"), *stamps.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM {source}"
            " LEFT JOIN trial_account a ON a.user_id = u.id AND a.open AND NOT a.voided"
            f" LEFT JOIN trial_trial t ON t.{column} = %s"
            " LEFT JOIN trial_membership m"
            " ON m.trial_id = t.id AND m.user_id = u.id AND m.until IS NULL AND NOT m.voided"
            " LEFT JOIN trial_site s ON s.id = m.site_id"
            " LEFT JOIN trial_ledger l ON l.trial_id = t.id"
            f" WHERE {where}",
            [trial, asked],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    values = iter(row)
    used = _instance(ApiToken, values) if token else None
    person = user or _instance(User, values)
    assert person is not None
    found, member, site = (_instance(Trial, values), _instance(Membership, values), _instance(Site, values))
    if used is not None:
        used.user = person
    if member is not None:
        member.site = site
    role, number, head, zones, *besides = values
    stamp = Stamp(number, head, zones, dict(zip(stamps, besides, strict=True))) if found and head is not None else None
    if role is None or not person.is_active:  # the account is closed, by what was decided about it or by the log-in
        role, member = "", None
    return Entry(person, used, role, found, member, stamp)


@cache
def _stamps() -> Mapping[str, str]:
    """By name: a scalar of the trial `t`, as the floor above words it."""
    return {name: f"({import_string(where)})" for name, where in settings.STAMPS.items()}


@cache
def _columns(model: type[Model], alias: str) -> str:
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def _instance(model: type[Row], values: Iterator[Any]) -> Row | None:
    """The next row of a joined table, None where nothing was joined. None of these models converts a column."""
    fields = model._meta.concrete_fields
    mine = list(islice(values, len(fields)))
    key = next(k for k, field in enumerate(fields) if field.primary_key)
    return None if mine[key] is None else model.from_db(connection.alias, [f.attname for f in fields], mine)

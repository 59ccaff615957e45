"""Who had which right when, over all trials: read off the sealed images of accounts, memberships and suspensions.

A role begins and ends with the action that gave and took it; so the table of a past quarter can change no more, and
what was signed of it can be read again. A role gives its rights only while the account is open: a line of its own.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from ..models import AuditEvent, RightsReview, Site, Suspension, Trial, User
from ..record import ledger
from ..roles import ROLES

ACCOUNT, MEMBER, SUSPENSION = "trial_account", "trial_membership", "trial_suspension"
NAMED = {"principal": "principal investigator", "second_reader": "second reader", "third_reader": "third reader"}
SUSPENDED = "suspended"  # of signing: the other rights of his roles he has meanwhile
LABELS = dict(ROLES) | {"": "Account", SUSPENDED: "Signing suspended"}
CAUSES = dict(Suspension.Cause.choices)


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a year, UTC."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        return cls(day.year, (day.month + 2) // 3)

    @property
    def name(self) -> str:
        return f"{self.year} Q{self.number}"

    @property
    def slug(self) -> str:
        return f"{self.year}-Q{self.number}"

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.first, time.min, UTC)

    @property
    def ends(self) -> datetime:
        return self.next.begins

    def over(self, now: datetime) -> bool:
        return self.ends <= now


@dataclass(frozen=True, slots=True)
class Moment:
    """When and by whom something was given or taken, and the reason where one was asked."""

    at: datetime
    by: str  # name
    by_id: UUID | None
    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    """What one person held from one moment on: an account, the administration, a role in a trial, or not to sign."""

    row: UUID
    user: UUID
    person: str
    trial: str  # code, "" for the installation
    site: UUID | None
    where: str  # "site 01", "all sites", ""
    role: str
    named: Sequence[str]  # what he is named for besides
    since: Moment
    until: Moment | None

    @property
    def role_label(self) -> str:
        return LABELS[self.role]


# Each image of an account, a membership or a suspension, with the action that left it.
_IMAGES = """
    SELECT i."table", i.row, i.image::text, e.at, e.reason, u.id, u.name FROM trial_rowimage i
    JOIN trial_auditevent e ON e.ledger_id = i.ledger_id AND e.number = i.number
    LEFT JOIN trial_user u ON u.id = e.by_id
    WHERE i."table" IN (%s, %s, %s) ORDER BY e.at, i.seq
"""


def everything(trial: UUID | None = None) -> list[Held]:
    """All that was ever held, by person: of the members of one trial, in it, where one is named."""
    with connection.cursor() as cursor:
        cursor.execute(_IMAGES, [ACCOUNT, MEMBER, SUSPENSION])
        images = [(t, row, json.loads(image), *rest) for t, row, image, *rest in cursor.fetchall()]
    if trial is not None:
        members = {image["user_id"] for _, _, image, *_ in images if image.get("trial_id") == str(trial)}
        images = [
            one for one in images if one[2]["user_id"] in members and one[2].get("trial_id") in (None, str(trial))
        ]
    people = {str(pk): name for pk, name in User.objects.values_list("pk", "name")}
    trials = {str(pk): code for pk, code in Trial.objects.values_list("pk", "code")}
    sites = {str(pk): code for pk, code in Site.objects.values_list("pk", "code")}
    found = list(_held(images, people, trials, sites))
    return sorted(found, key=lambda h: (h.person.lower(), str(h.user), h.trial, h.since.at))


def _held(
    images: Sequence[Any], people: Mapping[str, str], trials: Mapping[str, str], sites: Mapping[str, str]
) -> Iterator[Held]:
    """Each stretch of time over which a row said the same."""
    open_now: dict[UUID, Held] = {}
    for table, row, image, at, reason, by_id, by in images:
        moment = Moment(at, by or "the system", by_id, reason)
        held = READS[table](image)
        before = open_now.get(row)
        if before and held == (before.role, before.named):
            continue
        if before:
            yield replace(open_now.pop(row), until=moment)
        if held:
            role, named = held
            user, site = image["user_id"], image.get("site_id")
            member = table == MEMBER
            where = f"site {sites[site]}" if site else "all sites" if member else ""
            open_now[row] = Held(
                row, UUID(user), people[user], trials[image["trial_id"]] if member else "", site and UUID(site), where,
                role, named, moment, None,
            )  # fmt: skip
    yield from open_now.values()


def _of_account(image: Mapping[str, Any]) -> tuple[str, Sequence[str]] | None:
    return (image["role"], ()) if image["open"] and not image["voided"] else None


def _of_member(image: Mapping[str, Any]) -> tuple[str, Sequence[str]] | None:
    if image["until"] or image["voided"]:
        return None
    return image["role"], tuple(words for name, words in NAMED.items() if image[name])


def _of_suspension(image: Mapping[str, Any]) -> tuple[str, Sequence[str]] | None:
    return None if image["confirmed_at"] or image["voided"] else (SUSPENDED, (CAUSES[image["cause"]],))


READS = {ACCOUNT: _of_account, MEMBER: _of_member, SUSPENSION: _of_suspension}


def in_quarter(held: Sequence[Held], quarter: Quarter) -> list[Held]:
    """What was held at any moment of the quarter; what ended after it is shown as not ended."""
    found = []
    for one in held:
        if one.since.at < quarter.ends and (one.until is None or one.until.at >= quarter.begins):
            ended = one.until is not None and one.until.at < quarter.ends
            found.append(one if ended else replace(one, until=None))
    return found


def content(held: Sequence[Held], quarter: Quarter) -> str:
    """SHA-256 of a quarter's table. Names may be corrected later: it holds the people by their ids."""

    def said(moment: Moment | None) -> list[str | None] | None:
        return [moment.at.isoformat(), str(moment.by_id) if moment.by_id else None, moment.reason] if moment else None

    lines = [
        [str(one.row), str(one.user), one.trial, str(one.site) if one.site else None, one.role, list(one.named),
         said(one.since), said(one.until)]
        for one in held
    ]  # fmt: skip
    lines.sort(key=lambda line: (line[0], line[6]))  # not by names
    return hashlib.sha256(ledger.canonical([quarter.name, lines]).encode()).hexdigest()


def quarters(held: Sequence[Held], now: datetime) -> list[Quarter]:
    """From the first account's to the present one, the latest first."""
    at = Quarter.of(min((one.since.at for one in held), default=now).date())
    found = [at]
    while not (at := found[-1].next).begins > now:
        found.append(at)
    return found[::-1]


def unsigned(now: datetime) -> Quarter | None:
    """The last quarter that is over, where somebody had an account in it and nobody has signed it."""
    last = Quarter.of((Quarter.of(now.date()).begins - timedelta(days=1)).date())
    known = AuditEvent.objects.filter(ledger__trial=None, at__lt=last.ends).exists()
    return last if known and not reviews(last) else None


def reviews(quarter: Quarter | None = None) -> list[RightsReview]:
    """What was signed, of one quarter or of all."""
    found = RightsReview.objects.order_by("signed_at")
    return list(found.filter(quarter=quarter.first) if quarter else found)

"""What was typed into a form whose session had ended: kept for an hour for the account that typed it, then forgotten.

Whose it was is known by a signed cookie that outlives the session and opens nothing. Passwords are never kept, nor is
anything sent: after that account's log-in the form is shown again as it was typed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from ..models import User

KEEP = timedelta(hours=1)
COOKIE, SALT = "typist", "trial.typist"
NOTE = "typed"  # in the session: whether anything is kept for this account
LARGEST = 200_000  # characters of one form
MOST_FORMS = 10
SECRET = ("password", "otp", "csrfmiddlewaretoken")


@dataclass(frozen=True, slots=True)
class Typed:
    """One form. path: with its query, as it was sent."""

    path: str
    at: datetime
    answers: Mapping[str, list[str]]

    @property
    def until(self) -> datetime:
        return self.at + KEEP


class Shown(QueryDict):
    """The answers in place of a form that was sent. read: whether the page asked for them."""

    read = False

    def __len__(self) -> int:
        self.read = True
        return super().__len__()


def shown(typed: Typed) -> Shown:
    found = Shown(mutable=True)
    for name, values in typed.answers.items():
        found.setlist(name, values)
    found._mutable = False
    return found


# ---- whose it is ----


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Leave the account's name in the browser for what it types after its session has ended."""
    if _read(request, max_age=timedelta(seconds=settings.SESSION_COOKIE_AGE) / 2) == user.pk:
        return
    response.set_cookie(
        COOKIE,
        signing.dumps(str(user.pk), salt=SALT),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def whose(request: HttpRequest) -> UUID | None:
    return _read(request, max_age=timedelta(seconds=settings.SESSION_COOKIE_AGE) + KEEP)


def _read(request: HttpRequest, *, max_age: timedelta) -> UUID | None:
    try:
        return UUID(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=max_age))
    except (signing.BadSignature, ValueError, TypeError):
        return None


# ---- what it is ----


def keep(request: HttpRequest) -> bool:
    """Keep the form that somebody sent who is not signed in any more; whether it is kept."""
    owner = whose(request)
    path = request.get_full_path()
    background = request.headers.get("HX-Request") == "true"
    if owner is None or background or path.startswith(("/accounts/", "/api/")) or len(path) > 500:
        return False
    answers = no_secret(request.POST)
    if not answers or sum(len(v) for values in answers.values() for v in values) > LARGEST:
        return False
    known = {one.path: one for one in _kept(owner)} | {path: Typed(path, timezone.now(), answers)}
    _store(owner, sorted(known.values(), key=lambda one: one.at)[-MOST_FORMS:])
    return True


def no_secret(sent: QueryDict) -> dict[str, list[str]]:
    """The answers of a form without passwords, codes and tokens."""
    return {
        name: values
        for name, values in sent.lists()
        if not any(secret in name.lower() for secret in SECRET) and not (name == "code" and "password" in sent)
    }


def waiting(user: User) -> list[Typed]:
    """What is kept for this account, the latest first."""
    return sorted(_kept(user.pk), key=lambda one: one.at, reverse=True)


def forget(user: User, path: str) -> bool:
    """The form was sent; whether others are kept."""
    left = [one for one in _kept(user.pk) if one.path != path]
    _store(user.pk, left)
    return bool(left)


def purge() -> None:
    """Delete what nobody came for within the hour: the cache itself forgets only what is asked for."""
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [timezone.now()])


def _kept(owner: UUID) -> list[Typed]:
    found: list[Typed] = cache.get(_key(owner), [])
    return [one for one in found if timezone.now() < one.until]


def _store(owner: UUID, typed: list[Typed]) -> None:
    if typed:
        cache.set(_key(owner), typed, timeout=KEEP.total_seconds())
    else:
        cache.delete(_key(owner))


def _key(owner: Any) -> str:
    return f"typed.{owner}"

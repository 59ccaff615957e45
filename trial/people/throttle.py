"""How often a password or code may be tried: over all addresses for one account at the log-in, and in one session.

Every try is counted before it is checked, so that many at once are many. No thread waits: who must wait is told so.
The lock of one account for one address is axes'; this keeps a guesser with many addresses slow, and the owner in.
"""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.db import connection, transaction
from django.utils import timezone

from ..models import AccessEvent, Attempt
from ..record import access_events

HOUR = timedelta(hours=1)
FREE = 10  # failures of an account in an hour that make nobody wait
LONGEST = timedelta(seconds=30)
KNOWN = timedelta(days=30)
MOST_IN_SESSION, LOCK = 5, timedelta(minutes=15)
KEEP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Try:
    """One try: wait says in how many seconds it may be made again; 0 when it is being made, and counts as a failure."""

    wait: int = 0
    row: UUID | None = None

    @property
    def sentence(self) -> str:
        """Said to who is signed in and must wait."""
        left = minutes(self.wait)
        return f"Too many were wrong here. Try again in {left} minute{'s' if left > 1 else ''}."

    def right(self) -> None:
        """It was no failure."""
        if self.row is not None:
            Attempt.objects.filter(pk=self.row).delete()


def at_log_in(name: str, address: str | None) -> Try:
    """A try for the account of that e-mail address, whether there is one or not.

    An address from which its owner came in lately does not wait for the failures of strangers.
    """
    return _counted(f"log-in {name}", HOUR, lambda failures: _opens(failures, name, address))


def in_session(session: SessionBase) -> Try:
    """A try of the password or of a code by who is signed in. Strangers' failures at the log-in are nothing to it."""
    return _counted(f"session {session.session_key}", LOCK, _locked)


def minutes(seconds: int) -> int:
    """Until then, begun ones counted whole."""
    return -(-seconds // 60)


def purge() -> None:
    """Delete what nothing counts any more."""
    Attempt.objects.filter(at__lt=timezone.now() - KEEP).delete()


def _opens(failures: Sequence[datetime], name: str, address: str | None) -> datetime | None:
    beyond = len(failures) - FREE
    if beyond <= 0 or _is_known(name, address):
        return None
    return failures[-1] + min(LONGEST, timedelta(seconds=2 ** min(beyond - 1, 8)))


def _locked(failures: Sequence[datetime]) -> datetime | None:
    return failures[-1] + LOCK if len(failures) >= MOST_IN_SESSION else None


def _is_known(name: str, address: str | None) -> bool:
    came = AccessEvent.objects.filter(kind=access_events.LOG_IN, user__email=name, at__gt=timezone.now() - KNOWN)
    return address is not None and came.filter(address=address).exists()


def _counted(of: str, period: timedelta, opens: Callable[[Sequence[datetime]], datetime | None]) -> Try:
    """opens: by the failures of that period, when the next try may be made."""
    name = hashlib.sha256(of.encode()).hexdigest()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        now = timezone.now()
        failures = Attempt.objects.filter(of=name, at__gt=now - period).order_by("at").values_list("at", flat=True)
        until = opens(list(failures))
        if until is not None and until > now:
            return Try(math.ceil((until - now).total_seconds()))
        return Try(row=Attempt.objects.create(of=name, at=now).pk)

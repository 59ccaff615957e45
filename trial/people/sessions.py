"""Sessions and tokens of an account: how long a session lasts, and the end of all of them at once."""

import time
from collections.abc import Iterable
from uuid import UUID

from allauth.core import context
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import F

from ..models import User
from ..record import access_events
from . import tokens

BEGUN = "begun"  # in the session: when its person signed in


def begin(session: SessionBase) -> None:
    session[BEGUN] = int(time.time())


def is_over(session: SessionBase) -> bool:
    """Whether it is as old as a session may be, however busy. One from before this was kept begins now."""
    if BEGUN not in session:
        begin(session)
    return bool(time.time() - session[BEGUN] > settings.SESSION_ABSOLUTE_SECONDS)


def end_all(user: UUID) -> None:
    """End every session and token of the account, now: each session holds the number that this raises."""
    User.objects.filter(pk=user).update(sessions_ended=F("sessions_ended") + 1)
    UserSession.objects.filter(user=user).delete()
    tokens.revoke_all(user)


class SessionsAdapter(DefaultUserSessionsAdapter):
    """Of the library's page on which a person sees and ends his own."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        for session in sessions:
            session.end()
            access_events.record(
                access_events.SESSION_ENDED, user=session.user, request=context.request, detail=f"of {session.ip}"
            )

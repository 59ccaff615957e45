"""A second factor for the tests: set up as the library does it, and its codes."""

import time

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth

from trial.models import User

STEP = 30  # seconds, of RFC 6238


def enrol(user: User) -> str:
    """The secret that the person's app keeps."""
    secret: str = auth.generate_totp_secret()
    auth.TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def code(secret: str, later: int = 0) -> str:
    """What the app shows now, or some steps of 30 seconds later."""
    shown: str = auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // STEP + later))
    return shown


def recovery(user: User) -> str:
    """The first of the codes on paper that is left."""
    kept: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    return kept[0]

"""The second factor: who has one, who owes one, and whether a code opens.

TOTP (RFC 6238) by the library's tables; what the library keeps in a cache, which may forget, is kept in the row: the
step of the last code that was taken. So a code is good once, whichever process is asked.
"""

from enum import StrEnum

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ..models import Membership, User
from ..record import who
from ..roles import SIGNING, May, Role, allows
from . import sealing

OFFERED, REQUIRED = "offered", "required"  # of the setting
TOTP, RECOVERY = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES
SET_UP_FIRST = "Set up your second factor first: who signs or administers here needs one."
LAST = "last_step"  # in the row's data: of the last code that was taken


class Answer(StrEnum):
    """What a code is worth; the label is said beside it."""

    RIGHT = "right"
    WRONG = "wrong"
    USED = "used"

    @property
    def sentence(self) -> str:
        return SENTENCES[self]


SENTENCES = {
    Answer.RIGHT: "",
    Answer.WRONG: "Code: this is not the code that your app shows now.",
    Answer.USED: "Code: this one was used already. Wait for the next code.",
}


def enrolled(user: User) -> bool:
    found: bool = Authenticator.objects.filter(user=user, type=TOTP).exists()
    return found


def row(user: User, kind: str) -> Authenticator:
    """What is stored of the factor, or of its recovery codes."""
    found = Authenticator.objects.get(user=user, type=kind)
    found.user = user
    return found


def needed(user: User) -> bool:
    """Whether this installation asks the person for one: he may sign in some trial, or administers."""
    if settings.SECOND_FACTOR != REQUIRED:
        return False
    account = who.installation_role(user)
    if account and allows(account, May.MANAGE_PEOPLE):
        return True
    signers = [role for role in Role if any(allows(role, right) for right in SIGNING)]
    return Membership.objects.filter(user=user, role__in=signers, until=None, voided=False).exists()


def owed(user: User) -> bool:
    """Whether he must enrol before anything else."""
    return settings.SECOND_FACTOR == REQUIRED and not enrolled(user) and needed(user)


@transaction.atomic
def check(user: User, code: str) -> Answer:
    """Take a code of the person's app. The right one is used up by this, also where the rest is refused afterwards."""
    row = Authenticator.objects.select_for_update().filter(user=user, type=TOTP).first()
    if row is None:
        return Answer.WRONG
    secret = sealing.unseal(row.data["secret"])
    for step in auth.yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=auth.format_hotp_value(auth.hotp_value(secret, step))):
            if step <= row.data.get(LAST, 0):
                return Answer.USED
            row.data[LAST], row.last_used_at = step, timezone.now()
            row.save()
            return Answer.RIGHT
    return Answer.WRONG


def recover(user: User, code: str) -> bool:
    """Take a recovery code: it opens the log-in once, and signs nothing."""
    row = Authenticator.objects.filter(user=user, type=RECOVERY).first()
    return row is not None and RecoveryCodes(row).validate_code(code)


def reseal() -> int:
    """Seal every stored factor with the first key; how many there are."""
    with transaction.atomic():
        rows = list(Authenticator.objects.select_for_update().order_by("pk"))
        for row in rows:
            name = "secret" if row.type == TOTP else "seed"
            row.data[name] = sealing.renew(row.data[name])
            row.save()
    return len(rows)

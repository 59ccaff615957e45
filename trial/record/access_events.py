"""Who came in, who failed to, who took data out: insert-only rows beside the ledgers, without a trial's lock."""

from django.http import HttpRequest

from .. import client, clock
from ..models import AccessEvent, Trial, User

LOG_IN, LOG_OUT, IDLE_OUT = "log-in", "log-out", "idle-out"
LOG_IN_FAILED, PASSWORD_FAILED, LOCKED_OUT = "log-in failed", "password failed", "locked out"
SESSION_OVER, SESSION_ENDED = "session over", "session ended"
TOLD_TO_WAIT = "told to wait"
PASSWORD_CHANGED = "password changed"
RESET_ASKED, RESET_REFUSED = "reset asked", "reset refused"
FACTOR_ON, FACTOR_OFF, FACTOR_FAILED = "second factor on", "second factor off", "code failed"
RECOVERY_MADE, RECOVERY_USED = "recovery codes made", "recovery code used"
EXPORT, VERIFY = "export", "verify"
FILE_ASKED, FILE_TAKEN, FILE_REFUSED = "file asked for", "file taken", "file refused"
TOKEN_MADE, TOKEN_REVOKED = "token made", "token revoked"


def record(
    kind: str, *, user: User | None, request: HttpRequest | None = None, trial: Trial | None = None, detail: str = ""
) -> AccessEvent:
    """Write one access event, with the address that the request came from."""
    address = client.address(request) if request else None
    at = clock.of_database()
    return AccessEvent.objects.create(at=at, kind=kind, user=user, trial=trial, address=address, detail=detail)

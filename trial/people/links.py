"""The one-time link by which a person takes the address that an administrator asked for. It goes to that address."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

from ..models import Account
from ..refusals import Refused

GONE = "This link is not good, or not any more. Ask the administrator for another one."


def of(account: Account) -> str:
    """Good until the address is taken or another one is asked for, and by time."""
    return reverse("account_address", args=[_signer(account).sign(account.user_id.hex)])


def read(token: str) -> Account:
    """Whose address waits to be taken; Refused when the link says nothing, or not any more."""
    try:
        account = Account.objects.select_related("user").get(
            user=UUID(token.partition(":")[0]), new_email__isnull=False
        )
        _signer(account).unsign(token, max_age=settings.PASSWORD_RESET_TIMEOUT)
    except (BadSignature, ValueError, Account.DoesNotExist):
        raise Refused(GONE) from None
    return account


def _signer(account: Account) -> TimestampSigner:
    return TimestampSigner(salt=f"trial.address {account.new_email}")

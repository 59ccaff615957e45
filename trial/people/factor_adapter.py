"""The library of second factors, with our words and our key."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator

from . import factor, sealing


class FactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": factor.Answer.WRONG.sentence,
        "cannot_delete_authenticator": "You sign or administer here, so that your second factor stays on. Where the "
        "device is lost, an administrator takes the factor away and you set up another.",
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not factor.needed(authenticator.user)

    def get_totp_issuer(self) -> str:
        return f"Escalate, {self._get_site_name()}"

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: `receivers` owes a notice for each of these events."""

"""What the database holds of a second factor is sealed: whoever reads a copy of it makes no codes."""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

FERNET = "gAAAA"  # how whatever it sealed begins: the version, and a date before the year 2106
NO_KEY = "SECOND_FACTOR_KEYS is not set: it names the key, a random text, that seals the second factors."


def seal(text: str) -> str:
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What was stored before there was a key is read as it stands, until it is renewed."""
    return _keys().decrypt(sealed.encode()).decode() if sealed.startswith(FERNET) else sealed


def renew(sealed: str) -> str:
    """The same under the first key, whichever of them sealed it."""
    return seal(unseal(sealed))


def _keys() -> MultiFernet:
    """The first of SECOND_FACTOR_KEYS seals, each of them opens. A key is any random text; Fernet's has 32 bytes."""
    if not settings.SECOND_FACTOR_KEYS:
        raise ImproperlyConfigured(NO_KEY)
    made = (hashlib.sha256(f"second factor {key}".encode()).digest() for key in settings.SECOND_FACTOR_KEYS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in made])

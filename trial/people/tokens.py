"""REST tokens: shown once, stored as SHA-256, with scopes and an expiry."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from ..models import ApiToken, User
from . import entry, factor

SCOPES = ("read", "write")


def create(*, user: User, name: str, scopes: str = "read", days: int = 90) -> tuple[ApiToken, str]:
    """A new token and its secret, which is not kept and cannot be shown again."""
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        digest=_digest(secret),
        scopes=scopes,
        expires_at=timezone.now() + timedelta(days=days),
    )
    return token, f"esc_{prefix}_{secret}"


def revoke(token: ApiToken) -> None:
    """From now on the token opens nothing."""
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])


def revoke_all(user: UUID) -> None:
    ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())


def of(user: User) -> list[ApiToken]:
    """The person's tokens, newest first."""
    return list(ApiToken.objects.filter(user=user).order_by("-created_at"))


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer esc_…`; read tokens may only read."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, value = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        parts = value.strip().split("_", 2)
        trial = request.parser_context["kwargs"].get("trial")
        found = entry.by_token(parts[1], trial) if len(parts) == 3 and parts[1].isalnum() else None
        token = found.token if found else None
        if found is None or token is None or not secrets.compare_digest(token.digest, _digest(parts[2])):
            raise AuthenticationFailed("This token is unknown or revoked.")
        if token.expires_at <= timezone.now() or not token.user.is_active:
            raise AuthenticationFailed("This token has expired or its account is closed.")
        if request.method not in ("GET", "HEAD", "OPTIONS") and "write" not in token.scopes.split():
            raise PermissionDenied("This token may only read.")  # 403: another token of the same person would do
        if factor.owed(token.user):
            raise PermissionDenied(factor.SET_UP_FIRST)
        _used(token)
        request.entry = found  # type: ignore[attr-defined]  # an endpoint of a trial need not ask again
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "trial.people.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


def _used(token: ApiToken) -> None:
    """Note that the token is in use, at most once a minute: a poller must not write on every question."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

"""The broker as its clients in web and worker see it. The library is loaded by who asks, not with each web process."""

from typing import Any, cast

from django.conf import settings


def url() -> str:
    """As the client wants it: kombu has another word for a socket."""
    return cast(str, settings.CELERY_BROKER_URL).replace("redis+socket://", "unix://", 1)


def client(patience: float) -> Any:
    """patience: seconds to connect, and to wait for each answer."""
    import redis

    return redis.Redis.from_url(url(), socket_connect_timeout=patience, socket_timeout=patience)

"""Heartbeats of worker and beat. They stand with the broker and end with its clock: no two clocks are compared."""

from contextlib import suppress
from typing import Any, cast

from django.conf import settings

LIFE = 3600  # seconds; whoever said nothing for so long is not there
LATE = 60  # seconds after which one is missed: the worker beats every two, beat with each tick of five
NAMES = ("worker", "beat")


def give(name: str) -> None:
    """I am here, and have the broker. Without the broker it is not said, and that tells as much."""
    from redis import RedisError

    with suppress(RedisError), _broker() as broker:
        broker.set(_key(name), 1, ex=LIFE)


def ages() -> dict[str, float | None]:
    """Seconds since the last heartbeat of each; None where there was none for an hour. Raises RedisError."""
    with _broker() as broker:
        left = broker.pipeline(transaction=False)
        for name in NAMES:
            left.pttl(_key(name))
        return {name: LIFE - ms / 1000 if ms > 0 else None for name, ms in zip(NAMES, left.execute(), strict=True)}


def broker_url() -> str:
    """As the client wants it: kombu has another word for a socket."""
    return cast(str, settings.CELERY_BROKER_URL).replace("redis+socket://", "unix://", 1)


def _broker() -> Any:
    import redis  # not at the start of each web process: only who is asked needs it

    return redis.Redis.from_url(broker_url(), socket_connect_timeout=2, socket_timeout=2)


def _key(name: str) -> str:
    return f"escalation.heartbeat.{name}"

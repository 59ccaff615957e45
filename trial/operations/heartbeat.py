"""Heartbeats of worker and beat. They stand with the broker and end with its clock: no two clocks are compared."""

from contextlib import suppress

from . import broker

LIFE = 3600  # seconds; whoever said nothing for so long is not there
LATE = 60  # seconds after which one is missed: the worker beats every two, beat with each tick of five
PATIENCE = 2.0  # seconds
NAMES = ("worker", "beat")


def give(name: str) -> None:
    """I am here, and have the broker. Without the broker it is not said, and that tells as much."""
    from redis import RedisError

    with suppress(RedisError), broker.client(PATIENCE) as there:
        there.set(_key(name), 1, ex=LIFE)


def ages() -> dict[str, float | None]:
    """Seconds since the last heartbeat of each; None where there was none for an hour. Raises RedisError."""
    with broker.client(PATIENCE) as there:
        left = there.pipeline(transaction=False)
        for name in NAMES:
            left.pttl(_key(name))
        return {name: LIFE - ms / 1000 if ms > 0 else None for name, ms in zip(NAMES, left.execute(), strict=True)}


def _key(name: str) -> str:
    return f"escalation.heartbeat.{name}"

"""How often a token may ask by REST: so many requests in each minute, counted over all web processes.

The bound stops a program that has run wild; a poller never meets it. The broker counts, by one message a request; while
it does not answer nobody is counted and everybody is answered (docs/decisions/2026-11-30-rate-limits.md).
"""

import logging
import math
import threading
import time
from functools import cache
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from ..models import ApiToken
from ..problem import PROBLEM
from . import broker

logger = logging.getLogger(__name__)
WINDOW = 60  # seconds
PATIENCE = 0.2  # seconds for the broker to answer
PAUSE = 10.0  # seconds until it is asked again
HEADERS = {
    "RateLimit-Limit": "Requests of this token in a minute.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "Seconds until they are counted anew.",
}

_asked_again = 0.0
_making = threading.Lock()


class TokenRate(BaseThrottle):
    """Of who asks with a token; a person at a page is not counted."""

    left = 0.0

    def allow_request(self, request: Request, view: object) -> bool:
        most: int = settings.API_RATE
        if not isinstance(request.auth, ApiToken) or not most:
            return True
        now = time.time()
        self.left = WINDOW - now % WINDOW
        n = _counted(f"escalation.rate.{request.auth.prefix}.{int(now // WINDOW)}")
        if n is None:
            return True
        request._request.rate = (max(0, most - n), self.left)  # type: ignore[attr-defined]
        return n <= most

    def wait(self) -> float:
        return self.left


def headers(request: Request) -> dict[str, str]:
    """Of the answer to a request that was counted."""
    said = getattr(request._request, "rate", None)
    if said is None:
        return {}
    values = (settings.API_RATE, said[0], math.ceil(said[1]))
    return {name: str(value) for name, value in zip(HEADERS, values, strict=True)}


def _counted(key: str) -> int | None:
    """How many there were under this key with this one. None: the broker does not say."""
    from redis import RedisError  # not at the start of each web process: only who asks by REST needs it

    global _asked_again
    if time.monotonic() < _asked_again:
        return None
    try:
        both = _broker().pipeline(transaction=False)
        both.incr(key)
        both.expire(key, 2 * WINDOW)
        return int(both.execute()[0])
    except RedisError as fault:
        _asked_again = time.monotonic() + PAUSE
        logger.warning("requests of tokens are not counted for %.0f seconds: %s", PAUSE, type(fault).__name__)
        return None


def _broker() -> Any:
    """One for all threads: one that nobody holds any more takes the connections of a pipeline with it."""
    with _making:
        return _client()


@cache
def _client() -> Any:
    return broker.client(PATIENCE)


def say_what_is_counted(result: Any, **_: Any) -> Any:
    """Into the schema: the headers of every answer, and 429."""
    shown = {name: {"description": words, "schema": {"type": "integer"}} for name, words in HEADERS.items()}
    wait = {"Retry-After": {"description": "Seconds until the next answer.", "schema": {"type": "integer"}}}
    too_many = {
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "description": "More requests of this token in a minute than RateLimit-Limit.",
    }
    for methods in result["paths"].values():
        for operation in methods.values():
            answers = operation["responses"]
            answers.setdefault("429", dict(too_many))
            for status, answer in answers.items():
                if status != "401":  # nobody to count
                    answer["headers"] = answer.get("headers", {}) | shown | (wait if status == "429" else {})
    return result

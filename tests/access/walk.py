"""Every address of the resolver with what the tables say of it, and how one person asks for it."""

import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver

from tests.access import table_assessments, table_escalation, table_ground, table_patients, table_rest
from tests.access.study import Walked
from tests.access.words import OPEN, SIGN_IN, Entry
from tests.rest import secret
from trial.models import User

PAGES, REST = "trials/<slug:trial>/", "api/v1/trials/<uuid:trial>/"
PARTS = (
    ("", table_ground.DOOR | table_ground.SECOND_STEP | table_ground.OWN_ACCOUNT | table_ground.INSTALLATION),
    (PAGES, table_ground.PAGES),
    (PAGES, table_patients.PAGES),
    (PAGES, table_assessments.PAGES),
    (PAGES, table_escalation.PAGES),
    ("api/v1/", table_rest.INSTALLATION),
    (REST, table_rest.ENDPOINTS),
)
TABLE: dict[str, Entry] = {f"{before}{address}": entry for before, part in PARTS for address, entry in part.items()}
COSTLY = {"api/v1/schema": "coordinator"}  # takes half a second, and is the same for everybody who is signed in
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# of the second patient, who withdrew
SECOND = re.compile(r"/withdrawal/<")


def routed(resolver: Any = None, before: str = "") -> Iterator[str]:
    """Every address as the resolver writes it."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routed(entry, before + str(entry.pattern))
        else:
            yield before + str(entry.pattern)


def by_method(address: str) -> dict[str, Any]:
    """Who opens the address, by each method of its entry."""
    return {method: who for methods, who in TABLE[address].items() for method in methods.split()}


def path(address: str, rows: dict[str, Any]) -> str:
    """The address with the study's rows in it."""
    found = f"/{address}".replace("<slug:trial>", rows["trial"].code)
    found = found.replace("<slug:clock>", "site-1")
    found = re.sub(r"\^|\$|\(\?P<\w+>[^)]*\)", lambda part: "1" if part[0].startswith("(") else "", found)
    found = re.sub(r"<uuid:(\w+)>", lambda part: str(rows[part[1]].pk), found)
    return re.sub(r"<int:\w+>", "2" if SECOND.search(address) else "1", found)


def is_rest(where: str) -> bool:
    """Asked with a token; the reading room of the schema is a page."""
    return where.lstrip("/").startswith("api/") and not where.endswith("/docs")


@dataclass
class Answer:
    status: int
    sort: str  # OPEN, or how it was refused
    words: str


def asking(walked: Walked, user: User | None, scopes: str = "read write") -> Callable[[str, str], Answer]:
    """What answers one person: a session for pages, tokens for REST, one that only reads for GET. All is undone."""
    client = Client(raise_request_exception=False)
    tokens: dict[str, dict[str, str]] = {"read": {}, "write": {}}
    if user:
        client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
        tokens = {s: {"Authorization": f"Bearer {secret(user, t)}"} for s, t in (("read", "read"), ("write", scopes))}
    session = {name: cookie.value for name, cookie in client.cookies.items()}

    def ask(where: str, method: str) -> Answer:
        asked: dict[str, Any] = {}
        if is_rest(where):
            client.cookies.clear()
            asked["headers"] = {"Idempotency-Key": str(uuid4()), **tokens["read" if method == "GET" else "write"]}
            if method != "GET":
                asked |= {"data": "{}", "content_type": "application/json"}
        else:
            client.cookies.load(session)
        undone = nullcontext() if method == "GET" else transaction.atomic()  # the past is read in none around it
        with walked.study.at() if "trials/" in where else nullcontext(), undone:
            answer = getattr(client, method.lower())(where, **asked)
            words = b"".join(answer) if answer.streaming else answer.content
            if method != "GET":
                transaction.set_rollback(True)
        return Answer(answer.status_code, _sort(answer), words.decode(errors="replace"))  # a zip is no text

    return ask


def _sort(answer: Any) -> str:
    if answer.status_code == 302 and answer["Location"].startswith("/accounts/login/"):
        return SIGN_IN
    if answer.status_code in (401, 403, 404, 405, 415) or answer.status_code >= 500:
        return str(answer.status_code)
    return OPEN

"""A REST client for the tests: asks as a person, with a token of his, at the study's time."""

import uuid
from contextlib import nullcontext
from typing import Any

from django.test import Client

from tests.factories import Study
from trial.models import User
from trial.people import tokens


def secret(user: User, scopes: str = "read write", **more: Any) -> str:
    return tokens.create(user=user, name="test", scopes=scopes, **more)[1]


def ask(user: User | None, path: str, study: Study | None = None, *, scopes: str = "read", **headers: str) -> Any:
    """GET a path; one that does not begin with "/" stands under the study's trial."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if user is not None:
        sent["Authorization"] = f"Bearer {secret(user, scopes)}"
    with study.at() if study else nullcontext():
        return Client().get(where(path, study), headers=sent)


def send(user: User, path: str, study: Study, body: dict[str, Any], *, key: uuid.UUID | str | None = "new") -> Any:
    """POST JSON with a new key, with the one given, or with none."""
    sent = {"Authorization": f"Bearer {secret(user)}"}
    if key is not None:
        sent["Idempotency-Key"] = str(uuid.uuid4() if key == "new" else key)
    with study.at():
        return Client().post(where(path, study), body, content_type="application/json", headers=sent)


def where(path: str, study: Study | None) -> str:
    return path if path.startswith("/") or study is None else f"/api/v1/trials/{study.trial.pk}/{path}"

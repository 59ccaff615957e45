"""What a program is answered when something is refused: RFC 9457, application/problem+json."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import JsonResponse

PROBLEM = "application/problem+json"
OF_NO_FIELD = "non_field_errors"  # the library's name


def problem(status: int, detail: str, *, field: str | None = None, **more: Any) -> dict[str, Any]:
    """detail: the sentence that may be shown to a person. field: the input at fault, when one is."""
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail, "field": field, **more}


def wrong(status: int, said: Any) -> dict[str, Any]:
    """Of what is wrong by input: `errors` has every sentence by the name of its input, `detail` the first."""
    errors = dict(_flat(said, ""))
    name, sentences = next(iter(errors.items()), (OF_NO_FIELD, ["The request has the wrong shape."]))
    field = None if name == OF_NO_FIELD else name
    return problem(status, f"{field}: {sentences[0]}" if field else sentences[0], field=field, errors=errors)


def response(status: int, detail: str) -> JsonResponse:
    return JsonResponse(problem(status, detail), status=status, content_type=PROBLEM)


def _flat(said: Any, name: str) -> list[tuple[str, list[str]]]:
    if isinstance(said, Mapping):
        return [pair for key, part in said.items() for pair in _flat(part, f"{name}.{key}" if name else str(key))]
    parts = said if isinstance(said, list) else [said]
    if all(isinstance(part, str) for part in parts):
        return [(name or OF_NO_FIELD, [str(part) for part in parts])]
    return [pair for k, part in enumerate(parts) for pair in _flat(part, f"{name}.{k}" if name else str(k)) if part]

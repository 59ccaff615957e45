"""That a page is asked for one of its parts as a file: by which parts of its address."""

from dataclasses import dataclass

from django.http import HttpRequest, QueryDict

PART, FORMAT = "part", "format"


@dataclass(frozen=True, slots=True)
class Asked:
    """part: by name, "" for the only one. rest: all else that the address asks, as of when included."""

    part: str
    form: str
    rest: QueryDict


def of(request: HttpRequest) -> Asked | None:
    """What the request takes out; None where it asks for the page."""
    found: Asked | None = getattr(request, "taken", None)
    return found


def take(request: HttpRequest) -> None:
    """Keep on the request what it takes out; the view is asked as always."""
    rest = request.GET.copy()
    part, form = (rest.pop(name, [""])[-1] for name in (PART, FORMAT))
    request.taken = Asked(part, form.lower(), rest)  # type: ignore[attr-defined]
    request.GET = rest  # type: ignore[assignment]

"""That a page is asked for one of its parts as a file: by which parts of its address."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, QueryDict

PART, FORMAT = "part", "format"


class Query(QueryDict):
    """A query that knows which of its names were asked for: a page filters by no other."""

    def __init__(self, *said: Any, **more: Any) -> None:
        super().__init__(*said, **more)
        self.asked_for: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.asked_for.add(name)
        return super().__getitem__(name)

    def getlist(self, name: str, default: Any = None) -> Any:
        self.asked_for.add(name)
        return super().getlist(name, default)

    def unasked(self, name: str) -> list[str]:
        """What it says of a name, which is not asked for by that."""
        return list(super().getlist(name))

    def copy(self) -> "Query":
        """One more to change, of which the same names count as asked for."""
        found = cast("Query", super().copy())
        found.asked_for = self.asked_for
        return found


@dataclass(frozen=True, slots=True)
class Asked:
    """part: by name, "" for the only one. rest: all else that the address asks, as of when included."""

    part: str
    form: str
    rest: Query

    def filters(self) -> Iterator[tuple[str, list[str]]]:
        """What the page was asked to show, name by name: what it never looked at says nothing of its rows."""
        return ((name, values) for name, values in self.rest.lists() if name in self.rest.asked_for)


def aside(request: HttpRequest, name: str) -> str:
    """What the address says of a thing that picks no row, as what fills a form of the page; "" for nothing."""
    query = request.GET
    values = query.unasked(name) if isinstance(query, Query) else query.getlist(name)
    return values[-1] if values else ""


def of(request: HttpRequest) -> Asked | None:
    """What the request takes out; None where it asks for the page."""
    found: Asked | None = getattr(request, "taken", None)
    return found


def take(request: HttpRequest) -> None:
    """Keep on the request what it takes out; the view is asked as always."""
    rest = Query(request.META.get("QUERY_STRING", ""), mutable=True, encoding=request.encoding)
    part, form = (rest.pop(name, [""])[-1] for name in (PART, FORMAT))
    request.taken = Asked(part, form.lower(), rest)  # type: ignore[attr-defined]
    request.GET = rest  # type: ignore[assignment]

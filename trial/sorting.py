"""Sorting of a table by its query parameter: `?sort=grade` upward, `?sort=-grade` downward."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Sort:
    """The column asked for. links: for each column `url`, which asks for it or turns it round, and its `aria` word."""

    name: str
    down: bool
    links: dict[str, dict[str, str]]


def sort(request: HttpRequest, columns: Iterable[str], default: str) -> Sort:
    """What the address asks for; `default` ("number", or "-number" downward) when it asks for nothing or no column."""
    names = list(columns)
    asked = _asked(request, names) or default
    name, down = asked.removeprefix("-"), asked.startswith("-")
    query = request.GET.copy()
    query.pop("page", None)
    links = {}
    for column in names:
        query["sort"] = f"-{column}" if column == name and not down else column
        aria = ("descending" if down else "ascending") if column == name else ""
        links[column] = {"url": f"?{query.urlencode()}", "aria": aria}
    return Sort(name, down, links)


def _asked(request: HttpRequest, names: Collection[str]) -> str:
    """Of no such column the query is not asked, so that no file says that it is sorted so (sheets/asked.py)."""
    said = dict(request.GET.lists()).get("sort", [""])[-1]
    return request.GET.get("sort", "") if said.removeprefix("-") in names else ""

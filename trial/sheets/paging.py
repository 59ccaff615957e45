"""Which rows of a long list a page shows; a file of the list has them all."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

from . import asked


def page_of(request: HttpRequest, rows: Any, size: int) -> Page[Any]:
    """rows: a queryset or a sequence."""
    if asked.of(request) is None:
        return Paginator(rows, size).get_page(request.GET.get("page"))
    return Paginator(rows, max(len(rows), 1)).get_page(1)

"""The pages of a long list."""

from collections.abc import Iterator
from typing import Any

from django import template
from django.core.paginator import Page

register = template.Library()


@register.filter
def numbers(page: Page[Any]) -> Iterator[int | str]:
    """The first page, the last, this one and those beside it; an ellipsis for what lies between."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)

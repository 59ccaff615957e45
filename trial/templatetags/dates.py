"""Dates in sentences of the pure modules, which write them as ISO 8601, as the pages write dates."""

import re
from datetime import date

from django import template

register = template.Library()
ISO = re.compile(r"\b\d{4}-\d\d-\d\d\b")


@register.filter
def said_dates(sentence: str) -> str:
    """ "confirmed by PR on 2026-09-16" as "confirmed by PR on 16 Sep 2026"."""
    return ISO.sub(lambda found: f"{date.fromisoformat(found[0]):%-d %b %Y}", sentence or "")

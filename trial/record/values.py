"""A value of a row in words: what a history, and a page that was overtaken, show of it."""

from datetime import date
from decimal import Decimal
from typing import Any


def said(value: Any) -> str:
    """A stored or typed value as people read it."""
    match value:
        case None | "":
            return "–"
        case bool():
            return "yes" if value else "no"
        case Decimal() | float():  # as a row holds it, and as its image does
            return f"{Decimal(str(value)).normalize():f}"
        case date():
            return f"{value:%-d %b %Y}"
        case dict():
            words = {True: "yes", False: "no", None: "?"}
            return ", ".join(f"{k.replace('_', ' ')}: {words[v]}" for k, v in sorted(value.items())) or "–"
        case str() if len(value) == 10 and value[4] == value[7] == "-":
            return said(date.fromisoformat(value))
        case _:
            return str(value)

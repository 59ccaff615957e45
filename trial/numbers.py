"""Numbers as people type them: with a point or a decimal comma, never with thousands set apart. Pure."""

import re
from decimal import Decimal

NUMBER = re.compile(r"-?(?:[0-9]{1,20}(?:[.,][0-9]{1,20})?|[.,][0-9]{1,20})(?:e[+-]?[0-9]{1,2})?", re.IGNORECASE)
LARGEST = 2**31 - 1  # that the database holds as a whole number
# With a comma before exactly three digits some write a thousand, others a part of one.
THOUSANDS_OR_PART = re.compile(r"-?[1-9][0-9]{0,2},[0-9]{3}")
GROUPED = re.compile(r"-?[0-9]{1,3}(?:[ \u00a0\u202f'.,][0-9]{3})+(?:[.,][0-9]+)?")


class NotANumber(ValueError):
    """What is typed is no number, or could be two; the sentence says which, without a name."""

    def __init__(self, sentence: str, *, plain: bool = False) -> None:
        super().__init__(sentence)
        self.plain = plain  # it looks like no number at all, so that an example says more


def number(text: str) -> Decimal:
    """The number that is typed: "37,5" and "37.5" alike. Raises NotANumber."""
    text = text.strip()
    if THOUSANDS_OR_PART.fullmatch(text):
        whole, part = text.split(",")
        raise NotANumber(f"{text} could be two numbers. Write {whole}{part} or {whole}.{part}.")
    if NUMBER.fullmatch(text):
        return Decimal(text.replace(",", "."))
    if GROUPED.fullmatch(text):
        raise NotANumber(f"write {text} without setting thousands apart.")
    raise NotANumber("write a number like 160 or 37.5.", plain=True)


def share(text: str) -> Decimal:
    """A part of one, typed as such or in percent: "0.05", "5%" and "5 %" alike. Raises NotANumber."""
    text = text.strip()
    return number(text.removesuffix("%")) / 100 if text.endswith("%") else number(text)


def whole(text: str) -> int | None:
    """The whole number from 0 that an address or a hidden field holds; None for anything else, also too large a one."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    return found if (found := int(text)) <= LARGEST else None

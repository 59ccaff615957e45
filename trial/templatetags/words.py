"""Words at the beginning of a sentence or a cell, and within one."""

from django import template

register = template.Library()


@register.filter
def begins(words: str) -> str:
    """With a capital, unless the first word has one of its own: "sBCMA sub-study" stays."""
    return words if any(letter.isupper() for letter in words.partition(" ")[0]) else words[:1].upper() + words[1:]


@register.filter
def within(words: str) -> str:
    """Without its capital, unless the first word has more of them: "DLT verdict" and "GGT increased" stay."""
    first = words.partition(" ")[0]
    return words if any(letter.isupper() for letter in first[1:]) else words[:1].lower() + words[1:]

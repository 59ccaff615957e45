"""The ways in which a service says no, besides Django's PermissionDenied (who you are)."""

from collections.abc import Mapping
from uuid import UUID


class Refused(Exception):
    """What the trial's state or rules forbid. The sentence may be shown to the person who asked.

    field: the name of the input that is at fault, when one is; forms put the sentence beside it.
    """

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class Stale(Refused):
    """Somebody else changed the row since the form was opened. The form then shows it as it is now, to decide anew."""


class Implausible(Refused):
    """Numbers that are unlikely, and stand when the person gives a reason. sentences: by field."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__(" ".join(sentences.values()), field=next(iter(sentences)))
        self.sentences = sentences


class Again(Refused):
    """The same seems to be recorded already. The person opens that row, or says that his is another one.

    code, row, number: of the row that is there.
    """

    def __init__(self, sentence: str, *, code: str, row: UUID, number: int, field: str | None = None) -> None:
        super().__init__(sentence, field=field)
        self.code, self.row, self.number = code, row, number


class Busy(Exception):
    """Too many wait for this trial's record already. Nothing is wrong with what was asked: 503, to be sent again."""


class KeyReused(Refused):
    """The same idempotency key with another request: 422 in the API."""

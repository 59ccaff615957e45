"""A step that is done, or that comes too early: its page says so and leads on, instead of opening."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Subquery
from django.http import Http404

from .models import AuditEvent, RowImage


@dataclass(frozen=True, slots=True)
class Done:
    """event: the action that recorded it; None where it is not known. correct: where it is corrected; "" where not."""

    what: str
    event: AuditEvent | None = None
    correct: str = ""
    words: str = "Correct it"

    @property
    def who(self) -> str:
        return self.event.by.name if self.event and self.event.by else "the system"


class Gone(Http404):
    """No page opens on a row that was taken back, or before what comes first: what is shown instead says so.

    back: where it leads, in the words `named`.
    """

    def __init__(self, done: Done, back: str, *, heading: str = "It was taken back", named: str = "Back") -> None:
        super().__init__(done.what)
        self.done, self.back, self.heading, self.named = done, back, heading, named


def last(row: UUID) -> AuditEvent | None:
    """The action that wrote a row last."""
    image = RowImage.objects.filter(row=row).order_by("-seq")
    at = {name: Subquery(image.values(name)[:1]) for name in ("ledger", "number")}
    return AuditEvent.objects.filter(**at).select_related("by").defer("body").first()

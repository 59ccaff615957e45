"""A person's notices, and how the installation's mail is."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from ..models import Membership, Notice, NoticeKind, NoticeOff, User


def notices(user: User) -> QuerySet[Notice]:
    """Newest first; of a trial as long as the person works in it."""
    mine = Membership.objects.filter(user=user, until=None, voided=False).values("trial")
    return Notice.objects.filter(Q(trial=None) | Q(trial__in=mine), to=user).select_related("trial").order_by("-pk")


def unread(user: User) -> int:
    return notices(user).filter(read_at=None).count()


def notice(user: User, pk: UUID) -> Notice | None:
    return notices(user).filter(pk=pk).first()


def off(user: User) -> set[str]:
    """The kinds of which the person gets no mail."""
    return set(NoticeOff.objects.filter(user=user).values_list("kind", flat=True))


def choices() -> list[tuple[str, str]]:
    """The kinds that may be chosen; the others are always sent."""
    return [(kind.value, str(kind.label)) for kind in NoticeKind if kind not in NoticeKind.always()]


@dataclass(frozen=True, slots=True)
class Outbox:
    """What has not left: being tried again, given up, and posted while no mail was set up."""

    trying: int
    dead: int
    kept: int


def outbox() -> Outbox:
    here = Notice.objects.filter(done_at=None)
    trying = undelivered().filter(dead_at=None).count()
    return Outbox(trying, here.exclude(dead_at=None).count(), here.filter(dead_at=None, next_try_at=None).count())


def undelivered() -> QuerySet[Notice]:
    """Tried in vain, the given up first."""
    tried = Notice.objects.filter(done_at=None, attempts__gt=0).select_related("to__account", "trial")
    return tried.order_by("dead_at", "-pk")

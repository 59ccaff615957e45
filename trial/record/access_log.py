"""What is recorded about access, as people read it: of the whole installation, or of one trial and its members."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from ..models import AccessEvent, Membership, User

ORDERS = {"at": ("at",), "who": ("user__name",), "kind": ("kind",), "trial": ("trial__code",)}


def of_installation() -> QuerySet[AccessEvent]:
    return AccessEvent.objects.select_related("user", "trial")


def of_trial(trial: UUID) -> QuerySet[AccessEvent]:
    """What concerns this trial, and what its members did in no trial, former ones too: log-ins, tokens, factors."""
    members = Membership.objects.filter(trial=trial).values("user")
    return of_installation().filter(Q(trial=trial) | Q(trial=None, user__in=members))


def filtered(
    events: QuerySet[AccessEvent],
    *,
    by: UUID | None = None,
    kind: str = "",
    since: date | None = None,
    until: date | None = None,
    sort: str = "at",
    down: bool = True,
) -> QuerySet[AccessEvent]:
    """since, until: whole days, UTC. The latest first unless sorted by another of ORDERS."""
    if by:
        events = events.filter(user=by)
    if kind:
        events = events.filter(kind=kind)
    if since:
        events = events.filter(at__gte=datetime.combine(since, time.min, UTC))
    if until:
        events = events.filter(at__lt=datetime.combine(until + timedelta(days=1), time.min, UTC))
    names = [*ORDERS[sort], *(["at"] if sort != "at" else []), "pk"]
    return events.order_by(*(f"-{name}" for name in names) if down else names)


def kinds(events: QuerySet[AccessEvent]) -> list[str]:
    return list(events.order_by("kind").values_list("kind", flat=True).distinct())


def people(events: QuerySet[AccessEvent]) -> list[User]:
    return list(User.objects.filter(pk__in=events.order_by().values("user")).order_by("name"))

"""What the page of one account shows: who it is, where he works, what suspends his signing, what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass

from allauth.usersessions.models import UserSession
from django.utils import timezone

from ..models import Account, ApiToken, AuditEvent, Ledger, Membership, RowImage, Suspension
from ..verbs import verb
from . import suspensions

MOST = 30  # acts that are listed


@dataclass(frozen=True, slots=True)
class Acted:
    """One act on the account. what: in words."""

    event: AuditEvent
    what: str


@dataclass(frozen=True, slots=True)
class Page:
    """suspended: causes in words. missing: what the person has still to do. by: who may confirm him then."""

    memberships: Sequence[Membership]
    sessions: int
    tokens: int
    suspended: Sequence[str]
    missing: str
    by: str
    acts: Sequence[Acted]


def of(account: Account) -> Page:
    user = account.user
    rows = suspensions.standing(user)
    valid = ApiToken.objects.filter(user=user, revoked_at=None, expires_at__gt=timezone.now())
    return Page(
        memberships=list(
            Membership.objects.filter(user=user, until=None, voided=False).select_related("trial", "site")
        ),
        sessions=len(UserSession.objects.purge_and_list(user)),
        tokens=valid.count(),
        suspended=[suspensions.words(row) for row in rows],
        missing=suspensions.said(suspensions.missing(user, rows)) if rows else "",
        by=suspensions.said([one.name for one in suspensions.confirmers(user, rows)], "or") if rows else "",
        acts=_acts(account),
    )


def _acts(account: Account) -> list[Acted]:
    """What was decided about the account, latest first."""
    mine = [account.pk, *Suspension.objects.filter(user=account.user).values_list("pk", flat=True)]
    ledger = Ledger.objects.get(trial=None)
    numbers = RowImage.objects.filter(ledger=ledger, row__in=mine).values("number")
    events = AuditEvent.objects.filter(ledger=ledger, number__in=numbers).select_related("by").order_by("-number")
    return [Acted(event, verb(event.verb)) for event in events[:MOST]]

"""Who acts: whose account is open, as what he acts, in which trial.

The log-in has a switch of its own (`User.is_active`), which SQL can turn back on unseen. Whether an account is open is
what was decided about it, in the audited row `Account`: nobody acts, reads or is told anything unless both say so.
"""

import json
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection

from ..models import Account, Ledger, Membership, Trial, User
from ..roles import May, Role, allows
from . import rows

SYSTEM, OWN = "system", "own account"  # acting_as of what no person asked for; of what is a person's own
OPEN = {"user__is_active": True, "user__account__open": True}  # of memberships: as `open_account`


def open_account(user: User) -> Account | None:
    """The person's account, None where it is closed."""
    return Account.objects.filter(user=user, open=True, voided=False).first() if user.is_active else None


def installation_role(user: User) -> str:
    """The installation role of an open account, or "" for none."""
    account = open_account(user)
    return account.role if account else ""


def administrators() -> list[User]:
    """Who keeps the installation: told of what concerns no trial."""
    return list(User.objects.filter(is_active=True, account__open=True, account__role=Role.ADMINISTRATOR))


def current_membership(user: User, trial: UUID) -> Membership | None:
    """The membership in force, of a person whose account is open; constraints allow one at a time."""
    mine = Membership.objects.filter(trial=trial, user=user, until=None, voided=False)
    return mine.select_related("site").first() if open_account(user) else None


_IN_TRIAL = """
    SELECT row_to_json(t)::text, row_to_json(m)::text, e.at FROM trial_trial t
    LEFT JOIN trial_account a ON a.user_id = %s AND a.open AND NOT a.voided
    LEFT JOIN trial_membership m ON m.trial_id = t.id AND m.user_id = a.user_id AND m.until IS NULL AND NOT m.voided
    LEFT JOIN trial_auditevent e ON e.ledger_id = %s AND e.number = %s
    WHERE t.id = %s
"""


def in_trial(ledger: Ledger, by: User | None) -> tuple[Trial, Membership | None, datetime | None]:
    """The trial, the person's membership in force, and when the last action was; read under the lock."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_TRIAL, [by.pk if by else None, ledger.pk, ledger.number, ledger.trial_id])
        trial, mine, last = cursor.fetchone()
    member = rows.make(Membership, json.loads(mine)) if mine and by and by.is_active else None
    return rows.make(Trial, json.loads(trial)), member, last


def acting_as(by: User | None, membership: Membership | None, may: May | None, *, own: str = "") -> str:
    """As whom `by` acts. PermissionDenied without the right; for what needs none (`own`) without an open account."""
    if by is None:
        return SYSTEM
    if own:
        if open_account(by) is None:
            raise PermissionDenied("Your account is closed.")
        return own
    assert may is not None, "a person's action names its right"
    if membership is None:
        role = installation_role(by)
        if not role or not allows(role, may):
            raise PermissionDenied(f"You may not {may.label}.")
        return role
    if not allows(membership.role, may):
        raise PermissionDenied(f"As {Role(membership.role).label} you may not {may.label}.")
    return membership.role

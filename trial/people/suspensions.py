"""Signing of an account is suspended where somebody else may hold it now.

It ends when the person has logged in, has the second factor that is asked of him, and another person has confirmed that
it is he: an administrator who did none of it, or, where there is none, a member of his trials who may sign.
The next signature says so.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.urls import reverse

from .. import notices
from ..models import Membership, NoticeKind, Signature, Suspension, User
from ..record import corrections, ledger, who
from ..record.ledger import Act
from ..refusals import Refused
from ..roles import SIGNING, May, Role, allows
from . import factor, services

Said = dict[str, str]  # as a signature keeps it: the suspension's id, and what it was in words


def suspend(act: Act, *, user: User, cause: Suspension.Cause, by: User | None) -> None:
    """Inside the action that gives cause to it. by: who did it."""
    row = Suspension.objects.create(user=user, cause=cause, by=by, at=act.now)
    notices.post(
        trial=None,
        to=confirmers(user, standing(user)),
        key=f"suspended-{row.pk}",
        kind=NoticeKind.INSTALLATION,
        path=reverse("trial:confirm_person", args=[user.pk]),
        subject=f"Signing of {user.name} is suspended: {row.get_cause_display()}",
        text=f"Signing of {user.name} is suspended: {row.get_cause_display()}. It waits on your page My trials once "
        f"{user.name} has logged in again: confirm it when you know that it is the person.",
    )


def standing(user: User) -> list[Suspension]:
    """Those that nobody has ended, earliest first."""
    return list(Suspension.objects.filter(user=user, confirmed_by=None, voided=False).select_related("by"))


def confirmers(user: User, rows: Sequence[Suspension]) -> list[User]:
    """By name, who may end these: other administrators than did it; without one, who may sign in his trials."""
    out = {user.pk, *(row.by_id for row in rows)}
    others = services.administrators().exclude(user__in=[one for one in out if one]).select_related("user")
    found = [account.user for account in others] or _signers(user)
    suspended = set(Suspension.objects.filter(confirmed_by=None, voided=False).values_list("user", flat=True))
    return sorted((one for one in found if one.pk not in out | suspended), key=lambda one: (one.name, one.email))


def _signers(user: User) -> list[User]:
    roles = [role for role in Role if any(allows(role, right) for right in SIGNING)]
    current = Membership.objects.filter(until=None, voided=False)
    theirs = current.filter(role__in=roles, **who.OPEN).select_related("user")
    mine = theirs.filter(trial__in=current.filter(user=user).values("trial"))
    return list({member.user_id: member.user for member in (mine or theirs)}.values())


def missing(user: User, rows: Sequence[Suspension]) -> list[str]:
    """What the person has to do before anybody can say that it is he."""
    came = User.objects.get(pk=user.pk).last_login
    found = []
    if came is None or came <= max(row.at for row in rows):
        found.append("log in")
    if User.objects.filter(pk=user.pk, must_change_password=True).exists():
        found.append("choose a password of the own")
    if factor.needed(user) and not factor.enrolled(user):
        found.append("set up the second factor")
    return found


def seen_by(person: User) -> tuple[str, list[User]]:
    """Why he may not sign, "" when he may, and whose signing he may open again now that they have come."""
    rows: dict[User, list[Suspension]] = {}
    for row in Suspension.objects.filter(confirmed_by=None, voided=False).select_related("user", "by"):
        rows.setdefault(row.user, []).append(row)
    others = [user for user, theirs in rows.items() if person in confirmers(user, theirs) and not missing(user, theirs)]
    return why(person, rows.get(person, [])), others


def confirm(*, user: UUID, reason: str, by: User, key: UUID | None = None) -> None:
    """Say that the person of the account is the one who it should be, and end what suspends his signing."""
    person = User.objects.get(pk=user)
    may = May.MANAGE_PEOPLE if who.installation_role(by) else None
    with ledger.action(
        None, by=by, may=may, verb="account.confirm", reason=reason, key=key, asked=(user, reason), own="another signer"
    ) as act:
        if act.earlier:
            return
        corrections.needs_reason(act, "confirming a person")
        rows = standing(person)
        if not rows:
            raise Refused(f"Signing of {person.name} is not suspended.")
        if by not in confirmers(person, rows):
            raise PermissionDenied("Another person than who did it confirms, an administrator where there is one.")
        if still := missing(person, rows):
            raise Refused(f"{person.name} has still to {said(still)}.")
        for row in rows:
            row.confirmed_by, row.confirmed_at = by, act.now
            row.save()
        act.result(rows[0].pk)
        notices.post(
            trial=None,
            to=[person],
            key=f"confirmed-{rows[0].pk}",
            kind=NoticeKind.ACCOUNT,
            subject=f"Your signing is open again: {by.name} has confirmed that it is you.",
        )


def check(user: User) -> None:
    """Refuse a signature while signing is suspended."""
    if sentence := why(user, standing(user)):
        raise Refused(sentence)


def why(user: User, rows: Sequence[Suspension]) -> str:
    """Why the person may not sign now, and what ends that; "" when he may."""
    if not rows:
        return ""
    causes = said([f"{row.get_cause_display()} on {row.at:%-d %b %Y}" for row in rows])
    still = missing(user, rows)
    first = f"You have to {said(still)}; then another" if still else "Another"
    names = said([one.name for one in confirmers(user, rows)], "or") or "an administrator, to be opened first"
    return f"Your signing is suspended: {causes}. {first} person confirms that it is you: {names}."


def to_name(user: User) -> list[Said] | None:
    """What was suspended and opened again since this person's last signature, for the next one. None: nothing."""
    ended = Suspension.objects.filter(user=user, voided=False, confirmed_by__isnull=False)
    rows = list(ended.select_related("by", "confirmed_by"))
    if not rows:
        return None
    signed = Signature.objects.filter(user=user, suspended__isnull=False).values_list("suspended", flat=True)
    named = {one["suspension"] for kept in signed for one in kept or ()}
    return [{"suspension": str(row.pk), "words": words(row)} for row in rows if str(row.pk) not in named] or None


def words(row: Suspension) -> str:
    """ "address changed by A on 3 Mar 2026, confirmed by B on 4 Mar 2026"."""
    by = "" if row.by is None else " by the person" if row.by_id == row.user_id else f" by {row.by.name}"
    end = f", confirmed by {row.confirmed_by.name} on {_day(row.confirmed_at)}" if row.confirmed_by else ""
    return f"{row.get_cause_display()}{by} on {_day(row.at)}{end}"


def _day(at: datetime | None) -> str:
    return f"{at:%-d %b %Y}" if at else ""


def said(parts: Sequence[str], last: str = "and") -> str:
    """ "a, b and c"."""
    return f" {last} ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part) if parts else ""

"""What administrators do to another person's account, each with a reason: every one is told to its owner.

What could put the account into other hands suspends its signing (`suspensions`), and ends its sessions and tokens. A
new password or address goes to the person by a one-time link, where mail is set up.
"""

import secrets
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse

from .. import mail, notices
from ..models import Account, NoticeKind, Suspension, User
from ..record import access_events, corrections, ledger
from ..record.ledger import Act
from ..refusals import Refused
from ..roles import May
from . import factor, links, sessions
from .suspensions import suspend


def change_address(*, user: UUID, email: str, reason: str, by: User, key: UUID | None = None) -> Account:
    """Another e-mail address to sign in with; both are told. Where mail is set up a link to it gives it."""
    with ledger.action(
        None, by=by, may=May.MANAGE_PEOPLE, verb="account.address", reason=reason, key=key, asked=(user, email, reason)
    ) as act:
        account = _account(user)
        if act.earlier:
            return account
        _check(act, account, "another address")
        email = email.strip().lower()
        _check_address(account, email)
        if not mail.is_set_up():
            return _take(act, account, email, by)
        account.new_email, account.new_email_by = email, by
        account.save()
        old, name = account.user.email, account.name
        notices.post_outside(
            [email],
            key=f"new-address-{account.pk}-{act.number}",
            subject=f"{name}: take your new address",
            text=f"{by.name} asked that {name} signs in with this address. Take it by the link, within a day; "
            f"until then {old} stays.",
            path=links.of(account),
        )
        _tell(act, account, "Your address is about to be changed", f"{by.name} asked for {email} in place of {old}.")
        act.result(account.pk)
        return account


def take_address(*, token: str) -> Account:
    """By the link that went to it: whoever holds it reads what is sent there, as an administrator asked."""
    person = links.read(token).user
    with ledger.action(None, by=person, may=None, verb="account.take_address", reason="By the link.") as act:
        links.read(token)  # it may have been taken meanwhile
        account = _account(person.pk)
        email = account.new_email or ""
        _check_address(account, email)
        return _take(act, account, email, account.new_email_by)


def _take(act: Act, account: Account, email: str, by: User | None) -> Account:
    old, name = account.user.email, by.name if by else "An administrator"
    User.objects.filter(pk=account.user_id).update(email=email)
    account.email, account.new_email, account.new_email_by = email, None, None
    account.save()
    sessions.end_all(account.user_id)
    suspend(act, user=account.user, cause=Suspension.Cause.ADDRESS, by=by)
    told = f"{account.name} signs in with {email} now, no longer with {old}: {name} asked for it."
    key = f"address-{account.pk}-{act.number}"
    notices.post_outside([old], key=key, subject="The address of your account was changed", text=f"{told}\n\n{WRONG}")
    _tell(act, account, "The address of your account was changed", told)
    act.result(account.pk)
    return account


def reopen(*, user: UUID, reason: str, by: User, key: UUID | None = None) -> Account:
    """Open a closed account again: its memberships that nobody has ended give their rights again."""
    with ledger.action(
        None, by=by, may=May.MANAGE_PEOPLE, verb="account.reopen", reason=reason, key=key, asked=(user, reason)
    ) as act:
        account = _account(user)
        if act.earlier:
            return account
        corrections.needs_reason(act, "opening an account again")
        if account.open:
            raise Refused(f"The account of {account.name} is open.")
        account.open = True
        account.save()
        User.objects.filter(pk=user).update(is_active=True)
        suspend(act, user=account.user, cause=Suspension.Cause.OPENED, by=by)
        _tell(act, account, "Your account is open again", f"{by.name} opened it again.")
        act.result(account.pk)
        return account


def new_password(*, user: UUID, reason: str, by: User, key: UUID | None = None) -> str:
    """End the present password. "" when a link to choose another has gone to the person, else one to hand over."""
    with ledger.action(
        None, by=by, may=May.MANAGE_PEOPLE, verb="account.password", reason=reason, key=key, asked=(user, reason)
    ) as act:
        account = _account(user)
        if act.earlier:
            return ""
        _check(act, account, "a new password")
        if by.pk == user:
            raise Refused("Password: change your own on the page Change password.")
        given = "" if mail.is_set_up() else secrets.token_urlsafe(12)
        person = account.user
        person.set_password(given or None)
        person.must_change_password = bool(given)
        person.save(update_fields=["password", "must_change_password"])
        _touch(account)
        suspend(act, user=person, cause=Suspension.Cause.PASSWORD, by=by)
        _tell(act, account, "Your password was ended", f"{by.name} ended your password, your sessions and API tokens.")
        if not given:
            notices.post_one_time(
                person,
                key=f"password-{account.pk}-{act.number}",
                subject="Choose a new password",
                text=f"{by.name} ended your password. Choose another by the link, within a day; it works once.",
            )
        act.result(account.pk)
        return given


def remove_factor(*, user: UUID, reason: str, by: User, key: UUID | None = None) -> Account:
    """Take away a second factor whose device is lost, with its recovery codes."""
    with ledger.action(
        None, by=by, may=May.MANAGE_PEOPLE, verb="account.factor", reason=reason, key=key, asked=(user, reason)
    ) as act:
        account = _account(user)
        if act.earlier:
            return account
        _check(act, account, "taking a second factor away")
        if by.pk == user:
            raise Refused("Second factor: turn your own off with its code, on the page Second factor.")
        if not factor.enrolled(account.user):
            raise Refused(f"Second factor: {account.name} has none.")
        Authenticator.objects.filter(user=user).delete()
        _touch(account)
        suspend(act, user=account.user, cause=Suspension.Cause.FACTOR, by=by)
        access_events.record(access_events.FACTOR_OFF, user=account.user, detail="by an administrator")
        _tell(act, account, "Your second factor was taken away", f"{by.name} took it away. Set up another one.")
        act.result(account.pk)
        return account


def factor_was_turned_off(*, by: User) -> None:
    """By its owner, with its code. It suspends his signing as anybody else's removal does."""
    with ledger.action(None, by=by, may=None, verb="account.factor", reason="Turned off by its owner.") as act:
        suspend(act, user=by, cause=Suspension.Cause.FACTOR, by=by)


def end_sessions(*, user: UUID, reason: str, by: User, key: UUID | None = None) -> Account:
    """End every session and token of the account."""
    with ledger.action(
        None, by=by, may=May.MANAGE_PEOPLE, verb="account.sessions", reason=reason, key=key, asked=(user, reason)
    ) as act:
        account = _account(user)
        if act.earlier:
            return account
        _check(act, account, "ending sessions")
        _touch(account)
        _tell(act, account, "You were signed out", f"{by.name} ended your sessions and API tokens.")
        act.result(account.pk)
        return account


WRONG = "If that is not right, tell another administrator at once."


def _account(user: UUID) -> Account:
    return Account.objects.select_related("user", "new_email_by").get(user=user)


def _check(act: Act, account: Account, what: str) -> None:
    corrections.needs_reason(act, what)
    if not account.open:
        raise Refused(f"The account of {account.name} is closed; open it first.")


def _check_address(account: Account, email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(f"E-mail: {email} is not an address like name@example.org.", field="email") from None
    if email == account.user.email:
        raise Refused(f"E-mail: {email} is the address already.", field="email")
    if User.objects.filter(email__iexact=email).exists():
        raise Refused(f"E-mail: there is an account with the address {email} already.", field="email")


def _touch(account: Account) -> None:
    """The record of an act that changes nothing of the row, and the end of what was open."""
    account.save()
    sessions.end_all(account.user_id)


def _tell(act: Act, account: Account, subject: str, text: str) -> None:
    why = f"The reason: {act.reason}" if act.by != account.user else ""
    whole = "\n\n".join(part for part in (text, why, WRONG) if part)
    notices.post(
        trial=None,
        to=[account.user],
        key=f"account-{account.pk}-{act.number}",
        kind=NoticeKind.ACCOUNT,
        path=reverse("usersessions_list"),
        subject=subject,
        text=whole,
    )
